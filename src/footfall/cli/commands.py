"""The commands that work on data: what they take. What they do is loaded when they are asked for.

A server needs a second's worth of imports, which `footfall project list` should not wait for.
"""

from typing import Annotated

import typer

from footfall.cli.place import ConfigOption, DataOption, settings_for

imports = typer.Typer(help="Bring in access logs and events.", no_args_is_help=True)

HostOption = Annotated[str | None, typer.Option(help="The address to listen on (127.0.0.1).")]
PortOption = Annotated[int | None, typer.Option(help="The port to listen on (8000); 0 takes a free one.")]
FilesArgument = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="The files, gzip too; - for standard input.")
]
ProjectOption = Annotated[str, typer.Option("--project", "-p", help="The project, by id or UUID.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]


def serve(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
) -> None:
    """Run the server. Prints one line with its address when it accepts; stops on SIGTERM or Ctrl-C."""
    from footfall.cli.serve import run

    run(settings_for(context, data, config, host=host, port=port))


def demo(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    events: Annotated[int, typer.Option(min=1_000, max=50_000_000, help="Events of the past.")] = 200_000,
    days: Annotated[int, typer.Option(min=1, max=730, help="Days of the past.")] = 60,
    rate: Annotated[float, typer.Option(min=0, max=500, help="Live events a second; 0 for none.")] = 2.0,
) -> None:
    """Serve a demo project full of generated traffic, with live visitors."""
    from footfall.cli import demo as shop

    shop.demo(settings_for(context, data, config, host=host, port=port), events, days, rate)


def doctor(
    context: typer.Context, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Check settings, data folder, disk, databases and journal. Exit code 1 if something is to be mended."""
    from footfall.cli.doctor import doctor as examine

    if not examine(settings_for(context, data, config), as_json=as_json):
        raise typer.Exit(1)


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
