"""Whatever two fabrics or planes come to share by accident is found, whichever of the three it is."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.catalog import load_catalog
from gigasite.checks import run
from gigasite.design.model import Design

from .designs import H100, design_of, set_where, with_table

NIC_LINK = (pl.col("fabric") == "storage") & (pl.col("tier") == "node-leaf")
TRUNK = (pl.col("fabric") == "storage") & (pl.col("tier") == "leaf-spine")


def messages(design: Design) -> list[str]:
    return [finding.message for finding in run(design, load_catalog(), only={"FAB141"})]


def changed(where: pl.Expr, **values: object) -> Design:
    return with_table(design_of(H100), "cables", lambda frame: set_where(frame, where, **values))


def test_a_design_keeps_its_fabrics_apart() -> None:
    assert messages(design_of(H100)) == []


@pytest.mark.parametrize(
    ("where", "values", "said"),
    [
        (TRUNK, {"fabric": "inband"}, "of another fabric or plane"),
        (TRUNK, {"plane": 2}, "of another fabric or plane"),
        (NIC_LINK, {"a_port": 1}, "share 8 NIC ports"),
        (NIC_LINK, {"cable": 1}, "share 1 cable"),
    ],
)
def test_what_is_shared_is_named(where: pl.Expr, values: dict[str, object], said: str) -> None:
    assert any(said in message for message in messages(changed(where, **values)))
