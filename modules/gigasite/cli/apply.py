"""`gigasite preview`, `up` and `destroy`: a site's stack through an engine, checks first."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gigasite.cli.changes import document, print_run
from gigasite.cli.eventlog import events_option
from gigasite.cli.limits import excesses, limits_of, refuse_excess
from gigasite.cli.output import F, format_option, print_json
from gigasite.cli.plans import plan_of, read_plan, refuse_other_grounds, refuse_other_steps, save_plan
from gigasite.cli.progress import progress
from gigasite.cli.sites import StackRef, any_stack, find_stack
from gigasite.cli.targets import Scope, scope_options
from gigasite.cli.work import checked, designed
from gigasite.errors import Finding, FindingsError, GigasiteError, Severity, UnexpectedChanges, UsageError, errors_of

if TYPE_CHECKING:
    from gigasite.design.model import Design
    from gigasite.engine import Engine, RunOptions, RunResult

_NAMED_COUNT = 5
_FILE = click.Path(path_type=Path, dir_okay=False)


def engine_option(function: F) -> F:
    """`--engine auto|pulumi|local`."""
    kinds = click.Choice(["auto", "pulumi", "local"])
    text = "pulumi: the CLI on PATH; local: embedded; auto: the CLI where there is one."
    return click.option("--engine", "kind", type=kinds, default="auto", show_default=True, help=text)(function)


def run_options(function: F) -> F:
    options: tuple[Callable[[F], F], ...] = (
        click.option("--parallel", type=click.IntRange(1, 1024), default=16, show_default=True, help="Steps at once."),
        click.option("--all", "everything", is_flag=True, help="List every resource; long lists are cut otherwise."),
        format_option(),
        engine_option,
        events_option,
    )
    for option in options:
        function = option(function)
    return function


expect_option = click.option(
    "--expect-no-changes", is_flag=True, help="Exit 4 where something would change; apply nothing."
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Apply without asking.")
_limit = click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="WHAT=N",
    help="The most changes, deletes, replaces or switches; repeatable.",
)
_diff = click.option("--diff", "with_diff", is_flag=True, help="Show how the lines of text files change.")


@click.command()
@click.argument("site")
@expect_option
@_diff
@_limit
@scope_options()
@click.option("--save-plan", "plan_file", type=_FILE, help="Write the plan, for `up --plan` to keep to.")
@run_options
def preview(
    site: str,
    expect_no_changes: bool,
    with_diff: bool,
    limits: tuple[str, ...],
    scope: Scope,
    plan_file: Path | None,
    parallel: int,
    everything: bool,
    style: str,
    kind: str,
) -> int:
    """Show what `up` of SITE would do."""
    stack = find_stack(site)
    allowed = _limits(stack, limits)
    findings, design = _checked(stack)
    engine = engine_for(kind, stack)
    result = _preview(engine, stack, scope.options(parallel=parallel))
    print_result(stack, engine, result, findings, style, everything=everything, with_diff=with_diff)
    for excess in excesses(result, allowed):
        print(f"up would refuse this: {excess}", file=sys.stderr)
    if plan_file is not None:
        save_plan(plan_file, plan_of(stack, engine, result, design.catalog_digest))
    changed = result.changed_steps
    if expect_no_changes and changed:
        raise UnexpectedChanges(f"{len(changed)} changes where none were expected")
    return 0


@click.command()
@click.argument("site")
@expect_option
@yes_option
@_diff
@_limit
@scope_options()
@click.option("--plan", "plan_file", type=_FILE, help="Do what this plan says, or nothing.")
@click.option("--accept-assumptions", is_flag=True, help="Go on although settings that decide a site are assumed.")
@click.option("--message", "-m", default="", help="A note for the stack's history.")
@run_options
def up(
    site: str,
    expect_no_changes: bool,
    yes: bool,
    with_diff: bool,
    limits: tuple[str, ...],
    scope: Scope,
    plan_file: Path | None,
    accept_assumptions: bool,
    message: str,
    parallel: int,
    everything: bool,
    style: str,
    kind: str,
) -> int:
    """Bring SITE to what its file describes."""
    stack = find_stack(site)
    allowed = _limits(stack, limits)
    saved = None if plan_file is None else read_plan(plan_file)
    if not (yes or expect_no_changes):
        ask_first(style)
    findings, design = _checked(stack)
    if not accept_assumptions:
        _refuse_assumptions(design)
    engine = engine_for(kind, stack)
    if saved is not None:
        refuse_other_grounds(saved, stack, engine, design.catalog_digest)
    if saved is not None or allowed or not (yes or expect_no_changes):
        plan = _preview(engine, stack, scope.options(parallel=parallel))
        if saved is not None:
            refuse_other_steps(saved, plan)
        refuse_excess(excesses(plan, allowed))
    if not (yes or expect_no_changes):
        print_run(plan, stack.project, everything=everything, with_diff=with_diff)
        if plan.changed_steps:
            click.confirm(f"Bring up {stack.name}?", abort=True)
    options = scope.options(parallel=parallel, expect_no_changes=expect_no_changes, message=message)
    with progress("up") as on_event:
        result = engine.up(stack.project, stack.name, options=options, on_event=on_event)
    print_result(stack, engine, result, findings, style, everything=everything, with_diff=with_diff)
    return 0


@click.command()
@click.argument("site")
@yes_option
@scope_options()
@run_options
def destroy(site: str, yes: bool, scope: Scope, parallel: int, everything: bool, style: str, kind: str) -> int:
    """Delete everything that `up` made for SITE, or its targets; the stack itself stays."""
    stack = any_stack(site)
    if not yes:
        ask_first(style)
    engine = engine_for(kind, stack, make=False)
    what = "everything" if scope == Scope() else "targets of what"
    if not yes and click.prompt(f"This deletes {what} that {stack.name} has. Its name, to go on") != stack.name:
        raise UsageError(f"that is not {stack.name}; nothing was deleted")
    with progress("destroy") as on_event:
        result = engine.destroy(stack.project, stack.name, options=scope.options(parallel=parallel), on_event=on_event)
    print_result(stack, engine, result, (), style, everything=everything, with_diff=False)
    return 0


def _limits(stack: StackRef, given: Sequence[str]) -> dict[str, int]:
    return limits_of(stack.project.stack_file(stack.name), stack.project.name, given)


def _checked(stack: StackRef) -> tuple[tuple[Finding, ...], Design]:
    """The findings of the stack's site; raises FindingsError where one of them is an error."""
    from gigasite.cli.sites import shown

    whole = designed(shown(stack.site_file))
    findings = checked(whole)
    if errors_of(findings):
        raise FindingsError(f for f in findings if f.severity is not Severity.INFO)
    return findings, whole.design


