"""Deletions at the end of a run: dependents before what they depend on, independent ones side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from gigasite.engine.ledger import Row
from gigasite.engine.model import Op, Step
from gigasite.engine.paths import update_diffs
from gigasite.engine.providers import handler_of
from gigasite.engine.state import ResourceState, row_references
from gigasite.engine.steps import StepFailed, StepRunner
from gigasite.engine.values import redact
from gigasite.errors import GigasiteError
from gigasite.provider.handler import Handler


def make_step(
    op: Op,
    state: ResourceState | None,
    old: ResourceState | None = None,
    details: Mapping[str, str] | None = None,
) -> Step:
    """A step as it is shown: inputs redacted, diffs with both sides."""
    of = state or old
    if of is None:
        raise ValueError("a step is about a resource")
    old_inputs = None if old is None else redact(old.inputs)
    seen = None if old is None else redact(old.outputs)
    new_inputs = None if state is None else redact(state.inputs)
    return Step(
        op=op,
        urn=of.urn,
        type=of.type,
        name=of.name,
        custom=of.custom,
        old=old_inputs,
        new=new_inputs,
        diffs=update_diffs(details or {}, old_inputs, seen, new_inputs, of.hide_diff),
        provider=of.provider,
        protect=of.protect,
    )


@dataclass(frozen=True, slots=True)
class Condemned:
    """A row of the state that is to go, and why (`op`)."""

    index: int
    row: Row
    op: Op


def condemned_rows(rows: list[Row], seen: set[str], handled: set[int], replaced: set[int]) -> list[Condemned]:
    """Rows that the run did not settle: replaced ones, and those that the program no longer has."""
    condemned = []
    for index, row in enumerate(rows):
        if index in handled:
            continue
        if row.get("delete") or index in replaced:
            op = Op.DISCARD_REPLACED if row.get("external") else Op.DELETE_REPLACED
            condemned.append(Condemned(index, row, op))
        elif row["urn"] not in seen:
            if row.get("pendingReplacement"):
                op = Op.REMOVE_PENDING_REPLACE
            else:
                op = Op.DISCARD if row.get("external") else Op.DELETE
            condemned.append(Condemned(index, row, op))
    return condemned


def delete_in_order(
    condemned: list[Condemned],
    runner: StepRunner,
    states: Callable[[Row], ResourceState],
    deleted_urns: Set[str] = frozenset(),
    *,
    parallel: int,
    go_on: Callable[[], None],
    failed: Callable[[StepFailed], object],
) -> None:
    """Deletes all of `condemned`, or nothing where one of them is protected or nobody can delete it.

    `deleted_urns` are deleted already, for what is deleted with them. `go_on` raises when no further step may
    start; running ones are waited for.
    """
    gone = deleted_urns | {item.row["urn"] for item in condemned}
    plans = [_plan(item, states(item.row), gone) for item in condemned]
    refusals = [plan for plan in plans if isinstance(plan, StepFailed)]
    for refusal in refusals:
        failed(refusal)
    if refusals:
        return
    waiting, unblocks = _order(condemned)
    ready = [at for at in reversed(range(len(condemned))) if not waiting[at]]
    running: dict[Future[None], int] = {}
    stopped: BaseException | None = None
    with ThreadPoolExecutor(max_workers=max(1, parallel), thread_name_prefix="delete") as pool:
        while running or (ready and stopped is None):
            try:
                while ready and stopped is None and len(running) < parallel:
                    go_on()
                    at = ready.pop(0)
                    step, handler = plans[at]  # type: ignore[misc]
                    running[pool.submit(runner.delete, step, condemned[at].index, handler)] = at
            except Exception as reason:  # whatever it is, running deletions finish first
                stopped = reason
            done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
            for future in done:
                at = running.pop(future)
                error = future.exception()
                if error is not None:
                    stopped = stopped or error
                    continue
                for other in unblocks[at]:
                    waiting[other] -= 1
                    if not waiting[other]:
                        ready.append(other)
    if isinstance(stopped, StepFailed):
        failed(stopped)
    elif stopped is not None:
        raise stopped


def _plan(item: Condemned, state: ResourceState, gone: Set[str]) -> tuple[Step, Handler | None] | StepFailed:
    """The step for a row and who carries it out; nobody, where only the state forgets it."""
    step = make_step(item.op, None, state)
    if state.protect and item.op is Op.DELETE:
        return StepFailed(
            state.urn,
            f"{state.name} is protected and would be deleted; take `protect` away and bring that up first",
            step,
        )
    forgotten = (
        not state.custom
        or item.op in (Op.DISCARD, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE)
        or state.retain_on_delete
        or state.deleted_with in gone
    )
    try:
        return step, None if forgotten else handler_of(state.type)
    except GigasiteError as error:
        return StepFailed(state.urn, str(error), step)


def _order(condemned: list[Condemned]) -> tuple[list[int], list[list[int]]]:
    """How many dependents each row waits for, and whom each row's deletion sets free."""
    at: dict[str, list[int]] = {}
    for position, item in enumerate(condemned):
        at.setdefault(item.row["urn"], []).append(position)
    waiting = [0] * len(condemned)
    unblocks: list[list[int]] = [[] for _ in condemned]
    for position, item in enumerate(condemned):
        needed = {other for urn in row_references(item.row) for other in at.get(urn, ()) if other < position}
        for other in needed:
            waiting[other] += 1
            unblocks[position].append(other)
    return waiting, unblocks
