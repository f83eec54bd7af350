"""Scale-up domains: every GPU in one, every link on a port of its own, racks and domains apart."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite import checks
from gigasite.catalog.load import load_catalog
from gigasite.catalog.models import ScaleUpKind
from gigasite.design.scaleup import SWITCH_TRAY, domain_links
from gigasite.design.slices import links_by_chip, links_per_peer
from gigasite.errors import GigasiteError

from .sites import CATALOG, design, pool


def test_a_gb200_rack_is_a_domain_of_72_with_a_link_to_each_of_18_chips() -> None:
    found = design(pool("gb200-nvl72", nodes=36))
    domains = found.tables.domains
    assert domains.height == 2
    (row,) = domains.head(1).rows(named=True)
    assert (row["gpu_count"], row["node_count"], row["tray_count"], row["chip_count"]) == (72, 18, 9, 18)
    assert row["tbyte_s"] == pytest.approx(129.6)
    links = found.tables.scale_up_links
    assert links.height == 72 * 18
    assert links.group_by("gpu").agg(pl.col("chip").n_unique())["chip"].to_list() == [18] * 72
    assert not links.select("chip", "chip_port").is_duplicated().any()
    assert links["chip_port"].max() == 72
    assert links.group_by("tray").agg(pl.col("chip").n_unique())["chip"].to_list() == [2] * 9


def test_switch_trays_are_devices_of_their_own_with_management_ports() -> None:
    found = design(pool("gb200-nvl72", nodes=36))
    trays = found.tables.devices.filter(pl.col("kind") == SWITCH_TRAY)
    assert trays.height == 18
    assert trays.group_by("rack").agg(pl.col("index").sort())["index"].to_list() == [list(range(1, 10))] * 2
    managed = found.tables.cables.filter(pl.col("fabric") == "oob", pl.col("a_device").is_in(trays["device"].implode()))
    assert managed["a_device"].n_unique() == 18


def test_links_of_a_domain_are_named_by_node_and_tray() -> None:
    found = design(pool("gb200-nvl72", nodes=36))
    named = domain_links(found, "test-train-su001-r02-d1")
    assert named["node"].n_unique() == 18
    assert named["tray_device"].n_unique() == 9
    assert named["rack"].unique().to_list() == ["test-train-su001-r02"]
    with pytest.raises(KeyError):
        domain_links(found, "test-train-su001-r09-d1")


def test_the_switch_chips_of_a_node_take_the_links_that_their_maker_states() -> None:
    links = design(pool("dgx-h100", nodes=2)).tables.scale_up_links
    per_chip = links.filter(pl.col("gpu") == 1).group_by("chip").len().sort("chip")["len"].to_list()
    assert per_chip == [5, 4, 4, 5]
    assert set(links["tray"]) == {0}
    assert not links.select("chip", "chip_port").is_duplicated().any()


@pytest.mark.parametrize("system", [s.key for s in CATALOG.products("system") if getattr(s, "scale_up_kind", None)])
def test_facts_of_the_catalog_add_up(system: str) -> None:
    known = CATALOG.system(system)
    links, chips = known.scale_up_links_per_gpu, known.scale_up_switch_chip_count
    if known.scale_up_kind is ScaleUpKind.MESH:
        assert known.scale_up_domain_gpu_count
        assert links
        assert links_per_peer(known.scale_up_domain_gpu_count, links)
    elif links and chips:
        assert sum(links_by_chip(links, chips, known.scale_up_links_by_chip)) == links


def test_a_mesh_joins_every_two_accelerators_by_as_many_links_that_lead_back() -> None:
    """Gaudi 3: 21 of 24 ports, three to each of seven peers."""
    links = design(pool("gaudi3-hls3", nodes=2, reference_architecture="dgx-superpod-h100")).tables.scale_up_links
    assert links.height == 8 * 21
    assert links.group_by("gpu", "peer").len()["len"].unique().to_list() == [3]
    there = set(links.select("gpu", "link", "peer", "peer_link").rows())
    assert {(peer, back, gpu, link) for gpu, link, peer, back in there} == there


@given(st.integers(2, 64), st.integers(1, 6))
def test_links_of_meshes_split_evenly_or_are_refused(gpus: int, per_peer: int) -> None:
    assert links_per_peer(gpus, per_peer * (gpus - 1)) == per_peer
    if gpus > 2:
        with pytest.raises(GigasiteError):
            links_per_peer(gpus, per_peer * (gpus - 1) + 1)


def overlay(folder: Path, facts: str) -> None:
    (folder / "systems").mkdir(exist_ok=True)
    (folder / "systems" / "gb200-nvl72.yaml").write_text(
        "kind: system\nkey: gb200-nvl72\nfacts:\n"
        f"  - source: {{doc: a test, tier: secondary, confidence: recalled}}\n    values: {facts}\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize(("domain", "domains", "racks"), [(36, 16, 1), (72, 8, 1), (144, 4, 2), (576, 1, 8)])
def test_a_rack_may_hold_several_domains_and_a_domain_may_span_racks(
    domain: int, domains: int, racks: int, tmp_path: Path
) -> None:
    overlay(tmp_path, f"{{scale_up_domain_gpu_count: {domain}, scale_up_links_per_gpu: {18 * racks}}}")
    catalog = load_catalog(tmp_path)
    found = design(pool("gb200-nvl72", scalable_units=1), catalog=catalog)
    table = found.tables.domains
    assert table.height == domains
    assert set(table["gpu_count"]) == {domain}
    assert set(table["rack_count"]) == {racks}
    assert found.tables.nodes["nvlink_domain"].null_count() == 0
    assert {f.code for f in checks.run(found, catalog, {"POL101", "POL102", "FAB172"})} == set()
    trays = domain_links(found, table["domain"][0])["tray_device"]
    assert trays.null_count() == 0
    assert trays.n_unique() == 9 * racks


def test_links_that_do_not_spread_over_the_chips_are_a_finding(tmp_path: Path) -> None:
    overlay(tmp_path, "{scale_up_links_per_gpu: 17}")
    found = design(pool("gb200-nvl72", nodes=18), catalog=load_catalog(tmp_path))
    assert "FAB171" in {finding.code for finding in found.findings}
    assert found.tables.scale_up_links.is_empty()
