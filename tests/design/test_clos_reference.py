"""Published fabrics come out of the general generator: each entry of two reference files, by its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from gigasite.catalog.models import FabricRole
from gigasite.design.clos import (
    ClosRequest,
    SwitchShape,
    bandwidth_across,
    bisection_ratio,
    plan,
    ports_at,
    two_tier_limit,
)
from gigasite.design.clos.shape import down_port_limit
from gigasite.design.slices import direct_mesh, switched_domain, torus_slice

from .sites import CATALOG, design, pool

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = ("20_superpod_fabrics.yaml", "21_fabrics_other.yaml")
ENTRIES = {
    entry["id"]: entry
    for name in FILES
    for entry in yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))["entries"]
}
UFM_CABLES = 4  # two subnet managers of two ports each: the difference that the tables' notes give

# Predicates in words; the tests of behaviour prove them.
IN_WORDS = {"rail_rule", "partial_su_rule", "rule", "one_node_slot_reserved_for"}

# Facts of products, racks and sites, which are no part of a fabric's layout.
NOT_OF_THE_FABRIC = {
    "sp-h100-4su-components": {"management_servers"},
    "sp-b200-rack": {"rack_power_kw_exceeds", "tested_su"},
    "sp-b300-eth-facts": {"nodes_per_rack", "rack_power_kw_exceeds"},
    "sp-b300-xdr-facts": {"nodes_per_rack", "rack_power_kw", "rack_pdus", "rack_pdu_height_u", "tested_su"},
    "sp-gb200-su": {
        "su_tdp_mw",
        "facility_class_min",
    },
    "sp-gb200-nvlink": {
        "gpus",
        "compute_trays",
        "nvlink_switch_trays",
        "nvlink_chips_per_tray",
        "links_per_gpu",
        "gpu_nvlink_tb_s",
    },
    "sp-gb300-1su": {"su_tdp_mw"},
    "sp-rubin-nvl8-facts": {
        "hbm_total_gb",
        "cooling",
        "power",
    },
    "fab-tpu-v5p-chip": {
        "max_slice_shape",
        "pod_chips",
        "ici_gbyte_s_bidir_per_chip",
        "dcn_gbps_per_chip",
        "hbm_gib",
        "bf16_tflops",
        "topology",
        "max_multislice_chips",
    },
}

Given = dict[str, Any]


def request(given: Given, su_count: int | None = None, build_to: int | None = None) -> ClosRequest:
    """The request that a row of a SuperPOD table stands for."""
    su_count = su_count or given["su"]
    lanes = int(given.get("port_breakout", "1x").split("x")[0])
    switch = SwitchShape(given["switch_ports"] * lanes, breakout=lanes)
    nodes_per_rack = given.get("gpus_per_rack", 0) // given["rails"]
    nodes_per_su = given.get("nodes_per_su") or given["racks_per_su"] * nodes_per_rack
    reserved = given.get("nodes_reserved_for_ufm", 0)
    rack_scale_leaf = "leaf_rule" in given
    return ClosRequest(
        node_counts=(nodes_per_su,) * (su_count - 1) + (nodes_per_su - reserved,),
        nodes_per_su=nodes_per_su,
        build_to_su_count=build_to or su_count,
        rails=given["rails"],
        planes=given.get("planes", 1),
        leaf=switch,
        spine=switch,
        core=switch,
        leaf_scope_nodes=nodes_per_rack if rack_scale_leaf else None,
        spine_scope="rail" if rack_scale_leaf else "shared",
        pod="su" if rack_scale_leaf else "fewest-switches",
        reserved_slots=tuple((su_count - 1, nodes_per_su - 1 - slot) for slot in range(reserved)),
        extra_links=UFM_CABLES if reserved else 0,
    )


def superpod(given: Given, build_to: int | None = None) -> Given:
    """Counts of a SuperPOD as its tables name them; one NIC port a GPU."""
    asked = request(given, build_to=build_to)
    summary = plan(asked).summary()
    return asdict(summary) | {
        "nodes": asked.node_count,
        "trays": asked.node_count,
        "gpus": summary.endpoints,
        "gpu_nodes": asked.node_count,
        "racks": asked.node_count * given["rails"] // given.get("gpus_per_rack", 8),
        "cables_node_and_ufm_to_leaf": summary.cables_node_leaf + summary.cables_ufm_leaf,
        "tested_nodes": asked.node_count,
        "nodes_per_su": down_port_limit(asked.leaf, 1.0),
    }


def gb200(given: Given) -> Given:
    most = ENTRIES["sp-gb200-su"]["expected"]
    return superpod(given, build_to=most["max_racks_quoted"] // most["racks_per_su"])


def components_of_h100(_: Given) -> Given:
    """Racks and fabric managers of a whole site of four SUs."""
    tables = design(pool("dgx-h100", scalable_units=4)).tables
    return superpod(ENTRIES["sp-h100-4su"]["given"]) | {
        "racks_total": tables.racks.height,
        "ufm_appliances": tables.devices.filter(pl.col("kind") == "ufm").height,
    }


def gb200_su(_: Given) -> Given:
    row = ENTRIES["sp-gb200-1su"]["given"]
    one, most = superpod(row), superpod(row | {"su": 16})
    fabrics = design(pool("gb200-nvl72")).fabrics
    return {
        "compute_fabric_gbps": fabrics["compute"].link_gbps,
        "storage_switch": fabrics["storage"].switch,
        "storage_transport": "rocev2" if fabrics["storage"].technology == "ethernet" else "infiniband",
        "racks_per_su": one["racks"],
        "gpus_per_su": one["gpus"],
        "compute_trays_per_su": one["trays"],
        "max_racks_quoted": most["racks"],
        "max_gpus_quoted": most["gpus"],
    }


def sizing_rule(given: Given) -> Given:
    laid_out = plan(request(given, su_count=1))
    return {"leaf_per_su": laid_out.leaf_count, "leaf_uplinks_built": laid_out.leaves.uplink_count}


def as_tested(row_id: str, fact_id: str) -> Callable[[Given], Given]:
    """Facts of a system at its tested size, from a row of its table."""
    su_count = ENTRIES[fact_id]["expected"]["tested_su"]
    return lambda _: superpod(ENTRIES[row_id]["given"] | {"su": su_count})


def b300_ethernet(_: Given) -> Given:
    row = ENTRIES["sp-b300-eth-1su"]["given"]
    return superpod(row) | {"gpu_link_gbps_per_plane": row["port_gbps"] / row["planes"]}


def rubin_nvl8(_: Given) -> Given:
    row = ENTRIES["sp-b300-xdr-1su"]["given"]  # same switch, rails and SU
    site = design(pool("dgx-rubin-nvl8"))
    ports = site.tables.cables.filter(pl.col("fabric") == "compute", pl.col("tier") == "node-leaf")
    nics = CATALOG.system("dgx-rubin-nvl8").ports(FabricRole.COMPUTE)
    return superpod(row) | {
        "compute_nics": ports["a_port"].n_unique(),
        "compute_nic": nics[0].model,
        "compute_nic_gbps": ports["gbps"].max(),
        "rails": row["rails"],
        "leaf_per_su": plan(request(row)).leaf_count,
        "fully_drawn_nodes": superpod(row | {"su": 8})["nodes"],
    }


def nvlink(_: Given) -> Given:
    fact = ENTRIES["sp-gb200-nvlink"]["expected"]
    domain = switched_domain(
        fact["gpus"],
        fact["links_per_gpu"],
        fact["nvlink_switch_trays"],
        fact["nvlink_chips_per_tray"],
        fact["gpu_nvlink_tb_s"],
    )
    return {
        "nvlink_chips": domain.chips,
        "links_per_gpu_per_chip": domain.links_per_accelerator_per_chip,
        "domain_nvlink_tb_s": domain.domain_tbyte_s,
    }


def fat_tree(given: Given) -> Given:
    """A full fat-tree of k-port switches: SUs of a pod's k²/4 hosts, 2 of them in two tiers, k in three."""
    k = given["switch_ports"]
    tiers = given.get("tiers", 2)
    pod_hosts = k * k // 4
    su_count = 2 if tiers == 2 else k
    switch = SwitchShape(k)
    laid_out = plan(
        ClosRequest(
            node_counts=(pod_hosts,) * su_count,
            nodes_per_su=pod_hosts,
            build_to_su_count=su_count,
            rails=1,
            leaf=switch,
            spine=switch,
            core=switch,
            rail_optimised=False,
            leaf_oversubscription=given.get("oversubscription", 1),
        )
    )
    summary = laid_out.summary()
    assert summary.tiers == tiers
    if tiers == 2:
        assert two_tier_limit(switch, switch) == summary.endpoints
    return asdict(summary) | {
        "hosts": summary.endpoints,
        "edge": summary.leaf,
        "aggregation": summary.spine,
        "switches": summary.leaf + summary.spine + summary.core,
        "inter_switch_links": summary.cables_leaf_spine + summary.cables_spine_core,
    }


