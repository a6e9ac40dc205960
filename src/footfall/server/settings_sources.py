"""Where settings come from: flags, `FOOTFALL_*` variables, one TOML file, in this order; then the defaults.

The file is `--config`, `FOOTFALL_CONFIG` or `<data>/footfall.toml`.
"""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from footfall.model.errors import SetupError
from footfall.server.settings import ALIASES, CONFIG, FILE_NAME, PREFIX, Settings

_PATTERNS = {  # what a pattern means, in words
    "memory_limit": "it takes a size such as 2GB or a share such as 25%",
    "answer_memory": "it takes a size such as 32MB or a share such as 1%, and 0MB for none",
    "store": "it takes duckdb or a clickhouse:// URL",
    "catalog": "it takes a postgresql:// URL or nothing",
    "tracker_script_name": "it takes names such as stats.js",
    "collect_api_endpoint": "it takes a path such as /api/hello",
}
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "array": "a list"}


def load_settings(
    flags: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings: flags (None means not given; `config` names the file), variables, file, defaults.

    Raises SetupError with one sentence that names the flag, variable or file and what it takes.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    variables = os.environ if environment is None else environment
    known = {field.name: field for field in fields(Settings)}
    values: dict[str, Any] = {}
    path = _config_path(given, variables)
    for name, value in _read_file(path).items() if path else ():
        values[name] = _convert(_field(known, name, path), value, f"{path}: {name}")
    for name, field in known.items():
        source = _variable(name, variables)
        if source:
            values[name] = _convert(field, variables[source], source)
    given.pop("config", None)
    for name, value in given.items():
        values[name] = _convert(known[name], value, "--" + name.replace("_", "-"))
    return Settings(**values)


def _config_path(flags: Mapping[str, object], variables: Mapping[str, str]) -> Path | None:
    """The file that was named, which must exist, else the one in the data folder, which may."""
    named = flags.get("config") or variables.get(CONFIG)
    if named:
        return Path(str(named)).expanduser()
    data = flags.get("data") or variables.get(PREFIX + "DATA") or Settings().data
    usual = Path(str(data)).expanduser() / FILE_NAME
    return usual if usual.exists() else None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"The configuration {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"The configuration {path} is not valid TOML: {error}.") from error


def _field(known: Mapping[str, FieldInfo], name: str, path: Path | None) -> FieldInfo:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "docs/settings.md lists the settings."
    raise SetupError(f"The configuration {path} has an unknown setting '{name}'; {hint}")


def _variable(name: str, variables: Mapping[str, str]) -> str | None:
    """The variable that sets a field. Empty counts as unset, and so does what Kubernetes injects.

    A Kubernetes service named `footfall` puts FOOTFALL_PORT=tcp://10.0.0.1:80 into every pod.
    """
    for candidate in (PREFIX + name.upper(), ALIASES.get(name, "")):
        value = variables.get(candidate, "")
        if value and not (name == "port" and value.startswith("tcp://")):
            return candidate
    return None


def _convert(field: FieldInfo, value: object, source: str) -> Any:
    """One value to its field's type; lists may be written with commas."""
    given = value
    if isinstance(value, str) and _is_list(field):
        value = [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, Path):
        value = str(value)
    try:
        converted = msgspec.convert(value, field.type, strict=not isinstance(value, str))
        if field.name in ("trusted_proxies", "ignore_ip"):
            for item in converted:
                ip_network(item, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        # A URL with an @ has a password in it.
        is_secret = field.name == "secret" or "@" in str(given)
        shown = "a secret value" if is_secret else f"'{given}'"
        raise SetupError(f"{source} can't be {shown}: {_takes(field, error)}.") from error
    return converted


def _takes(field: FieldInfo, error: Exception) -> str:
    """What a field takes, in words; msgspec's own where there is nothing better."""
    text = str(error).partition(" - at ")[0].replace("`", "")
    if "matching regex" in text:
        return _PATTERNS.get(field.name, "it takes a rate such as 100/10s")
    kind = _WORDS.get(text.partition("xpected ")[2].partition(",")[0], "")
    if kind:
        return f"it takes {kind}"
    if get_origin(field.type.__origin__) is Literal:
        return "it takes " + ", ".join(get_args(field.type.__origin__))
    return (text[:1].lower() + text[1:]).rstrip(".")


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.type.__origin__) is tuple
