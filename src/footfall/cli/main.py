"""The `footfall` command.

Errors are one sentence on stderr. Exit code 2 says that the command was used wrongly (an unknown option, a
value that can't be), 1 that it could not be done.
"""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer
from typer.exceptions import TyperException

from footfall import __version__
from footfall.cli import admin, commands
from footfall.cli.place import ConfigOption, DataOption, Place
from footfall.model.errors import BadRequest, FootfallError

app = typer.Typer(
    name="footfall",
    help="Web and product analytics in one process.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"footfall {__version__}")
        raise typer.Exit


@app.callback()
def place(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Web and product analytics in one process."""
    context.obj = Place(data, config)


app.command("serve")(commands.serve)
app.command("demo")(commands.demo)
app.command("doctor")(commands.doctor)
app.command("backup")(commands.backup)
app.command("to-clickhouse")(commands.to_clickhouse)
app.add_typer(admin.projects, name="project")
app.add_typer(admin.clients, name="client")
app.add_typer(admin.users, name="user")
app.add_typer(admin.keys, name="key")
app.add_typer(commands.imports, name="import")
app.add_typer(commands.exports, name="export")
app.add_typer(commands.profiles, name="profile")
app.add_typer(commands.visitors, name="visitor")
admin.projects.command("deletions")(commands.deletions)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; leaves through SystemExit. `arguments` None: those of the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="backslashreplace")  # a name that a terminal can't show hides no secret
    try:
        code = app(args=arguments, prog_name="footfall", standalone_mode=False)
    except FootfallError as error:
        typer.echo(f"footfall: {error.message}", err=True)
        sys.exit(exit_code(error))
    except TyperException as error:
        typer.echo(_usage(error), err=True)
        sys.exit(error.exit_code)
    except OSError as error:  # such as a full disk under standard output
        typer.echo(f"footfall: {error.strerror or error}.", err=True)
        sys.exit(1)
    except UnicodeEncodeError:
        typer.echo("footfall: an argument is not UTF-8.", err=True)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: TyperException) -> str:
    """Typer's own complaint as one sentence; a bare `footfall project` gets its help instead."""
    message = error.format_message().strip().replace("Value error, ", "")
    if "\n" in message or not message:
        return message
    context = getattr(error, "ctx", None)
    hint = f" See {context.command_path} --help." if context is not None else ""
    stop = "" if message.endswith((".", "?")) else "."
    return f"footfall: {message}{stop}{hint}"


def exit_code(error: FootfallError) -> int:
    """2 for a value that can't be, 1 for what failed: an id that is taken, a folder that can't be written."""
    return 2 if isinstance(error, BadRequest) and error.code != "taken" else 1


if __name__ == "__main__":
    main()
