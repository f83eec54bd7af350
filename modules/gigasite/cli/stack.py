"""`gigasite stack`: the project's stacks and what their state holds."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from gigasite.cli.apply import engine_option
from gigasite.cli.output import format_option, print_json, print_table
from gigasite.cli.sites import any_stack, known_stacks, site_file_of
from gigasite.errors import GigasiteError, UsageError


def confirm(question: str, *, yes: bool, what: str) -> None:
    """Asks, unless `yes`. Raises UsageError where there is nobody to ask, Abort for a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"this {what}, and there is no terminal to ask on", hint="pass --yes")
    click.confirm(question, abort=True)


@click.group()
def stack() -> None:
    """List, make, remove, rename and read stacks, and bring a state back."""


@stack.command("ls")
@engine_option
@format_option()
def list_stacks(kind: str, style: str) -> None:
    """List the project's stacks, those included that were never brought up."""
    from gigasite.engine import select_engine
    from gigasite.engine.project import Project

    project = Project.load(Path.cwd())
    made = {info.name: info for info in select_engine(kind).stacks(project)}
    names = sorted({*made, *known_stacks(project)})
    rows = [
        {
            "name": name,
            "made": name in made,
            "resources": made[name].resource_count if name in made else 0,
            "last_update": made[name].last_update if name in made else "",
        }
        for name in names
    ]
    if style == "json":
        print_json(rows)
        return
    table = [(r["name"], "yes" if r["made"] else "not yet", r["resources"], r["last_update"]) for r in rows]
    print_table("Stacks", ("stack", "made", "resources", "last update"), table)


@stack.command("init")
@click.argument("name")
@engine_option
@format_option()
def init_stack(name: str, kind: str, style: str) -> None:
    """Make the empty stack NAME; `up` does so by itself."""
    from gigasite.engine import select_engine

    found = any_stack(name)
    select_engine(kind).init(found.project, found.name)
    if style == "json":
        print_json({"stack": found.name, "made": True})
    else:
        print(f"made the stack {found.name}")


@stack.command("rm")
@click.argument("name")
@click.option("--force", is_flag=True, help="Forget it although it still has resources; they stay where they are.")
@click.option("--yes", "-y", is_flag=True, help="Remove without asking.")
@engine_option
@format_option()
def remove_stack(name: str, force: bool, yes: bool, kind: str, style: str) -> None:
    """Forget the stack NAME and its history; its stack file stays."""
    from gigasite.engine import select_engine

    found = any_stack(name)
    confirm(f"Forget the stack {found.name}?", yes=yes, what="forgets a stack")
    select_engine(kind).remove(found.project, found.name, force=force)
    if style == "json":
        print_json({"stack": found.name, "removed": True})
    else:
        print(f"removed the stack {found.name}")