def fire_flyer(given: Given) -> Given:
    zone = fat_tree(given | {"tiers": given["tiers_per_zone"]})
    return {
        "endpoints_per_zone": zone["endpoints"],
        "leaf_per_zone": zone["leaf"],
        "spine_per_zone": zone["spine"],
        "switches": given["zones"] * zone["switches"] + given["inter_zone_switches"],
    }


def meta_roce(given: Given) -> Given:
    """A leaf a rack, a pod an SU, 7:1 above the pods; spines of 576 ports, 256 ports a rack switch."""
    servers_per_pod = given["servers_per_rack"] * given["racks_per_pod"]
    down, up = (int(part) for part in given["agg_oversubscription"].split(":"))
    modular = SwitchShape(576)
    laid_out = plan(
        ClosRequest(
            node_counts=(servers_per_pod,) * given["pods"],
            nodes_per_su=servers_per_pod,
            build_to_su_count=given["pods"],
            rails=given["gpus_per_server"],
            leaf=SwitchShape(128),
            spine=modular,
            core=modular,
            rail_optimised=False,
            leaf_scope_nodes=given["servers_per_rack"],
            pod="su",
            spine_oversubscription=up / down,
        )
    )
    summary = laid_out.summary()
    assert (summary.tiers, laid_out.built_pod_count) == (given["tiers"], given["pods"])
    assert bisection_ratio(laid_out) * given["nic_gbps"] == pytest.approx(57.14, rel=0.01)
    return {
        "gpus_per_rack": laid_out.leaves.full_endpoint_count,
        "gpus_per_pod": summary.endpoints // given["pods"],
        "gpus": summary.endpoints,
        "servers": laid_out.request.node_count,
        "racks": summary.leaf,
        "pod_oversubscription": f"{laid_out.leaves.full_endpoint_count // laid_out.leaves.uplink_count}:1",
        "per_gpu_gbps_cross_pod": bandwidth_across(given["nic_gbps"], up / down),
    }


