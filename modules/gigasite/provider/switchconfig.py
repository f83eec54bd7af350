"""`gigasite:network:SwitchConfig`: the configurations of a group of switches, as files or on the switches.

The state holds SHA-256 of the texts, which lie beside it as those of trees do. `arrived` says which text each switch
has; whatever it lacks is brought by the next update.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import BlobStore
from gigasite.provider.handler import (
    UNKNOWN,
    Checked,
    Created,
    Diff,
    DiffKind,
    Handler,
    PartialFailure,
    Props,
    resource,
)
from gigasite.provider.location import blob_folder, project_root
from gigasite.provider.switches.masking import masked
from gigasite.provider.switches.model import Target
from gigasite.provider.switches.rollout import Seen, compare, roll_out
from gigasite.provider.switches.validators import faults
from gigasite.provider.switchinputs import (
    FILES,
    PASSWORD_SCHEMA,
    PROPERTIES,
    PUSH,
    check,
    file_name,
    plan_of,
    target_of,
)
from gigasite.provider.treefolder import TreeFolder

SWITCH_CONFIG_KIND = "gigasite:network:SwitchConfig"
_NAMED_LIMIT = 5


@resource(SWITCH_CONFIG_KIND)
class SwitchConfigHandler(Handler):
    """The identity is the resource's name: neither folder nor switches make it another one."""

    schema: ClassVar[Mapping[str, Any]] = {
        "description": "The configurations of a group of switches, written to files or pushed to the switches.",
        "inputProperties": {**PROPERTIES, "password": PASSWORD_SCHEMA},
        "requiredInputs": ["devices"],
        "properties": {
            **PROPERTIES,
            "arrived": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "SHA-256 of the text that each switch, or its file, has.",
            },
            "remarks": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What the last refresh found: switches that differ, or did not answer.",
            },
        },
        "required": ["devices", "apply", "arrived", "remarks"],
    }

    def check(self, urn: str, old_inputs: Props | None, new_inputs: Props) -> Checked:
        """Refuses inputs that could not be carried out."""
        return check(new_inputs)

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        """Compares with what has arrived, so that what failed, and what a refresh saw changed, comes again."""
        names = sorted({*old_inputs, *new_inputs} - {"devices"})
        details = {
            name: _kind(name in old_inputs, name in new_inputs)
            for name in names
            if old_inputs.get(name) != new_inputs.get(name)
        }
        return Diff({**details, **_device_changes(old_inputs, old_outputs, new_inputs)})

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        """Writes or pushes. What is there already is left as it is."""
        name = urn.rpartition("::")[2]
        return Created(name, _bring(name, {}, {}, inputs, preview=preview))

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        """What files hold, or how switches differ. A switch that does not answer keeps what the state says."""
        if not inputs:
            return None
        last = _last(inputs, outputs)
        if last.get("apply") == PUSH:
            return Created(id, _seen_on_switches(id, last, outputs))
        tree = TreeFolder(project_root(), last["folder"])
        return Created(id, _outputs(last, _arrived_files(tree, _devices(last)), {}))

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
        """Writes or pushes what has not arrived; files of switches that left go, their configuration stays."""
        return _bring(id, old_inputs, old_outputs, new_inputs, preview=preview)

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        """Removes files. A switch keeps its configuration: wiping one is nobody's wish."""
        last = _last(inputs, outputs)
        if last.get("apply") == FILES:
            _remove_files(last, _paths(_devices(last)))


def _bring(name: str, old_inputs: Props, old_outputs: Props, inputs: Props, *, preview: bool) -> dict[str, Any]:
    if _has_unknown(inputs):
        return {**_outputs(inputs, {}, {}), "arrived": UNKNOWN, "remarks": UNKNOWN}
    devices, last = _devices(inputs), _last(old_inputs, old_outputs)
    old = _standing(last, old_outputs, inputs)
    wanted = {device: of["sha256"] for device, of in devices.items() if old.get(device) != of["sha256"]}
    texts = _texts(name, {device: devices[device] for device in wanted})
    if preview:
        return _outputs(inputs, {device: of["sha256"] for device, of in devices.items()}, {})
    if inputs["apply"] == FILES:
        return _write(name, last, inputs)
    if last.get("apply") == FILES:
        _remove_files(last, _paths(_devices(last)))
    return _push(name, old, inputs, texts)


