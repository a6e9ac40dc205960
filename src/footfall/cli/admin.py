"""`footfall project`, `client`, `user` and `key`: who exists, from the shell.

They work on the catalog itself and need no running server; one that runs sees the change within a second. The
catalog's modules are loaded when a command runs: with SQLAlchemy that takes half a second, which `--help` should
not wait for.
"""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from footfall.cli.output import say, say_json, say_table
from footfall.cli.place import ConfigOption, DataOption, find_project, open_catalog
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import Client, ClientMode, Project, Role

JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]

projects = typer.Typer(help="Projects: the sites and products that are counted.", no_args_is_help=True)
clients = typer.Typer(help="Clients: the credentials of a project.", no_args_is_help=True)
users = typer.Typer(help="Users: the people who sign in.", no_args_is_help=True)
keys = typer.Typer(help="API keys of users.", no_args_is_help=True)


@projects.command("create")
def create_project(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    id: Annotated[str | None, typer.Option("--id", metavar="SLUG", help="Its id; by default from NAME.")] = None,
    domain: Annotated[str, typer.Option(help="Its domain; only pages of it may then send events.")] = "",
    timezone: Annotated[str, typer.Option(help="The IANA time zone of its days.")] = "UTC",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a project and its first client, a write client."""
    from footfall.catalog.projects import NewProject

    with open_catalog(context, data, config) as catalog:
        new = NewProject(name=name, id=id, domain=domain, timezone=timezone)
        project, client, secret = catalog.create_project_with_client(new)
    if as_json:
        answer = {"id": client.id, "secret": secret, "mode": client.mode.value}
        say_json({**_project(project), "client": answer})
        return
    say(
        f"Project {project.name} is ready.",
        {"id": project.id, "uuid": str(project.uuid), "client id": client.id, "client secret": secret},
        "The secret is shown this once. " + _who_may_send(project),
    )


def _who_may_send(project: Project) -> str:
    if "*" in project.cors:
        return "Pages of any origin may send events; --domain narrows that."
    return f"Pages of {', '.join(project.cors)} may send events without it."


@projects.command("list")
def list_projects(
    context: typer.Context,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the projects, oldest first."""
    with open_catalog(context, data, config) as catalog:
        found = catalog.list_projects()
    if as_json:
        say_json([_project(project) for project in found])
        return
    say_table(
        ("ID", "NAME", "DOMAIN", "TIME ZONE", "UUID"),
        [(each.id, each.name, each.domain, each.timezone, str(each.uuid)) for each in found],
        "There are no projects yet; make one with: footfall project create NAME",
    )


@projects.command("delete")
def delete_project(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="The project's id or UUID.")],
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete a project: nobody reaches it any more, and after 24 hours a server deletes its data."""
    from footfall.catalog.projects import GRACE

    with open_catalog(context, data, config) as catalog:
        home = find_project(catalog, project)
        gone = catalog.schedule_deletion(home.id, datetime.now(UTC) + GRACE)
    assert gone.delete_at is not None
    at = gone.delete_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    if as_json:
        say_json({"id": gone.id, "deleteAt": at})
        return
    say(f"{gone.name} is deleted; its data goes at {at}.", note=f"Until then: footfall project restore {gone.id}")


@projects.command("restore")
def restore_project(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="The project's id or UUID.")],
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Bring a deleted project back, within 24 hours."""
    with open_catalog(context, data, config) as catalog:
        try:
            back = catalog.restore_project(project, datetime.now(UTC))
        except NotFound as error:
            raise NotFound(f"There is no deleted project '{project}' that can be brought back.") from error
    if as_json:
        say_json(_project(back))
        return
    say(f"{back.name} is back.")