def meta_tor(_: Given) -> Given:
    """Twice as much up as down, in zones of the pod size that Meta gives elsewhere."""
    rack_switch = SwitchShape(128)
    pod = meta_roce(ENTRIES["fab-meta-roce-24k"]["given"])["gpus_per_pod"]
    fact = ENTRIES["fab-meta-roce-undersubscribed-tor"]["expected"]
    zones = {key: fact[key] for key in ("ai_zone_gpus_min", "ai_zone_gpus_max")}
    assert zones["ai_zone_gpus_min"] <= pod <= zones["ai_zone_gpus_max"]
    laid_out = plan(
        ClosRequest(
            node_counts=(64,),
            nodes_per_su=64,
            build_to_su_count=1,
            rails=8,
            leaf=rack_switch,
            spine=SwitchShape(576),
            core=SwitchShape(576),
            rail_optimised=False,
            leaf_scope_nodes=2,
            leaf_oversubscription=0.5,
        )
    )
    return {"uplink_to_downlink_ratio": bisection_ratio(laid_out), **zones}


def radix(given: Given) -> Given:
    return {f"ports_at_{gbps}g": ports_at(given["switch_tbps"], gbps) for gbps in (100, 200, 400, 800)}


def tpu_slices(given: Given) -> Given:
    slices = [torus_slice(tuple(shape), given["chips_per_host"], tuple(given["cube"])) for shape in given["topologies"]]
    keys = ("chips", "hosts", "cubes", "cores", "twist_supported")
    return {key: [getattr(one, key) for one in slices] for key in keys}


def tpu_chip(_: Given) -> Given:
    x, y, z = (int(side) for side in ENTRIES["fab-tpu-v5p-chip"]["expected"]["max_slice_shape"].split("x"))
    return {"max_slice_chips": torus_slice((x, y, z)).chips}