@stack.command("output")
@click.argument("site")
@click.argument("name", required=False)
@click.option("--show-secrets", is_flag=True, help="Print secrets in clear.")
@engine_option
@format_option()
def outputs(site: str, name: str | None, show_secrets: bool, kind: str, style: str) -> None:
    """Print the outputs of SITE's stack, or the one called NAME."""
    from gigasite.engine import select_engine
    from gigasite.spec.messages import near

    found = any_stack(site)
    values = select_engine(kind).outputs(found.project, found.name, show_secrets=show_secrets)
    if name is not None:
        if name not in values:
            raise UsageError(f"there is no output {name!r:.80}", hint=near(name, values, "outputs"))
        if style == "json":
            print_json(values[name])
        else:
            print(values[name] if isinstance(values[name], str) else json.dumps(values[name], ensure_ascii=False))
        return
    if style == "json":
        print_json(values)
        return
    rows = [(key, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for key, v in sorted(values.items())]
    print_table("Outputs", ("output", "value"), rows)


@stack.command("export")
@click.argument("site")
@engine_option
@click.option("--format", "style", type=click.Choice(["json"]), default="json", help="How to print.")
def export(site: str, kind: str, style: str) -> None:
    """Print the state of SITE's stack as `pulumi stack export` does; secrets stay encrypted."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    print_json(select_engine(kind).export(found.project, found.name))


@stack.command("import")
@click.argument("site")
@click.option("--file", "file", type=click.File(encoding="utf-8"), default="-", help="Where the state is; - is stdin.")
@click.option("--force", is_flag=True, help="Take it although it is unsound or of another stack.")
@engine_option
@format_option()
def import_stack(site: str, file: TextIO, force: bool, kind: str, style: str) -> None:
    """Take what `stack export` printed as the state of SITE's stack; the one before stays as .bak."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    try:
        document = json.load(file)
    except ValueError as error:
        raise GigasiteError(
            f"this is no JSON: {error}", path=file.name, hint="give what `stack export` prints"
        ) from None
    warnings = select_engine(kind).import_state(found.project, found.name, document, force=force)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if style == "json":
        print_json({"stack": found.name, "imported": True, "warnings": list(warnings)})
    else:
        print(f"imported the state of {found.name}")


@stack.command("history")
@click.argument("site")
@click.option("--last", "count", type=click.IntRange(1), default=10, show_default=True, help="How many.")
@engine_option
@format_option()
def history(site: str, count: int, kind: str, style: str) -> None:
    """Show what was done to SITE's stack, the latest first."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    updates = select_engine(kind).history(found.project, found.name)[:count]
    if style == "json":
        print_json([asdict(update) for update in updates])
        return
    rows = [
        (
            datetime.fromtimestamp(update.started_s, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00"),
            update.kind,
            update.result,
            update.ended_s - update.started_s,
            ", ".join(f"{number} {op}" for op, number in update.changes.items()),
            update.message,
        )
        for update in updates
    ]
    print_table("History", ("started (UTC)", "run", "result", "s", "operations", "message"), rows)


@stack.command("rename")
@click.argument("site")
@click.argument("new")
@click.option("--yes", "-y", is_flag=True, help="Rename without asking.")
@engine_option
@format_option()
def rename_stack(site: str, new: str, yes: bool, kind: str, style: str) -> None:
    """Call SITE's stack NEW: in its state, its history and its stack file; backups keep the old name.

    A program that names resources after its stack asks for other resources from then on.
    """
    from gigasite.engine import select_engine

    found = any_stack(site)
    confirm(f"Call the stack {found.name} {new}?", yes=yes, what="renames a stack")
    before = site_file_of(found.project, found.name)
    select_engine(kind).rename(found.project, found.name, new)
    if style == "json":
        print_json({"stack": new, "was": found.name})
        return
    print(f"renamed the stack {found.name} to {new}")
    print(
        f"a program that names resources after its stack asks for others now: look at `gigasite preview {new}`",
        file=sys.stderr,
    )
    if before.exists() and site_file_of(found.project, new) != before:
        print(f"its site file is still {before}: move it, or set {found.project.name}:site", file=sys.stderr)


@stack.command("cancel")
@click.argument("site")
@click.option("--yes", "-y", is_flag=True, help="Remove them without asking.")
@engine_option
@format_option()
def cancel(site: str, yes: bool, kind: str, style: str) -> None:
    """Remove the locks of SITE's stack, whoever has them. A run that goes on is not stopped by this."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    confirm(f"Remove the locks of {found.name}, whoever has them?", yes=yes, what="removes locks")
    whose = select_engine(kind).cancel(found.project, found.name)
    if style == "json":
        print_json({"stack": found.name, "locks": list(whose)})
        return
    for holder in whose:
        print(f"removed the lock of {holder}")
    if not whose:
        print(f"{found.name} is not locked")


@stack.command("recover")
@click.argument("site")
@click.option("--discard-journal", is_flag=True, help="Drop what a killed run wrote down, where it cannot be read.")
@format_option()
def recover(site: str, discard_journal: bool, style: str) -> None:
    """Fold what a killed run of the embedded engine left behind into SITE's state; `up` does so by itself."""
    from gigasite.engine.local import LocalEngine

    found = any_stack(site)
    recovery = LocalEngine().recover(found.project, found.name, discard_journal=discard_journal)
    if style == "json":
        print_json({"stack": found.name, "recovered": recovery is not None})
    else:
        print("nothing to recover" if recovery is None else f"recovered the state of {found.name}")
