"""Configurations to a group of switches: side by side, canaries first, each confirmed or taken back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from gigasite.errors import GigasiteError
from gigasite.provider.calls import current_call
from gigasite.provider.switches.connecting import connection
from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Login, Refused, Staged, Switch, SwitchError, Target, Unreachable

_Answer = TypeVar("_Answer")

_GRACE_S = 60  # a switch that took a change back may need as long to answer again


class OnFailure(StrEnum):
    """What becomes of canaries that have changed when a later canary fails."""

    ROLLBACK = "rollback"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a group is changed. An absent switch is called for `patience_s` before anything was changed."""

    login: Login
    patience_s: int
    confirm_s: int
    concurrency: int
    canaries: tuple[str, ...] = ()
    on_failure: OnFailure = OnFailure.ROLLBACK


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one switch: changed, as it should be already, or why not."""

    changed: bool = False
    before: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A switch as it is: how it differs from the wanted, or why that is not known."""

    differences: tuple[str, ...] = ()
    failure: str = ""


def roll_out(plan: Plan, wanted: Mapping[str, tuple[Target, str]]) -> dict[str, Outcome]:
    """Brings each switch to its text. One that fails keeps none of the others, unless it is a canary."""
    return asyncio.run(_roll_out(plan, wanted))


def compare(plan: Plan, wanted: Mapping[str, tuple[Target, str]]) -> dict[str, Seen]:
    """How the switches differ from what they should run; nothing is changed."""

    async def one(name: str) -> Seen:
        try:
            return Seen(await _compare(plan, *wanted[name]))
        except GigasiteError as error:
            return Seen(failure=_reason(error))

    return asyncio.run(_side_by_side(plan, tuple(wanted), one))


async def _roll_out(plan: Plan, wanted: Mapping[str, tuple[Target, str]]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for name in (canary for canary in plan.canaries if canary in wanted):
        if current_call().should_end:
            break
        outcomes[name] = await _attempt(plan, *wanted[name])
        if outcomes[name].failure:
            if plan.on_failure is OnFailure.ROLLBACK:
                outcomes |= await _return(plan, wanted, outcomes, failed=name)
            held_back = Outcome(failure=f"not begun, since the canary {name} failed")
            return {**dict.fromkeys(wanted, held_back), **outcomes}
    others = tuple(name for name in wanted if name not in outcomes)
    return outcomes | await _side_by_side(plan, others, lambda name: _begin(plan, *wanted[name]))


async def _begin(plan: Plan, target: Target, text: str) -> Outcome:
    """Changes a switch, unless the run was stopped meanwhile; what has begun is always brought to its end."""
    if current_call().should_end:
        return Outcome(failure="not begun, since the run was stopped or its time was over")
    return await _attempt(plan, target, text)


async def _return(
    plan: Plan, wanted: Mapping[str, tuple[Target, str]], outcomes: Mapping[str, Outcome], *, failed: str
) -> dict[str, Outcome]:
    """Brings canaries that have changed back to what they ran before."""
    returned = {}
    for name, outcome in outcomes.items():
        if outcome.changed:
            back = await _attempt(plan, wanted[name][0], outcome.before)
            reason = f"brought back, since the canary {failed} failed"
            if back.failure:
                reason = f"runs the new configuration and could not be brought back: {back.failure}"
            returned[name] = Outcome(changed=bool(back.failure), failure=reason)
    return returned


async def _side_by_side(
    plan: Plan, names: Sequence[str], work: Callable[[str], Awaitable[_Answer]]
) -> dict[str, _Answer]:
    room = asyncio.Semaphore(plan.concurrency)

    async def one(name: str) -> _Answer:
        async with room:
            return await work(name)

    return dict(zip(names, await asyncio.gather(*(one(name) for name in names)), strict=True))


async def _attempt(plan: Plan, target: Target, text: str) -> Outcome:
    try:
        return await _change(plan, target, text)
    except GigasiteError as error:
        return Outcome(failure=_reason(error))


async def _compare(plan: Plan, target: Target, text: str) -> tuple[str, ...]:
    async with connection(target, plan.login, patience_s=plan.patience_s) as switch:
        staged = await switch.stage(text)
        await switch.discard(staged)
        return staged.diff


async def _change(plan: Plan, target: Target, text: str) -> Outcome:
    """Stages, applies, proves over a new connection, confirms. Raises GigasiteError where that did not come to pass."""
    async with connection(target, plan.login, patience_s=plan.patience_s) as switch:
        staged = await switch.stage(text)
        if not staged.diff:
            await switch.discard(staged)
            return Outcome()
        before = await switch.fetch()
        begun = time.monotonic()
        with suppress(Unreachable):  # the change may have cut this connection: a new one tells
            await switch.apply(staged, plan.confirm_s)
    deadline = begun + plan.confirm_s
    try:
        async with connection(target, plan.login, patience_s=max(0.0, deadline - time.monotonic())) as switch:
            if time.monotonic() >= deadline:
                raise Unreachable("not before the change was taken back", target.name)
            await _keep(switch, staged, target, text)
    except Unreachable as error:
        raise await _after_silence(plan, target, before, deadline, error) from error
    return Outcome(changed=True, before=before)


async def _keep(switch: Switch, staged: Staged, target: Target, text: str) -> None:
    missing = await switch.missing(staged, text)
    if missing:
        await switch.rollback(staged)
        raise Refused(
            f"the change was taken back, since {len(missing)} of its lines did not take; the first: {told(missing[0])}",
            target.name,
            "write these lines as the switch itself prints them",
        )
    await switch.confirm(staged)


async def _after_silence(plan: Plan, target: Target, before: str, deadline: float, error: Unreachable) -> SwitchError:
    """What to tell about a switch that fell silent after a change: whether it came back by itself."""
    await asyncio.sleep(max(0.0, deadline - time.monotonic()))
    try:
        async with connection(target, plan.login, patience_s=_GRACE_S) as switch:
            staged = await switch.stage(before)
            await switch.discard(staged)
    except Unreachable:
        return SwitchError(
            f"does not answer since the change, and not after the {plan.confirm_s} s in which it takes it back",
            target.name,
            "look at its console",
        )
    if staged.diff:
        return SwitchError(
            f"fell silent after the change, and does not run what it ran before: {error.message}", target.name
        )
    return SwitchError(
        f"could not be reached after the change and took it back by itself after {plan.confirm_s} s", target.name
    )


def _reason(error: GigasiteError) -> str:
    """The message without the switch's name, which stands before it wherever it is told."""
    hint = f" (hint: {error.hint})" if error.hint else ""
    return f"{error.message}{hint}"
