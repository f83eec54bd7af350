"""Moist air against CoolProp, against the handbook's table, and against itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.cooling import psychrometrics as moist

DRY = st.floats(-30, 50)
WET = st.floats(0.02, 1)
HIGH = st.floats(-400, 4000)

CASES = [
    (dry, relative, absolute)
    for dry in (-20.0, -5.0, 0.5, 10.0, 25.0, 35.0, 45.0)
    for relative in (0.05, 0.4, 0.8, 1.0)
    for absolute in (75.0, 90.0, 101.325)
]


@pytest.mark.parametrize(("dry", "relative", "absolute"), CASES)
def test_air_is_as_coolprop_says_within_one_percent(dry: float, relative: float, absolute: float) -> None:
    humid = pytest.importorskip("CoolProp.HumidAirProp")

    def theirs(what: str) -> float:
        return float(humid.HAPropsSI(what, "T", dry + 273.15, "R", relative, "P", absolute * 1000))

    ratio = moist.humidity_ratio_from_relative(dry, relative, absolute)
    assert float(ratio) == pytest.approx(theirs("W"), rel=0.01)
    wet = float(moist.wet_bulb_c(dry, ratio, absolute))
    if abs(wet) > 0.7:  # about 0 °C the wick may hold water or ice, and both balances have a solution
        assert wet + 273.15 == pytest.approx(theirs("B"), abs=0.1)
    assert float(moist.dew_point_c(ratio, absolute)) + 273.15 == pytest.approx(theirs("D"), abs=0.1)
    assert float(1 / moist.density_kg_m3(dry, ratio, absolute)) == pytest.approx(theirs("Vha"), rel=0.01)
    # Both enthalpies count from 0 °C: near it the difference of the two is what can be held against it.
    assert float(moist.enthalpy_kj_kg(dry, ratio)) == pytest.approx(theirs("H") / 1000, rel=0.01, abs=0.3)


@pytest.mark.parametrize(
    ("temperature_c", "kpa"),
    [(-20, 0.10326), (0, 0.61117), (10, 1.2280), (20, 2.3389), (30, 4.2467), (40, 7.3844), (60, 19.9439)],
)
def test_saturation_pressure_is_that_of_the_handbook(temperature_c: float, kpa: float) -> None:
    """ASHRAE Fundamentals, chapter 1, table 3: thermodynamic properties of water at saturation."""
    assert float(moist.saturation_pressure_kpa(temperature_c)) == pytest.approx(kpa, rel=2e-3)


@pytest.mark.parametrize(
    ("height", "kpa"), [(-500, 107.478), (0, 101.325), (500, 95.461), (1500, 84.556), (3000, 70.108)]
)
def test_pressure_falls_with_height_as_in_the_standard_atmosphere(height: float, kpa: float) -> None:
    assert float(moist.pressure_kpa(height)) == pytest.approx(kpa, rel=1e-3)


@settings(deadline=None)
@given(DRY, WET, HIGH)
def test_the_wet_bulb_leads_back_to_its_humidity(dry: float, relative: float, height: float) -> None:
    absolute = moist.pressure_kpa(height)
    ratio = moist.humidity_ratio_from_relative(dry, relative, absolute)
    wet = moist.wet_bulb_c(dry, ratio, absolute)
    if abs(float(wet)) > 1e-3:  # at 0 °C the balance changes from ice to water
        assert float(moist.humidity_ratio_from_wet_bulb(dry, wet, absolute)) == pytest.approx(float(ratio), abs=1e-7)
    assert float(moist.dew_point_c(ratio, absolute)) <= float(wet) + 1e-3 <= dry + 2e-3
    assert float(moist.relative_humidity_ratio(dry, ratio, absolute)) == pytest.approx(relative, rel=1e-6)


@settings(deadline=None)
@given(DRY, WET, st.floats(0.01, 10))
def test_more_water_never_lowers_the_wet_bulb(dry: float, relative: float, more_k: float) -> None:
    ratio = moist.humidity_ratio_from_relative(dry, relative)
    assert float(moist.wet_bulb_c(dry, ratio * 1.01)) >= float(moist.wet_bulb_c(dry, ratio)) - 1e-5
    assert float(moist.wet_bulb_c(dry + more_k, ratio)) >= float(moist.wet_bulb_c(dry, ratio)) - 1e-5


def test_no_air_is_drier_than_dry_air() -> None:
    driest = moist.driest_wet_bulb_c(43.0)
    assert float(moist.humidity_ratio_from_wet_bulb(43.0, driest)) == pytest.approx(0.0, abs=1e-7)
    assert float(driest) == pytest.approx(15.7, abs=0.2)


def test_a_year_is_one_call() -> None:
    dry = np.linspace(-20, 45, 8760)
    wet = moist.wet_bulb_from_relative_c(dry, 0.5)
    assert wet.shape == dry.shape
    assert (wet <= dry).all()
    assert (np.diff(wet) > 0).all()
