"""What the names of a loss mean: elements, units, feeds and racks, by name, by dotted path or by pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase

import polars as pl

from gigasite.design.model import Design
from gigasite.errors import UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """What one name, or several, stand for: each part sorted, by name."""

    elements: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    racks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.elements or self.units or self.feeds or self.racks)

    def __or__(self, other: Target) -> Target:
        return Target(
            _union(self.elements, other.elements),
            _union(self.units, other.units),
            _union(self.feeds, other.feeds),
            _union(self.racks, other.racks),
        )


def _union(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))


def targets(design: Design, names: Sequence[str]) -> Target:
    """What `names` stand for together. Raises UsageError, with near names, where one stands for nothing."""
    book = _book(design)
    found = Target()
    for name in names:
        found |= _one(book, name.strip())
    return found


def known_names(design: Design) -> tuple[str, ...]:
    """Every name and path that can be lost, sorted; patterns (`*-ups*`, `rooms.*`) choose among them."""
    return tuple(sorted(_book(design)))


def _one(book: dict[str, Target], name: str) -> Target:
    if name in book:
        return book[name]
    if any(sign in name for sign in "*?["):
        chosen = [target for known, target in book.items() if fnmatchcase(known, name)]
        if chosen:
            found = Target()
            for target in chosen:
                found |= target
            return found
    folded = {known.casefold(): known for known in book}
    close = get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.5)
    begun = sorted(known for low, known in folded.items() if name and low.startswith(name.casefold()))[:3]
    near = list(dict.fromkeys([*begun, *(folded[match] for match in close)]))[:3]
    kinds = (
        "an element, power.blocks.b1, halls.h01, rooms.<room>, racks.<rack>, plant.<unit>, or a pattern such as *-ups*"
    )
    hint = f"did you mean {' or '.join(near)}?" if near else f"give {kinds}"
    raise UsageError(f"nothing of this site is called {name!r:.80}", hint=hint)


@dataclass(slots=True)
class _Book:
    """Collects targets by name."""

    found: dict[str, Target] = field(default_factory=dict)

    def add(self, name: str, target: Target) -> None:
        self.found[name] = self.found.get(name, Target()) | target

    def groups(self, prefix: str, table: pl.DataFrame, column: str, member: str, part: str) -> None:
        grouped = table.drop_nulls(column).group_by(column).agg(pl.col(member)).sort(column)
        for name, members in grouped.iter_rows():
            self.found[f"{prefix}.{name}"] = self.found.get(f"{prefix}.{name}", Target()) | Target(
                **{part: tuple(sorted(members))}
            )


def _book(design: Design) -> dict[str, Target]:
    tables, book = design.tables, _Book()
    for name in tables.elements["element"].to_list():
        book.add(name, Target(elements=(name,)))
    for name in tables.plant["unit"].to_list():
        book.add(name, Target(units=(name,)))
        book.add(f"plant.{name}", Target(units=(name,)))
    for name in tables.racks["rack"].to_list():
        book.add(f"racks.{name}", Target(racks=(name,)))
    for name in tables.feeds["feed"].to_list():
        book.add(f"feeds.{name}", Target(feeds=(name,)))
    for prefix, column in (("rooms", "room"), ("controls", "control"), ("kinds", "kind")):
        book.groups(prefix, tables.elements, column, "element", "elements")
    book.groups("leak-zones", tables.plant, "leak_zone", "unit", "units")
    book.groups("plant", tables.plant, "group", "unit", "units")
    book.groups("power.blocks", tables.elements, "block", "element", "elements")
    for path, target in _block_numbers(design, book.found):
        book.add(path, target)
    for path, target in _halls(design):
        book.add(path, target)
    for path, target in _by_kind(design):
        book.add(path, target)
    found = {name: target for name, target in book.found.items() if target}
    start = f"{design.prefix}-"
    short = {name.removeprefix(start): target for name, target in found.items() if name.startswith(start)}
    return {**short, **found}


def _block_numbers(design: Design, found: dict[str, Target]) -> Iterator[tuple[str, Target]]:
    """`power.blocks.b3`, the third row of the table of blocks, and the names without the site's prefix."""
    for number, block in enumerate(design.tables.blocks["block"].to_list(), 1):
        target = found.get(f"power.blocks.{block}")
        if target is not None:
            yield f"power.blocks.b{number}", target
            yield f"power.blocks.{block.removeprefix(f'{design.prefix}-')}", target


def _halls(design: Design) -> Iterator[tuple[str, Target]]:
    tables = design.tables
    for hall in design.halls:
        own = pl.col("hall") == hall.index
        yield (
            f"halls.{hall.name}",
            Target(
                elements=tuple(tables.elements.filter(own)["element"].sort().to_list()),
                units=tuple(tables.plant.filter(own)["unit"].sort().to_list()),
                racks=tuple(tables.racks.filter(own)["rack"].sort().to_list()),
            ),
        )


_PATHS = {
    "grid-circuit": "power.utility.circuits",
    "main-transformer": "power.transformers.main",
    "mv-bus": "power.buses",
    "generator": "power.generators",
    "generation": "power.generation",
    "bess": "power.bess",
}


def _by_kind(design: Design) -> Iterator[tuple[str, Target]]:
    """`power.utility.circuits.1` and its like, in the order of names, and all of a kind (`power.utility`)."""
    elements = design.tables.elements
    for kind, path in _PATHS.items():
        names = sorted(elements.filter(pl.col("kind") == kind)["element"].to_list(), key=_natural)
        for number, name in enumerate(names, 1):
            yield f"{path}.{number}", Target(elements=(name,))
        yield path, Target(elements=tuple(sorted(names)))
        if kind == "grid-circuit":
            yield "power.utility", Target(elements=tuple(sorted(names)))


def _natural(name: str) -> list[tuple[int, str]]:
    """Names as people count: c2 before c10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", name)]