def gaudi3(given: Given) -> Given:
    ports_per_cage = int(given["osfp_bundle"].split("x")[0])
    keys = ("accelerators", "ports_per_accelerator", "scale_out_ports_per_accelerator", "port_gbps")
    mesh = asdict(direct_mesh(**{key: given[key] for key in keys}, ports_per_cage=ports_per_cage))
    return mesh | {"osfp_ports_per_node": mesh["cages_per_node"]}


DERIVATIONS: dict[str, Callable[[Given], Given]] = {
    "sp-h100-sizing-rule": sizing_rule,
    "sp-balanced-fat-tree-rule": lambda _: {},
    "sp-h100-1su": superpod,
    "sp-h100-2su": superpod,
    "sp-h100-4su": superpod,
    "sp-h100-4su-components": components_of_h100,
    "sp-b200-2su": superpod,
    "sp-b200-4su": superpod,
    "sp-b200-16su": superpod,
    "sp-b200-rack": as_tested("sp-b200-2su", "sp-b200-rack"),
    "sp-b300-eth-1su": superpod,
    "sp-b300-eth-2su": superpod,
    "sp-b300-eth-facts": b300_ethernet,
    "sp-b300-xdr-1su": superpod,
    "sp-b300-xdr-2su": superpod,
    "sp-b300-xdr-facts": as_tested("sp-b300-xdr-1su", "sp-b300-xdr-facts"),
    "sp-gb200-su": gb200_su,
    "sp-gb200-nvlink": nvlink,
    "sp-rubin-nvl8-facts": rubin_nvl8,
    "sp-gb200-1su": gb200,
    "sp-gb300-1su": superpod,
    "fab-meta-roce-24k": meta_roce,
    "fab-meta-roce-undersubscribed-tor": meta_tor,
    "fab-deepseek-ft2": fat_tree,
    "fab-fattree-2tier-k32": fat_tree,
    "fab-fattree-3tier-k32": fat_tree,
    "fab-fattree-2tier-k64": fat_tree,
    "fab-fattree-3tier-k64": fat_tree,
    "fab-switch-radix-51t2": radix,
    "fab-fireflyer2": fire_flyer,
    "fab-tpu-v5p-slices": tpu_slices,
    "fab-tpu-v5p-chip": tpu_chip,
    "fab-gaudi3-node": gaudi3,
}


def test_every_entry_of_the_reference_files_is_derived() -> None:
    assert set(DERIVATIONS) == set(ENTRIES)


@pytest.mark.parametrize("entry_id", ENTRIES)
def test_published_numbers_come_out_of_the_general_code(entry_id: str) -> None:
    entry = ENTRIES[entry_id]
    derived = DERIVATIONS[entry_id](entry["given"])
    outside = NOT_OF_THE_FABRIC.get(entry_id, set()) | IN_WORDS
    for key, expected in entry["expected"].items():
        if key not in outside:
            assert derived[key] == within(entry["tolerance"], key, expected), key


def within(tolerance: Any, key: str, expected: Any) -> Any:
    """The expected value, with the tolerance of its key where that is not exact."""
    allowed = tolerance.get(key, {}) if isinstance(tolerance, dict) else {}
    return pytest.approx(expected, **allowed) if allowed else expected


@pytest.mark.parametrize(
    ("row_id", "su_count", "leaf", "spine", "core"),
    [
        ("sp-b200-2su", 1, 8, 4, 0),
        ("sp-b200-2su", 3, 24, 16, 0),
        ("sp-b200-2su", 8, 64, 32, 0),
        ("sp-b200-2su", 16, 128, 128, 64),
        ("sp-b200-2su", 32, 256, 256, 128),
        ("sp-b300-xdr-1su", 4, 32, 18, 0),
        ("sp-gb200-1su", 16, 512, 384, 144),
    ],
)
def test_sizes_between_and_beyond_the_published_rows_are_balanced(
    row_id: str, su_count: int, leaf: int, spine: int, core: int
) -> None:
    summary = plan(request(ENTRIES[row_id]["given"], su_count=su_count)).summary()
    assert (summary.leaf, summary.spine, summary.core) == (leaf, spine, core)
