"""Lists of websites, teams and users: which are whose, and a page of them (umami contract §4.1, §4.2, §4.5)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from footfall.api.umami.bodies import TeamBody, UserBody, UserRef, WebsiteBody, dump
from footfall.api.umami.paging import Page, PageQuery, page_of
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.taking import Text, Uuid
from footfall.catalog.access import Permission
from footfall.model.access import Team
from footfall.model.project import Project, User

Item = Mapping[str, Any]


class WebsitesQuery(PageQuery):
    """A page of websites. `includeTeams`: those of the user's teams too; `teamId`: only those of one team."""

    include_teams: Text | None = None
    team_id: Uuid | None = None
    user_id: Annotated[Text | None, Field(description="Taken and not used.")] = None

    @property
    def with_teams(self) -> bool:
        """Whether the websites of the user's teams are wanted too."""
        return (self.include_teams or "").lower() in ("true", "1")


def own_websites(context: UmamiContext, user: User, with_teams: bool = False) -> list[Project]:
    """The websites that the user owns, for an admin also those that are nobody's, and maybe those of teams."""
    access = context.access(user)
    teams = {team.id for team in context.catalog.teams.of_user(user.id)} if with_teams else set()
    return [
        project for project in context.catalog.list_projects() if access.owns(project) or project.team_id in teams
    ]


def website_page(context: UmamiContext, projects: Iterable[Project], query: PageQuery) -> dict[str, Any]:
    """A page of websites with their owners, by name."""
    users = context.catalog.snapshot().users
    items = dump(
        WebsiteBody.of(context.catalog, project, user=UserRef.of(users.get(project.user_id or "")))
        for project in projects
    )
    return _page(context, query).of(items, _website_texts, "name")


def team_website_page(context: UmamiContext, team: Team, query: PageQuery) -> dict[str, Any]:
    """A page of a team's websites with who made them, by name."""
    users = context.catalog.snapshot().users
    items = dump(
        WebsiteBody.of(context.catalog, project, create_user=UserRef.of(users.get(project.created_by or "")))
        for project in context.catalog.list_projects()
        if project.team_id == team.id
    )
    return _page(context, query).of(items, _website_texts, "name")


def team_page(context: UmamiContext, teams: Iterable[Team], user: User, query: PageQuery) -> dict[str, Any]:
    """A page of teams with their members and counts; `user` is who asks."""
    access = context.access(user)
    items = dump(
        TeamBody.listed(context.catalog, team, show_code=access.has_in(team.id, Permission.UPDATE_TEAM))
        for team in teams
    )
    return _page(context, query).of(items, lambda item: [item["name"]])


def user_page(context: UmamiContext, query: PageQuery) -> dict[str, Any]:
    """A page of all users with how many websites each has, newest first."""
    websites = [project.user_id for project in context.catalog.list_projects()]
    items = dump(
        UserBody.of(
            user,
            updated_at=user.updated_at,
            deleted_at=None,
            display_name=None,
            logo_url=None,
            count={"websiteUser": websites.count(user.id), "websites": websites.count(user.id)},
        )
        for user in reversed(context.catalog.list_users())
    )
    return _page(context, query).of(items, lambda item: [item["username"]])


def _page(context: UmamiContext, query: PageQuery) -> Page:
    return page_of(query, context.generation)


def _website_texts(item: Item) -> Iterable[str | None]:
    return [item["name"], item["domain"]]
