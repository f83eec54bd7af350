"""One SwitchConfig through its life, as an engine drives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gigasite.provider.handler import DiffKind, PartialFailure
from gigasite.provider.resources import store_contents
from gigasite.provider.switchconfig import SwitchConfigHandler

URN = "urn:pulumi:llano::sites::gigasite:network:SwitchConfig::leaves"
HANDLER = SwitchConfigHandler()


class Life:
    """Keeps inputs and outputs from step to step; `options` are the inputs beside `devices`."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.inputs: dict[str, Any] = {}
        self.outputs: Mapping[str, Any] = {}

    def wanted(self, switches: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        hashes = store_contents({name: switch["text"] for name, switch in switches.items()})
        places = {name: {key: of for key, of in switch.items() if key != "text"} for name, switch in switches.items()}
        checked = HANDLER.check(
            URN,
            None,
            {"devices": {name: {**place, "sha256": hashes[name]} for name, place in places.items()}, **self.options},
        )
        assert not checked.failures, checked.failures
        return dict(checked.inputs)

    def apply(self, switches: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        """Creates or updates, and returns the reasons of a partial failure."""
        inputs = self.wanted(switches)
        try:
            if self.inputs:
                self.outputs = HANDLER.update(URN, "leaves", self.inputs, self.outputs, inputs, preview=False)
            else:
                self.outputs = HANDLER.create(URN, inputs, preview=False).outputs
        except PartialFailure as failure:
            self.outputs = failure.outputs
            self.inputs = self.inputs or inputs  # engines keep the old inputs of an update that came half way
            return failure.reasons
        self.inputs = inputs
        return ()

    def diff(self, switches: Mapping[str, Mapping[str, Any]]) -> Mapping[str, DiffKind]:
        return HANDLER.diff(URN, "leaves", self.inputs, self.outputs, self.wanted(switches)).details

    def refresh(self) -> None:
        seen = HANDLER.read(URN, "leaves", self.inputs, self.outputs)
        assert seen is not None
        self.outputs = seen.outputs

    def delete(self) -> None:
        HANDLER.delete(URN, "leaves", self.inputs, self.outputs)
