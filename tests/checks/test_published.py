"""Published designs pass, and what is reported of them is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite.catalog import load_catalog
from gigasite.checks import run
from gigasite.design.expand import expand
from gigasite.errors import Severity
from gigasite.spec.loader import load_site

from .designs import design_of, findings_of

STACKS = Path(__file__).parents[2] / "stacks"

PUBLISHED = {
    "dgx-h100 of 4 SU": "{name: train, system: dgx-h100, scalable_units: 4}",
    "dgx-h200 of 1 SU": "{name: train, system: dgx-h200, scalable_units: 1}",
    "dgx-b300 on InfiniBand": "{name: train, system: dgx-b300, scalable_units: 1}",
    "gb200-nvl72 of 1 SU": "{name: train, system: gb200-nvl72, scalable_units: 1}",
    "gb300-nvl72 below its shelves' limit": "{name: train, system: gb300-nvl72, scalable_units: 1, power_cap_kw: 132}",
}


def errors(pool: str, extra: str = "") -> set[str]:
    findings = findings_of(f"name: demo\npools:\n  - {pool}\n{extra}")
    return {finding.code for finding in findings if finding.severity is Severity.ERROR}


@pytest.mark.parametrize("pool", PUBLISHED.values(), ids=PUBLISHED)
def test_a_published_design_has_no_errors(pool: str) -> None:
    assert not errors(pool)


@pytest.mark.parametrize("site", sorted(path.parent.name for path in STACKS.glob("*/site.yaml")))
def test_a_site_of_the_repository_has_no_errors(site: str) -> None:
    catalog = load_catalog()
    design = expand(load_site(STACKS / site / "site.yaml", catalog).spec, catalog)
    found = run(design, catalog)
    assert [str(finding) for finding in found if finding.severity is Severity.ERROR] == []


def test_racks_for_a_busbar_need_more_than_the_usual_circuits() -> None:
    """The Ethernet architecture of the B300 is for DC busbars: 58 kW a rack are too much for one 60 A feed."""
    pool = "{name: train, system: dgx-b300, nodes: 64, reference_architecture: dgx-superpod-b300-ethernet}"
    assert errors(pool, "racks: {feeds: 2, feed: nec-60a-3ph}\n") == {"PWR101"}
    assert not errors(pool, "racks: {feeds: 2, feed: iec-125a-3ph}\n")


def test_six_supplies_of_a_dgx_h100_on_two_feeds_fall_short() -> None:
    """Three supplies of 3.3 kW are 9.9 kW of the 10.2 kW that the system draws."""
    pool = "{name: train, system: dgx-h100, nodes: 1}"
    found = findings_of(f"name: demo\npools:\n  - {pool}\nracks: {{feeds: 2, breaker_a: 100}}\n")
    message = next(finding.message for finding in found if finding.code == "PWR102")
    assert "9.9 kW" in message
    assert "10.2 kW" in message


def test_six_supplies_of_a_dgx_b200_on_three_feeds_fall_short() -> None:
    """Four supplies of 3.3 kW are 13.2 kW of the 14.3 kW that the system draws."""
    pool = "{name: train, system: dgx-b200, nodes: 1}"
    found = findings_of(f"name: demo\npools:\n  - {pool}\nracks: {{feeds: 3, breaker_a: 100}}\n")
    message = next(finding.message for finding in found if finding.code == "PWR102")
    assert "13.2 kW" in message
    assert "14.3 kW" in message


def test_four_of_eight_shelves_of_a_gb300_rack_fall_short() -> None:
    """Four shelves of 33 kW are 132 kW of the 142 kW that the rack draws."""
    found = findings_of("name: demo\npools:\n  - {name: train, system: gb300-nvl72, nodes: 18}\nracks: {feeds: 2}\n")
    message = next(finding.message for finding in found if finding.code == "PWR102")
    assert "132.0 kW" in message
    assert "142.0 kW" in message


def test_a_cap_at_the_surviving_supplies_is_enough() -> None:
    pool = "{name: train, system: dgx-b200, nodes: 8, power_cap_kw: 13.2}"
    assert "PWR102" not in errors(pool, "racks: {feeds: 3, breaker_a: 100}\n")


def test_supplies_and_breakers_are_two_checks() -> None:
    """On large breakers the supplies are short alone; with a cap on small breakers the breakers are."""
    h100 = "{name: train, system: dgx-h100, nodes: 8}"
    assert errors(h100, "racks: {feeds: 2, breaker_a: 100}\n") & {"PWR101", "PWR102"} == {"PWR102"}
    capped = "{name: train, system: dgx-h100, nodes: 8, power_cap_kw: 9.5}"
    assert errors(capped, "racks: {feeds: 2, breaker_a: 60}\n") & {"PWR101", "PWR102"} == {"PWR101"}


def test_findings_of_one_design_are_the_same_each_time() -> None:
    catalog = load_catalog()
    design = design_of("name: demo\npools:\n  - {name: train, system: dgx-b200, nodes: 40}\n")
    assert run(design, catalog) == run(design, catalog)
