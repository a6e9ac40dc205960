"""Signing in, and who is signed in: `/api/auth/…` and `/api/me…` (umami contract §3.1)."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator, AwareDatetime, Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Body, KeyBody, Ok, UserBody
from footfall.api.umami.errors import WrongPassword
from footfall.api.umami.lists import WebsitesQuery, own_websites, team_page, website_page
from footfall.api.umami.paging import PageQuery
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.taking import Taken, Text, problem
from footfall.model.errors import BadRequest, NotFound, Unauthorized

MIN_PASSWORD = 8
MAX_PASSWORD = 1024
WRONG_CURRENT = "Current password is incorrect"
MAX_KEY_NAME = 100


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # of the first and the last day that there is
        raise problem("Invalid date") from None


class LoginBody(Taken):
    """Who signs in."""

    username: Text
    password: str


class PasswordBody(Taken):
    """A change of the own password."""

    current_password: str
    new_password: Annotated[str, Field(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]


class NewKeyBody(Taken):
    """An API key to be made. Without `expiresAt` it never expires."""

    name: Annotated[Text, Field(max_length=MAX_KEY_NAME)] = "API key"
    expires_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None


class SignedIn(Body):
    """A token and whose it is."""

    token: str
    user: UserBody


class Me(Body):
    """Who asks, and how it showed."""

    user: UserBody | None
    grant: dict[str, Any] | None
    token: str | None
    share_token: dict[str, Any] | None
    auth_key: str | None
    auth_type: str


def build(context: UmamiContext) -> APIRouter:
    """The routes of `/auth` and `/me`."""
    router = APIRouter(tags=["Auth"], route_class=umami_route(context), responses=ERRORS)
    _add_signing_in(router, context)
    _add_me(router, context)
    _add_keys(router, context)
    return router


def _add_signing_in(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.post("/auth/login", openapi_extra=takes(LoginBody), response_model_exclude_unset=True)
    async def login(request: Request) -> SignedIn:
        """A token for a name and a password."""
        wanted = await context.body(request, LoginBody)
        try:
            user = await context.sign_in(request, wanted.username, wanted.password)
        except Unauthorized:
            raise WrongPassword("Unauthorized") from None
        token = await context.run(context.tokens.bearer, user.id, user.role.value)
        return SignedIn(token=token, user=UserBody.signed_in(catalog, user))

    @router.get("/auth/verify", response_model_exclude_unset=True, name="verify_by_get")
    @router.post("/auth/verify", response_model_exclude_unset=True)
    async def verify(request: Request) -> UserBody:
        """The signed-in user."""
        return UserBody.signed_in(catalog, await context.user(request))

    @router.post("/auth/logout")
    async def logout() -> Ok:
        """Nothing: the client forgets its token. A change of the password voids all tokens of a user."""
        return Ok(ok=True)


def _add_me(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.get("/me", response_model_exclude_unset=True)
    async def me(request: Request) -> Me:
        """Who asks."""
        caller = await context.caller(request)
        user = None if caller.user is None else UserBody.signed_in(catalog, caller.user)
        share = caller.share
        seen = None if share is None else {"shareId": share.slug, "websiteId": context.website_id(share)}
        token = context.token(request)
        is_session = token != "" and await context.user_of_token(token) is not None
        kind = "session" if is_session else "api-key" if user is not None else "share"
        return Me(
            user=user,
            grant=None,
            token=token if is_session else None,
            share_token=seen,
            auth_key=None,
            auth_type=kind,
        )

    @router.post("/me/password", openapi_extra=takes(PasswordBody), response_model_exclude_unset=True)
    async def password(request: Request) -> UserBody:
        """Change the own password; every token that was made before is void."""
        wanted = await context.body(request, PasswordBody)
        user = await context.user(request)
        try:
            await context.sign_in(request, user.username, wanted.current_password)
        except Unauthorized:
            raise BadRequest(WRONG_CURRENT) from None
        return UserBody.of(await context.run(lambda: catalog.update_user(user.id, password=wanted.new_password)))

    @router.get("/me/websites", openapi_extra=takes(query=WebsitesQuery))
    async def websites(request: Request) -> dict[str, Any]:
        """The own websites, and with `includeTeams` those of the own teams."""
        query = context.query(request, WebsitesQuery)
        user = await context.user(request)
        return website_page(context, own_websites(context, user, query.with_teams), query)

    @router.get("/me/teams", openapi_extra=takes(query=PageQuery))
    async def teams(request: Request) -> dict[str, Any]:
        """The own teams."""
        query = context.query(request, PageQuery)
        user = await context.user(request)
        return team_page(context, catalog.teams.of_user(user.id), user, query)


def _add_keys(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.get("/me/api-keys", response_model_exclude_unset=True)
    async def keys(request: Request) -> list[KeyBody]:
        """The own API keys, oldest first, without the keys themselves."""
        user = await context.user(request)
        return [KeyBody.of(key) for key in await context.run(catalog.list_keys, user.id)]

    @router.post("/me/api-keys", openapi_extra=takes(NewKeyBody), response_model_exclude_unset=True)
    async def create_key(request: Request) -> KeyBody:
        """Make an API key. `key` is shown this once."""
        wanted = await context.body(request, NewKeyBody)
        user = await context.user(request)
        made, key = await context.run(catalog.create_key, user.id, wanted.name, wanted.expires_at)
        return KeyBody.of(made, key=key)

    @router.delete("/me/api-keys/{key_id}")
    async def delete_key(request: Request, key_id: str) -> Ok:
        """Delete an own API key; it stops working at once."""
        user = await context.user(request)
        if key_id not in {key.id for key in await context.run(catalog.list_keys, user.id)}:
            raise NotFound("Not found")
        await context.run(catalog.delete_key, key_id)
        return Ok(ok=True)
