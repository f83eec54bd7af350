"""Blocks joined by optical circuit switches: fibres stay, circuits move, and as few as can be."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.model import Design
from gigasite.design.topologies.circuit_changes import circuit_changes
from gigasite.design.topologies.circuits import circuits, links_between_blocks

from .sites import design, pool

sizes = st.tuples(st.integers(2, 14), st.integers(1, 24), st.integers(1, 4))


@settings(max_examples=60, deadline=None)
@given(sizes)
def test_every_port_of_a_block_is_in_one_circuit_with_another_block(size: tuple[int, int, int]) -> None:
    blocks, switches, half = size
    ocs, first, second = circuits(*size)
    assert len(ocs) == blocks * switches * half
    for port in (first, second):
        assert len(np.unique(ocs.astype(np.int64) * 10_000 + port)) == len(ocs)
        assert port.max() < blocks * half
    assert (first // half != second // half).all()


@settings(max_examples=60, deadline=None)
@given(sizes)
def test_links_between_blocks_are_even_and_use_all_fibres(size: tuple[int, int, int]) -> None:
    blocks, switches, half = size
    links = links_between_blocks(*size)
    assert (links.sum(axis=1) == 2 * switches * half).all()
    pairs = links[np.triu_indices(blocks, 1)]
    assert pairs.max() - pairs.min() <= 2


@settings(max_examples=40, deadline=None)
@given(sizes)
def test_a_new_block_opens_no_more_circuits_than_it_has_pairs_of_fibres(size: tuple[int, int, int]) -> None:
    """Each pair of its ports needs two peers, and all peers are taken: one circuit a pair is the least."""
    blocks, switches, half = size
    before = set(zip(*(c.tolist() for c in circuits(blocks, switches, half)), strict=True))
    after = set(zip(*(c.tolist() for c in circuits(blocks + 1, switches, half)), strict=True))
    assert len(before - after) == switches * half
    assert len(after - before) == 2 * switches * half


def site(units: int, build_to: int = 8, **numbers: Any) -> Design:
    optical = {"block_leaves": 8, "block_spines": 8, **numbers}
    compute = {"roles": ["compute"], "switch": "sn5600", "topology": "optical", "optical": optical}
    train = pool("dgx-h100", scalable_units=units, build_to_scalable_units=build_to)
    return design(train, fabrics={"compute": compute})


def fibres(found: Design) -> pl.DataFrame:
    return found.tables.cables.filter(pl.col("tier").str.ends_with("-ocs"))


def test_a_block_that_is_added_leaves_every_fibre_and_moves_few_circuits() -> None:
    small, large = site(4), site(6)
    columns = ["a_device", "a_port", "b_device", "b_port"]
    assert set(fibres(small).select(columns).rows()) < set(fibres(large).select(columns).rows())
    changes = circuit_changes(small, large)
    figures: Any = large.fabrics["compute"].figures
    assert changes.filter(pl.col("change") == "open").height == figures.fibres // figures.block_count // 2
    assert circuit_changes(large, large).is_empty()


@pytest.mark.parametrize("numbers", [{}, {"block_leaves": 1, "block_spines": 0, "endpoints_per_leaf": 64}])
def test_blocks_reach_each_other_over_circuits_alone(numbers: dict[str, Any]) -> None:
    found = site(4, **numbers)
    own = found.tables.cables.filter(pl.col("fabric") == "compute", pl.col("tier") == "leaf-spine")
    graph = nx.Graph(own.select("a_device", "b_device").rows())
    graph.add_edges_from(found.tables.circuits.select("a_device", "b_device").rows())
    leaves = found.tables.devices.filter(pl.col("fabric") == "compute", pl.col("tier") == "leaf")["device"].to_list()
    assert nx.is_connected(graph)
    assert set(leaves) <= set(graph)
    longest = max(nx.single_source_shortest_path_length(graph, leaves[0]).values())
    assert longest + 1 <= (found.fabrics["compute"].diameter_switches or 0)


def test_no_port_is_used_twice_and_every_circuit_has_two_fibres() -> None:
    found = site(8)
    compute = found.tables.cables.filter(pl.col("fabric") == "compute")
    ends = pl.concat([compute.select(device=f"{end}_device", port=f"{end}_port") for end in "ab"])
    assert not ends.is_duplicated().any()
    table = found.tables.circuits
    assert table.null_count().sum_horizontal().item() == 0
    assert table.height * 2 == fibres(found).height
    assert table.equals(site(8).tables.circuits)


def test_fibres_through_mirrors_are_pairs_of_single_mode_whatever_their_length() -> None:
    media = fibres(site(4))["media"].unique().to_list()
    assert media == ["smf-fr-400g"]


def test_fibres_of_a_block_on_one_optical_switch_come_from_different_switches() -> None:
    found = site(4, optical_switches=64)
    per = (
        fibres(found)
        .group_by(block=pl.col("a_device").str.extract(r"-(b\d+)-"), ocs="b_device")
        .agg(pl.len(), pl.col("a_device").n_unique())
    )
    assert (per["len"] == per["a_device"]).all()


def test_more_blocks_than_an_optical_switch_has_ports_are_refused() -> None:
    found = site(1, blocks=137)
    assert "FAB101" in {finding.code for finding in found.findings}


def test_optical_switches_stand_in_racks_and_are_managed() -> None:
    found = site(2)
    mirrors = found.tables.devices.filter(pl.col("kind") == "ocs")
    assert mirrors["rack"].null_count() == 0
    assert mirrors["asn"].null_count() == mirrors.height
    managed = found.tables.cables.filter(
        pl.col("fabric") == "oob", pl.col("a_device").is_in(mirrors["device"].implode())
    )
    assert managed.height == mirrors.height
