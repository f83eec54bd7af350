"""Values as devices want them written: whole percent, bytes, seconds, quoted text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

_PLACE: Final = re.compile(r"<(\w+)(?:\|(\w+))?>")
_OPTION: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


def percent(ratio: float) -> int:
    """A ratio as whole percent, at least 1."""
    return max(1, round(100 * ratio))


def rest_percent(ratio: float) -> int:
    """What a ratio leaves of the whole, as whole percent, at least 1."""
    return max(1, 100 - percent(ratio))


def whole(value: float) -> int:
    """The nearest whole number, at least 1."""
    return max(1, round(value))


def kilobytes(value: float) -> int:
    """Bytes of so many kB of 1,000 bytes."""
    return round(1000 * value)


def seconds(milliseconds: int) -> str:
    """`0.40`: seconds with two decimals."""
    return f"{milliseconds / 1000:.2f}"


def rows(names: Iterable[str], pattern: str, by: str = ",\n    ") -> str:
    """`pattern` for each name, which stands for its `@`; in one go, as there are thousands."""
    return _rows(tuple(names), pattern, by)


@lru_cache(maxsize=128)
def _rows(names: tuple[str, ...], pattern: str, by: str) -> str:
    # Switches of one kind have the same ports.
    return by.join([pattern.replace("@", name) for name in names])


def enable(value: bool) -> str | None:
    """`enable`, or nothing."""
    return "enable" if value else None


def fec(gbps: int) -> str | None:
    """Forward error correction that links of 100 Gb/s and more need (Reed-Solomon: IEEE 802.3 clauses 91, 119, 134)."""
    return "rs" if gbps >= 100 else None


def each(items: Sequence[object], pattern: str, by: str = ",\n    ", **values: Iterable[object]) -> str:
    """`pattern` for each item: `<mtu>` is its attribute or one of `values`; `<text|quoted>` goes through a measure.

    A part in [[double brackets]] is left out where a value in it is None; what then is empty is no row.
    """
    known = _pattern(pattern)
    columns = []
    for name, measure in known.places:
        column = values[name] if name in values else map(attrgetter(name), items)
        columns.append(column if measure is None else map(measure, column))
    texts = (
        known.formats[tuple([row[place] is None for place in known.optional])] % row
        for row in zip(*columns, strict=True)
    )
    return by.join(filter(None, texts))


class _Formats(dict[tuple[bool, ...], str]):
    """Formats of `%` by which of the optional places have no value, each made when it is first asked for."""

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self.pattern = pattern

    def __missing__(self, absent: tuple[bool, ...]) -> str:
        missing = iter(absent)

        def option(found: re.Match[str]) -> str:
            count = len(_PLACE.findall(found[1]))
            left_out = sum(next(missing) for _ in range(count)) > 0
            return "%.0s" * count if left_out else _PLACE.sub("%s", found[1])

        parts = _OPTION.sub(option, self.pattern.replace("%", "%%"))
        self[absent] = made = _PLACE.sub("%s", parts)
        return made


@dataclass(frozen=True, slots=True)
class _Pattern:
    places: tuple[tuple[str, Callable[[Any], object] | None], ...]
    """Attribute and measure of each place, from the left."""
    optional: tuple[int, ...]
    """Places that stand in double brackets."""
    formats: _Formats


@lru_cache(maxsize=64)
def _pattern(text: str) -> _Pattern:
    spans = [found.span() for found in _OPTION.finditer(text)]
    found = list(_PLACE.finditer(text))
    return _Pattern(
        tuple((place[1], MEASURES[place[2]] if place[2] else None) for place in found),
        tuple(n for n, place in enumerate(found) if any(start < place.start() < end for start, end in spans)),
        _Formats(text),
    )


MEASURES: Final[dict[str, Callable[..., Any]]] = {
    "percent": percent,
    "rest_percent": rest_percent,
    "whole": whole,
    "bytes": kilobytes,
    "seconds": seconds,
    "quoted": json.dumps,
    "rows": rows,
    "each": each,
    "enable": enable,
    "fec": fec,
}
