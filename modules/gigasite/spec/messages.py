"""Says what is wrong with a site file in plain words: what was expected, what stands there, what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from gigasite.errors import Finding, Place, Severity
from gigasite.spec.shape import Field, field_at, key_places, unit_of_key
from gigasite.spec.yamlmarks import Marked, Path_, dotted, shown
from gigasite.units import suffix_of, units_of

UNKNOWN_KEY: Final = "SPC101"
MISSING_KEY: Final = "SPC102"
WRONG_KIND: Final = "SPC103"
WRONG_VALUE: Final = "SPC104"

_LONGEST_COMPARED: Final = 64
_LONGEST_MESSAGE: Final = 300
_COMPARED_COUNT: Final = 300
_LISTED_COUNT: Final = 16
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}
_UNIT_NAMES: Final[Mapping[str, str]] = {
    "kw": "kW", "mw": "MW", "kv": "kV", "v": "V", "a": "A", "hz": "Hz", "c": "°C", "k": "K", "lpm": "l/min",
    "kpa": "kPa", "gbps": "Gbps", "usd": "USD", "ratio": "0..1", "mw_per_min": "MW/min", "m3_day": "m³/day",
    "u": "U",
}  # fmt: skip
_FORMS: Final[Mapping[str, str]] = {
    "prefix": "lower-case letters and digits, beginning with a letter, at most 12",
    "name": "lower-case letters, digits and hyphens, beginning with a letter, at most 32",
    "key": "a name of the catalog: lower-case letters, digits, dots and hyphens",
}


def near(name: str, known: Iterable[str], listed: str = "known") -> str:
    """A hint with the nearest of the known names, or the names themselves where none is near."""
    names = sorted(set(known))
    close = _nearest(name, names)
    if close or not names:
        return close
    more = f", … ({len(names)} in all)" if len(names) > _LISTED_COUNT else ""
    return f"{listed}: {', '.join(names[:_LISTED_COUNT])}{more}"


def _nearest(name: str, names: Sequence[str]) -> str:
    if len(name) > _LONGEST_COMPARED:
        return ""
    close = difflib.get_close_matches(name.lower(), names[:_COMPARED_COUNT], n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}?" if close else ""


def explain(errors: Sequence[Mapping[str, Any]], root: Marked) -> list[tuple[Path_, Finding]]:
    """One finding for each thing that the models refused, with the path that it is about."""
    located = [(_path(error, root), error) for error in errors]
    paths = [path for path, _ in located]
    found: dict[Path_, tuple[Path_, Finding]] = {}
    for path, error in located:
        if _is_echo(path, error, paths):
            continue
        if path in found and error["type"] in ("dict_type", "mapping_type"):
            continue
        found[path] = (path, _finding(path, error, root))
    return list(found.values())


def place_of(root: Marked, path: Path_, *, of_key: bool = False) -> Place:
    """Where the innermost part of a path that exists stands: a scalar itself, a section at its key."""
    here, place = root, root.place
    for step in path:
        child = here.child(step)
        if child is None:
            break
        place, here = here.place_of_child(step, of_key=of_key), child
    return place


def wrong_quantity(path: Path_, field: Field, text: str, problem: str, root: Marked) -> Finding:
    """A text where a number with a unit belongs, which is none."""
    suffix = field.unit_suffix
    assert suffix is not None
    units = [unit for unit in units_of(suffix) if unit]
    hint = f"write a plain number, or a number with {' or '.join(units)}"
    if re.fullmatch(r"[-+]?0\d+", text):
        hint = f"write {int(text)}: a leading zero makes it text"
    elif problem.endswith("is no number"):
        hint += "; leave the key out where it is not known"
    message = f"{field.key}: expected a number in {_unit_name(suffix)}, got {shown(text)}"
    return _error(WRONG_KIND, path, message, hint, place_of(root, path))


def _path(error: Mapping[str, Any], root: Marked) -> Path_:
    """The path in the file: pydantic's location without the names of union branches."""
    path: list[str | int] = []
    here: Marked | None = root
    location = error["loc"]
    for index, step in enumerate(location):
        child = here.child(step) if here is not None else None
        if child is not None:
            path.append(step)
            here = child
        elif error["type"] == "missing" and index == len(location) - 1:
            path.append(step)
    return tuple(path)


