"""A site's own catalog folder adds products, and corrects single facts of the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite.catalog import UnknownProduct, load_catalog
from gigasite.catalog.models import Confidence
from gigasite.errors import GigasiteError

from .conftest import Faults, Write

MEASURED = """
kind: system
key: instinct-mi300x
facts:
  - source: {doc: acceptance test of the delivered servers, tier: primary, confidence: verified}
    values: {max_kw: 10.4, height_u: 8}
assumptions:
  - why: the maker gives no weight
    values: {weight_kg: 140}
"""

OIL = """
kind: fluid
key: oil
title: Dielectric oil
aliases: [dielectric]
facts:
  - source: {doc: data sheet of the maker, tier: primary, confidence: verified}
    values: {at_c: 40, density_kg_m3: 800, specific_heat_kj_kgk: 2.2}
"""


def test_a_fact_of_the_site_wins_and_the_others_stay(folder: Path, write: Write) -> None:
    write("systems/instinct-mi300x.yaml", MEASURED)
    built_in, catalog = load_catalog(), load_catalog(folder)
    before, after = built_in.system("instinct-mi300x"), catalog.system("mi300x")
    assert (before.max_kw, before.height_u, before.weight_kg) == (None, None, None)
    assert (after.max_kw, after.height_u, after.weight_kg) == (10.4, 8, 140)
    assert after.title == before.title
    assert after.nics == before.nics


def test_the_origin_of_a_fact_is_that_of_the_file_that_won(folder: Path, write: Write) -> None:
    write("systems/instinct-mi300x.yaml", MEASURED)
    catalog = load_catalog(folder)
    system = catalog.system("instinct-mi300x")
    assert catalog.origin(system, "max_kw").doc == "acceptance test of the delivered servers"
    assert catalog.origin(system, "weight_kg").confidence is Confidence.ASSUMED
    assert catalog.origin(system, "gpu_count") == load_catalog().system("instinct-mi300x").origins["gpu_count"]


def test_a_site_can_withdraw_a_fact(folder: Path, write: Write) -> None:
    text = MEASURED.replace("instinct-mi300x", "dgx-h100").replace("max_kw: 10.4, height_u: 8", "max_kw: null")
    write("systems/dgx-h100.yaml", text)
    catalog = load_catalog(folder)
    assert catalog.unknown_facts(catalog.system("dgx-h100"), ("max_kw", "height_u")) == ("max_kw",)


def test_a_site_can_add_a_product(folder: Path, write: Write) -> None:
    write("fluids/oil.yaml", OIL)
    catalog = load_catalog(folder)
    assert catalog.fluid("dielectric").density_kg_m3 == 800
    assert catalog.keys("fluid") == tuple(sorted((*load_catalog().keys("fluid"), "oil")))
    with pytest.raises(UnknownProduct):
        load_catalog().fluid("oil")


def test_kinds_that_a_site_does_not_touch_are_shared(folder: Path, write: Write) -> None:
    write("fluids/oil.yaml", OIL)
    assert load_catalog(folder).system("dgx-h100") is load_catalog().system("dgx-h100")


def test_the_digest_follows_the_content_of_the_folder(folder: Path, write: Write) -> None:
    write("fluids/oil.yaml", OIL)
    first = load_catalog(folder).digest
    assert first == load_catalog(folder).digest
    assert first != load_catalog().digest
    write("fluids/oil.yaml", OIL.replace("800", "801"))
    assert load_catalog(folder).digest != first


def test_an_empty_folder_changes_no_product(folder: Path) -> None:
    catalog = load_catalog(folder)
    assert catalog.keys("system") == load_catalog().keys("system")


def test_a_new_product_needs_its_title_and_its_facts(write: Write, faults: Faults) -> None:
    write("fluids/oil.yaml", "kind: fluid\nkey: oil\n")
    text = "\n".join(map(str, faults()))
    assert "'title' is missing" in text
    assert "density_kg_m3" in text


def test_two_products_cannot_share_a_name(write: Write, faults: Faults) -> None:
    write("fluids/oil.yaml", OIL.replace("dielectric]", "water]"))
    (finding,) = faults()
    assert "already names 'water'" in finding.message


def test_files_beside_the_catalogs_folders_are_not_passed_over(write: Write, faults: Faults) -> None:
    write("oil.yaml", OIL)
    write("fluid/oil.yaml", OIL)
    findings = faults()
    assert len(findings) == 2
    assert any("fluids" in finding.hint for finding in findings)


def test_a_missing_folder_is_said_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(GigasiteError, match="no such catalog folder") as caught:
        load_catalog(tmp_path / "nowhere")
    assert "nowhere" in caught.value.path