def _push(name: str, old: Mapping[str, str], inputs: Props, texts: Mapping[str, str]) -> dict[str, Any]:
    devices = _devices(inputs)
    outcomes = roll_out(
        plan_of(inputs), {device: (target_of(device, devices[device]), texts[device]) for device in texts}
    )
    arrived = {device: sha for device, sha in old.items() if device in devices and device not in outcomes}
    arrived |= {device: devices[device]["sha256"] for device, outcome in outcomes.items() if not outcome.failure}
    failed = {device: outcome.failure for device, outcome in sorted(outcomes.items()) if outcome.failure}
    if not failed:
        return _outputs(inputs, arrived, {})
    reasons = tuple(f"{device}: {reason}" for device, reason in failed.items())
    raise PartialFailure(name, _outputs(inputs, arrived, {}), reasons)


def _write(name: str, old_inputs: Props, inputs: Props) -> dict[str, Any]:
    tree, devices = TreeFolder(project_root(), inputs["folder"]), _devices(inputs)
    paths = _paths(devices)
    files = {path: devices[device]["sha256"] for device, path in paths.items()}
    try:
        if old_inputs.get("apply") == FILES:
            same_folder = old_inputs["folder"] == inputs["folder"]
            kept = set(paths.values()) if same_folder else set()
            old_paths = _paths(_devices(old_inputs))
            _remove_files(old_inputs, {device: path for device, path in old_paths.items() if path not in kept})
        seen = tree.hashes(files)
        tree.make()
        tree.write({path: sha for path, sha in files.items() if seen.get(path) != sha}, BlobStore(_blobs()))
    except (OSError, GigasiteError) as error:
        raise PartialFailure(name, _outputs(inputs, _arrived_files(tree, devices), {}), (_reason(error),)) from error
    return _outputs(inputs, {device: of["sha256"] for device, of in devices.items()}, {})


def _seen_on_switches(name: str, inputs: Props, outputs: Props) -> dict[str, Any]:
    devices = _devices(inputs)
    texts = _texts(name, devices)
    seen = compare(plan_of(inputs), {device: (target_of(device, devices[device]), texts[device]) for device in devices})
    if seen and all(of.failure for of in seen.values()):
        reasons = "; ".join(f"{device}: {of.failure}" for device, of in sorted(seen.items()))
        raise GigasiteError(f"no switch could be compared: {reasons}", name)
    arrived = dict(outputs.get("arrived") or {})
    for device, of in seen.items():
        if of.differences:
            arrived.pop(device, None)
        elif not of.failure:
            arrived[device] = devices[device]["sha256"]
    remarks = {device: _remark(of) for device, of in sorted(seen.items()) if of.failure or of.differences}
    return _outputs(inputs, arrived, remarks)


def _remark(seen: Seen) -> str:
    """The differences themselves are stored as contents are, without secrets, and never in the state."""
    if seen.failure:
        return f"not compared: {seen.failure}"
    text = masked("".join(f"{line}\n" for line in seen.differences))
    count = len(seen.differences)
    sha = BlobStore(_blobs()).put(text.encode())
    return f"{count} line{'s differ' if count > 1 else ' differs'}: stored content {sha}"


def _device_changes(old_inputs: Props, old_outputs: Props, new_inputs: Props) -> dict[str, DiffKind]:
    devices = new_inputs.get("devices")
    if not isinstance(devices, Mapping):
        return {"devices": DiffKind.UPDATE}
    before, standing = _devices(old_inputs), _standing(_last(old_inputs, old_outputs), old_outputs, new_inputs)
    changes = {f'devices["{name}"]': DiffKind.DELETE for name in before if name not in devices}
    for name, device in devices.items():
        if name not in before:
            changes[f'devices["{name}"]'] = DiffKind.ADD
        elif device is UNKNOWN or device != before[name] or standing.get(name) != device["sha256"]:
            changes[f'devices["{name}"]'] = DiffKind.UPDATE
    return dict(sorted(changes.items()))


