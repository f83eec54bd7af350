"""From a site file to the whole design: published architectures, growth, determinism, what cannot be designed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.model import COLUMNS, Design, Origin
from gigasite.design.summary import summary
from gigasite.errors import GigasiteError, Severity
from tests.design.sites import CATALOG, design, pool

SUPERPODS = {
    entry["id"]: entry
    for entry in yaml.safe_load((Path(__file__).parent.parent / "reference/20_superpod_fabrics.yaml").read_text())[
        "entries"
    ]
    if entry["kind"] == "vector"
}
ETHERNET = {"compute": {"roles": ["compute"], "switch": "sn5600"}}


@pytest.mark.parametrize("entry", SUPERPODS)
def test_a_site_file_with_the_published_size_gives_the_published_fabric(entry: str) -> None:
    given_, expected = SUPERPODS[entry]["given"], SUPERPODS[entry]["expected"]
    fabrics = ETHERNET if given_.get("fabric") == "spectrum-x" else {}
    found = design(pool(given_["system"], scalable_units=given_["su"]), fabrics=fabrics)
    fabric, train = found.fabrics["compute"], found.pools["train"]
    figures = {
        "nodes": train.node_count,
        "gpus": train.gpu_count,
        "racks": train.rack_count,
        "trays": train.node_count,
        "leaf": fabric.leaf_count,
        "spine": fabric.spine_count,
        "core": fabric.core_count,
        "cables_node_leaf": fabric.cables_node_leaf,
        "cables_node_and_ufm_to_leaf": fabric.cables_node_leaf + fabric.cables_ufm_leaf,
        "cables_leaf_spine": fabric.cables_leaf_spine,
        "cables_spine_core": fabric.cables_spine_core,
    }
    outside = {"su_tdp_mw"}
    assert {k: figures[k] for k in expected if k not in outside} == {
        k: v for k, v in expected.items() if k not in outside
    }


def test_the_h100_superpod_has_its_published_racks_and_managers() -> None:
    found = design(pool("dgx-h100", scalable_units=4))
    assert found.tables.racks.height == 38
    assert found.tables.devices.filter(kind="ufm").height == 4
    assert found.pools["train"].node_count == 127


@pytest.mark.parametrize(("su", "leaf", "spine", "core"), [(2, 64, 48, 144), (8, 256, 192, 144), (16, 512, 384, 144)])
def test_gb200_grows_towards_its_published_1040_switches(su: int, leaf: int, spine: int, core: int) -> None:
    fabric = design(pool("gb200-nvl72", scalable_units=su)).fabrics["compute"]
    assert (fabric.leaf_count, fabric.spine_count, fabric.core_count) == (leaf, spine, core)


@pytest.mark.parametrize("system", ["dgx-h100", "dgx-h200", "dgx-b200", "dgx-b300", "gb200-nvl72", "gb300-nvl72"])
@pytest.mark.parametrize("su", [1, 3])
def test_every_node_port_is_cabled_once_and_everything_has_a_place(system: str, su: int) -> None:
    found = design(pool(system, scalable_units=su))
    assert_sound(found)
    assert found.power.it_kw
    assert found.power.utility_kw
    assert found.power.utility_kw > found.power.it_kw


def assert_sound(found: Design) -> None:
    """What holds of every design without errors."""
    tables = found.tables
    assert not [f for f in found.findings if f.severity is Severity.ERROR]
    for name, table in tables.items():
        assert dict(table.schema) == {k: (v() if isinstance(v, type) else v) for k, v in COLUMNS[name].items()}
    assert tables.racks["rack"].is_unique().all()
    assert tables.racks["hall"].null_count() == 0
    assert tables.racks.select("hall", "row", "position").is_unique().all()
    names = pl.concat([tables.nodes["node"].rename("n"), tables.devices["device"].rename("n")])
    assert names.is_unique().all()
    assert tables.ports.select("device", "port", "plane").is_unique().all()
    assert tables.addresses.filter(pl.col("address").is_not_null())["address"].is_unique().all()
    assert tables.cables["length_m"].null_count() == 0
    for fabric in found.fabrics.values():
        if "oob" in fabric.roles:
            continue
        own = tables.cables.filter((pl.col("fabric") == fabric.name) & (pl.col("tier") == "node-leaf"))
        assert own["cable"].n_unique() == fabric.cables_node_leaf
        assert own.height == fabric.cables_node_leaf * fabric.planes
    uplinks = tables.cables.filter(pl.col("tier") == "leaf-spine")
    pairs = uplinks.group_by("fabric", "a_device", "b_device").len()
    assert pairs.group_by("fabric", "a_device").agg(pl.col("len").n_unique())["len"].max() == 1, "unbalanced leaf"
    fed = tables.feeds.group_by("rack").agg(pl.col("load_kw").sum())
    loads = tables.racks.join(fed, on="rack")
    assert ((loads["it_kw"] - loads["load_kw"]).abs() < 1e-6).all()
    assert tables.blocks["load_kw"].sum() == pytest.approx(found.power.it_kw)


SYSTEMS = st.sampled_from(["dgx-h100", "dgx-b200", "dgx-b300", "gb200-nvl72", "gb300-nvl72"])


@settings(max_examples=25, deadline=None)
@given(system=SYSTEMS, count=st.integers(1, 700), second=st.integers(0, 80))
def test_any_size_of_pools_is_sound(system: str, count: int, second: int) -> None:
    per_system = CATALOG.system(system).node_count
    pools = [pool(system, nodes=count * per_system if per_system == 1 else -(-count // 18) * 18)]
    if second:
        pools.append(pool("dgx-h200", "serve", nodes=second))
    assert_sound(design(*pools) if not second else design(*pools, fabrics=split_fabrics()))


def split_fabrics() -> dict[str, Any]:
    """Storage and inband on one Ethernet for all pools, whatever their NICs."""
    return {
        "compute": {"roles": ["compute"]},
        "front": {"roles": ["storage", "inband"], "switch": "sn5600"},
    }


GROWING = [("train", {"scalable_units": 1}, {"scalable_units": 5}), ("serve", {"nodes": 20}, {"nodes": 77})]


@pytest.mark.parametrize(("grown", "before", "after"), GROWING)
def test_names_addresses_and_cables_of_what_exists_stay_when_a_pool_grows(
    grown: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    def site(size: dict[str, Any]) -> Design:
        sizes = {"train": {"scalable_units": 2}, "serve": {"nodes": 40}} | {grown: size}
        return design(
            pool("gb200-nvl72", "train", build_to_scalable_units=8, **sizes["train"]),
            pool("dgx-h200", "serve", build_to_scalable_units=4, fabric="hopper", **sizes["serve"]),
            pool("dgx-h100", "dev", nodes=8, fabric="hopper"),
            fabrics={"hopper": {"roles": ["compute"], "switch": "qm9700"}, **split_fabrics()},
            network={"asn_base": 4_210_000_000, "ipv6": "2001:db8::/40"},
        )

    small, large = site(before).tables, site(after).tables
    keys = {
        "nodes": ["node", "slot", "rack", "unit", "nvlink_domain"],
        "racks": ["rack", "hall", "row", "position"],
        "devices": ["device", "model", "rack", "unit", "asn"],
        "addresses": ["device", "interface", "address", "prefix_length", "ipv6"],
        "cables": ["a_device", "a_port", "b_device", "b_port", "length_m", "media"],
    }
    for name, columns in keys.items():
        old, new = getattr(small, name).select(columns), getattr(large, name).select(columns)
        lost = old.join(new, on=columns, how="anti", nulls_equal=True)
        assert lost.is_empty(), f"{name}: {lost.head(3)}"
    assert large.nodes.height > small.nodes.height


def test_a_new_pool_at_the_end_leaves_the_others_addresses_and_names() -> None:
    one = design(pool("gb200-nvl72", scalable_units=2), fabrics=split_fabrics())
    two = design(
        pool("gb200-nvl72", scalable_units=2),
        pool("gb200-nvl72", "more", scalable_units=1, fabric="other"),
        fabrics={**split_fabrics(), "other": {"roles": ["compute"]}},
        network={"supernets": dict(one.resolved.network.supernets)},
    )
    columns = ["device", "interface", "address"]
    hosts = [d.tables.addresses.filter(pl.col("device").str.contains("-train-")).select(columns) for d in (one, two)]
    hosts = [h.filter(~pl.col("device").str.contains("leaf")) for h in hosts]
    assert hosts[0].join(hosts[1], on=columns, how="anti").is_empty()


SCRIPT = """
import hashlib, sys
from pathlib import Path
from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.spec.loader import load_site
catalog = load_catalog()
design = expand(load_site(Path(sys.argv[1]), catalog).spec, catalog)
total = hashlib.sha256(repr((design.settings, design.findings, design.pools, design.fabrics, design.halls)).encode())
for name, table in design.tables.items():
    total.update(table.write_csv().encode())
