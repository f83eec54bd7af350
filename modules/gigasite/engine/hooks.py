"""Hooks: functions of the program around creations, updates and deletions, and those that hear of errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.proto.callback_pb2 import Callback

from gigasite.engine.callbacks import Call
from gigasite.engine.durations import duration_text
from gigasite.engine.goal import HOOK_TYPES
from gigasite.engine.state import ResourceState
from gigasite.engine.steps import Stopped
from gigasite.engine.values import to_struct
from gigasite.errors import GigasiteError

_T = TypeVar("_T")

_RETRY_COUNT: Final = 100  # as often as the CLI tries


@dataclass(frozen=True, slots=True)
class Hook:
    """A registered hook."""

    name: str
    callback: Callback
    on_preview: bool = False
    ignores_errors: bool = False


class Hooks:
    """The hooks that a program has registered; safe to call from several threads."""

    def __init__(self, call: Call, say: Callable[[str, str, str], None], *, preview: bool) -> None:
        self._call = call
        self._say = say
        self._preview = preview
        self._hooks: dict[str, Hook] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def add(self, hook: Hook) -> None:
        """Registers a hook. Raises GigasiteError where its name is taken."""
        with self._lock:
            if not hook.name or hook.name in self._hooks:
                raise GigasiteError(
                    f"two hooks are called {hook.name!r}", hint="names of hooks are unique in a program"
                )
            self._hooks[hook.name] = hook

    def run(self, kind: str, new: ResourceState | None, old: ResourceState | None, *, outputs: bool = False) -> None:
        """Runs a resource's hooks of a kind (`BeforeCreate`). Raises GigasiteError where one fails.

        `outputs`: what the new state has of them is known.
        """
        of = new or old
        if of is None:
            return
        for name in of.hooks.get(kind, ()):
            hook = self._hook(name, of)
            if self._preview and not hook.on_preview:
                continue
            request = resource_pb2.ResourceHookRequest(
                urn=of.urn, id=of.id, name=of.name, type=of.type, **_sides(new, old)
            )
            if new is not None and outputs:
                request.new_outputs.CopyFrom(to_struct(new.outputs))
            if old is not None:
                request.old_outputs.CopyFrom(to_struct(old.outputs))
            answer = resource_pb2.ResourceHookResponse.FromString(
                self._call(hook.callback, request, f"the hook {name}")
            )
            if answer.error and hook.ignores_errors:
                self._say("warning", f"the {kind} hook {name} failed: {answer.error}", of.urn)
            elif answer.error:
                raise GigasiteError(f"the {kind} hook {name} failed: {answer.error}")

    def retried(
        self, operation: str, new: ResourceState | None, old: ResourceState | None, work: Callable[[], _T]
    ) -> _T:
        """Does `work`, again as long as a hook on errors says so. Raises what `work` raised last."""
        of = new or old
        names = of.hooks.get("OnError", ()) if of is not None else ()
        if of is None or not names:
            return work()
        failures: list[str] = []
        while True:
            try:
                return work()
            except Stopped:
                raise
            except Exception as error:
                failures.insert(0, str(error))
                if len(failures) >= _RETRY_COUNT:
                    self._say("warning", f"tried {_RETRY_COUNT} times, as often as a hook may ask", of.urn)
                    raise
                if not self._wants_retry(operation, new, old, names, failures):
                    raise
                self._say("warning", f"retrying {operation} as a hook asks ({len(failures)}/{_RETRY_COUNT})", of.urn)

    def _wants_retry(
        self,
        operation: str,
        new: ResourceState | None,
        old: ResourceState | None,
        names: tuple[str, ...],
        failures: list[str],
    ) -> bool:
        of = new or old
        assert of is not None
        request = resource_pb2.ErrorHookRequest(
            urn=of.urn,
            id=of.id,
            name=of.name,
            type=of.type,
            failed_operation=operation,
            errors=failures,
            **_sides(new, old),
        )
        if old is not None:
            request.old_outputs.CopyFrom(to_struct(old.outputs))
        retry = False
        for name in names:
            hook = self._hook(name, of)
            answer = resource_pb2.ErrorHookResponse.FromString(self._call(hook.callback, request, f"the hook {name}"))
            if answer.error:
                raise GigasiteError(f"the hook on errors {name} failed: {answer.error}")
            retry = retry or answer.retry
        return retry

    def _hook(self, name: str, of: ResourceState) -> Hook:
        with self._lock:
            hook = self._hooks.get(name)
        if hook is None:
            raise GigasiteError(
                f"the hook {name} of {of.name} is not registered",
                hint="only a run of the program registers hooks: take the resource out of it and bring that up",
            )
        return hook


def _sides(new: ResourceState | None, old: ResourceState | None) -> Mapping[str, Any]:
    """The inputs and options on both sides of a step."""
    sides: dict[str, Any] = {}
    for side, state in (("new", new), ("old", old)):
        if state is not None:
            sides[f"{side}_inputs"] = to_struct(state.inputs)
            sides[f"{side}_options"] = _options(state)
    return sides


def _options(state: ResourceState) -> resource_pb2.ResourceOptions:
    """A resource's options as hooks see them."""
    options = resource_pb2.ResourceOptions(
        depends_on=state.dependencies,
        ignore_changes=state.ignore_changes,
        replace_on_changes=state.replace_on_changes,
        provider=state.provider,
        deleted_with=state.deleted_with,
        hide_diff=state.hide_diff,
        replace_with=state.replace_with,
        additional_secret_outputs=state.additional_secret_outputs,
        protect=state.protect,
        retain_on_delete=state.retain_on_delete,
        parent=state.parent,
    )
    setattr(options, "import", state.import_id)
    for name, seconds in state.custom_timeouts_s.items():
        setattr(options.custom_timeouts, name, duration_text(seconds))
    for field_name, kind in HOOK_TYPES.items():
        getattr(options.hooks, field_name).extend(state.hooks.get(kind, ()))
    return options
