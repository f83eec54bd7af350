"""A world outside of the engine: resources that handlers really make, with a record of every call.

The world is a folder, so that processes that are killed leave it as it was. One file is one resource;
creating what exists already finds it, as handlers promise.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from gigasite.errors import GigasiteError
from gigasite.provider.calls import current_call
from gigasite.provider.functions import function
from gigasite.provider.handler import (
    UNKNOWN,
    Checked,
    Created,
    Diff,
    DiffKind,
    Failure,
    Handler,
    PartialFailure,
    Props,
    resource,
)

WORLD_VARIABLE = "GIGASITE_TEST_WORLD"


class World:
    """What exists, and every call in order (in this process)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.hooks: dict[tuple[str, str], Callable[[], object]] = {}
        self.timeouts_s: dict[str, float | None] = {}  # what the last call of a kind was allowed
        self.running_count = 0
        self.most_running_count = 0
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        return Path(os.environ[WORLD_VARIABLE])

    def reset(self) -> None:
        self.calls.clear()
        self.hooks.clear()
        self.timeouts_s.clear()
        self.running_count = self.most_running_count = 0

    def call(self, kind: str, urn: str) -> None:
        name = urn.rpartition("::")[2]
        with self._lock:
            self.calls.append((kind, name))
            self.running_count += 1
            self.most_running_count = max(self.most_running_count, self.running_count)
        try:
            hook = self.hooks.get((kind, name))
            if hook is not None:
                hook()
        finally:
            with self._lock:
                self.running_count -= 1

    def write(self, urn: str, inputs: Mapping[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{urn.rpartition('::')[2]}.json"
        file.write_text(json.dumps(inputs, sort_keys=True), encoding="utf-8")

    def read(self, id: str) -> dict[str, Any]:  # noqa: A002
        """The inputs of what exists already under an id; nothing where no test has put it there."""
        file = self.folder / f"{id}.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}

    def found(self, urn: str) -> dict[str, Any] | None:
        file = self.folder / f"{urn.rpartition('::')[2]}.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    def forget(self, urn: str) -> None:
        (self.folder / f"{urn.rpartition('::')[2]}.json").unlink(missing_ok=True)

    def names(self) -> set[str]:
        return {file.stem for file in self.folder.glob("*.json")} if self.folder.exists() else set()

    def of(self, kind: str) -> list[str]:
        return [name for called, name in self.calls if called == kind]


WORLD = World()


class _Base(Handler):
    replacing_keys: ClassVar[tuple[str, ...]] = ("kind",)
    deletes_first: ClassVar[bool] = False
    schema: ClassVar[Mapping[str, Any]] = {"inputProperties": {"size": {}, "kind": {}}}

    def check(self, urn: str, old_inputs: Props | None, new_inputs: Props) -> Checked:
        if "bad" in new_inputs:
            return Checked(new_inputs, (Failure("bad", "is not wanted here"),))
        return Checked({"size": 1, **new_inputs})

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        details: dict[str, DiffKind] = {}
        for key in sorted(old_inputs.keys() | new_inputs.keys()):
            if old_inputs.get(key) == new_inputs.get(key):
                continue
            replaced = key in self.replacing_keys
            details[key] = DiffKind.UPDATE_REPLACE if replaced else DiffKind.UPDATE
        return Diff(details, self.deletes_first)

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        if preview:
            return Created("", {**inputs, "address": UNKNOWN})
        WORLD.call("create", urn)
        WORLD.timeouts_s["create"] = current_call().timeout_s
        if inputs.get("slow_s"):
            time.sleep(inputs["slow_s"])
        if inputs.get("fail"):
            raise GigasiteError(f"no room for {inputs['fail']}")
        WORLD.write(urn, inputs)
        outputs = {**inputs, "address": f"at-{urn.rpartition('::')[2]}-{inputs.get('kind', '')}"}
        if inputs.get("half"):
            raise PartialFailure("id-half", outputs, ("the second half is missing",))
        return Created(f"id-{urn.rpartition('::')[2]}", outputs)

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        WORLD.call("read", urn)
        return None if id == "nowhere" else Created(id, {**WORLD.read(id), "address": f"read-{id}"})

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        if preview:
            return {**new_inputs, "address": old_outputs.get("address")}
        WORLD.call("update", urn)
        if new_inputs.get("fail"):
            raise GigasiteError(f"no room for {new_inputs['fail']}")
        WORLD.write(urn, new_inputs)
        outputs = {**new_inputs, "address": old_outputs.get("address")}
        if new_inputs.get("half_update"):
            raise PartialFailure(id, outputs, ("the other half is missing",))
        return outputs

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        WORLD.call("delete", urn)
        if inputs.get("stays"):
            raise GigasiteError("it will not go")
        WORLD.forget(urn)


@resource("gigasite:test:Counter")
class CounterHandler(_Base):
    """Replaced when `kind` changes, the new one first."""


@resource("gigasite:test:Unique")
class UniqueHandler(_Base):
    """Replaced when `kind` changes, the old one first."""

    deletes_first = True


@resource("gigasite:test:Follower")
class FollowerHandler(_Base):
    """Replaced when what it follows changes."""

    replacing_keys = ("follows",)


@function("gigasite:test:sum", {"inputs": {"properties": {"numbers": {"type": "array"}}}})
def add_up(args: Props) -> Props:
    """The sum of numbers."""
    if not args["numbers"]:
        raise GigasiteError("there is nothing to add")
    return {"sum": sum(args["numbers"]), "of": args["numbers"]}


@resource("gigasite:test:Thing")
class ThingHandler(_Base):
    """What it is stands in its file, so that it can drift: whatever edits the file is somebody else."""

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        if not preview:
            WORLD.call("create", urn)
            WORLD.write(urn, inputs)
        return Created(f"id-{urn.rpartition('::')[2]}", inputs)

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        return super().diff(urn, id, {**old_inputs, **old_outputs}, old_outputs, new_inputs)

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        WORLD.call("read", urn)
        seen = WORLD.found(urn)
        return None if seen is None else Created(id, seen)

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        if not preview:
            WORLD.call("update", urn)
            WORLD.write(urn, new_inputs)
        return new_inputs
