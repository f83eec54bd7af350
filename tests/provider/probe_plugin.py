"""The plugin with one more resource kind, whose create does what its inputs ask for."""

from __future__ import annotations

import sys
import time
from typing import Any

from gigasite.errors import GigasiteError
from gigasite.provider.handler import Created, Diff, DiffKind, Handler, PartialFailure, Props, resource
from gigasite.provider.plugin import main


@resource("gigasite:test:Probe")
class Probe(Handler):
    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        changed = [name for name in {*old_inputs, *new_inputs} if old_inputs.get(name) != new_inputs.get(name)]
        return Diff(dict.fromkeys(changed, DiffKind.UPDATE))

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        time.sleep(inputs.get("seconds", 0))
        token = inputs.get("token", "")
        match inputs.get("fail"):
            case "partial":
                raise PartialFailure("probe", {"token": token, "half": True}, (f"no answer to {token}",))
            case "refuse":
                raise GigasiteError(f"the token {token} is refused", path="probe", hint="ask for another")
            case "fault":
                raise KeyError(token)
        return Created("probe", {**inputs, "length": len(token)})

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        return Created(id, outputs) if id == "probe" else None

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        **_: Any,
    ) -> Props:
        return {**new_inputs, "was": old_inputs.get("token")}

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        pass


sys.exit(main())
