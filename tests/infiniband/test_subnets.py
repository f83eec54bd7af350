"""What one subnet manager sees: adapters, switches, links, and where planes and rails part."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.design.infiniband.subnets import Subnet, subnets

from .sites import site, superpod


def of(name: str, *arguments: str) -> tuple[Subnet, ...]:
    found = site(*arguments)
    return subnets(found.design, found.catalog, name)


def test_every_cable_of_an_infiniband_fabric_is_a_link_of_its_subnet() -> None:
    found = superpod(4)
    cables = found.design.tables.cables
    for fabric in ("compute", "storage"):
        (subnet,) = subnets(found.design, found.catalog, fabric)
        assert subnet.links.height == cables.filter(pl.col("fabric") == fabric).height
        assert subnet.part == "plane-1"


def test_ethernet_fabrics_have_no_subnet() -> None:
    found = superpod(1)
    assert {subnet.fabric for subnet in subnets(found.design, found.catalog)} == {"compute", "storage"}


def test_every_adapter_has_one_port_and_one_name() -> None:
    (subnet,) = subnets(superpod(1).design, superpod(1).catalog, "compute")
    ends = subnet.endpoints
    assert ends["name"].is_unique().all()
    assert ends["name"].str.len_bytes().max() <= 63  # a NodeDescription has 64 bytes
    assert ends.filter(pl.col("device") == "demo-train-su001-r01-n01")["name"].to_list() == [
        f"demo-train-su001-r01-n01 rdma_rail{rail}" for rail in range(1, 9)
    ]
    assert ends["kind"].value_counts().sort("kind").rows() == [("node", 248), ("ufm", 4)]


def test_roots_are_the_top_tier_that_is_built() -> None:
    assert set(of("compute", "- {name: train, system: dgx-h100, scalable_units: 4}")[0].roots["tier"]) == {"spine"}
    large = "- {name: train, system: dgx-h100, scalable_units: 16, build_to_scalable_units: 64}"
    assert set(of("compute", large)[0].roots["tier"]) == {"core"}
    pods = "- {name: train, system: gb200-nvl72, scalable_units: 1, build_to_scalable_units: 16}"
    assert {tier for subnet in of("compute", pods) for tier in subnet.roots["tier"]} == {"spine"}


def test_rails_that_do_not_meet_are_subnets_of_their_own() -> None:
    found = of("compute", "- {name: train, system: gb200-nvl72, scalable_units: 1, build_to_scalable_units: 16}")
    assert [subnet.part for subnet in found] == [f"plane-1-rail-{rail}" for rail in range(1, 5)]
    assert {subnet.endpoints["interface"].unique().to_list()[0] for subnet in found} == {
        "rail1",
        "rail2",
        "rail3",
        "rail4",
    }


def test_planes_are_subnets_of_their_own_with_numbers_of_their_own() -> None:
    found = of(
        "compute",
        "- {name: train, system: dgx-b300, scalable_units: 1}",
        "fabrics: {compute: {roles: [compute], switch: qm9700, planes: 2}}\n",
    )
    assert [subnet.part for subnet in found] == ["plane-1", "plane-2"]
    assert len({subnet.number for subnet in found}) == 2
    names = [name for subnet in found for name in subnet.endpoints["name"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("scalable_units", [1, 4])
def test_adapters_of_every_rail_are_as_many(scalable_units: int) -> None:
    found = superpod(scalable_units)
    (subnet,) = subnets(found.design, found.catalog, "compute")
    nodes = subnet.endpoints.filter(pl.col("kind") == "node")
    assert nodes.group_by("interface").len()["len"].n_unique() == 1
