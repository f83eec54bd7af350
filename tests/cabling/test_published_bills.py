"""Transceivers and fibres of published systems, counted as their publisher counts them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import polars as pl

from gigasite.design.model import Design
from tests.design.sites import design, pool


@cache
def h100() -> Design:
    return design(pool("dgx-h100", scalable_units=4, build_to_scalable_units=4))


def modules(found: Design, fabric: str) -> dict[str | None, int]:
    own = found.tables.modules.filter(pl.col("fabric") == fabric)
    return dict(own.group_by("product").len().iter_rows())


def pieces(found: Design, fabric: str) -> dict[str | None, int]:
    own = found.tables.cables.filter(pl.col("fabric") == fabric).unique("piece")
    counts: Counter[str | None] = Counter()
    for product, count in own.select("product", "piece_count").iter_rows():
        counts[product] += count
    return dict(counts)


def test_an_h100_superpod_has_the_transceivers_of_its_published_table() -> None:
    # RA-11333-001 V11, Table 8: 1,536 for leaves and spines, 508 for the systems, 4 for the fabric managers.
    assert modules(h100(), "compute") == {"mma4z00-ns": 1536, "mma4z00-ns-flt": 508, "mma4z00-ns400": 4}


def test_an_h100_superpod_has_the_fibres_of_its_published_table() -> None:
    # 2,040 cables of 400 Gb/s for systems and trunks; to the managers two that are split, where here four are straight.
    assert pieces(h100(), "compute") == {"mfp7e10": 2040 + 4}


def test_an_h100_superpod_has_the_storage_transceivers_of_its_published_table() -> None:
    # 254 QSFP112 in the systems; those of switches depend on the storage that hangs on them.
    assert modules(h100(), "storage")["mma1z00-ns400"] == 254


def test_its_nodes_hold_four_twin_port_modules_each_with_the_rails_of_its_own_gpus() -> None:
    node = h100().tables.nodes["node"][0]
    ports = h100().tables.ports.filter(pl.col("fabric") == "compute", pl.col("device") == node)
    # DGX H100 user guide, Table 6: OSFP4P2 belongs to GPU 0, OSFP1P1 to GPU 7.
    fronts = {port: (cage, part) for port, cage, part in ports.select("port", "module_cage", "cage_port").iter_rows()}
    assert fronts == {1: (4, 2), 2: (3, 2), 3: (3, 1), 4: (4, 1), 5: (1, 2), 6: (2, 2), 7: (2, 1), 8: (1, 1)}


def test_switches_of_twin_port_cages_have_half_as_many_cages_as_ports() -> None:
    leaf = h100().tables.ports.filter(pl.col("device").str.contains("compute-.*-leaf"), pl.col("fabric") == "compute")
    assert leaf["module_cage"].max() == 32
    assert leaf["cage_port"].max() == 2
    assert leaf["cage"].max() == 64


def test_node_modules_of_gb300_are_single_and_those_of_its_switches_twin() -> None:
    gb300 = design(pool("gb300-nvl72", scalable_units=1, build_to_scalable_units=2))
    found = modules(gb300, "compute")
    nodes = gb300.tables.nodes.height
    fabric = gb300.fabrics["compute"]
    assert found["xdr-dr4-rhs"] == 4 * nodes
    assert found["xdr-2dr4-ihs"] == 2 * nodes + fabric.cables_leaf_spine + fabric.cables_spine_core
