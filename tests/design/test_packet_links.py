"""Links as packet switches see them: through mirrors to the switch at the other end."""

from __future__ import annotations

import polars as pl

from gigasite.design.packet_links import packet_links

from .sites import design, pool

OPTICAL = {
    "roles": ["compute"],
    "switch": "sn5600",
    "topology": "optical",
    "optical": {"block_leaves": 4, "block_spines": 4, "endpoints_per_leaf": 64},
}


def test_a_circuit_is_a_link_of_the_length_of_both_its_fibres() -> None:
    found = design(pool("dgx-h100", scalable_units=4), fabrics={"compute": OPTICAL})
    links = packet_links(found, "compute")
    circuits = found.tables.circuits
    direct = links.filter(pl.col("tier") == "global")
    assert direct.height == circuits.height > 0
    assert not links["tier"].str.ends_with("-ocs").any()
    fibres = found.tables.cables.filter(pl.col("tier") == "spine-ocs")
    length_m = {row[:2]: row[2] for row in fibres.select("a_device", "a_port", "length_m").iter_rows()}
    for a, a_port, b, b_port, total_m in direct.select("a_device", "a_port", "b_device", "b_port", "length_m").rows():
        assert total_m == length_m[a, a_port] + length_m[b, b_port]


def test_a_fabric_without_mirrors_has_its_cables_as_they_are() -> None:
    found = design(pool("dgx-h100", nodes=8))
    assert packet_links(found, "compute").equals(found.tables.cables.filter(pl.col("fabric") == "compute"))
