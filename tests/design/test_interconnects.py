"""Links to other sites and between fabrics: ports, growth, delay, and what two sites say of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog.line_products import LineOptic
from gigasite.catalog.load import load_catalog
from gigasite.design.interconnect.agreement import disagreements
from gigasite.design.interconnect.figures import one_way_us, optic_for, reach_km
from gigasite.design.model import Design

from .sites import CATALOG, design, pool

WEST = {"name": "west", "fabric": "compute", "to": "rio", "circuits": 4, "circuit_gbps": 400, "distance_km": 20}
FABRIC = {"roles": ["compute"], "switch": "sn5600", "border_ports": 2}


def site(*links: dict[str, Any], units: int = 2, fabric: dict[str, Any] | None = None, **more: Any) -> Design:
    train = pool("dgx-h100", scalable_units=units, build_to_scalable_units=8)
    return design(train, fabrics={"compute": fabric or FABRIC}, interconnects=list(links), **more)


def ends(found: Design) -> pl.DataFrame:
    """Every end of a link that is a port of a border switch."""
    cables = found.tables.cables
    both = pl.concat(
        [cables.select("fabric", "tier", device=f"{end}_device", port=f"{end}_port") for end in ("a", "b")]
    )
    return both.filter(pl.col("device").str.contains("-border") & (pl.col("port") > 0))


def errors(found: Design) -> set[str]:
    return {finding.code for finding in found.findings}


def test_circuits_are_a_fabric_of_their_own_that_shares_no_port() -> None:
    found = site(WEST)
    assert found.fabrics["interconnect"].roles == ("interconnect",)
    circuits = found.tables.cables.filter(pl.col("fabric") == "interconnect")
    assert circuits.height == 4
    assert set(circuits["tier"]) == {"circuit"}
    assert circuits["b_device"].n_unique() == 2
    assert not ends(found).select("device", "port").is_duplicated().any()
    cages = found.tables.ports.filter(pl.col("device").str.contains("-border"), pl.col("port") > 0)
    assert cages.group_by("device", "cage").agg(pl.col("fabric").n_unique())["fabric"].max() == 1


def test_uplinks_carry_the_circuits_and_spread_over_the_top_tier() -> None:
    found = site(WEST)
    uplinks = found.tables.cables.filter(pl.col("tier") == "spine-border")
    per_border = uplinks.group_by("b_device").agg(pl.col("gbps").sum(), pl.col("a_device").n_unique(), pl.len())
    assert per_border["gbps"].to_list() == [800.0, 800.0]
    assert per_border["a_device"].to_list() == per_border["len"].to_list()


def test_border_switches_stand_in_two_racks_with_a_management_port_each() -> None:
    found = site(WEST)
    borders = found.tables.devices.filter(pl.col("tier") == "border")
    assert borders["rack"].n_unique() == borders.height == 2
    managed = found.tables.cables.filter(
        (pl.col("fabric") == "oob") & pl.col("a_device").is_in(borders["device"].implode())
    )
    assert managed.height == 2


def test_another_interconnect_and_more_units_move_nothing() -> None:
    east = {**WEST, "name": "east", "to": "sol", "circuits": 3}
    few, more, grown = site(WEST), site(WEST, east), site(WEST, units=5)
    columns = ["fabric", "tier", "a_device", "a_port", "b_device", "b_port", "gbps"]
    own = pl.col("fabric").is_in(["compute", "interconnect"])
    before = set(few.tables.cables.filter(own).select(columns).rows())
    for later in (more, grown):
        assert before <= set(later.tables.cables.filter(own).select(columns).rows())
    names = pl.col("tier") == "border"
    places = ["device", "rack", "unit", "asn"]
    assert few.tables.devices.filter(names).select(places).equals(more.tables.devices.filter(names).select(places))


@settings(max_examples=25, deadline=None)
@given(
    circuits=st.integers(1, 24),
    borders=st.integers(1, 4),
    gbps=st.sampled_from([100, 400]),
    kept=st.integers(0, 16),
    planes=st.integers(1, 2),
)
def test_ports_are_used_once_and_every_plane_is_reached(
    circuits: int, borders: int, gbps: int, kept: int, planes: int
) -> None:
    link = {**WEST, "circuits": circuits, "circuit_gbps": gbps, "border_switches": borders}
    found = site(link, fabric={**FABRIC, "border_ports": kept, "planes": planes})
    again = site(link, fabric={**FABRIC, "border_ports": kept, "planes": planes})
    assert found.tables.cables.equals(again.tables.cables)
    if "FAB181" in errors(found):
        assert not found.interconnects
        assert ends(found).is_empty()
        return
    compute = found.tables.cables.filter(pl.col("fabric").is_in(["compute", "interconnect"]))
    both = pl.concat([compute.select(device=f"{end}_device", port=f"{end}_port", plane="plane") for end in "ab"])
    switches = both.filter(~pl.col("device").str.contains("-n0|demarc"))
    assert not switches.select("device", "port").is_duplicated().any()
    uplinks = compute.filter(pl.col("tier").str.ends_with("-border"))
    assert uplinks.group_by("b_device").agg(pl.col("plane").n_unique())["plane"].min() == planes
    graph = nx.Graph(compute.select("a_device", "b_device").rows())
    assert nx.is_connected(graph)


def test_a_fabric_without_a_free_port_says_how_to_keep_some() -> None:
    found = site(WEST, fabric={"roles": ["compute"], "switch": "sn5600"})
    (finding,) = [f for f in found.findings if f.code == "FAB181"]
    assert "border_ports" in finding.hint
    assert finding.at == "interconnects[0]"


def test_core_switches_that_are_not_built_yet_cannot_be_joined() -> None:
    fabric = {**FABRIC, "scalable_units_per_pod": 2}
    assert "FAB181" in errors(site(WEST, units=1, fabric=fabric))
    assert "FAB181" not in errors(site(WEST, units=4, fabric=fabric))


def test_border_switches_of_another_link_layer_are_refused() -> None:
    link = {**WEST, "border_switch": "sn5600"}
    found = site(link, fabric={"roles": ["compute"], "switch": "qm9700", "border_ports": 2})
    assert "FAB181" in errors(found)


def test_light_takes_4_9_microseconds_a_kilometre() -> None:
    assert one_way_us(1) == pytest.approx(4.897, abs=0.001)
    (found,) = site({**WEST, "distance_km": 100}).interconnects
    assert found.round_trip_us == pytest.approx(979.3, abs=0.1)
    assert found.bandwidth_delay_mbyte == pytest.approx(400e9 / 8 * 979.34e-6 / 1e6, rel=1e-3)


@given(gbps=st.sampled_from([100.0, 400.0, 800.0]), km=st.floats(0.1, 600), amplified=st.booleans())
def test_the_chosen_optic_reaches_and_none_that_reaches_less_does(gbps: float, km: float, *, amplified: bool) -> None:
    optics = CATALOG.all_of(LineOptic)
    found = optic_for(optics, "ethernet", gbps, km, amplified=amplified)
    able = [o for o in optics if gbps in o.gbps and reach_km(o, amplified=amplified) >= km]
    assert (found is None) == (not able)
    if found:
        assert reach_km(found, amplified=amplified) == min(reach_km(o, amplified=amplified) for o in able)


def test_two_sites_that_agree_have_no_finding() -> None:
    here = site(WEST, name="lima")
    there = site({**WEST, "to": "lima"}, name="rio")
    assert disagreements(here, there) == disagreements(there, here) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"circuits": 2}, "circuits: 4 here, 2 at rio"),
        ({"distance_km": 30}, "distance_km: 20 here, 30 at rio"),
        ({"circuit_gbps": 100}, "circuit_gbps: 400 here, 100 at rio"),
        ({"amplified": True}, "amplified: False here, True at rio"),
        ({"to": "oslo"}, "rio has no end of it"),
    ],
)
def test_two_sites_that_differ_are_told_in_what(change: dict[str, Any], told: str) -> None:
    here = site(WEST, name="lima")
    there = site({**WEST, "to": "lima", **change}, name="rio")
    found = disagreements(here, there)
    assert {f.code for f in found} == {"FAB186"}
    assert any(told in f.message for f in found)


ZONE_NODE = """kind: system
key: zone-node
title: A node with one port of 200 Gb/s
facts:
  - source: {doc: made up for a test, tier: secondary, confidence: recalled}
    values:
      form: node
      vendor: none
      gpu_count: 8
      max_kw: 5
      height_u: 4
      weight_kg: 40
      liquid_kw: 0
      air_kw: 5
      scale_up_domain_gpu_count: 8
      nics:
        - {roles: [compute], model: connectx-6, count: 1, port_gbps: 200, technologies: [infiniband]}
      reference_architecture: zone
