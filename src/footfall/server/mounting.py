"""Where applications stand within others."""

import re

from starlette.routing import Mount
from starlette.types import ASGIApp

from footfall.api.methods import HeadAsGet


def mount(path: str, app: ASGIApp) -> Mount:
    """Starlette's, but for HEAD, and for paths with line breaks, too: an id may hold one."""
    mounted = Mount(path, HeadAsGet(app))
    mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)
    return mounted
