"""A state without what may differ between two runs of the same program."""

from __future__ import annotations

import re
from typing import Any

_VOLATILE = {"created", "modified", "sourcePosition", "stackTrace"}
_PROVIDER = "pulumi:providers:"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def normal_export(export: dict[str, Any]) -> dict[str, Any]:
    """An export without times, source positions, stack traces, ciphertexts and UUIDs, sorted by URN."""
    deployment = dict(export["deployment"])
    deployment.pop("manifest", None)
    secrets = deployment.get("secrets_providers")
    if secrets:
        deployment["secrets_providers"] = {**secrets, "state": sorted(secrets.get("state") or {})}
    rows = sorted((_row(row) for row in deployment.get("resources") or []), key=lambda row: str(row["urn"]))
    return {"version": export["version"], "deployment": {**deployment, "resources": rows}}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: _value(value) for key, value in row.items() if key not in _VOLATILE}
    if row["type"].startswith(_PROVIDER):
        kept["id"] = _UUID.sub("UUID", row["id"])
    if "provider" in kept:
        kept["provider"] = _UUID.sub("UUID", kept["provider"])
    for key in ("propertyDependencies",):
        kept[key] = {name: sorted(urns or []) for name, urns in (kept.get(key) or {}).items()}
    kept["dependencies"] = sorted(kept.get("dependencies") or [])
    return kept


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "CIPHERTEXT" if key == "ciphertext" else _value(item) for key, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value
