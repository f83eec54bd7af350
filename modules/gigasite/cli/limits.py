"""How much one run may change: limits of the stack's configuration and of the command line, looked at before a run.

`sites:limits` of the stack's configuration holds numbers by what they limit; `--limit` goes before them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gigasite.errors import GigasiteError, UnexpectedChanges, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from gigasite.engine import RunResult, Step

KEY: Final = "limits"
_NAMED_COUNT: Final = 5
_SWITCHES: Final = "gigasite:network:SwitchConfig"


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that a run would break, and what breaks it."""

    what: str
    limit: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.names) - _NAMED_COUNT:,} more" if len(self.names) > _NAMED_COUNT else ""
        named = ", ".join(self.names[:_NAMED_COUNT])
        return f"{len(self.names):,} {self.what}, {self.limit:,} allowed ({named}{more})"


def _of(*ops: str) -> Callable[[Sequence[Step]], list[str]]:
    return lambda steps: [step.name for step in steps if not ops or step.op.value in ops]


def _switches(steps: Sequence[Step]) -> list[str]:
    """Switches whose configuration would be pushed, by name."""
    found = []
    for step in steps:
        if step.type != _SWITCHES or (step.new or {}).get("apply") != "push":
            continue
        old, new = ((side or {}).get("devices") or {} for side in (step.old, step.new))
        found += [name for name in new if new[name] != old.get(name)]
    return found


COUNTS: Final[Mapping[str, Callable[[Sequence[Step]], list[str]]]] = {
    "changes": _of(),
    "deletes": _of("delete"),
    "replaces": _of("replace"),
    "switches": _switches,
}
"""What can be limited, and which names of a run's steps count: operations, deletions, replacements, pushed switches."""


def limits_of(stack_file: Path, project: str, given: Sequence[str]) -> dict[str, int]:
    """The limits of a stack, with those of the command line (`deletes=0`) before them.

    Raises UsageError or GigasiteError for what is none.
    """
    from gigasite.cli.sites import stack_config

    configured = stack_config(stack_file)
    found = configured.get(f"{project}:{KEY}", configured.get(KEY, {}))
    if isinstance(found, str):  # as `gigasite config set` keeps it
        with suppress(ValueError):
            found = json.loads(found)
    if not isinstance(found, Mapping):
        raise GigasiteError("limits are numbers by what they limit", str(stack_file), "write limits: {deletes: 0}")
    limits = {name: _number(name, value, str(stack_file), GigasiteError) for name, value in found.items()}
    for text in given:
        name, _, value = text.partition("=")
        limits[name] = _number(name, int(value) if value.isdecimal() else value, "--limit", UsageError)
    return limits


def excesses(result: RunResult, limits: Mapping[str, int]) -> tuple[Excess, ...]:
    """Limits that a previewed run would break."""
    steps = [step for step in result.changed_steps if step.op.counted and not step.is_default_provider]
    found = ((what, limit, COUNTS[what](steps)) for what, limit in limits.items())
    return tuple(Excess(what, limit, tuple(names)) for what, limit, names in found if len(names) > limit)


def refuse_excess(found: Sequence[Excess]) -> None:
    """Raises UnexpectedChanges where there is any."""
    if found:
        allowed = " ".join(f"--limit {excess.what}={len(excess.names)}" for excess in found)
        raise UnexpectedChanges(
            f"the run would change more than it may: {'; '.join(map(str, found))}",
            hint=f"nothing was applied; where that is meant: {allowed}",
        )


def _number(name: str, value: Any, where: str, error: type[GigasiteError]) -> int:
    if name not in COUNTS:
        from gigasite.spec.messages import near

        raise error(f"there is no limit {name!r:.40}", path=where, hint=near(str(name), COUNTS))
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise error(f"the limit {name} is {value!r:.40}, not a whole number", path=where, hint=f"write {name}: 0")
    return value