@projects.command("retention")
def set_retention(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="The project's id or UUID.")],
    days: Annotated[str, typer.Argument(help="For how many days data is kept; none: for ever.")],
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Say for how many days events, sessions and dwells are kept; a server deletes older ones every night."""
    if days != "none" and not (days.isascii() and days.isdecimal()):
        raise BadRequest(f"The retention '{days}' must be a number of days or none.", "days")
    from footfall.catalog.projects import ProjectChange

    with open_catalog(context, data, config) as catalog:
        home = find_project(catalog, project)
        kept = None if days == "none" else int(days)
        changed = catalog.update_project(home.id, ProjectChange(retention_days=kept))
    if as_json:
        say_json({"id": changed.id, "retentionDays": changed.retention_days})
        return
    say(f"{changed.name} keeps its data {'for ever' if kept is None else f'for {kept} days'}.")


@clients.command("create")
def create_client(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="The project's id or UUID.")],
    mode: Annotated[
        ClientMode, typer.Option(help="write sends, read reads, root reads and manages every project.")
    ] = ClientMode.WRITE,
    name: Annotated[str, typer.Option(help="What it is for.", show_default=False)] = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a client of a project; its secret is shown once."""
    with open_catalog(context, data, config) as catalog:
        home = find_project(catalog, project)
        client, secret = catalog.create_client(home.id, mode, name or f"{mode.value.capitalize()} client")
    if as_json:
        say_json({"id": client.id, "secret": secret, "mode": mode.value, "projectId": home.id})
        return
    say(
        f"{client.name} of {home.name} is ready.",
        {"client id": client.id, "client secret": secret, "mode": mode.value},
        "The secret is shown this once.",
    )


@clients.command("list")
def list_clients(
    context: typer.Context,
    project: Annotated[str | None, typer.Argument(help="The project's id or UUID; by default all.")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the clients, oldest first; secrets can't be shown again."""
    with open_catalog(context, data, config) as catalog:
        found = catalog.list_clients(find_project(catalog, project).id if project else None)
    if as_json:
        say_json([_client(client) for client in found])
        return
    say_table(
        ("CLIENT ID", "MODE", "PROJECT", "NAME"),
        [(each.id, each.mode.value, each.project_id or "", each.name) for each in found],
        "There are no clients yet; make one with: footfall client create PROJECT",
    )


@users.command("create")
def create_user(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[
        Role | None,
        typer.Option(help="What the user may do; the first user is admin, later ones user.", show_default=False),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a user; without --password-stdin with a random password that is shown once."""
    password = _read_password() if password_stdin else _new_password()
    with open_catalog(context, data, config) as catalog:
        user = catalog.create_user(name, password, role)
    answer = {"id": user.id, "username": user.username, "role": user.role.value}
    shown = {} if password_stdin else {"password": password}
    if as_json:
        say_json({**answer, **shown})
        return
    note = "" if password_stdin else "The password is shown this once."
    say(f"User {user.username} is ready.", {"role": user.role.value, **shown}, note)


@users.command("password")
def set_password(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The user's name.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a user a new password, without --password-stdin a random one; who is signed in has to do so again."""
    password = _read_password() if password_stdin else _new_password()
    with open_catalog(context, data, config) as catalog:
        user = catalog.update_user(name, password=password)
    shown = {} if password_stdin else {"password": password}
    if as_json:
        say_json({"id": user.id, "username": user.username, **shown})
        return
    note = "" if password_stdin else "The password is shown this once."
    say(f"The password of {user.username} is changed.", shown, note)


@users.command("list")
def list_users(
    context: typer.Context,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the users, oldest first."""
    with open_catalog(context, data, config) as catalog:
        found = catalog.list_users()
    if as_json:
        say_json([{"id": each.id, "username": each.username, "role": each.role.value} for each in found])
        return
    say_table(
        ("NAME", "ROLE", "ID"),
        [(each.username, each.role.value, each.id) for each in found],
        "There are no users yet; the first start of the server makes one.",
    )


@keys.command("create")
def create_key(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="The user's name.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "API key",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make an API key of a user; it is shown once."""
    with open_catalog(context, data, config) as catalog:
        made, key = catalog.create_key(user, name)
    if as_json:
        say_json({"id": made.id, "name": made.name, "key": key})
        return
    say(f"{made.name} of {user} is ready.", {"key": key}, "The key is shown this once.")


def _read_password() -> str:
    try:
        password = sys.stdin.readline().rstrip("\r\n")
        password.encode()
    except UnicodeError as error:
        raise BadRequest("The password on standard input must be UTF-8.", "password") from error
    if not password:
        raise BadRequest("Standard input has no password; give it as the first line.", "password")
    return password


def _new_password() -> str:
    from footfall.catalog.secrets import new_password

    return new_password()


def _project(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "uuid": str(project.uuid),
        "name": project.name,
        "domain": project.domain,
        "timezone": project.timezone,
    }


def _client(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "mode": client.mode.value,
        "projectId": client.project_id,
    }
