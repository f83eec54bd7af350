"""Property paths in Pulumi's syntax: `files["racks.csv"]`, `halls[0].name`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gigasite.engine.model import SECRET_TEXT, PropertyDiff

_PART = re.compile(r"""\.?([^.\["]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]""")


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
            found.append(int(index))
        else:
            found.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
    yield from found if end == len(path) else [path]


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
    details: Mapping[str, str], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> tuple[PropertyDiff, ...]:
    """Diffs for display: paths with how they change, and the redacted values on both sides."""
    return tuple(
        PropertyDiff(path, str(kind), lookup(old or {}, path), lookup(new or {}, path))
        for path, kind in sorted(details.items())
    )
