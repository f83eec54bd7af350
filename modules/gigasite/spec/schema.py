"""The site file's JSON Schema, for editors: descriptions, units, and values written as `2 MW`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gigasite.spec.shape import unit_of_key
from gigasite.spec.site import SiteSpec
from gigasite.units import units_of

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NUMBERS: Final = ("number", "integer")


def site_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a site file as its author writes it; deterministic."""
    schema = SiteSpec.model_json_schema()
    for section in (schema, *schema.get("$defs", {}).values()):
        for key, value in section.get("properties", {}).items():
            value.pop("title", None)
            _allow_units(key, value)
    for node in _nodes(schema):
        if node.get("unit") == "name":
            del node["unit"]
    return {
        "$schema": DIALECT,
        **schema,
        "title": "Gigasite site file",
    }


def _allow_units(key: str, value: dict[str, Any]) -> None:
    """Lets every number of a key with a unit also be text with a unit, and says so."""
    suffix = unit_of_key(key)
    if suffix is None:
        return
    units = [unit for unit in units_of(suffix) if unit]
    pattern = rf"^\s*[-+]?[0-9][0-9_ ]*(\.[0-9]+)?([eE][-+]?[0-9]+)?\s*({'|'.join(units)})\s*$"
    text = {"type": "string", "pattern": pattern}
    changed = False
    for node in list(_nodes(value)):
        if node.get("type") in _NUMBERS:
            kept: dict[str, Any] = {name: node[name] for name in ("default", "description") if name in node}
            number = {name: item for name, item in node.items() if name not in kept}
            node.clear()
            node.update(kept, anyOf=[number, dict(text)])
            changed = True
    if changed:
        said = value.get("description", "")
        value["description"] = f"{said} Also as text with a unit: {', '.join(units)}.".strip()


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for item in list(node.values()):
            yield from _nodes(item)
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item)
