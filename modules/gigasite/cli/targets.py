"""`--target`, `--exclude` and `--refresh`: what a run is about, for every verb that runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from gigasite.cli.output import F
from gigasite.errors import UsageError

if TYPE_CHECKING:
    from gigasite.engine import RunOptions

_NAMES = "a URN, a glob over URNs (*, **), or a resource's own name; repeatable."


@dataclass(frozen=True, slots=True)
class Scope:
    """What the command line says of a run's resources."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    target_dependents: bool = False
    exclude_dependents: bool = False
    refresh: bool = False

    def options(self, **more: Any) -> RunOptions:
        """The options of a run about these resources."""
        from gigasite.engine import RunOptions

        return RunOptions(
            targets=self.targets,
            excludes=self.excludes,
            target_dependents=self.target_dependents,
            exclude_dependents=self.exclude_dependents,
            refresh=self.refresh,
            **more,
        )


def scope_options(*, refresh: bool = True) -> Callable[[F], F]:
    """The options; the verb gets them as one argument `scope`. `refresh`: with --refresh among them."""

    def decorate(function: F) -> F:
        @wraps(function)
        def collected(*args: Any, **given: Any) -> Any:
            scope = Scope(
                targets=given.pop("target"),
                excludes=given.pop("exclude"),
                target_dependents=given.pop("target_dependents"),
                exclude_dependents=given.pop("exclude_dependents"),
                refresh=given.pop("refresh", False),
            )
            _refuse_contradictions(scope)
            return function(*args, scope=scope, **given)

        options = [
            click.option("--target", "-t", multiple=True, metavar="NAME", help=f"Only this resource: {_NAMES}"),
            click.option("--target-dependents", is_flag=True, help="And what depends on the targets."),
            click.option("--exclude", multiple=True, metavar="NAME", help=f"All but this resource: {_NAMES}"),
            click.option("--exclude-dependents", is_flag=True, help="Nor what depends on the excluded."),
        ]
        if refresh:
            options.append(click.option("--refresh", is_flag=True, help="Read every resource again first."))
        wrapped: Any = collected
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


def _refuse_contradictions(scope: Scope) -> None:
    if scope.targets and scope.excludes:
        raise UsageError("a run has targets or exclusions, not both", hint="leave --target or --exclude out")
    for flag, names, given in (
        ("--target-dependents", scope.targets, scope.target_dependents),
        ("--exclude-dependents", scope.excludes, scope.exclude_dependents),
    ):
        if given and not names:
            of = flag.removesuffix("-dependents")
            raise UsageError(f"{flag} without {of}", hint=f"say of what: {of} NAME")