def _is_echo(path: Path_, error: Mapping[str, Any], paths: Sequence[Path_]) -> bool:
    """Whether an error only repeats another one further in: a list too short as its items were refused."""
    deeper = any(len(other) > len(path) and other[: len(path)] == path for other in paths)
    return deeper and error["type"] in ("too_short", "float_type", "int_type", "string_type", "bool_type")


def _finding(path: Path_, error: Mapping[str, Any], root: Marked) -> Finding:
    kind = error["type"]
    value = _value(root, path)
    context = error.get("ctx") or {}
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "the site file")
    place = place_of(root, path)
    if kind == "extra_forbidden":
        return _unknown_key(path, root)
    if kind == "missing":
        above = dotted(path[:-1])
        message = f"the key {path[-1]} is missing" + (f" in {above}" if above else "")
        return _error(MISSING_KEY, path, message, _missing_hint(path), place_of(root, path[:-1]))
    if error["loc"] and error["loc"][-1] == "[key]":
        message = f"{shown(path[-1])} is no name"
        return _error(WRONG_VALUE, path, message, _FORMS["name"], place_of(root, path, of_key=True))
    if kind in _EXPECTED:
        message = f"{key}: expected {_EXPECTED[kind]}, got {_kind_and_value(value)}"
        return _error(WRONG_KIND, path, message, _kind_hint(kind, value, path), place)
    if kind in ("enum", "literal_error"):
        allowed = re.findall(r"'([^']*)'|(\d+)", str(context.get("expected", "")))
        names = [first or second for first, second in allowed]
        hint = _nearest(value, names) if isinstance(value, str) else ""
        message = f"{key}: {_kind_and_value(value)} is not one of {', '.join(names)}"
        return _error(WRONG_VALUE, path, message, hint, place)
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        unit = _unit_of(path)
        message = f"{key} {words} {_number(context[name])}{unit}, got {_number(value)}"
        return _error(WRONG_VALUE, path, message, _limit_hint(name, value, path), place)
    if kind == "string_pattern_mismatch":
        form = _FORMS["prefix" if key == "prefix" else "name" if _is_name(path) else "key"]
        return _error(WRONG_VALUE, path, f"{key}: {shown(value)} has the wrong form", form, place)
    if kind in ("too_short", "too_long"):
        return _error(WRONG_VALUE, path, *_length(key, kind, context, value), place)
    if kind == "finite_number":
        return _error(WRONG_VALUE, path, f"{key}: the number is too large", "check its digits", place)
    if kind == "value_error":
        message = str(context.get("error", error["msg"]))[:_LONGEST_MESSAGE]
        section = dotted(path)
        words = message if message.startswith(key) or not section else f"{section}: {message}"
        return _error(WRONG_VALUE, path, words, "", _place_of_named(root, path, message))
    return _error(WRONG_VALUE, path, f"{key}: {error['msg']}", "", place)


def _unknown_key(path: Path_, root: Marked) -> Finding:
    key, above = str(path[-1]), path[:-1]
    section = dotted(above)
    message = f"unknown key {shown(key)}" + (f" in {section}" if section else "")
    field = field_at(above)
    model = field.model if field else None
    known = tuple(model.model_fields) if model else ()
    place = place_of(root, path, of_key=True)
    return _error(UNKNOWN_KEY, path, message, _unknown_key_hint(key, known), place)


def _unknown_key_hint(key: str, known: Sequence[str]) -> str:
    if len(key) > _LONGEST_COMPARED:
        return near("", known)
    stem = _stem(key)
    with_unit = [name for name in known if unit_of_key(name) and _stem(name) in (key, stem)]
    if with_unit:
        suffix = unit_of_key(with_unit[0]) or ""
        return f"write {' or '.join(with_unit)}: a number's key ends in its unit ({_unit_name(suffix)})"
    if difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6):
        return near(key, known)
    elsewhere = key_places().get(key, ())
    if elsewhere:
        return f"it belongs at {' or '.join(elsewhere)}"
    return near(key, known, "known here")


def _stem(key: str) -> str:
    suffix = suffix_of(key)
    return key.removesuffix(f"_{suffix}") if suffix else key


