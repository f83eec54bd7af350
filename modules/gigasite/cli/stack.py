"""`gigasite stack`: the project's stacks and what their state holds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gigasite.cli.apply import engine_option
from gigasite.cli.output import format_option, print_json, print_table
from gigasite.cli.sites import any_stack, known_stacks
from gigasite.errors import UsageError


@click.group()
def stack() -> None:
    """List, make, remove and read stacks."""


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
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("this forgets a stack, and there is no terminal to ask on", hint="pass --yes")
        click.confirm(f"Forget the stack {found.name}?", abort=True)
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
