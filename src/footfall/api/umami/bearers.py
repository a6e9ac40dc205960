"""Whose token it is, by the catalog of this moment (umami contract §3.2, §3.4)."""

import anyio

from footfall.api.umami.tokens import Tokens
from footfall.catalog.catalog import Catalog
from footfall.catalog.snapshot import named
from footfall.model.access import Share
from footfall.model.errors import NotFound
from footfall.model.project import User


async def user_of_token(tokens: Tokens, catalog: Catalog, token: str) -> User | None:
    """Whose bearer token it is; None if it is none, or older than the user's password."""
    read = tokens.read_bearer
    if tokens.is_quick(token):
        claims = read(token)
    else:
        claims = await anyio.to_thread.run_sync(read, token, limiter=tokens.reading)
    if claims is None:
        return None
    user_id = claims.user_id
    user = catalog.find(lambda known: named(known.users, user_id))
    if user is None or user.password_at is None:
        return user
    made = claims.issued_at
    return user if made is not None and made >= int(user.password_at.timestamp()) else None


def share_of_token(tokens: Tokens, catalog: Catalog, token: str) -> Share | None:
    """The share link of a share token; None if it is none, or the link is gone or has another password now."""
    claims = tokens.read_share(token) if token else None
    try:
        share = None if claims is None else catalog.shares.get(claims.share_id)
    except NotFound:
        return None
    return share if share is not None and claims is not None and claims.lock == share.lock else None
