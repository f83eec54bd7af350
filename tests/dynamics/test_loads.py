"""What pools draw: caps, profiles, idle, published peaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gigasite.catalog.workload_products import PowerControl, Workload
from gigasite.design.dynamics.battery import Limits, needs
from gigasite.design.dynamics.caps import draw_kw, enforced_cap_kw, set_aside_kw
from gigasite.design.dynamics.loads import mean_ratio, site_load
from gigasite.errors import FindingsError
from gigasite.spec.loader import load_text
from gigasite.spec.pools import PoolSpec

from .sites import catalog, design_of, entries, pool


@pytest.mark.parametrize(
    ("profile", "cap", "kw"),
    [
        (None, None, 227),
        ("max-p", None, 227),
        ("max-q", None, 200),
        ("max-q", 210, 200),
        ("max-q", 180, 180),
        (None, 300, 227),
        ("design-envelope", None, 227),
    ],
)
def test_a_profile_caps_as_a_cap_does(profile: str | None, cap: float | None, kw: float) -> None:
    """con-vera-rubin-rack-kw: Max-Q 200, Max-P 227; the envelope of 330 is no draw."""
    fields = {"load": {"profile": profile}, "power_cap_kw": cap}
    spec = PoolSpec.model_validate(pool("vera-rubin-nvl72", scalable_units=1, **fields))
    assert draw_kw(spec, catalog().system("vera-rubin-nvl72")) == kw


def test_a_profile_acts_in_the_design_exactly_as_the_same_cap() -> None:
    profiled = design_of(pool("vera-rubin-nvl72", scalable_units=1, load={"profile": "max-q"}))
    capped = design_of(pool("vera-rubin-nvl72", scalable_units=1, power_cap_kw=200))
    assert profiled.pools == capped.pools
    assert profiled.power == capped.power
    assert profiled.tables.feeds.equals(capped.tables.feeds)


def test_a_profile_that_the_sheet_does_not_give_is_refused_with_the_nearest() -> None:
    text = "name: demo\npools:\n  - {name: a, system: vera-rubin-nvl72, scalable_units: 1, load: {profile: max-w}}\n"
    with pytest.raises(FindingsError) as caught:
        load_text(text, catalog=catalog())
    assert [f.code for f in caught.value.findings] == ["SPC124"]
    assert "max-q" in caught.value.findings[0].hint


def test_oversubscription_sets_less_aside_and_leaves_the_draw() -> None:
    spec = PoolSpec.model_validate(pool(load={"oversubscription_ratio": 1.25}))
    system = catalog().system("dgx-h100")
    assert enforced_cap_kw(spec, system) is None
    assert draw_kw(spec, system) == 10.2
    assert set_aside_kw(spec, system) == pytest.approx(8.16)
    design = design_of(pool(purpose="inference", load={"oversubscription_ratio": 1.25}))
    load = site_load(design, catalog()).pools[0]
    assert load.design_kw == pytest.approx(81.6)
    assert load.set_aside_kw == pytest.approx(81.6 / 1.25)


def test_the_published_peaks_of_rows_are_in_the_catalog() -> None:
    """pow-polca-headroom, pow-polca."""
    expected = entries()["pow-polca-headroom"]["expected"]
    inference, training = (catalog().of(Workload, key).peak_ratio for key in ("inference", "training"))
    assert inference == pytest.approx(1 - expected["inference_row_headroom_pct"] / 100)
    assert training == pytest.approx(1 - expected["training_row_headroom_pct"] / 100)
    extra = catalog().of(PowerControl, "polca").extra_gpu_ratio
    assert extra == entries()["pow-polca"]["expected"]["extra_servers_pct"] / 100


def test_every_kind_of_work_says_how_it_draws() -> None:
    for workload in catalog().all_of(Workload):
        assert None not in (workload.idle_ratio, workload.synchronous_ratio, workload.utilisation_ratio)


def test_idle_step_swing_and_mean_follow_from_the_ratios() -> None:
    fields = {"idle_ratio": 0.3, "synchronous_ratio": 0.5, "power_floor_ratio": 0.6, "utilisation_ratio": 0.8}
    load = site_load(design_of(pool(load=fields)), catalog())
    train = load.pools[0]
    assert train.design_kw == pytest.approx(81.6)
    assert train.idle_kw == pytest.approx(24.48)
    assert load.step_kw == pytest.approx(81.6 * 0.5 * 0.7)
    assert load.swing_kw == pytest.approx(81.6 * 0.5 * 0.4)
    assert load.mean_kw == pytest.approx(81.6 * mean_ratio(0.3, 0.8))
    assert load.expected_peak_kw == pytest.approx(81.6 * 0.97)


def test_pools_add_up_and_diversity_lowers_what_they_draw_together() -> None:
    design = design_of(pool(), pool(name="serve", purpose="inference"), power={"load": {"diversity_ratio": 0.9}})
    load = site_load(design, catalog())
    assert load.design_kw == pytest.approx(163.2)
    assert load.coincident_kw == pytest.approx(163.2 * 0.9)
    assert load.step_kw == pytest.approx(81.6 * 0.8)


def test_an_unknown_draw_stays_unknown() -> None:
    known = site_load(design_of(pool(), pool(name="serve", purpose="inference")), catalog())
    unknown = replace(known.pools[1], design_kw=None, nameplate_kw=None, set_aside_kw=None)
    load = replace(known, pools=(known.pools[0], unknown))
    sums = (load.nameplate_kw, load.design_kw, load.coincident_kw, load.step_kw, load.swing_kw, load.mean_kw)
    assert sums == (None,) * 6
    assert unknown.swing_kw is None
    assert needs(load, Limits(1, 1), 1.0) is None


def test_firmware_holds_floor_and_ramps_only_where_the_grid_sets_limits() -> None:
    free = site_load(design_of(pool("gb300-nvl72", scalable_units=1)), catalog()).pools[0]
    assert (free.floor_ratio, free.ramp_s) == (0.2, None)
    limited = design_of(pool("gb300-nvl72", scalable_units=1), power={"utility": {"ramp_mw_per_min": 1}})
    held = site_load(limited, catalog()).pools[0]
    assert held.floor_ratio == 0.9
    assert held.raw_swing_kw == pytest.approx(0.2 * (held.design_kw or 0)), "20 % of the maximum, as published"
    assert site_load(design_of(pool()), catalog()).pools[0].ramp_s == 0


def test_where_each_default_comes_from_is_told() -> None:
    settings = {s.path: s for s in design_of(pool()).settings}
    assert settings["pools[0].load.utilisation_ratio"].origin == "catalog"
    assert settings["pools[0].load.idle_ratio"].origin == "assumption"
    assert settings["power.load.ride_through_s"].value == 300
