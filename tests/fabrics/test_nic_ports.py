"""Ports of NICs over rails, sides and planes: each port once, or once in each of the planes that share it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.nic_ports import Rails, rails_of
from gigasite.errors import GigasiteError

from .choices import design_of


@pytest.mark.parametrize(
    ("nics", "planes", "dual_tor", "rail_count", "ports"),
    [
        ([(1, 2)], 1, False, 2, (1, 2)),  # two ports, one plane: two rails
        ([(1, 2)], 2, False, 1, (1, 2)),  # a port a plane
        ([(1, 2)], 4, False, 1, (1, 1, 2, 2)),  # each port split over two planes
        ([(1,)], 4, False, 1, (1, 1, 1, 1)),  # one port split over four
        ([(1, 2, 3, 4)], 2, False, 2, (1, 2, 3, 4)),  # two rails of two planes
        ([(1, 2)], 1, True, 1, (1, 2)),  # one rail on two leaves of a plane
        ([(1,), (2,)], 1, True, 1, (1, 2)),  # two NICs of one port make such a rail
        ([(1, 2)], 2, True, 1, (1, 1, 2, 2)),  # sides first, planes by breakout
        ([(1, 2, 3, 4)], 2, True, 1, (1, 3, 2, 4)),  # ports 1 and 3 on one side, a plane each
    ],
)
def test_ports_go_to_sides_then_planes_then_rails(
    nics: list[tuple[int, ...]], planes: int, dual_tor: bool, rail_count: int, ports: tuple[int, ...]
) -> None:
    rails = rails_of(nics, planes, dual_tor=dual_tor)
    assert (rails.rail_count, rails.ports) == (rail_count, ports)


@pytest.mark.parametrize(
    ("nics", "planes", "dual_tor", "said"),
    [
        ([(1, 2, 3)], 2, False, "neither is a multiple of the other"),
        ([(1,)], 1, True, "NIC port 1 has no partner"),
        ([(1, 2), (3,)], 1, True, "NIC port 3 has no partner"),
    ],
)
def test_ports_that_do_not_go_up_are_refused(
    nics: list[tuple[int, ...]], planes: int, dual_tor: bool, said: str
) -> None:
    with pytest.raises(GigasiteError, match=said):
        rails_of(nics, planes, dual_tor=dual_tor)


@given(st.integers(1, 8), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4, 8]), st.booleans())
def test_every_port_has_as_many_places_as_planes_share_it(
    nic_count: int, ports_per_nic: int, planes: int, dual_tor: bool
) -> None:
    numbers = range(1, nic_count * ports_per_nic + 1)
    nics = [tuple(numbers[first : first + ports_per_nic]) for first in range(0, len(numbers), ports_per_nic)]
    try:
        rails = rails_of(nics, planes, dual_tor=dual_tor)
    except GigasiteError:
        assert (dual_tor, ports_per_nic, nic_count % 2) == (True, 1, 1)
        return
    assert Counter(rails.ports) == dict(zip(rails.ports, rails.lane_counts, strict=True))
    assert set(rails.ports) == set(numbers)
    assert len(rails.ports) == rails.rail_count * planes * (2 if dual_tor else 1)
    assert lanes_count_up(rails)


def lanes_count_up(rails: Rails) -> bool:
    """Lanes of a port stand together and count from 1."""
    places = list(zip(rails.ports, rails.lanes, strict=True))
    return places[0][1] == 1 and all(
        lane == (before + 1 if port == last else 1) for (last, before), (port, lane) in pairwise(places)
    )


def node_links(**compute: object) -> pl.DataFrame:
    pool = {"system": "gpu8-2x200g", "nodes": 16, "nodes_per_scalable_unit": 16}
    design = design_of(pool, {"switch": "sn5600", **compute})
    leaves = design.tables.devices.select(b_device="device", leaf_plane="plane")
    return (
        design.tables.cables.filter(pl.col("fabric") == "compute", pl.col("tier") == "node-leaf")
        .join(leaves, on="b_device")
        .sort("a_device", "a_port")
    )


def test_two_planes_take_a_port_each_of_a_nic_and_no_cable_is_split() -> None:
    links = node_links(planes=2)
    assert links.height == links["cable"].n_unique() == 16 * 8 * 2
    assert set(links["gbps"]) == {200.0}
    assert links.filter((pl.col("a_port") - 1) % 2 + 1 != pl.col("leaf_plane")).is_empty()
    assert links["rail"].max() == 8


def test_dual_tor_puts_the_ports_of_a_nic_on_two_leaves_of_one_plane() -> None:
    for rail_optimised in (True, False):
        links = node_links(dual_tor=True, rail_optimised=rail_optimised)
        pairs = links.group_by("a_device", "rail").agg(pl.col("b_device").n_unique(), pl.col("a_port").n_unique())
        assert set(pairs["b_device"]) == set(pairs["a_port"]) == {2}
        assert links["plane"].n_unique() == 1
        assert links["b_device"].n_unique() == (16 if rail_optimised else 2)


def test_four_planes_over_two_ports_split_each_into_two_lanes() -> None:
    links = node_links(planes=4)
    assert links.height == 2 * links["cable"].n_unique() == 16 * 8 * 4
    assert set(links["gbps"]) == {100.0}
