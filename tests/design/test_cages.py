"""Ports are not cages: what one module or plug fills."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from gigasite.catalog import load_catalog
from gigasite.catalog.models import System
from gigasite.design.cabling.faces import Face, NodeFace, SwitchFace
from gigasite.design.clos import SwitchShape
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
SITE = """\
schema_version: 1
name: cages
pools: [{{name: train, system: {system}, scalable_units: {units}}}]
"""


def site(system: str, units: int) -> Design:
    return expand(load_text(SITE.format(system=system, units=units), catalog=CATALOG).spec, CATALOG)


def fronts(face: Face, ports: int) -> tuple[list[int], list[str | None]]:
    """The cage of each port, and its kind."""
    port = np.arange(1, ports + 1, dtype=np.int32)
    spots = face.spots(port, np.ones_like(port), np.full(ports, 100.0))
    return spots.cage.tolist(), [face.sockets[place].cage for place in spots.socket]


def switch_front(key: str) -> tuple[list[int], list[str | None]]:
    switch = CATALOG.switch(key)
    down = [group for group in switch.port_groups if group.use != "up"]
    up = [group for group in switch.port_groups if group.use == "up"]
    shape = SwitchShape(sum(g.count for g in down), uplink_port_count=sum(g.count for g in up) if up else None)
    return fronts(SwitchFace(switch, shape), sum(g.count for g in switch.port_groups))


@pytest.mark.parametrize(
    ("switch", "cage_count", "port_count", "kind"),
    [
        ("qm9700", 32, 64, "osfp-ihs"),
        ("q3400-ra", 72, 144, "osfp-ihs"),
        ("sn5600", 64, 64, "osfp-ihs"),
        ("7060x6-64pe", 64, 64, "osfp-ihs"),
        ("sn4600c", 64, 64, "qsfp28"),
        ("qm8700", 40, 40, "qsfp56"),
    ],
)
def test_switches_have_as_many_cages_as_their_makers_print(
    switch: str, cage_count: int, port_count: int, kind: str
) -> None:
    cages, kinds = switch_front(switch)
    assert cages == [1 + port * cage_count // port_count for port in range(port_count)]
    assert set(kinds) == {kind}


def test_a_management_switch_has_sockets_and_then_cages_for_its_uplinks() -> None:
    assert switch_front("sn2201") == (list(range(1, 53)), ["rj45"] * 48 + ["qsfp28"] * 4)


def test_eight_nics_of_a_dgx_share_four_cages_as_its_manual_says() -> None:
    cages, kinds = fronts(NodeFace(CATALOG.of(System, "dgx-h100")), 12)
    assert cages == [4, 3, 3, 4, 1, 2, 2, 1, 5, 6, 7, 8]
    assert kinds == ["osfp-rhs"] * 8 + ["qsfp112"] * 4


def test_a_system_without_sources_has_cages_of_unknown_kind() -> None:
    assert set(fronts(NodeFace(CATALOG.of(System, "instinct-mi300x")), 10)[1]) == {None}


def test_two_ports_at_most_share_a_twin_cage_and_lanes_share_their_port() -> None:
    ports = site("dgx-h100", 2).tables.ports.filter(pl.col("connector") == "osfp-ihs")
    used = ports.group_by("device", "module_cage").agg(pl.col("cage").n_unique(), pl.len())
    assert used["cage"].max() == used["len"].max() == 2
    assert ports.filter(pl.col("module_cage") != (pl.col("cage") + 1) // 2).is_empty()


def test_management_ports_are_sockets_that_take_no_module() -> None:
    tables = site("dgx-h100", 1).tables
    ports = tables.ports.filter(pl.col("fabric") == "oob", pl.col("gbps") == 1)
    assert set(ports["connector"]) == {"rj45"}
    switches = tables.devices.filter(pl.col("kind") == "switch")["device"]
    assert ports.filter(~pl.col("device").is_in(switches.implode()))["module_cage"].null_count() > 0
