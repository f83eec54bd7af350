"""A small design made by hand: four nodes in two racks, three switches in a third, two fabrics."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.design.model import (
    COLUMNS,
    CoolingDesign,
    Design,
    FabricDesign,
    HallDesign,
    PoolDesign,
    PowerDesign,
    Tables,
)
from gigasite.spec.site import SiteSpec


def _table(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(COLUMNS[name]) | row for row in rows], schema=COLUMNS[name])


def _racks() -> pl.DataFrame:
    pool = {
        "kind": "pool",
        "pool": "train",
        "rack_in_su": 1,
        "hall": 1,
        "row": 1,
        "it_kw": 20.4,
        "air_kw": 20.4,
    }
    return _table(
        "racks",
        [
            {"rack": "s1-train-su1-r1", "su": 1, "position": 1, "system": "dgx-h100", **pool},
            {"rack": "s1-train-su2-r1", "su": 2, "position": 2, "system": "dgx-h100", **pool},
            {
                "rack": "s1-net-r1",
                "kind": "network",
                "pool": "",
                "hall": 2,
                "row": 1,
                "position": 1,
                "it_kw": None,
            },
        ],
    )


def _nodes() -> pl.DataFrame:
    return _table(
        "nodes",
        [
            {
                "node": f"s1-train-su{su}-n{slot}",
                "pool": "train",
                "su": su,
                "slot": slot,
                "rack": f"s1-train-su{su}-r1",
                "unit": 1 + 8 * (slot - 1),
                "gpu_count": 8,
                "nvlink_domain": f"s1-train-su{su}-n{slot}",
                "spare": False,
            }
            for su in (1, 2)
            for slot in (1, 2)
        ],
    )


def _devices() -> pl.DataFrame:
    switch = {
        "kind": "switch",
        "model": "qm9700",
        "fabric": "compute",
        "plane": 1,
        "rail": 0,
        "rack": "s1-net-r1",
    }
    leaf = {"tier": "leaf", "pool": "train", "pod": 0, **switch}
    return _table(
        "devices",
        [
            {"device": "s1-c-leaf-su1", "su": 1, "index": 1, "unit": 1, "asn": 4210000001, **leaf},
            {"device": "s1-c-leaf-su2", "su": 2, "index": 2, "unit": 2, "asn": 4210000002, **leaf},
            {
                "device": "s1-c-spine-1",
                "tier": "spine",
                "pool": "",
                "pod": 1,
                "index": 1,
                "unit": None,
                **switch,
            },
            {
                "device": "s1-ufm-1",
                "kind": "ufm",
                "model": "ufm",
                "fabric": "compute",
                "rack": "s1-net-r1",
                "unit": 9,
            },
        ],
    )


def _links() -> list[dict[str, object]]:
    down = [
        {
            "tier": "node-leaf",
            "a_device": f"s1-train-su{su}-n{slot}",
            "a_port": 1,
            "b_device": f"s1-c-leaf-su{su}",
            "b_port": slot,
            "media": "dac-400g",
            "length_m": 2.5,
        }
        for su in (1, 2)
        for slot in (1, 2)
    ]
    up = [
        {
            "tier": "leaf-spine",
            "a_device": f"s1-c-leaf-su{su}",
            "a_port": 33,
            "b_device": "s1-c-spine-1",
            "b_port": su,
        }
        for su in (1, 2)
    ]
    shared = {"fabric": "compute", "plane": 1, "rail": 1, "gbps": 400.0}
    return [{"cable": number, **link, **shared} for number, link in enumerate(down + up, start=1)]


def _ports() -> pl.DataFrame:
    return _table(
        "ports",
        [
            {
                "device": link[f"{end}_device"],
                "port": link[f"{end}_port"],
                "cage": link[f"{end}_port"],
                "lane": 1,
                "fabric": "compute",
                "plane": 1,
                "gbps": 400.0,
                "link": number,
            }
            for end in "ab"
            for number, link in enumerate(_links())
        ],
    )


def _addresses() -> pl.DataFrame:
    nodes = [f"s1-train-su{su}-n{slot}" for su in (1, 2) for slot in (1, 2)]
    rows = [
        row
        for number, node in enumerate(nodes, start=10)
        for row in (
            {
                "device": node,
                "interface": "bmc",
                "fabric": "oob",
                "use": "management",
                "address": f"10.0.0.{number}",
            },
            {
                "device": node,
                "interface": "bond0",
                "fabric": "inband",
                "use": "host",
                "address": f"10.1.0.{number}",
            },
        )
    ]
    switch = {"device": "s1-c-leaf-su1", "interface": "mgmt0", "fabric": "oob", "use": "management"}
    return _table("addresses", [{"prefix_length": 24, **row} for row in [*rows, {**switch, "address": "10.0.0.200"}]])


def _feeds() -> pl.DataFrame:
    racks = ("s1-train-su1-r1", "s1-train-su2-r1", "s1-net-r1")
    return _table(
        "feeds",
        [
            {
                "feed": f"{rack}-{letter}",
                "rack": rack,
                "letter": letter,
                "block": f"s1-b{letter.lower()}",
                "load_kw": 10.2,
            }
            for rack in racks
            for letter in "AB"
        ],
    )


def _fabric(name: str, roles: tuple[str, ...]) -> FabricDesign:
    return FabricDesign(
        name=name,
        roles=roles,
        pools=("train",),
        technology="infiniband" if name == "compute" else "ethernet",
        switch="qm9700",
        spine_switch="qm9700",
        core_switch=None,
        link_gbps=400.0,
        tiers=2,
        planes=1,
        leaf_count=2,
        spine_count=1,
        core_count=0,
        cables_node_leaf=4,
        cables_ufm_leaf=0,
        cables_leaf_spine=2,
        cables_spine_core=0,
        endpoint_count=4,
        leaf_oversubscription=2.0,
        asked_oversubscription=2.0,
        bisection_ratio=0.5,
    )


def _hall(index: int) -> HallDesign:
    return HallDesign(
        name=f"hall-{index}",
        index=index,
        rack_count=3 - index,
        rack_positions=10,
        it_kw=40.8 if index == 1 else None,
        it_limit_kw=100.0,
        liquid_kw=0.0,
        air_kw=40.8 if index == 1 else None,
        flow_lpm=0.0,
        rack_flow_lpm=0.0,
        cdu_required_count=0,
        cdu_count=0,
        air_unit_required_count=1,
        air_unit_count=2,
        block_count=2,
    )


@pytest.fixture
def design() -> Design:
    pool = {"name": "train", "system": "dgx-h100", "scalable_units": 2}
    spec = SiteSpec.model_validate({"name": "sample", "naming": {"prefix": "s1"}, "pools": [pool]})
    return Design(
        site="sample",
        prefix="s1",
        spec=spec,
        resolved=spec,
        settings=(),
        pools={
            "train": PoolDesign(
                name="train",
                system="dgx-h100",
                purpose="training",
                reference_architecture="dgx-superpod-h100",
                su_count=2,
                build_to_su_count=2,
                su_node_slots=2,
                node_count=4,
                gpu_count=32,
                spare_node_count=0,
                rack_count=2,
                system_count=4,
                system_kw=10.2,
                compute_fabric="compute",
            )
        },
        fabrics={"compute": _fabric("compute", ("compute",)), "inband": _fabric("inband", ("inband",))},
        halls=(_hall(1), _hall(2)),
        power=PowerDesign(
            topology="2N",
            set_block_count=2,
            set_required_count=1,
            unit_kw=500.0,
            block_count=2,
            rack_voltage_v=415.0,
            feeds_per_rack=2,
            breaker_a=60.0,
            feed_usable_kw=34.5,
            it_kw=None,
            mechanical_kw=None,
            loss_kw=None,
            utility_kw=None,
            utility_available_kw=1000.0,
            chain_efficiency_ratio=0.94,
        ),
        cooling=CoolingDesign(
            supply_c=40.0,
            fluid="pg25",
            cdu="ocp-rating-1mw",
            cdu_usable_kw=1000.0,
            cdu_limited_by="name-plate",
            air_unit="crah",
            air_unit_kw=100.0,
            liquid_kw=0.0,
            air_kw=None,
            flow_lpm=0.0,
            rack_flow_lpm=0.0,
            flow_bound_by="system-curve",
            cdu_installed=0,
            air_units_installed=2,
            facility_supply_c=None,
            rejection_c_min=None,
        ),
        address_blocks=(),
        tables=Tables(
            racks=_racks(),
            nodes=_nodes(),
            devices=_devices(),
            ports=_ports(),
            cables=_table("cables", _links()),
            addresses=_addresses(),
            modules=_table("modules", []),
            subnets=_table("subnets", []),
            circuits=_table("circuits", []),
            domains=_table("domains", []),
            scale_up_links=_table("scale_up_links", []),
            rail_networks=_table("rail_networks", []),
            feeds=_feeds(),
            blocks=_table(
                "blocks",
                [{"block": f"s1-b{letter}", "hall": 1, "index": 1, "unit_kw": 500.0} for letter in "ab"],
            ),
            elements=_table("elements", []),
            connections=_table("connections", []),
            plant=_table("plant", []),
        ),
    )
