"""Who may see and change a project: every role against every relation (umami contract §3.5)."""

import pytest

from footfall.catalog import Catalog
from footfall.catalog.access import Access
from footfall.catalog.projects import NewProject
from footfall.model.access import Caller, TeamRole
from footfall.model.project import Project, Role, User


class House:
    """A project of `owner`, one of a team, one of nobody; and people."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.team = catalog.teams.create("team", self.user("boss").id)[0]
        owner = self.user("owner")
        self.projects = {
            "own": catalog.create_owned_project(NewProject(name="own", user_id=owner.id)),
            "team": catalog.create_owned_project(NewProject(name="team", team_id=self.team.id)),
            "nobody": catalog.create_project("nobody"),
        }
        for role in (TeamRole.MANAGER, TeamRole.MEMBER, TeamRole.VIEW_ONLY):
            catalog.teams.add(self.team.id, self.user(role).id, role)
        self.user("admin", Role.ADMIN)
        self.user("stranger")
        viewer = self.user("viewer", Role.VIEW_ONLY)
        self.projects["viewer"] = catalog.create_owned_project(NewProject(name="viewer", user_id=viewer.id))

    def user(self, name: str, role: Role = Role.USER) -> User:
        return self.catalog.create_user(name, "x", role)

    def access(self, who: str) -> Access:
        users = self.catalog.snapshot().users_by_name
        return Access(self.catalog.snapshot(), Caller(user=users.get(who)))


@pytest.fixture
def house(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("footfall.catalog.accounts.hash_password", lambda password: "not hashed")
    return House(catalog)


# view, update and delete, by project
RULES = {
    "admin": {"own": "vud", "team": "vud", "nobody": "vud", "viewer": "vud"},
    "owner": {"own": "vud", "team": "", "nobody": "", "viewer": ""},
    "boss": {"own": "", "team": "vud", "nobody": "", "viewer": ""},
    "team-manager": {"own": "", "team": "vud", "nobody": "", "viewer": ""},
    "team-member": {"own": "", "team": "vud", "nobody": "", "viewer": ""},
    "team-view-only": {"own": "", "team": "v", "nobody": "", "viewer": ""},
    "stranger": {"own": "", "team": "", "nobody": "", "viewer": ""},
    "viewer": {"own": "", "team": "", "nobody": "", "viewer": "vud"},
    "no user at all": {"own": "", "team": "", "nobody": "", "viewer": ""},
}


def allowed(access: Access, project: Project) -> str:
    found = (access.may_view(project), access.may_update(project), access.may_delete(project))
    return "".join(letter for letter, may in zip("vud", found, strict=True) if may)


def test_who_may_view_update_and_delete(house: House) -> None:
    found = {
        who: {name: allowed(house.access(who), project) for name, project in house.projects.items()}
        for who in RULES
    }
    assert found == RULES


def test_who_may_make_websites(house: House) -> None:
    alone = {who for who in RULES if house.access(who).may_create_in(None)}
    assert alone == {"admin", "owner", "boss", "team-manager", "team-member", "team-view-only", "stranger"}
    in_team = {who for who in RULES if house.access(who).may_create_in(house.team.id)}
    assert in_team == {"admin", "boss", "team-manager", "team-member"}


def test_a_share_link_views_its_project_and_no_more(house: House) -> None:
    share = house.catalog.shares.create(house.projects["own"].id)
    guest = Access(house.catalog.snapshot(), Caller(share=share))
    found = {name: allowed(guest, project) for name, project in house.projects.items()}
    assert found == {"own": "v", "team": "", "nobody": "", "viewer": ""}
    assert not guest.may_view_in_person(house.projects["own"])
    assert not guest.may_create_in(None)
    assert not guest.is_admin


def test_who_may_give_a_project_away(house: House) -> None:
    users = house.catalog.snapshot().users_by_name
    team_s, own = house.projects["team"], house.projects["own"]
    takes = {who for who in users if house.access(who).may_transfer_to_user(team_s, users[who].id)}
    assert takes == {"admin", "boss"}
    assert not house.access("boss").may_transfer_to_user(team_s, users["stranger"].id)
    gives = {who for who in users if house.access(who).may_transfer_to_team(own, house.team.id)}
    assert gives == {"admin"}, "the owner is not in the team"
    house.catalog.teams.add(house.team.id, users["owner"].id, TeamRole.MANAGER)
    assert house.access("owner").may_transfer_to_team(own, house.team.id)
