"""`gigasite refresh`: the state of a site's stack takes over what is there."""

from __future__ import annotations

import click

from gigasite.cli.apply import ask_first, engine_for, expect_option, print_result, run_options, yes_option
from gigasite.cli.changes import print_run
from gigasite.cli.progress import progress
from gigasite.cli.sites import any_stack
from gigasite.cli.targets import Scope, scope_options
from gigasite.errors import UnexpectedChanges


@click.command()
@click.argument("site")
@click.option("--preview-only", is_flag=True, help="Show what is not as the state has it; change nothing.")
@expect_option
@yes_option
@scope_options(refresh=False)
@click.option("--message", "-m", default="", help="A note for the stack's history.")
@run_options
def refresh(
    site: str,
    preview_only: bool,
    expect_no_changes: bool,
    yes: bool,
    scope: Scope,
    message: str,
    parallel: int,
    everything: bool,
    style: str,
    kind: str,
) -> int:
    """Read every resource of SITE again, and bring the state to what is there. No resource is changed."""
    stack = any_stack(site)
    asks = not (yes or preview_only or expect_no_changes)
    if asks:
        ask_first(style)
    engine = engine_for(kind, stack, make=False)
    options = scope.options(parallel=parallel, message=message)
    if asks or preview_only or expect_no_changes:
        with progress("refresh preview") as on_event:
            found = engine.preview_refresh(stack.project, stack.name, options=options, on_event=on_event)
        if preview_only or (expect_no_changes and found.changed_steps):
            print_result(stack, engine, found, (), style, everything=everything, with_diff=False)
        if expect_no_changes and found.changed_steps:
            raise UnexpectedChanges(f"{len(found.changed_steps)} resources are not as the state has them")
        if preview_only:
            return 0
        if asks:
            print_run(found, stack.project, everything=everything, with_diff=False)
            if found.changed_steps:
                click.confirm(f"Bring the state of {stack.name} to this?", abort=True)
    with progress("refresh") as on_event:
        result = engine.refresh(stack.project, stack.name, options=options, on_event=on_event)
    print_result(stack, engine, result, (), style, everything=everything, with_diff=False)
    return 0
