"""Ports go by the names that the operating systems of the two sides give them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from gigasite.design.packet_links import packet_links
from gigasite.render.switch.ports import port_names
from gigasite.render.switch.systems import operating_system
from gigasite.verify.cabling import verify_cabling
from gigasite.verify.ends import design_ends
from gigasite.verify.found import Found, found_of
from tests.infiniband.sites import Site, site

POOL = "- {name: train, system: dgx-h100, nodes: 8, nodes_per_scalable_unit: 8}"
FABRICS = "fabrics: {{converged: {{roles: [compute, storage, inband], switch: {switch}, os: {os}}}}}\n"
CASES = {"nvue": "sn5600", "eos": "7060x6-64pe", "sonic": "7060x6-64pe", "frr": "sn5600"}


def made(os: str) -> Site:
    return site(POOL, FABRICS.format(switch=CASES[os], os=os))


def told_by_switches(found: Site, os: str, domain: str = "") -> list[Found]:
    """What every switch of the fabric tells, in the names of its system; hosts tell the names of their interfaces."""
    fabric = found.design.fabrics["converged"]
    names = {(d, p): n for d, p, n in port_names(found.design, found.catalog, fabric, operating_system(os)).rows()}
    ends = design_ends(found.design, found.catalog, "ethernet", {os}).table
    host = {(*key, plane): name for *key, plane, name in ends.select("device", "port", "plane", "name").rows()}
    rows = []
    for a, p, b, q, plane in (
        packet_links(found.design, "converged").select("a_device", "a_port", "b_device", "b_port", "plane").rows()
    ):
        near = names.get((a, p)) or host[a, p, plane]
        rows.append((b, names[b, q], f"{a}{domain}", near, None, None))
        if (a, p) in names:
            rows.append((a, names[a, p], f"{b}{domain}", names[b, q], None, None))
    devices = {row[0] for row in rows}
    return [found_of([row for row in rows if row[0] == device], os, [device]) for device in sorted(devices)]


def codes(found: Site, told: Sequence[Found]) -> list[str]:
    verified = verify_cabling(found.design, found.catalog, told)
    return [finding.code for _, finding in verified.findings if "fabric oob" not in finding.message]


@pytest.mark.parametrize("os", CASES)
@pytest.mark.parametrize("domain", ["", ".example.net"])
def test_cables_are_known_by_the_names_of_each_system(os: str, domain: str) -> None:
    found = made(os)
    assert codes(found, told_by_switches(found, os, domain)) == []


@pytest.mark.parametrize("os", CASES)
def test_a_cable_in_the_next_port_is_found_under_the_names_of_each_system(os: str) -> None:
    found = made(os)
    told = told_by_switches(found, os)
    hosts = list(found.design.tables.nodes["node"])
    place = next(n for n, each in enumerate(told) if each.rows["peer"].is_in(hosts).any())
    told[place] = exchanged(told[place], pl.col("peer").is_in(hosts))
    assert codes(found, told) == ["DEP113"]


def exchanged(told: Found, which: pl.Expr) -> Found:
    """With the names of two of its ports exchanged."""
    first, second = told.rows.filter(which)["port"][:2]
    return Found(told.rows.with_columns(pl.col("port").replace({first: second, second: first})), told.system, told.seen)


def test_devices_that_contradict_each_other_are_told() -> None:
    found = made("nvue")
    told = told_by_switches(found, "nvue")
    place = next(n for n, each in enumerate(told) if each.rows["peer"].str.contains("-leaf").all())  # a spine
    told[place] = exchanged(told[place], pl.lit(True))
    assert codes(found, told) == ["DEP120", "DEP120"]


def test_a_host_whose_interfaces_have_other_names_is_taken_at_its_word() -> None:
    """As long as it is the right host: its own names say nothing of the design's."""
    found = made("nvue")
    hosts = set(found.design.tables.nodes["node"])
    renamed = [
        Found(
            each.rows.with_columns(
                peer_port=pl.when(pl.col("peer").is_in(list(hosts))).then(pl.lit("enp26s0f0np0")).otherwise("peer_port")
            ),
            each.system,
            each.seen,
        )
        for each in told_by_switches(found, "nvue")
    ]
    assert codes(found, renamed) == []