def _missing_hint(path: Path_) -> str:
    if path == ("pools",):
        return "a site has at least one pool: `pools: [{name: train, system: dgx-h100, scalable_units: 1}]`"
    field = field_at(path)
    suffix = field.unit_suffix if field and field.is_number else None
    if suffix:
        return f"add `{path[-1]}:` with a number in {_unit_name(suffix)}"
    return f"add `{path[-1]}:`"


def _kind_hint(kind: str, value: object, path: Path_) -> str:
    if kind == "bool_type" and isinstance(value, str):
        return "write true or false; yes, no, on and off are text"
    if kind in ("int_type", "float_type") and isinstance(value, str):
        if re.fullmatch(r"[-+]?0\d+", value):
            return f"write {int(value)}: a leading zero makes it text"
        if re.fullmatch(r"[\d_, ]+", value):
            return "write the digits alone, without quotes, commas or underscores"
        return "write the number alone"
    if kind == "int_type" and isinstance(value, float):
        return f"write {round(value)}" if value.is_integer() and abs(value) < 1e15 else "write a whole number"
    if kind == "string_type" and isinstance(value, int | float):
        return f'put it in quotes if it is meant: "{value}"'[:80]
    if kind == "tuple_type":
        return f"write `{path[-1]}: [...]`, or a line with a dash for each" if path else ""
    if kind.startswith("model") or kind in ("dict_type", "mapping_type"):
        field = field_at(path)
        keys = tuple(field.model.model_fields) if field and field.model else ()
        return f"its keys are {', '.join(keys[:_LISTED_COUNT])}" if keys else "write `key: value` lines"
    return ""


def _limit_hint(name: str, value: object, path: Path_) -> str:
    field = field_at(path)
    unit = f" and the unit ({_unit_name(field.unit_suffix)})" if field and field.unit_suffix else ""
    if name in ("le", "lt"):
        return f"check the digits{unit}"
    if path and path[-1] in ("nodes", "scalable_units"):
        return "leave the pool out where it has none"
    return "leave the key out where it is not known" if value == 0 else f"check the sign{unit}"


def _length(key: str, kind: str, context: Mapping[str, Any], value: object) -> tuple[str, str]:
    have = len(value) if isinstance(value, list | dict) else context.get("actual_length", 0)
    if kind == "too_short":
        return f"{key}: at least {context['min_length']} asked for, got {have}", f"name what {key} holds"
    return f"{key}: at most {context['max_length']} allowed, got {have}", "take some away"


def _place_of_named(root: Marked, path: Path_, message: str) -> Place:
    """Of the keys and texts below a path the one that a message begins with, else the path itself."""
    here: Marked | None = root
    for step in path:
        here = here.child(step) if here else None
    for step, child in here.children() if here is not None else ():
        if isinstance(step, str) and message.startswith(repr(step)):
            return place_of(root, (*path, step), of_key=True)
        if isinstance(child.value, str) and message.startswith(repr(child.value)):
            return child.place
    return place_of(root, path)


def _value(root: Marked, path: Path_) -> Any:
    here: Marked | None = root
    for step in path:
        here = here.child(step) if here else None
    return here.plain() if here is not None else None


def _kind_and_value(value: object) -> str:
    if isinstance(value, str):
        return f"the text {shown(value)}" if value else "an empty text"
    if isinstance(value, dict | list) or value is None or isinstance(value, bool):
        return shown(value)
    return _number(value)


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e15 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) < 10**15 else f"{float(value):g}"
    return shown(value)


def _is_name(path: Path_) -> bool:
    return path[-1] == "name" or path[-1] in ("pool", "fabric")


def _unit_of(path: Path_) -> str:
    field = field_at(path)
    if field is None or not field.is_number or field.unit_suffix is None:
        return ""
    return f" {_unit_name(field.unit_suffix)}".rstrip()


def _unit_name(suffix: str) -> str:
    """How a suffix's own unit is written: `kw` -> `kW`."""
    return _UNIT_NAMES.get(suffix, suffix)


def _error(code: str, path: Path_, message: str, hint: str, place: Place) -> Finding:
    return Finding(code, Severity.ERROR, message, hint, dotted(path), place)
