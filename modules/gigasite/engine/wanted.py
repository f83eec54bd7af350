"""The state that a program asks for, and what its provider says to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gigasite.engine.deletes import make_step
from gigasite.engine.goal import Goal
from gigasite.engine.ignoring import with_replacements
from gigasite.engine.model import Op
from gigasite.engine.providers import property_diffs as input_diffs
from gigasite.engine.state import ResourceState
from gigasite.engine.steps import StepFailed, error_text
from gigasite.engine.values import carry_secrets, contains_unknown, plain, same
from gigasite.provider.handler import Diff, DiffKind, Handler


def wanted_inputs(goal: Goal) -> Mapping[str, Any]:
    """What the program gives a resource; a provider also says which version of it is meant."""
    if goal.is_provider and goal.version:
        return {**goal.inputs, "version": goal.version, "__internal": {}}
    return goal.inputs


def wanted_state(urn: str, goal: Goal, provider: str) -> ResourceState:
    """The resource as the program wants it, its inputs not yet checked."""
    return ResourceState(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=wanted_inputs(goal),
        parent=goal.parent,
        protect=bool(goal.protect),
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        provider=provider,
        additional_secret_outputs=goal.additional_secret_outputs,
        retain_on_delete=bool(goal.retain_on_delete),
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        import_id=goal.import_id,
        custom_timeouts_s=goal.custom_timeouts_s,
        ignore_changes=goal.ignore_changes,
        hide_diff=goal.hide_diff,
        replace_on_changes=goal.replace_on_changes,
        replacement_trigger=goal.replacement_trigger,
        hooks=goal.hooks,
    )


def checked(state: ResourceState, handler: Handler | None, old: ResourceState | None) -> ResourceState:
    """`state` with the inputs as the provider wants them. Raises StepFailed for those that it refuses."""
    if handler is None:
        return state
    known = None if old is None or old.external else plain(old.inputs)
    try:
        answer = handler.check(state.urn, known, plain(state.inputs))
    except Exception as error:
        raise StepFailed(state.urn, error_text(error, state), make_step(Op.CREATE, state)) from error
    if answer.failures:
        reasons = "; ".join(f"{f.property}: {f.reason}" if f.property else f.reason for f in answer.failures)
        raise StepFailed(state.urn, reasons, make_step(Op.CREATE, state))
    return replace(state, inputs=carry_secrets(answer.inputs, state.inputs))


def difference(
    state: ResourceState, old: ResourceState, handler: Handler | None, is_replaced: Callable[[str], bool]
) -> Diff:
    """What changes from `old` to `state`; `is_replaced` says whether this run replaces a URN."""
    forced = _forced(state, old, is_replaced)
    if forced:
        return Diff({forced: DiffKind.UPDATE_REPLACE})
    if handler is None:
        return Diff(input_diffs(old.inputs, state.inputs))
    try:
        diff = handler.diff(state.urn, old.id, plain(old.inputs), plain(old.outputs), plain(state.inputs))
    except Exception as error:
        raise StepFailed(state.urn, error_text(error, state), make_step(Op.UPDATE, state, old)) from error
    return with_replacements(diff, state.replace_on_changes, half_done=bool(old.init_errors))


def _forced(state: ResourceState, old: ResourceState, is_replaced: Callable[[str], bool]) -> str:
    """What replaces a resource whatever its provider says, "" for nothing."""
    if _triggered(state.replacement_trigger, old.replacement_trigger):
        return "replacementTrigger"
    if any(map(is_replaced, state.replace_with)):
        return "replaceWith"
    if state.deleted_with and is_replaced(state.deleted_with):
        return "deletedWith"
    return "provider" if old.custom != state.custom else ""


def _triggered(new: Any, old: Any) -> bool:
    """Whether a trigger fires: it is not known yet, or it was set before and is another now."""
    if contains_unknown(new) or contains_unknown(old):
        return True
    new, old = plain(new), plain(old)
    return new is not None and old is not None and not same(new, old)
