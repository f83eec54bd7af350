"""`gigasite state`: edits of what a stack's state says. The resources themselves stay as they are."""

from __future__ import annotations

from collections.abc import Callable

import click

from gigasite.cli.apply import engine_option
from gigasite.cli.output import F, format_option, print_json
from gigasite.cli.sites import any_stack
from gigasite.cli.stack import confirm
from gigasite.errors import UsageError


@click.group()
def state() -> None:
    """Edit the state of a stack: forget, protect, rename, repair. Resources themselves stay as they are.

    NAME is a URN, or a resource's own name where one resource has it. The state before an edit stays as .bak.
    """


def _options(function: F) -> F:
    options: tuple[Callable[[F], F], ...] = (
        click.option("--yes", "-y", is_flag=True, help="Edit without asking."),
        format_option(),
        engine_option,
    )
    for option in options:
        function = option(function)
    return function


@state.command("delete")
@click.argument("site")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--target-dependents", is_flag=True, help="And what depends on them.")
@click.option("--force", is_flag=True, help="Protected ones too.")
@_options
def delete(
    site: str, names: tuple[str, ...], target_dependents: bool, force: bool, yes: bool, kind: str, style: str
) -> None:
    """Forget resources; they stay where they are, and nobody manages them any more."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    confirm(f"Forget {', '.join(names)}? They stay where they are.", yes=yes, what="edits a state")
    gone = select_engine(kind).forget(
        found.project, found.name, names, target_dependents=target_dependents, force=force
    )
    _tell(found.name, "forgot", gone, style)


@state.command("protect")
@click.argument("site")
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every resource.")
@_options
def protect(site: str, names: tuple[str, ...], everything: bool, yes: bool, kind: str, style: str) -> None:
    """Protect resources from deletion, until the next `up` of a program that says otherwise."""
    _protect(site, names, everything, yes, kind, style, protect=True)


@state.command("unprotect")
@click.argument("site")
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every resource.")
@_options
def unprotect(site: str, names: tuple[str, ...], everything: bool, yes: bool, kind: str, style: str) -> None:
    """Take the protection of resources away, so that they may be deleted."""
    _protect(site, names, everything, yes, kind, style, protect=False)


def _protect(
    site: str, names: tuple[str, ...], everything: bool, yes: bool, kind: str, style: str, *, protect: bool
) -> None:
    from gigasite.engine import select_engine

    if bool(names) == everything:
        raise UsageError("whose protection?", hint="give NAMEs, or --all")
    found = any_stack(site)
    what = "every resource" if everything else ", ".join(names)
    confirm(f"{'Protect' if protect else 'Unprotect'} {what}?", yes=yes, what="edits a state")
    changed = select_engine(kind).protect(found.project, found.name, names, everything=everything, protect=protect)
    _tell(found.name, "protected" if protect else "unprotected", changed, style)


@state.command("rename")
@click.argument("site")
@click.argument("name")
@click.argument("new_name", metavar="NEW_NAME")
@_options
def rename(site: str, name: str, new_name: str, yes: bool, kind: str, style: str) -> None:
    """Call the resource NAME another way in the state, as the program does now."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    confirm(f"Call {name} {new_name}?", yes=yes, what="edits a state")
    renamed = select_engine(kind).rename_resource(found.project, found.name, name, new_name)
    _tell(found.name, "renamed", renamed, style)


@state.command("repair")
@click.argument("site")
@click.option("--preview-only", is_flag=True, help="Only say what it would do.")
@_options
def repair(site: str, preview_only: bool, yes: bool, kind: str, style: str) -> None:
    """Put an unsound state right: order, and references to what is missing."""
    from gigasite.engine import select_engine

    found = any_stack(site)
    engine = select_engine(kind)
    would = engine.repair(found.project, found.name, preview=True)
    if would and not preview_only:
        for line in would:
            click.echo(line, err=True)
        confirm(f"Repair the state of {found.name} like this?", yes=yes, what="edits a state")
        would = engine.repair(found.project, found.name)
    if style == "text" and not would:
        print("the state is sound")
        return
    _tell(found.name, "would repair" if preview_only else "repaired", would, style)


def _tell(stack: str, what: str, items: tuple[str, ...], style: str) -> None:
    if style == "json":
        print_json({"stack": stack, "did": what, "resources": list(items)})
        return
    for item in items:
        print(f"{what}: {item}")
    if not items:
        print("nothing to do")
