"""The verbs, and how every one of them ends: its exit code, and what a user sees of an error."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import click

from gigasite import __version__
from gigasite.errors import FindingsError, GigasiteError

EXIT_USAGE: Final = 2
EXIT_FAULT: Final = 70  # EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
EXIT_NO_READER: Final = 128 + signal.SIGPIPE
DEBUG_VARIABLE: Final = "GIGASITE_DEBUG"

# Verb: where it lives, and its line in the help. A verb's module is imported when the verb is used.
VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("gigasite.cli.init:init", "Write a first site file, and a project around it."),
    "design": ("gigasite.cli.design:design", "Show what follows from a site file."),
    "check": ("gigasite.cli.check:check", "Check a site's design; exit 1 where something is wrong."),
    "whatif": ("gigasite.cli.whatif:whatif", "Play a loss through a site, or show the worst ones."),
    "ipam": ("gigasite.cli.ipam:ipam", "Turn an IPAM's export into entries of a site file."),
    "explain": ("gigasite.cli.explain:explain", "Explain a finding's code, or where a value came from."),
    "verify": ("gigasite.cli.verify:verify", "Hold what was built against the design."),
    "preview": ("gigasite.cli.apply:preview", "Show what `up` would do."),
    "up": ("gigasite.cli.apply:up", "Bring a site to what its file describes."),
    "refresh": ("gigasite.cli.refresh:refresh", "Bring the state to what is there."),
    "destroy": ("gigasite.cli.apply:destroy", "Delete everything that `up` made."),
    "pin": ("gigasite.cli.pins:pin", "Pin a site to the catalog that it is designed with."),
    "upgrade": ("gigasite.cli.pins:upgrade", "Show what a new Gigasite or catalog changes in a pinned site."),
    "config": ("gigasite.cli.config:config", "Read and change a stack's configuration and secrets."),
    "stack": ("gigasite.cli.stack:stack", "List, make, remove, rename and read stacks."),
    "state": ("gigasite.cli.state:state", "Edit what a stack's state says: forget, protect, rename, repair."),
    "schema": ("gigasite.cli.schema:schema", "Print the JSON Schema of site files, for editors."),
    "version": ("gigasite.cli.version:version", "Print versions."),
}


class _NoReaderError(Exception):
    """Whoever read stdout has gone."""


class Verbs(click.Group):
    """A group whose commands are imported when they are used, and whose errors are plain sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _NoReaderError from None  # click would make it an exit with 1, which here means findings

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> NoReturn:
        """Runs a verb and ends the process with its code; a user's mistake never shows a traceback."""
        arguments = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        debug = "--debug" in arguments or bool(os.environ.get(DEBUG_VARIABLE))
        arguments = [argument for argument in arguments if argument != "--debug"]
        extra = {**extra, "prog_name": "gigasite", "standalone_mode": False}
        sys.exit(_guarded(lambda: click.Group.main(self, args=arguments, **extra), debug=debug))


def _guarded(body: Any, *, debug: bool) -> int:
    try:
        code = body()
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except (BrokenPipeError, _NoReaderError):
        # Whoever read the output has gone; nothing more can be said, not even at the interpreter's own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NO_READER
    except GigasiteError as error:
        if debug:
            raise
        show_error(error)
        return error.exit_code
    except Exception as error:
        if debug:
            raise
        said = " ".join(str(error).split())[:300]
        print(f"gigasite has a fault: {type(error).__name__}: {said}", file=sys.stderr)
        print("hint: run it again with --debug and report the traceback", file=sys.stderr)
        return EXIT_FAULT
    return code if isinstance(code, int) else 0


def show_error(error: GigasiteError) -> None:
    """An error as plain lines on stderr, with the findings that it carries."""
    if isinstance(error, FindingsError):
        for finding in error.findings:
            print(" ".join(str(finding).splitlines()), file=sys.stderr)
        print(error.message, file=sys.stderr)
        return
    where = f"{error.path}: " if error.path else ""
    print(f"error: {where}{error.message}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)


@click.group(cls=Verbs, subcommand_metavar="VERB [SITE] ...", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gigasite", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def app() -> None:
    """Infrastructure as code for AI factories.

    SITE is a stack's name, a site.yaml, or the folder that holds one.

    Exit codes: 0 good; 1 findings of severity error, bad site files included; 2 wrong use; 3 an apply failed
    or is incomplete; 4 changes where none were expected.
    """
