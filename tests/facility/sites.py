"""Sites as plain mappings, changed key by key, and what checks say about them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl

from gigasite import checks
from gigasite.catalog import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding, Severity
from gigasite.spec.site import SiteSpec

Site = dict[str, Any]

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@cache
def catalog() -> Catalog:
    return load_catalog()


def site(system: str = "gb200-nvl72", racks_of: int = 36, **keys: Any) -> Site:
    """A site of one pool; `keys` are dotted paths with `__` for the dot (`power__blocks__unit_kw=800`)."""
    made: Site = {"name": "demo", "pools": [{"name": "train", "system": system, "nodes": racks_of}]}
    return changed(made, **keys)


def changed(made: Mapping[str, Any], **keys: Any) -> Site:
    """A copy with values at dotted paths; `pool__…` is the first pool's."""
    copied = copy.deepcopy(dict(made))
    for path, value in keys.items():
        *way, last = path.split("__")
        at: Any = copied
        if way and way[0] == "pool":
            at, way = copied["pools"][0], way[1:]
        elif last == "pool":
            raise KeyError(path)
        for part in way:
            at = at.setdefault(part, {})
        at[last] = value
    return copied


def design_of(made: Mapping[str, Any]) -> Design:
    return expand(SiteSpec.model_validate(made), catalog())


def with_feeds(design: Design, **columns: pl.Expr) -> Design:
    """The design with columns of its table of feeds changed."""
    feeds = design.tables.feeds.with_columns(**columns)
    return replace(design, tables=replace(design.tables, feeds=feeds))


def found(design: Design, code: str) -> tuple[Finding, ...]:
    """The findings of one code."""
    return tuple(f for f in checks.run(design, catalog(), only={code}) if f.code == code)


def serious(design: Design, code: str) -> tuple[Finding, ...]:
    """The findings of one code that are more than information."""
    return tuple(f for f in found(design, code) if f.severity is not Severity.INFO)


def numbers(message: str) -> list[float]:
    """Every number of a message, in its order."""
    return [float(text.replace(",", "")) for text in _NUMBER.findall(message)]


def says(finding: Finding, *values: float, rel: float = 0.0) -> bool:
    """Whether the message prints each value, within the digits that it is printed with (or `rel`)."""
    printed = [(float(t.replace(",", "")), _half_digit(t)) for t in _NUMBER.findall(finding.message)]
    return all(any(abs(value - p) <= half + rel * abs(value) for p, half in printed) for value in values)


def _half_digit(text: str) -> float:
    decimals = len(text.split(".")[1]) if "." in text else 0
    return 0.501 * 10.0**-decimals


def switches_at(
    make: Callable[[float], Mapping[str, Any]], limit: float, code: str, *, wrong: str = "below", rel: float = 1e-3
) -> Finding:
    """The finding just on the wrong side of a limit; asserts that there is none just on the other side."""
    low, high = limit * (1 - rel), limit * (1 + rel)
    bad, good = (low, high) if wrong == "below" else (high, low)
    hits = serious(design_of(make(bad)), code)
    assert hits, f"{code} is silent at {bad:g}, {wrong} the limit of {limit:g}"
    over = serious(design_of(make(good)), code)
    assert not over, f"{code} at {good:g} beyond the limit of {limit:g}: {over[0].message}"
    return hits[0]
