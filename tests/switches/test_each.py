"""Rows of templates: one text for each item, with the parts that it has."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from gigasite.render.measures import each


class Port(NamedTuple):
    name: str
    gbps: int
    address: str | None = None


PORTS = [Port("e1", 400, "10.0.0.0/31"), Port("e2", 25)]


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        ("<name> at <gbps>", ["e1 at 400", "e2 at 25"]),
        ('{"<name>": <name|quoted>}', ['{"e1": "e1"}', '{"e2": "e2"}']),
        ("<name>[[ <address>]] 100%", ["e1 10.0.0.0/31 100%", "e2 100%"]),
        ("<name>[[ has <address> at <gbps|fec>]]", ["e1 has 10.0.0.0/31 at rs", "e2"]),
        ("[[<name>: <address>]]", ["e1: 10.0.0.0/31"]),
        ("<name>[[,\n<gbps|fec>]]", ["e1,\nrs", "e2"]),
        ("<name> <lane>", ["e1 0", "e2 8"]),
    ],
)
def test_each_row_has_the_parts_whose_values_are_known(pattern: str, rows: list[str]) -> None:
    assert each(PORTS, pattern, by="\0", lane=[0, 8]).split("\0") == rows


def test_an_attribute_that_no_item_has_is_an_error() -> None:
    with pytest.raises(AttributeError):
        each(PORTS, "<mtu>")
