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


def site_keys_markdown() -> str:
    """Every key of a site file as a Markdown table: path, what it may hold, what it means."""
    schema = site_json_schema()
    rows = [f"| `{path}` | {kind} | {said} |" for path, kind, said in _rows(schema, schema, "")]
    return "\n".join(("| key | value | meaning |", "|---|---|---|", *rows)) + "\n"


def _rows(section: dict[str, Any], schema: dict[str, Any], above: str) -> Iterator[tuple[str, str, str]]:
    for key, value in section["properties"].items():
        path = f"{above}{key}"
        inner, suffix = _section_in(value, schema)
        if inner is not None:
            yield f"{path}{suffix}", "", str(inner.get("description", ""))
            yield from _rows(inner, schema, f"{path}{suffix}.")
        else:
            unit = unit_of_key(key)
            said = str(value.get("description", "")).partition(" Also as text")[0].partition("Also as text")[0]
            kind = _kind(value, schema)
            accepted = f", or with {' '.join(u for u in units_of(unit) if u)}" if unit and "number" in kind else ""
            yield path, f"{kind}{accepted}", said


def _section_in(value: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The section that a key holds, and how its parts are called: by nothing, a number, or a name."""
    for option in (value, *value.get("anyOf", ())):
        for inner, suffix in (
            (option, ""),
            (option.get("items"), "[]"),
            (option.get("additionalProperties"), ".NAME"),
            (next(iter(option.get("patternProperties", {}).values()), None), ".NAME"),
        ):
            found = _resolved(inner, schema)
            if found is not None and "properties" in found:
                return found, suffix
    return None, ""


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(node, dict):
        return None
    name = str(node.get("$ref", "")).rpartition("/")[2]
    found = schema["$defs"][name] if name else node
    return found if isinstance(found, dict) else None


def _kind(value: dict[str, Any], schema: dict[str, Any]) -> str:
    """What a value may be, in a word or two."""
    node = _resolved(value, schema) or {}
    if "enum" in node or "const" in node:
        return ", ".join(f"`{item}`" for item in node.get("enum", [node.get("const")]))
    if "anyOf" in node:
        kinds = [_kind(option, schema) for option in node["anyOf"] if option.get("type") != "null"]
        plain = [kind for kind in kinds if kind != "text"] or kinds
        return " or ".join(dict.fromkeys(plain))
    if node.get("type") == "array":
        items: dict[str, Any] = node.get("items") or next(iter(node.get("prefixItems", ())), {})
        return f"list of {_kind(items, schema).replace('number', 'numbers')}"
    if node.get("type") == "object":
        inner: dict[str, Any] = node.get("additionalProperties") or next(
            iter(node.get("patternProperties", {}).values()), {}
        )
        return f"map to {_kind(inner, schema).replace('number', 'numbers')}"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return words.get(str(node.get("type")), "")