"""


ZONE = """kind: reference-architecture
key: zone
title: A zone
facts:
  - source: {doc: made up for a test, tier: secondary, confidence: recalled}
    values: {systems: [zone-node], su_node_count: 760, nodes_per_rack: 8, compute_switch: qm8700}
"""


def test_two_zones_of_fire_flyer_2_are_joined_by_two_switches(tmp_path: Path) -> None:
    """arXiv:2408.14158: two zones of 40 leaves and 20 spines of 40 ports, and two switches between them: 122."""
    for folder in ("systems", "reference-architectures"):
        (tmp_path / folder).mkdir()
    (tmp_path / "reference-architectures" / "zone.yaml").write_text(ZONE, encoding="utf-8")
    (tmp_path / "systems" / "zone-node.yaml").write_text(ZONE_NODE, encoding="utf-8")
    zone = {"roles": ["compute"], "switch": "qm8700", "nodes_per_leaf": 19, "uplinks_per_leaf": 20}
    pools = [pool("zone-node", name=name, nodes=760, fabric=name) for name in ("north", "south")]
    link = {"name": "zones", "fabric": "north", "joins": "south", "attach": "leaf", "uplink_gbps": 4000}
    found = design(
        *pools,
        catalog=load_catalog(tmp_path),
        fabrics={"north": zone, "south": zone},
        interconnects=[link],
    )
    assert [str(f) for f in found.findings if f.code.startswith("FAB")] == []
    switches = found.tables.devices.filter(pl.col("fabric").is_in(["north", "south"]), pl.col("kind") == "switch")
    counts = dict(switches.group_by("tier").len().iter_rows())
    assert counts == {"leaf": 80, "spine": 40, "border": 2}
    links = found.tables.cables.filter(pl.col("tier") == "leaf-border")
    assert links.group_by("fabric", "b_device").len()["len"].to_list() == [20, 20, 20, 20]
    assert links["a_device"].n_unique() == 80
    assert not ends(found).select("device", "port").is_duplicated().any()