def _refuse_assumptions(design: Design) -> None:
    decisive = [s for s in design.assumptions if s.decisive]
    if not decisive:
        return
    named = ", ".join(s.path for s in decisive[:_NAMED_COUNT])
    more = f" and {len(decisive) - _NAMED_COUNT} more" if len(decisive) > _NAMED_COUNT else ""
    message = f"{len(decisive)} settings that decide the site are only assumed: {named}{more}"
    raise GigasiteError(message, hint="set them in the site file, or pass --accept-assumptions")


def ask_first(style: str) -> None:
    """Raises UsageError where nobody can be asked."""
    if style != "text":
        raise UsageError("this changes a site, and asks first only where it prints text", hint="pass --yes")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this changes a site, and there is no terminal to ask on", hint="pass --yes")


def engine_for(kind: str, stack: StackRef, *, make: bool = True) -> Engine:
    """The engine, with the stack made where it is not there yet."""
    from gigasite.engine import select_engine
    from gigasite.engine.secrets import passphrase_from_environment

    engine = select_engine(kind)
    if engine.name == "local":
        passphrase_from_environment()  # says what to set, before any work is done
    if make and stack.name not in {info.name for info in engine.stacks(stack.project)}:
        engine.init(stack.project, stack.name)
        print(f"made the stack {stack.name}", file=sys.stderr)
    return engine


def _preview(engine: Engine, stack: StackRef, options: RunOptions) -> RunResult:
    with progress("preview") as on_event:
        return engine.preview(stack.project, stack.name, options=options, on_event=on_event)


def print_result(
    stack: StackRef,
    engine: Engine,
    result: RunResult,
    findings: Sequence[Finding],
    style: str,
    *,
    everything: bool,
    with_diff: bool,
) -> None:
    if style == "json":
        print_json(document(stack.name, engine.name, result, findings, stack.project))
        return
    print_run(result, stack.project, everything=everything, with_diff=with_diff)
