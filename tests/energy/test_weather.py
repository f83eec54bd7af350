"""Years of weather: the bundled ones are what the catalog says, and a site's own file is told what is wrong with it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog.climate_products import Climate
from gigasite.design.cooling import psychrometrics
from gigasite.economics.tables import TableError, hour_table, read_bytes
from gigasite.economics.weather import climate_weather, site_weather, weather_file
from gigasite.errors import GigasiteError
from gigasite.spec.loader import load_text
from gigasite.spec.site import LocationSpec

from .years import CATALOG, CLIMATES, csv, epw, flat


@pytest.mark.parametrize("key", CLIMATES)
def test_a_bundled_year_has_the_statistics_that_the_catalog_states(key: str) -> None:
    climate = CATALOG.of(Climate, key)
    year = climate_weather(climate)
    assert year.hours == 8760
    assert year.dry_bulb_c.mean() == pytest.approx(climate.dry_bulb_mean_c, abs=0.01)
    assert (year.wet_bulb_c <= year.dry_bulb_c).all()
    assert year.measured is not key.startswith("synthetic-")
    assert (year.latitude_deg, year.longitude_deg) == (climate.latitude_deg, climate.longitude_deg)
    if climate.dry_bulb_max_c is not None:
        assert year.dry_bulb_c.max() == pytest.approx(climate.dry_bulb_max_c)
        assert year.dry_bulb_c.min() == pytest.approx(climate.dry_bulb_min_c)
        assert year.wet_bulb_c.max() == pytest.approx(climate.wet_bulb_max_c, abs=0.06)


def test_climates_range_from_cold_to_tropical_and_from_dry_to_humid() -> None:
    years = {key: climate_weather(CATALOG.of(Climate, key)) for key in CLIMATES}
    means = {key: year.dry_bulb_c.mean() for key, year in years.items()}
    assert len(years) >= 6
    assert means["us-ak-sand-point"] < 6 < 22 < means["us-az-phoenix"]
    gap = {key: float((year.dry_bulb_c - year.wet_bulb_c).mean()) for key, year in years.items()}
    assert gap["us-az-phoenix"] > 10 > 4 > gap["us-fl-miami"]


def test_every_measured_year_names_its_station_licence_and_file() -> None:
    for climate in CATALOG.all_of(Climate):
        if climate.key.startswith("synthetic-"):
            assert climate.data_sha256 is None
            assert {source.tier for source in climate.origins.values()} == {"assumption"}
        else:
            assert climate.station
            assert climate.licence
            assert climate.years
            assert climate.data_sha256


def test_the_hours_of_a_climate_are_those_that_the_catalog_describes() -> None:
    climate = CATALOG.of(Climate, "us-il-chicago").model_copy(update={"data_sha256": "0" * 64})
    with pytest.raises(GigasiteError, match="not those that the catalog describes"):
        climate_weather(climate)
    nowhere = climate.model_copy(update={"key": "nowhere"})
    with pytest.raises(GigasiteError, match="has no hours"):
        climate_weather(nowhere)


def test_an_epw_file_is_read_with_its_place() -> None:
    dry = [20 + (hour % 24) / 4 for hour in range(8760)]
    year = weather_file(epw(dry, [10.0] * 8760), "here.epw")
    assert (year.latitude_deg, year.longitude_deg, year.utc_offset_h, year.altitude_m) == (45.5, 7.25, 1.0, 500.0)
    assert year.dry_bulb_c[:3].tolist() == [20.0, 20.25, 20.5]
    assert year.pressure_kpa[0] == pytest.approx(95.0)
    assert year.wind_m_s is not None
    assert year.wind_m_s[0] == 4.5
    humidity = psychrometrics.humidity_ratio_from_dew_point(10.0, 95.0)
    assert year.wet_bulb_c[0] == pytest.approx(float(psychrometrics.wet_bulb_c(20.0, humidity, 95.0)), abs=1e-5)


def test_the_three_ways_to_state_humidity_agree() -> None:
    pressure = 97.0
    humidity = psychrometrics.humidity_ratio_from_relative(30.0, 0.4, pressure)
    wet = float(psychrometrics.wet_bulb_c(30.0, humidity, pressure))
    dew = float(psychrometrics.dew_point_c(humidity, pressure))
    for column, value in (("wet_bulb_c", wet), ("dew_point_c", dew), ("relative_humidity_ratio", 0.4)):
        year = weather_file(csv({"dry_bulb_c": 30.0, column: value, "pressure_kpa": pressure}), "a.csv")
        assert year.wet_bulb_c[100] == pytest.approx(wet, abs=1e-3), column


def test_pressure_follows_from_the_height_where_the_file_has_none() -> None:
    high = weather_file(csv({"dry_bulb_c": 20, "dew_point_c": 5}), "a.csv", altitude_m=2000)
    stated = weather_file(
        csv({"dry_bulb_c": 20, "dew_point_c": 5}, comments="# altitude_m: 1000\n"), "a.csv", altitude_m=2000
    )
    assert high.pressure_kpa[0] == pytest.approx(79.5, abs=0.1)
    assert stated.pressure_kpa[0] == pytest.approx(89.9, abs=0.1)


def test_a_leap_year_and_a_packed_file_are_read() -> None:
    data = csv({"time": "x", "dry_bulb_c": 20, "wet_bulb_c": 15}, hours=8784)
    assert weather_file(gzip.compress(data), "a.csv.gz").hours == 8784


def _faults(data: bytes) -> list[str]:
    with pytest.raises(TableError) as caught:
        weather_file(data, "w.csv")
    return [f"{fault.place}: {fault.message}" for fault in caught.value.faults]


def test_every_gap_is_named_by_its_line() -> None:
    dry: list[object] = [20.0] * 8760
    dry[0], dry[41], dry[8759] = "", "n/a", "nan"
    assert _faults(csv({"dry_bulb_c": dry, "wet_bulb_c": 10})) == [
        "w.csv:2: dry_bulb_c has no number",
        "w.csv:43: dry_bulb_c has no number",
        "w.csv:8761: dry_bulb_c has no number",
    ]


def test_many_gaps_are_folded() -> None:
    faults = _faults(csv({"dry_bulb_c": ["-"] * 8760, "wet_bulb_c": 10}))
    assert len(faults) == 6
    assert "8755 more lines" in faults[-1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "has no header"),
        (b"# only: words\n", "has no header"),
        (csv({"dry_bulb_c": 20, "wet_bulb_c": 10}, hours=8759), "8,759 hours are no year"),
        (csv({"dry_bulb_f": 70, "wet_bulb_c": 10}), "dry_bulb_c is missing"),
        (csv({"dry_bulb_c": 20}), "how humid"),
        (csv({"dry_bulb_c": 300, "wet_bulb_c": 10}), "outside -90 to 60"),
        (csv({"dry_bulb_c": 20, "wet_bulb_c": 25}), "above the dry bulb"),
        (csv({"dry_bulb_c": 20, "dew_point_c": 21}), "above the dry bulb"),
        (csv({"dry_bulb_c": 20, "wet_bulb_c": 10}).replace(b"20,10\n", b"20\n", 1), "w.csv:2: fewer values"),
        (b"dry_bulb_c,dry_bulb_c,wet_bulb_c\n" + b"1,1,1\n" * 8760, "stands there twice"),
        (b"\xff\xfe" + csv({"dry_bulb_c": 20, "wet_bulb_c": 10}), "not UTF-8"),
        (b"\x1f\x8bgarbage", "no whole gzip file"),
        (b"LOCATION,a,b\nX\n", "DATA PERIODS"),
        (csv({"dry_bulb_c": 20, "wet_bulb_c": 10}, comments="# altitude_m: high\n"), "is no number"),
    ],
)
def test_a_file_that_is_no_year_is_told_what_it_lacks(data: bytes, said: str) -> None:
    assert any(said in fault for fault in _faults(data)), _faults(data)


def test_missing_values_of_an_epw_file_are_named_by_their_line() -> None:
    dry = [20.0] * 8760
    dry[7] = 99.9
    with pytest.raises(TableError, match=r"e\.epw:16: dry_bulb_c is missing"):
        weather_file(epw(dry, [10.0] * 8760), "e.epw")


def test_files_are_read_in_the_sites_folder_only(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "years").mkdir(parents=True)
    (tmp_path / "out.csv").write_bytes(csv({"dry_bulb_c": 20, "wet_bulb_c": 10}))
    (site / "years" / "in.csv").write_bytes(csv({"dry_bulb_c": 20, "wet_bulb_c": 10}))
    (site / "link.csv").symlink_to(tmp_path / "out.csv")
    (site / "large.csv").write_bytes(b" " * (16 * 1024 * 1024 + 1))
    assert read_bytes(site, "years/in.csv")
    for name, said in (
        ("../out.csv", "outside"),
        ("link.csv", "outside"),
        ("none.csv", "no such file"),
        ("years", "not a file"),
        ("large.csv", "larger than 16 MiB"),
    ):
        with pytest.raises(TableError, match=said):
            read_bytes(site, name)


@pytest.mark.parametrize("name", ["../w.csv", "/etc/w.csv", "a//w.csv", "a/./w.csv", "", "a\\b.csv"])
def test_a_path_that_leaves_the_folder_is_refused_in_the_site_file(name: str) -> None:
    with pytest.raises(GigasiteError):
        load_text(f"name: a\nlocation: {{weather_csv: '{name}'}}\npools: [{{name: t, system: dgx-h100, nodes: 8}}]\n")


def test_climate_and_file_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="two years of weather"):
        LocationSpec(climate="us-il-chicago", weather_csv="w.csv")


def test_a_site_without_weather_has_none(tmp_path: Path) -> None:
    assert site_weather(LocationSpec(), CATALOG, tmp_path) is None
    assert site_weather(LocationSpec(weather_csv="w.csv"), CATALOG, None) is None


def test_a_synthetic_year_turns_round_south_of_the_equator() -> None:
    climate = CATALOG.of(Climate, "synthetic-maritime-europe")
    north, south = climate_weather(climate), climate_weather(climate.model_copy(update={"latitude_deg": -52.0}))
    january = slice(0, 31 * 24)
    assert north.dry_bulb_c[january].mean() < north.dry_bulb_c.mean() < south.dry_bulb_c[january].mean()
    assert north.dry_bulb_c[14:17].argmax() == 1
    assert np.allclose(north.dry_bulb_c.mean(), south.dry_bulb_c.mean(), atol=0.05)


def test_columns_outside_the_known_ones_are_left_alone() -> None:
    table = hour_table(csv({"when": "2025-01-01T00", "it_kw": 5}), "l.csv", ("it_kw",))
    assert list(table.columns) == ["it_kw"]
    assert np.array_equal(table.columns["it_kw"], flat(5.0))


@pytest.mark.parametrize(("dry", "dew", "said"), [(99.9, 10.0, "no hour has a dry bulb"), (20.0, 99.9, "how humid")])
def test_an_epw_file_without_a_needed_column_says_so(dry: float, dew: float, said: str) -> None:
    data = epw([dry] * 8760, [dew] * 8760).replace(b",50,95000,", b",999,95000,")
    assert any(said in fault for fault in _faults(data))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="dry_bulb_c,wet#:0-9.\n\r\x0b\u2028 e", max_size=300).map(str.encode))
def test_no_content_ends_in_anything_but_faults(data: bytes) -> None:
    with pytest.raises(TableError):
        weather_file(data, "w.csv")
