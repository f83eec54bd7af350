"""Each mistake is found by its own check; defaults have none."""

from __future__ import annotations

from typing import Any

import pytest

from gigasite.errors import Severity

from .sites import catalog, design_of, errors, found, pool

BLOCKS = {"unit_kw": 100}
BROKEN: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a step above the generators": (
        "PWR201",
        {},
        {"blocks": BLOCKS, "generators": {"unit_kw": 150, "step_ratio": 0.1}},
    ),
    "jobs faster than generators follow": (
        "PWR201",
        {"load": {"ramp_min": 0.1, "power_floor_ratio": 1.0}},
        {"blocks": BLOCKS, "generators": {"ramp_ratio_per_s": 0.01}},
    ),
    "a step above the grid's": ("PWR202", {}, {"utility": {"step_mw": 0.05}}),
    "a ramp above the grid's": ("PWR203", {}, {"utility": {"ramp_mw_per_min": 0.05}}),
    "a ramp still too steep": ("PWR203", {"load": {"ramp_min": 1.2}}, {"utility": {"ramp_mw_per_min": 0.05}}),
    "a battery with too little power": (
        "PWR204",
        {},
        {"utility": {"step_mw": 0.05, "ramp_mw_per_min": 1}, "bess": {"power_kw": 5, "energy_kwh": 50}},
    ),
    "a battery with too little energy": (
        "PWR204",
        {},
        {"utility": {"ramp_mw_per_min": 0.002}, "bess": {"power_kw": 100, "energy_kwh": 1}},
    ),
    "a battery that is too slow": (
        "PWR204",
        {"load": {"ramp_min": 30}},
        {"utility": {"step_mw": 0.05}, "bess": {"power_kw": 100, "energy_kwh": 100, "response_s": 5}},
    ),
    "a dip longer than the UPS": ("PWR205", {}, {"utility": {"ride_through_s": 2}, "blocks": {"ups_min": 0.01}}),
    "a claim below the rule": ("PWR205", {}, {"utility": {"ride_through_s": 2}, "load": {"ride_through_s": 1}}),
    "a claim above the UPS": ("PWR205", {}, {"load": {"ride_through_s": 400}}),
    "interruptible power without cover": ("PWR206", {}, {"utility": {"available_mw": 0.4, "interruptible_mw": 0.35}}),
    "training on the power of three quarters": ("PWR208", {"load": {"oversubscription_ratio": 1.33}}, {}),
    "a promise that inference can't keep": ("PWR210", {"purpose": "inference"}, {"load": {"flexible_ratio": 0.5}}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_mistake_is_found_by_its_own_check(name: str) -> None:
    code, fields, power = BROKEN[name]
    assert code in errors(design_of(pool(**fields), power=power))


def test_a_battery_of_the_hinted_size_heals_the_step() -> None:
    utility = {"step_mw": 0.05, "ramp_mw_per_min": 0.1}
    assert {"PWR202"} == errors(design_of(pool(), power={"utility": utility}))
    assert not errors(design_of(pool(), power={"utility": utility, "bess": {"power_kw": 25, "energy_kwh": 1}}))


@pytest.mark.parametrize("missing", ["power_kw", "energy_kwh"])
def test_a_battery_must_have_both_power_and_energy(missing: str) -> None:
    bess = {"power_kw": 72.0, "energy_kwh": 43.0, "response_s": 0.1}
    utility = {"ramp_mw_per_min": 0.001}
    assert not errors(design_of(pool(), power={"utility": utility, "bess": bess}))
    assert errors(design_of(pool(), power={"utility": utility, "bess": {**bess, missing: 10.0}})) == {"PWR204"}


def test_an_assumed_step_on_assumed_generators_is_no_error() -> None:
    design = design_of(pool(nodes=16), power={"blocks": {"unit_kw": 100, "topology": "2N"}}, racks={"feeds": 2})
    told = found(design, "PWR201")
    assert all(f.severity is Severity.INFO for f in told)


@pytest.mark.parametrize(
    ("ratio", "purpose", "severity"),
    [
        (1.2, "inference", "info"),
        (1.3, "inference", "info"),
        (1.5, "inference", "warning"),
        (1.02, "training", "info"),
        (1.1, "training", "error"),
    ],
)
def test_the_risk_of_oversubscription_is_stated(ratio: float, purpose: str, severity: str) -> None:
    design = design_of(pool(purpose=purpose, load={"oversubscription_ratio": ratio}))
    (told,) = found(design, "PWR208")
    assert told.severity == severity
    assert "above" in told.message


def test_diversity_leaves_the_peaks_of_training() -> None:
    assert found(design_of(pool(), power={"load": {"diversity_ratio": 0.8}}), "PWR211")
    assert not found(design_of(pool(purpose="inference"), power={"load": {"diversity_ratio": 0.8}}), "PWR211")


def test_a_cap_below_idle_and_a_profile_above_the_maximum_are_told() -> None:
    assert found(design_of(pool(power_cap_kw=1.5)), "PWR207")
    assert found(design_of(pool("vera-rubin-nvl72", scalable_units=1, load={"profile": "design-envelope"})), "PWR207")
    assert not found(design_of(pool("vera-rubin-nvl72", scalable_units=1, load={"profile": "max-q"})), "PWR207")
    told = found(design_of(pool("vera-rubin-nvl72", scalable_units=1, load={"profile": "max-q"})), "PWR131")
    assert "200.0 kW" in told[0].message


SYSTEMS = [s.key for s in catalog().products("system") if s.form != "cloud"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("purpose", ["training", "inference", "development"])
def test_default_sites_are_silent(system: str, purpose: str) -> None:
    from gigasite.errors import GigasiteError

    try:
        design = design_of(pool(system, scalable_units=1, purpose=purpose))
    except GigasiteError:
        return
    assert [str(f) for f in found(design) if f.severity is not Severity.INFO] == []


def test_an_oversubscribed_rack_has_circuits_and_supplies_for_its_full_draw() -> None:
    """Six supplies of 3.3 kW on two feeds: 9.9 kW are left for 8.2 kW set aside, and not for the 10.2 kW drawn."""
    fields = {"purpose": "inference", "nodes_per_rack": 1, "load": {"oversubscription_ratio": 1.25}}
    assert "PWR102" not in {f.code for f in found(design_of(pool(**fields), racks={"feeds": 2}), "PWR102")}
    (told,) = found(design_of(pool(**fields), racks={"feeds": 2}), "PWR209")
    assert "with a feed lost" in told.message
    assert not found(design_of(pool(**fields), racks={"feeds": 3}), "PWR209")
