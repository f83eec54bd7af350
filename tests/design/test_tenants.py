"""Tenants with units of their own: numbers that stay, VRFs of their nodes, and nobody else's."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.model import Design
from gigasite.design.tenants import LAST_PKEY, VRF_NAME_LENGTH, tenants_of
from gigasite.spec.pools import TenantSpec
from tests.design.sites import design, pool

EVPN = {"switch": "sn5600", "overlay": "evpn"}
LAB_A = {"name": "lab-a", "pool": "train", "scalable_units": [1]}
LAB_B = {"name": "a-laboratory-of-note", "pool": "train", "scalable_units": [2]}


def site(*tenants: dict[str, Any], overlay: str = "evpn") -> Design:
    evpn = {"switch": "sn5600", "overlay": overlay}
    return design(
        pool("dgx-h100", scalable_units=4),
        fabrics={role: {"roles": [role], **evpn} for role in ("compute", "storage", "inband")},
        tenants=list(tenants),
    )


def test_two_tenants_on_one_leaf_have_two_vrfs_and_two_subnets_there() -> None:
    found = site(LAB_A, LAB_B)
    storage = found.tables.subnets.filter(pl.col("fabric") == "storage")
    shared = storage.filter(pl.col("vrf").is_not_null()).group_by("device").agg(pl.col("vrf").n_unique(), "vlan")
    assert shared["vrf"].max() == 2
    assert all(len(vlans) == len(set(vlans)) for vlans in shared["vlan"].to_list())


def test_both_ends_of_a_tenants_links_and_its_subnets_are_in_its_vrf_and_nobody_elses() -> None:
    found = site(LAB_A, LAB_B)
    vrfs = {tenant.name: tenant.vrf for tenant in found.tenants.values()}
    wanted = found.tables.nodes.select(
        device="node", wanted=pl.col("tenant").replace_strict(vrfs, default=None, return_dtype=pl.String)
    )
    addresses = found.tables.addresses.filter(pl.col("fabric") != "oob")
    hosts = addresses.join(wanted, on="device")
    assert hosts.height
    assert hosts.select(pl.col("vrf").eq_missing(pl.col("wanted")).all()).item()
    links = found.tables.cables.filter(pl.col("tier") == "node-leaf").select(
        "fabric", a="a_device", device="b_device", interface=pl.format("swp{}", "b_port")
    )
    ends = addresses.join(links, on=["fabric", "device", "interface"]).join(wanted, left_on="a", right_on="device")
    assert ends.height
    assert ends.select(pl.col("vrf").eq_missing(pl.col("wanted")).all()).item()
    assert found.tables.addresses.filter(pl.col("fabric") == "oob")["vrf"].null_count() == (
        found.tables.addresses.filter(pl.col("fabric") == "oob").height
    )


def test_a_tenant_moves_no_address() -> None:
    columns = ["device", "interface", "fabric", "use", "address", "prefix_length"]
    before, after = site(), site(LAB_A, LAB_B)
    assert before.tables.addresses.select(columns).equals(after.tables.addresses.select(columns))


def test_without_an_overlay_there_are_no_vrfs_but_nodes_have_their_tenant() -> None:
    found = site(LAB_A, overlay="none")
    assert found.tables.addresses["vrf"].null_count() == found.tables.addresses.height
    assert found.tables.nodes.filter(pl.col("tenant") == "lab-a")["su"].unique().to_list() == [1]


@given(st.lists(st.integers(1, 40), unique=True, max_size=12), st.booleans())
def test_a_tenant_at_the_end_moves_nobodys_numbers(numbers: list[int], alone: bool) -> None:
    def tenant(number: int) -> TenantSpec:
        name = f"tenant-of-the-number-{number}"
        has = {"scalable_units": (number,)} if alone or number % 2 else {"share": 0.01}
        return TenantSpec.model_validate({"name": name, "pool": "train", **has})

    specs = [tenant(number) for number in numbers]
    before, after = tenants_of(specs), tenants_of([*specs, tenant(41)])
    assert {name: after[name] for name in before} == before
    own = [found for found in after.values() if found.su]
    for number in ("vrf", "vni", "pkey"):
        values = [getattr(found, number) for found in own]
        assert len(set(values)) == len(values)
    assert all(len(found.vrf or "") <= VRF_NAME_LENGTH for found in own)
    assert all(1 <= (found.pkey or 0) <= LAST_PKEY for found in own)


def test_a_tenant_has_a_share_or_units() -> None:
    with pytest.raises(ValueError, match="say what the tenant has"):
        TenantSpec.model_validate({"name": "lab", "pool": "train"})