def _last(inputs: Props, outputs: Props) -> Props:
    """What was carried out last: after an update that came half way, the state has the inputs of the one before."""
    if "devices" not in outputs:
        return inputs
    secret = {"password": inputs["password"]} if "password" in inputs else {}
    return {**{name: value for name, value in outputs.items() if name in PROPERTIES}, **secret}


def _standing(old_inputs: Props, old_outputs: Props, new_inputs: Props) -> dict[str, str]:
    """What has arrived and still counts: at the same place, in the same way."""
    if old_inputs.get("apply") != new_inputs.get("apply") or old_inputs.get("folder") != new_inputs.get("folder"):
        return {}
    before, devices = _devices(old_inputs), _devices(new_inputs)
    return {
        name: sha
        for name, sha in (old_outputs.get("arrived") or {}).items()
        if name in before and _place(name, before[name]) == _place(name, devices.get(name))
    }


def _place(name: str, device: object) -> Target | None:
    return target_of(name, device) if isinstance(device, Mapping) else None


def _outputs(inputs: Props, arrived: Mapping[str, str], remarks: Mapping[str, str]) -> dict[str, Any]:
    shown = {name: value for name, value in inputs.items() if name in PROPERTIES}
    return {**shown, "arrived": dict(sorted(arrived.items())), "remarks": dict(remarks)}


def _devices(inputs: Props) -> dict[str, Any]:
    devices = inputs.get("devices")
    return dict(devices) if isinstance(devices, Mapping) else {}


def _paths(devices: Mapping[str, Any]) -> dict[str, str]:
    return {name: file_name(name, device["os"]) for name, device in devices.items()}


def _arrived_files(tree: TreeFolder, devices: Mapping[str, Any]) -> dict[str, str]:
    paths = _paths(devices)
    seen = tree.hashes(paths.values())
    return {name: seen[path] for name, path in paths.items() if path in seen}


def _remove_files(inputs: Props, paths: Mapping[str, str]) -> None:
    tree = TreeFolder(project_root(), inputs["folder"])
    try:
        tree.remove(paths.values())
        tree.remove_if_empty()
    except OSError as error:
        raise GigasiteError(_reason(error), inputs["folder"], "make the folder writable and run again") from error


def _texts(name: str, devices: Mapping[str, Any]) -> dict[str, str]:
    """The stored texts. Raises GigasiteError for those that are missing, and for those that no switch should get."""
    store = BlobStore(_blobs())
    contents = {device: store.get(of["sha256"]) for device, of in devices.items()}
    missing = [f"{device} ({devices[device]['sha256']:.12}…)" for device, text in contents.items() if text is None]
    if missing:
        raise GigasiteError(
            f"no stored configuration for {_some(missing)}",
            name,
            f"the program stores texts before it registers them; looked in {_blobs()}",
        )
    texts, wrong = {}, []
    for device, content in contents.items():
        try:
            texts[device] = (content or b"").decode()
        except UnicodeDecodeError:
            wrong.append(f"{device} is no text")
            continue
        wrong.extend(f"{device} {fault}" for fault in faults(devices[device]["os"], texts[device]))
    if wrong:
        raise GigasiteError(f"refused before anything was pushed: {_some(wrong)}", name)
    return texts


def _some(items: list[str]) -> str:
    more = f" and {len(items) - _NAMED_LIMIT} more" if len(items) > _NAMED_LIMIT else ""
    return f"{'; '.join(sorted(items)[:_NAMED_LIMIT])}{more}"


def _has_unknown(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_unknown(item) for item in value)
    return value is UNKNOWN


def _kind(was: bool, will_be: bool) -> DiffKind:
    return DiffKind.UPDATE if was and will_be else DiffKind.ADD if will_be else DiffKind.DELETE


def _blobs() -> Any:
    return blob_folder(project_root())


def _reason(error: OSError | GigasiteError) -> str:
    """What went wrong, with paths relative to the project: it may end in the state, which clones share."""
    text = str(error)
    if isinstance(error, OSError):
        text = f"{error.filename or 'the folder'}: {error.strerror or error}"
    return text.replace(f"{project_root()}{os.sep}", "")