print(total.hexdigest())
"""


def test_the_same_file_gives_the_same_bytes_in_any_process() -> None:
    site = Path(__file__).parent.parent.parent / "stacks/nvl72-pod/site.yaml"
    digests = set()
    for seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": seed if seed == "1" else "2"}
        done = subprocess.run([sys.executable, "-c", SCRIPT, str(site)], env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1


def test_a_system_that_only_clouds_have_is_not_racked() -> None:
    with pytest.raises(GigasiteError, match="only clouds have"):
        design(pool("tpu-v5p", nodes=16))


def test_unknown_facts_stop_what_needs_them_and_nothing_gets_a_number() -> None:
    found = design(pool("instinct-mi300x", nodes=64))
    missing = [f for f in found.findings if f.code == "PHS101"]
    assert missing
    assert "max_kw" in missing[0].message
    assert found.power.it_kw is None
    assert found.power.utility_kw is None
    assert found.cooling.liquid_kw is None
    assert found.pools["train"].gpu_count == 512
    assert found.fabrics["compute"].leaf_count > 0


def test_a_fabric_too_large_for_its_switches_is_a_finding_and_the_rest_is_designed() -> None:
    found = design(
        pool("dgx-h100", nodes=20_000),
        fabrics={"compute": {"roles": ["compute"], "switch": "qm8700", "link_gbps": 200}},
    )
    assert [f.code for f in found.findings if f.severity is Severity.ERROR] == ["FAB101"]
    assert "compute" not in found.fabrics
    assert "storage" in found.fabrics


def test_decisive_assumptions_are_marked_and_go_when_the_site_decides() -> None:
    bare = design(pool("gb200-nvl72"))
    decisive = {s.path for s in bare.assumptions if s.decisive}
    assert {
        "power.utility.voltage_kv",
        "power.utility.available_mw",
        "power.blocks.rack_voltage_v",
        "location.extreme_dry_bulb_c",
        "location.extreme_wet_bulb_c",
    } <= decisive
    assert any(path.startswith("network.supernets.") for path in decisive)
    decided = design(
        pool("gb200-nvl72"),
        power={"utility": {"voltage_kv": 138, "available_mw": 10}, "blocks": {"rack_voltage_v": 415}},
        location={"extreme_dry_bulb_c": 40, "extreme_wet_bulb_c": 25},
        network={"supernets": {"oob": "10.0.0.0/14", "inband": "10.4.0.0/14", "storage": "10.8.0.0/13"}},
    )
    assert [s.path for s in decided.assumptions if s.decisive] == []


def test_every_setting_has_one_origin_and_a_reason() -> None:
    found = design(pool("dgx-h100", scalable_units=2))
    paths = [s.path for s in found.settings]
    assert len(paths) == len(set(paths))
    assert all(s.why for s in found.settings)
    assert {s.origin for s in found.settings} >= {Origin.ASSUMPTION, Origin.REFERENCE_ARCHITECTURE, Origin.DERIVED}


def test_the_summary_has_what_later_checks_rely_on() -> None:
    found = summary(design(pool("dgx-h100", scalable_units=4)))
    assert found["pools"]["train"].items() >= {"system": "dgx-h100", "nodes": 127, "gpus": 1016, "racks": 32}.items()
    assert {"roles", "pools", "leaf", "spine", "core", "planes", "tiers"} <= set(found["fabrics"]["compute"])
    assert {"cables_node_leaf", "cables_leaf_spine", "cables_spine_core"} <= set(found["fabrics"]["compute"])
    assert {"it_kw", "utility_kw"} <= set(found["power"])
    assert {"liquid_kw", "air_kw", "flow_lpm", "cdu_installed"} <= set(found["cooling"])
    assert found["racks"] == 38
    assert isinstance(found["assumptions"], list)


def test_a_site_of_several_fabrics_carries_each_pool_on_its_own() -> None:
    found = design(
        pool("gb300-nvl72", "train", scalable_units=2, fabric="xdr"),
        pool("dgx-h200", "serve", nodes=64, fabric="converged"),
        fabrics={
            "xdr": {"roles": ["compute"], "switch": "q3400-ra"},
            "converged": {"roles": ["compute", "storage", "inband"], "switch": "sn5600"},
        },
    )
    assert list(found.fabrics) == ["xdr", "converged", "oob"]
    assert found.fabrics["xdr"].pools == ("train",)
    assert found.fabrics["converged"].pools == ("train", "serve")
    assert_sound(found)
