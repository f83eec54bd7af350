"""Property paths in Pulumi's syntax: `files["racks.csv"]`, `halls[0].name`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gigasite.engine.model import HIDDEN_TEXT, SECRET_TEXT, PropertyDiff

_PART = re.compile(r"""\.?([^.\["]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]""")


def parts(path: str) -> Iterator[str | int]:
    """The keys and positions of a path; what does not parse is one key."""
    found: list[str | int] = []
    end = 0
    for match in _PART.finditer(path):
        if match.start() != end:
            break
        end = match.end()
        name, index, quoted = match.groups()
        if index is not None:
            found.append(int(index) if index != "*" else index)
        else:
            found.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
    yield from found if end == len(path) else [path]


def contains(path: Sequence[str | int], other: Sequence[str | int]) -> bool:
    """Whether `other` is `path` or lies below it; `*` in `path` stands for any key or position."""
    return len(path) <= len(other) and all(one in ("*", two) for one, two in zip(path, other, strict=False))


def lookup(value: Any, path: str) -> Any:
    """What stands at a path of redacted properties, None where nothing does; inside a secret, "[secret]"."""
    for part in parts(path):
        if value == SECRET_TEXT:
            return SECRET_TEXT
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def property_diffs(
    details: Mapping[str, str],
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    hidden: Iterable[str] = (),
) -> tuple[PropertyDiff, ...]:
    """Diffs for display: paths with how they change, and the redacted values on both sides.

    What lies below a `hidden` path changes too, but does not show how.
    """
    covers = [tuple(parts(path)) for path in hidden]

    def side(values: Mapping[str, Any] | None, path: str) -> Any:
        if any(contains(cover, tuple(parts(path))) for cover in covers):
            return HIDDEN_TEXT
        return lookup(values or {}, path)

    return tuple(
        PropertyDiff(path, str(kind), side(old, path), side(new, path)) for path, kind in sorted(details.items())
    )


def update_diffs(
    details: Mapping[str, str],
    old: Mapping[str, Any] | None,
    seen: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    hidden: Iterable[str] = (),
) -> tuple[PropertyDiff, ...]:
    """Diffs of an update; one to what a refresh has `seen` in the outputs shows that on its old side."""
    if not details:
        return ()
    from_inputs = property_diffs(details, old, new, hidden)
    from_state = property_diffs(details, seen, new, hidden)
    return tuple(one if one.old != one.new else other for one, other in zip(from_inputs, from_state, strict=True))
