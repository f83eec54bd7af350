"""What every product of the built-in catalog keeps to, whoever adds it."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from gigasite.catalog import UnknownProduct, load_catalog, unknown_facts
from gigasite.catalog.kinds import FOLDERS, MODELS, fact_fields
from gigasite.catalog.models import Confidence, Form, Product

CATALOG = load_catalog()
PRODUCTS = [pytest.param(p, id=f"{kind}/{p.key}") for kind in FOLDERS for p in CATALOG.products(kind)]
NODES = [s for s in CATALOG.products("system") if s.form is Form.NODE]
RACKS = [s for s in CATALOG.products("system") if s.form is Form.RACK]


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_value_has_an_origin(product: Product) -> None:
    rented = {"power_input", "oob_ports_per_node"} if getattr(product, "form", None) is Form.CLOUD else set()
    for field in fact_fields(product.kind):
        value = getattr(product, field)
        silent = field not in product.model_fields_set and (value is None or value in ((), {}, 0))
        assert silent or field in rented or CATALOG.origin(product, field) is not None, field


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_origin_says_where_a_fact_can_be_read_or_why_it_is_assumed(product: Product) -> None:
    for field, source in product.origins.items():
        assert len(source.doc) > 8, field
        assert (source.tier == "assumption") == (source.confidence is Confidence.ASSUMED), field


@pytest.mark.parametrize("kind", FOLDERS)
def test_every_kind_has_products_and_a_model(kind: str) -> None:
    assert CATALOG.keys(kind)
    assert MODELS[kind].model_fields["kind"].default == kind


def test_the_asked_for_products_are_there() -> None:
    names = {
        "system": "dgx-h100 dgx-h200 dgx-b200 dgx-b300 gb200-nvl72 gb300-nvl72 vera-rubin-nvl72 "
        "dgx-rubin-nvl8 rubin-ultra-kyber-nvl576 "
        "instinct-mi300x instinct-mi325x instinct-mi350x instinct-mi355x amd-helios "
        "gaudi3-hls3 tpu-v4 tpu-v5p tpu-v6e tpu-v7-ironwood trn2-48xlarge trn2-ultraserver "
        "dgx-gb200-nvl72 dgx-gb200 dgx-gb300-nvl72 dgx-gb300",
        "switch": "qm8700 qm9700 q3400-ra sn5600 sn4600c sn2201",
        "fluid": "pg25 water",
        "grid": "ercot us rfce camx",
        "power-stage": "mv-transformer ups pdu rack-psu",
        "heat-rejection": "dry-cooler trim-chiller chiller cooling-tower",
        "rack-feed": "iec-16a-3ph iec-32a-3ph iec-63a-3ph nec-20a-3ph nec-30a-3ph nec-60a-3ph nec-100a-3ph",
    }
    for kind, keys in names.items():
        assert all(CATALOG.has(kind, key) for key in keys.split()), kind


def test_products_name_only_products_that_exist() -> None:
    for system in CATALOG.products("system"):
        if system.reference_architecture:
            architecture = CATALOG.reference_architecture(system.reference_architecture)
            assert system.key in architecture.systems
    for architecture in CATALOG.reference_architectures:
        assert all(CATALOG.system(name).key == name for name in architecture.systems)
        switches = ("compute_switch", "storage_switch", "inband_switch", "oob_switch")
        for field in switches:
            CATALOG.switch(getattr(architecture, field))
        for feed in architecture.rack_feeds.values():
            CATALOG.rack_feed(feed)
    for cdu in CATALOG.products("cdu"):
        assert cdu.rating_fluid is None or CATALOG.has("fluid", cdu.rating_fluid)


def test_a_cloud_system_has_no_reference_architecture_to_be_racked_by() -> None:
    clouds = [s for s in CATALOG.products("system") if s.form is Form.CLOUD]
    assert {s.vendor for s in clouds} == {"google", "aws"}
    assert all(s.reference_architecture is None and s.max_kw is None for s in clouds)


@pytest.mark.parametrize("system", [*NODES, *RACKS], ids=lambda s: s.key)
def test_a_system_is_consistent_in_itself(system: Product) -> None:
    assert system.gpu_count % system.node_count == 0
    assert system.gpu_count % (system.scale_up_domain_gpu_count or 1) == 0
    if system.psu_required_count and system.max_kw:
        assert system.psu_required_count * system.psu_kw >= system.max_kw
    if system.shelf_count and system.psus_per_shelf:
        assert system.psus_per_shelf * system.psu_kw == pytest.approx(system.shelf_kw)
    if system.shelf_count:
        assert system.shelf_count * system.shelf_kw >= system.max_kw
    if system.tcs_flow_curve:
        inlets, flows = zip(*system.tcs_flow_curve, strict=True)
        assert list(inlets) == sorted(inlets)
        assert list(flows) == sorted(flows)
        assert max(flows) <= system.tcs_pressure_curve_lpm_max


@pytest.mark.parametrize("switch", CATALOG.products("switch"), ids=lambda s: s.key)
def test_a_switch_can_be_racked_and_its_ports_make_up_its_capacity(switch: Product) -> None:
    assert unknown_facts(switch, ("height_u", "max_kw", "tbps")) == ()
    assert sum(group.count * group.gbps for group in switch.port_groups) == pytest.approx(1000 * switch.tbps)
    assert (switch.typical_kw or 0) < switch.max_kw


@pytest.mark.parametrize("system", [*NODES, *RACKS], ids=lambda s: s.key)
def test_every_port_of_a_system_can_be_cabled_across_a_hall(system: Product) -> None:
    for nic in system.nics:
        for technology in nic.technologies:
            reach = [c.reach_m for c in CATALOG.cables if nic.port_gbps in c.gbps and technology in c.technologies]
            assert max(reach, default=0) >= 100, (nic.model, technology)


def test_cables_come_with_the_preferred_first() -> None:
    preferences = [cable.preference for cable in CATALOG.cables]
    assert preferences == sorted(preferences)
    assert {cable.key for cable in CATALOG.cables} == set(CATALOG.keys("cable"))


def test_management_ports_of_an_nvl72_rack_fit_its_own_switches() -> None:
    for key in ("gb200-nvl72", "gb300-nvl72", "vera-rubin-nvl72"):
        rack = CATALOG.system(key)
        down = sum(g.count for g in CATALOG.switch("sn2201").port_groups if g.use == "down")
        ports = rack.node_count * rack.oob_ports_per_node + rack.oob_ports_per_system
        assert ports <= rack.oob_switch_count * down


def test_an_alias_names_the_same_product() -> None:
    assert CATALOG.system("dgx-gb200-nvl72") is CATALOG.system("gb200-nvl72")
    assert CATALOG.system("dgx-gb300").key == "gb300-nvl72"
    assert "dgx-gb300" not in CATALOG.keys("system")


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda c: c.system("dgx-h1000"), "dgx-h100"),
        (lambda c: c.system("gb300nvl72"), "gb300-nvl72"),
        (lambda c: c.switch("qm970"), "qm9700"),
        (lambda c: c.fluid("oil"), "pg25"),
        (lambda c: c.grid("ercott"), "ercot"),
        (lambda c: c.reference_architecture("superpod-h100"), "dgx-superpod-h100"),
        (lambda c: c.keys("switches"), "switch"),
    ],
)
def test_an_unknown_name_gives_the_near_ones(ask: object, near: str) -> None:
    with pytest.raises(UnknownProduct) as caught:
        ask(CATALOG)  # type: ignore[operator]
    assert near in caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_fact_that_no_source_gives_is_unknown() -> None:
    mi300x = CATALOG.system("instinct-mi300x")
    assert unknown_facts(mi300x, ("max_kw", "height_u", "gpu_w")) == ("max_kw", "height_u")
    assert CATALOG.unknown_facts(mi300x, ("weight_kg",)) == ("weight_kg",)
    assert CATALOG.origin(mi300x, "max_kw") is None


def test_the_catalog_is_read_once_and_cannot_be_changed() -> None:
    assert load_catalog() is CATALOG
    with pytest.raises(Exception, match="frozen"):
        CATALOG.system("dgx-h100").max_kw = 1  # type: ignore[misc]


def test_the_digest_is_the_same_in_any_process() -> None:
    code = "from gigasite.catalog import load_catalog; print(load_catalog().digest)"
    for seed in ("0", "7"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == CATALOG.digest
    assert len(CATALOG.digest) == 64


def test_numbers_are_finite() -> None:
    for param in PRODUCTS:
        for value in param.values[0].model_dump().values():
            assert not isinstance(value, float) or math.isfinite(value)
