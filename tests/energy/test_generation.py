"""Sun, wind and firm plants by the hour; the sun is compared with pvlib."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.economics import generation
from gigasite.spec.generation import GenerationKind, GenerationSpec

from .years import CATALOG, flat, weather


@pytest.mark.parametrize("key", ["us-az-phoenix", "us-il-chicago", "us-hi-honolulu", "it-piedmont"])
def test_irradiance_on_trackers_is_that_of_pvlib(key: str) -> None:
    pvlib = pytest.importorskip("pvlib")
    import pandas as pd

    year = weather(key)
    assert year.ghi_w_m2 is not None
    assert year.dni_w_m2 is not None
    assert year.dhi_w_m2 is not None
    assert year.utc_offset_h is not None
    assert year.latitude_deg is not None
    assert year.longitude_deg is not None
    start = pd.Timestamp("2019-01-01 00:30", tz="UTC") - pd.Timedelta(hours=year.utc_offset_h)
    times = pd.date_range(start, periods=8760, freq="h")
    sun = pvlib.solarposition.get_solarposition(times, year.latitude_deg, year.longitude_deg)
    rows = pvlib.tracking.singleaxis(sun["apparent_zenith"], sun["azimuth"], max_angle=60, backtrack=False)
    theirs = pvlib.irradiance.get_total_irradiance(
        rows["surface_tilt"].fillna(0),
        rows["surface_azimuth"].fillna(180),
        sun["apparent_zenith"],
        sun["azimuth"],
        year.dni_w_m2,
        year.ghi_w_m2,
        year.dhi_w_m2,
        albedo=0.2,
    )["poa_global"].fillna(0)
    east, _, up = generation.sun_vector(8760, year.latitude_deg, year.longitude_deg, year.utc_offset_h)
    ours = generation.tracked_irradiance_w_m2(east, up, year.ghi_w_m2, year.dni_w_m2, year.dhi_w_m2)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.01)
    assert np.abs(ours - theirs.to_numpy()).mean() < 8


def test_output_of_modules_follows_pvlibs_pvwatts() -> None:
    pvlib = pytest.importorskip("pvlib")
    plane, air = np.array([100.0, 400.0, 800.0, 1000.0]), np.array([0.0, 10.0, 25.0, 35.0])
    cell = air + plane / 800 * 25
    theirs = pvlib.pvsystem.pvwatts_dc(plane, cell, 1.0, -0.0037) * 0.86 * 0.96
    assert generation.pv_ratio(plane, air) == pytest.approx(theirs)


def test_the_sun_shines_by_day_and_at_noon_from_the_south() -> None:
    east, north, up = generation.sun_vector(8760, 35.0, -105.0, -7.0)
    assert np.allclose(east**2 + north**2 + up**2, 1.0)
    noon, midnight = up.reshape(365, 24)[:, 11:13], up.reshape(365, 24)[:, [0, 23]]
    assert (noon > 0).all()
    assert (midnight < 0).all()
    assert (north.reshape(365, 24)[:, 11:13] < 0).all()


@given(st.floats(0, 60), st.floats(0, 60))
def test_more_wind_below_cut_out_never_gives_less(a: float, b: float) -> None:
    low, high = sorted((a, b))
    found = generation.wind_ratio(np.array([low, high]), cut_out=False)
    assert found[0] <= found[1]
    assert 0 <= found.min() <= found.max() <= 0.9 + 1e-12


def test_wind_stands_still_in_a_calm_and_in_a_storm() -> None:
    assert generation.wind_ratio(np.array([0.0, 1.0, 30.0])).tolist() == [0.0, 0.0, 0.0]
    assert generation.wind_ratio(np.array([12.0])).tolist() == [0.9]


@pytest.mark.parametrize("factor", [0.1, 0.25, 0.38, 0.5])
def test_the_stations_wind_is_scaled_to_the_farms_capacity_factor(factor: float) -> None:
    year = weather("us-tx-abilene")
    assert year.wind_m_s is not None
    found = generation.wind_of_mean(year.wind_m_s, 1.15, factor)
    assert found.mean() == pytest.approx(factor, abs=1e-6)


def _plant(kind: str, **more: object) -> GenerationSpec:
    return GenerationSpec.model_validate(
        {"name": kind, "kind": kind, "unit_count": 1, "unit_kw": 1000, **more}, strict=False
    )


def test_sun_and_wind_carry_the_load_before_firm_plants_and_no_more_than_it() -> None:
    plants = (_plant("gas-turbine"), _plant("solar"), _plant("wind"))
    gas, sun, wind = generation.generation_year(plants, CATALOG, weather("us-az-phoenix"), flat(700.0), 337.0)
    for plant in (gas, sun, wind):
        assert plant.used_kw is not None
        assert plant.available_kw is not None
        assert (plant.used_kw <= plant.available_kw + 1e-9).all()
    assert gas.used_kw is not None
    assert sun.used_kw is not None
    assert wind.used_kw is not None
    together = gas.used_kw + sun.used_kw + wind.used_kw
    assert together.max() <= 700 + 1e-9
    assert np.allclose(sun.used_kw, np.minimum(sun.available_kw, 700))
    assert sun.renewable
    assert not gas.renewable


def test_a_gas_turbine_gives_less_in_heat_and_thin_air() -> None:
    year = weather("us-az-phoenix")
    (low,) = generation.generation_year((_plant("gas-turbine"),), CATALOG, year, flat(1e6), 0.0)
    (high,) = generation.generation_year((_plant("gas-turbine"),), CATALOG, year, flat(1e6), 1500.0)
    assert low.available_kw is not None
    assert high.available_kw is not None
    hot, cold = int(year.dry_bulb_c.argmax()), int(year.dry_bulb_c.argmin())
    assert low.available_kw[hot] < low.available_kw[cold]
    assert (high.available_kw < low.available_kw).all()


def test_sun_without_radiation_falls_back_on_its_capacity_factor() -> None:
    (sun,) = generation.generation_year(
        (_plant("solar"),), CATALOG, weather("synthetic-maritime-europe"), flat(1e6), 0.0
    )
    assert sun.available_kw is not None
    assert "capacity factor" in sun.basis
    assert sun.available_kw.mean() == pytest.approx(250)


def test_contracted_plants_leave_the_sites_load_alone() -> None:
    (sun,) = generation.generation_year(
        (_plant("solar", delivery="contracted"),), CATALOG, weather("us-az-phoenix"), flat(1.0), 0.0
    )
    assert sun.used_kw is sun.available_kw
    assert GenerationKind(sun.technology) is GenerationKind.SOLAR
