"""The commands that work on data: what they take. What they do is loaded when they are asked for.

A server needs two seconds' worth of imports, which `footfall project list` should not wait for. The interpreter is
set up before: looking for cycles among what imports make takes a sixth of their time.
"""

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.place import ConfigOption, DataOption, settings_for
from footfall.server.tuning import leave, tune

imports = typer.Typer(help="Bring in access logs and events.", no_args_is_help=True)
exports = typer.Typer(help="Take events out.", no_args_is_help=True)
profiles = typer.Typer(help="Profiles: the people that a project knows.", no_args_is_help=True)
visitors = typer.Typer(help="Visitors: the devices that a project has seen.", no_args_is_help=True)

HostOption = Annotated[str | None, typer.Option(help="The address to listen on (127.0.0.1).")]
PortOption = Annotated[int | None, typer.Option(help="The port to listen on (8000); 0 takes a free one.")]
ProjectOption = Annotated[str, typer.Option("--project", "-p", help="The project, by id or UUID.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
ProjectArgument = Annotated[str, typer.Argument(help="The project's id or UUID.")]


def serve(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
) -> None:
    """Run the server. Prints one line with its address when it accepts; stops on SIGTERM or Ctrl-C."""
    tune()
    from footfall.cli.serve import run

    run(settings_for(context, data, config, host=host, port=port))
    leave()


def demo(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    events: Annotated[int, typer.Option(min=1_000, max=50_000_000, help="Events of the past.")] = 200_000,
    days: Annotated[int, typer.Option(min=1, max=730, help="Days of the past.")] = 63,
    rate: Annotated[float, typer.Option(min=0, max=500, help="Live events a second; 0 for none.")] = 0.2,
) -> None:
    """Serve a demo project full of generated traffic, with live visitors."""
    tune()
    from footfall.cli import demo as shop

    shop.demo(settings_for(context, data, config, host=host, port=port), events, days, rate)


def doctor(
    context: typer.Context, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Check settings, data folder, disk, databases and journal. Exit code 1 if something is to be mended."""
    from footfall.cli.doctor import doctor as examine

    if not examine(settings_for(context, data, config), as_json=as_json):
        raise typer.Exit(1)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the data folder; also beside a running server, which goes on taking hits."""
    from footfall.cli.backup import backup as copy

    copy(settings_for(context, data, config), folder, as_json=as_json)


def to_clickhouse(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the data folder's events to the ClickHouse that the settings name, while no server runs."""
    from footfall.cli.to_clickhouse import to_clickhouse as copy

    copy(settings_for(context, data, config), as_json=as_json)


@imports.command("access-log")
def access_log(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Log files, gzip too; - for standard input.")
    ],
    project: ProjectOption,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Page requests of Apache, nginx and Caddy logs as page views; a second run adds nothing."""
    from footfall.cli.imports import import_files

    import_files(settings_for(context, data, config), "access-log", files, project, as_json=as_json)


@imports.command("events")
def event_rows(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="NDJSON files, gzip too; - for standard input.")
    ],
    project: ProjectOption,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Event rows, one JSON object a line, as POST /import/events takes them."""
    from footfall.cli.imports import import_files

    import_files(settings_for(context, data, config), "events", files, project, as_json=as_json)


@profiles.command("delete")
def delete_profile(
    context: typer.Context,
    project: ProjectArgument,
    profile: Annotated[str, typer.Argument(help="The profile's id.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a person: the profile, its events, and every session it took part in."""
    from footfall.cli.erase import erase
    from footfall.model.erasure import Scope

    erase(settings_for(context, data, config), project, Scope.PROFILE, profile, as_json=as_json)


@visitors.command("delete")
def delete_visitor(
    context: typer.Context,
    project: ProjectArgument,
    device: Annotated[str, typer.Argument(help="The device id.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a device: its events and every session it took part in."""
    from footfall.cli.erase import erase
    from footfall.model.erasure import Scope

    erase(settings_for(context, data, config), project, Scope.VISITOR, device, as_json=as_json)


def deletions(
    context: typer.Context,
    project: ProjectArgument,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was deleted from a project, by age too: when, and how many rows."""
    from footfall.cli.erase import reports

    reports(settings_for(context, data, config), project, as_json=as_json)


@exports.command("events")
def exported_events(
    context: typer.Context,
    project: ProjectOption,
    form: Annotated[str, typer.Option("--format", help="ndjson, csv or parquet.")] = "ndjson",
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE", help="The file; - for standard output.")
    ] = "-",
    start: Annotated[str, typer.Option(help="First day (YYYY-MM-DD) or ISO 8601 time.")] = "",
    end: Annotated[str, typer.Option(help="Last day or time, inclusive.")] = "",
    event: Annotated[list[str] | None, typer.Option(help="Only events of this name; may be repeated.")] = None,
    url: Annotated[str, typer.Option(help="The running server's address, if it is not as in the settings.")] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Events as GET /export/events has them, newest first; also beside a running server."""
    from footfall.cli.exports import Asked, export_events

    asked = Asked(start, end, tuple(event or ()))
    export_events(settings_for(context, data, config), project, form, out, asked, url=url)
