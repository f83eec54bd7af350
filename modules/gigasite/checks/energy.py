"""A year of energy: its weather, what the plant does in it, water, what is claimed of its power."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gigasite.catalog.climate_products import Climate
from gigasite.catalog.models import Grid
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts
from gigasite.economics.carbon import carbon_year, grid_factor
from gigasite.economics.energy import UNMET_KW, daily, pue, ref
from gigasite.economics.tables import TableError
from gigasite.economics.year import faults_of
from gigasite.errors import Severity
from gigasite.spec.site import Demarcation

PLAUSIBLE_PUE: Final = (1.02, 1.8)
"""Published fleets and surveys lie between 1.09 and 1.56."""
HEIGHT_M: Final = 300.0
"""Air of stations that lie this much higher or lower is another 2 K and 3.5 % of pressure."""
_SLACK: Final = 1 + 1e-9
# A year's dearest hour may differ from the design hour by what its steps round.
_PEAK_SLACK: Final = 1.005


@check("ECO101", Severity.INFO, "The site names a year of weather")
def weather_is_named(context: Context) -> Iterator[Hit]:
    location = context.design.resolved.location
    if location.climate is None and location.weather_csv is None:
        yield Hit(
            "no year of weather is named: annual energy, water and carbon are unknown, and what is told is the design "
            "point, which is no PUE",
            f"set location.climate ({', '.join(context.catalog.keys('climate')[:3])}, ...) or location.weather_csv",
            "location.climate",
        )


@check("ECO102", Severity.ERROR, "Files of hours hold a year")
def hours_can_be_read(context: Context) -> Iterator[Hit]:
    design = context.design
    location, energy = design.resolved.location, design.resolved.energy
    files = {
        "location.weather_csv": location.weather_csv,
        "energy.load_csv": energy.load_csv,
        "energy.grid_co2e_csv": energy.grid_co2e_csv,
    }
    if context.folder is None:
        for at, name in files.items():
            if name is not None:
                message = f"{name} was not read: no folder of the site file is known here"
                yield Hit(message, "check the site by its file or folder", at, Severity.INFO)
        return
    year, faults = context.energy_year
    if year is not None:
        try:
            grid_factor(design, context.catalog, context.folder, year.hours)
        except TableError as error:
            faults = faults_of(error)
    for message, hint in faults:
        at = next((at for at, name in files.items() if name and message.startswith(name)), "location.climate")
        yield Hit(message, hint, at)


@check("ECO103", Severity.ERROR, "The plant rejects all heat in every hour of the year")
def heat_leaves_in_every_hour(context: Context) -> Iterator[Hit]:
    year, _ = context.energy_year
    if year is None:
        return
    unmet = year.cooling.unmet_kw
    hours = int((unmet > UNMET_KW).sum())
    if hours:
        worst = int(unmet.argmax())
        yield Hit(
            f"in {count(hours, 'hour')} of {year.weather.name} heat stays, {kilowatts(float(unmet[worst]))} in the "
            f"worst, at {year.weather.dry_bulb_c[worst]:.1f} °C and {year.weather.wet_bulb_c[worst]:.1f} °C wet bulb",
            "add units or a trim-chiller (cooling.rejection), or allow a warmer supply: cooling.loop.supply_c",
            "cooling.rejection",
        )


@check("ECO104", Severity.ERROR, "The design day is no milder than the year")
def design_day_is_extreme(context: Context) -> Iterator[Hit]:
    location = context.design.resolved.location
    year, _ = context.energy_year
    dry = wet = None
    name = location.climate or ""
    if year is not None:
        dry, wet = float(year.weather.dry_bulb_c.max()), float(year.weather.wet_bulb_c.max())
        name = year.weather.name
    elif location.climate is not None:
        climate = context.catalog.of(Climate, location.climate)
        dry, wet = climate.dry_bulb_max_c, climate.wet_bulb_max_c
    pairs = (("dry", dry, location.extreme_dry_bulb_c), ("wet", wet, location.extreme_wet_bulb_c))
    for bulb, reached, designed in pairs:
        # Temperatures of stations are read to a tenth of a kelvin.
        if reached is not None and designed is not None and reached > designed + 0.05:
            yield Hit(
                f"{name} reaches {reached:.1f} °C {bulb} bulb; the design stands {designed:g} °C",
                f"raise location.extreme_{bulb}_bulb_c: a typical year has no extremes, ASHRAE's 20- and 50-year "
                "values are some kelvin above",
                f"location.extreme_{bulb}_bulb_c",
            )


@check("ECO105", Severity.INFO, "The carbon of the grid's energy is known")
def carbon_is_known(context: Context) -> Iterator[Hit]:
    key = context.design.resolved.location.grid
    if context.design.resolved.energy.grid_co2e_csv is not None:
        return
    if key is None:
        yield Hit("no grid is named: carbon is unknown", "set location.grid", "location.grid")
    elif context.catalog.of(Grid, key).co2e_kg_per_kwh is None:
        yield Hit(
            f"no source gives the emission factor of grid {key}: carbon is unknown",
            f"state co2e_kg_per_kwh with its source in catalog/grids/{key}.yaml beside the site file, or give "
            "energy.grid_co2e_csv",
            "location.grid",
        )


@check("ECO106", Severity.WARNING, "The year's PUE is plausible")
def pue_is_plausible(context: Context) -> Iterator[Hit]:
    year, _ = context.energy_year
    if year is None or context.design.resolved.demarcation is not Demarcation.OWN:
        return  # a tenant's part of a site has no PUE
    found = pue(float(year.site_kw.sum()), float(year.it.kw.sum()))
    low, high = PLAUSIBLE_PUE
    if found is not None and not low <= found <= high:
        load = float(year.it.kw.mean()) / year.it.design_kw
        yield Hit(
            f"PUE {found:.2f} at a load of {load:.0%} of the design; fleets and surveys publish 1.09 to 1.56",
            "look at utilisation and idle draw (pools[].load), at blocks larger than the load needs "
            "(power.blocks.unit_kw), and at the heat rejection",
            "pools",
        )


@check("ECO107", Severity.ERROR, "The water limit holds on every day of the year")
def water_limit_holds_all_year(context: Context) -> Iterator[Hit]:
    year, _ = context.energy_year
    limit = context.design.resolved.cooling.water_limit_m3_day
    if year is None or limit is None:
        return
    by_day = daily(year.cooling.water_m3_h)
    over = int((by_day > limit * _SLACK + 1e-6).sum())
    if over:
        yield Hit(
            f"the site draws more than {limit:g} m³ on {over} of the {by_day.size} days of {year.weather.name}; "
            f"{float(by_day.max()):,.0f} m³ on the worst",
            "reject less heat by evaporation (cooling.rejection), or raise cooling.water_limit_m3_day",
            "cooling.water_limit_m3_day",
        )


@check("ECO108", Severity.WARNING, "Contracts cover no more than the site draws")
def contracts_are_used(context: Context) -> Iterator[Hit]:
    design = context.design
    shares = sum(contract.share_ratio or 0.0 for contract in design.resolved.energy.contracts)
    if shares > _SLACK:
        yield Hit(
            f"the contracts' shares come to {shares:.0%} of the grid energy",
            "lower share_ratio: together they cover all of it at most",
            "energy.contracts",
        )
    year, faults = context.energy_year
    if year is None or faults or year.grid_kw is None:
        return
    try:
        carbon = carbon_year(design, context.catalog, year, context.folder)
    except TableError:
        return  # told by ECO102
    for part in carbon.covered:
        if part.surplus_kwh > 1.0 and (part.contract.share_ratio is None):
            yield Hit(
                f"{part.contract.name} buys {(part.kwh + part.surplus_kwh) / 1000:,.0f} MWh a year; "
                f"{part.surplus_kwh / 1000:,.0f} MWh of it are more than the site draws",
                "buy less, or count the rest for another site",
                "power.generation" if part.contract.kind == "plant" else "energy.contracts",
            )


@check("ECO109", Severity.WARNING, "No hour of the year draws more than the design hour")
def design_hour_is_the_dearest(context: Context) -> Iterator[Hit]:
    year, _ = context.energy_year
    utility_kw = context.design.power.utility_kw
    if year is None or utility_kw is None:
        return
    worst = int(year.site_kw.argmax())
    drawn = float(year.site_kw[worst])
    if drawn > utility_kw * _PEAK_SLACK:
        it_kw, together_kw = float(year.it.kw[worst]), context.design.power.coincident_it_kw or 0.0
        by_load = it_kw > together_kw * _PEAK_SLACK
        yield Hit(
            f"at {year.weather.dry_bulb_c[worst]:.1f} °C the site draws {kilowatts(drawn)}"
            + (f", {kilowatts(it_kw)} of it IT" if by_load else "")
            + f"; the hour that its grid connection is sized for draws {kilowatts(utility_kw)}"
            + (f" with {kilowatts(together_kw)} of IT" if by_load else ""),
            "raise power.load.diversity_ratio: the pools' use alone is above it"
            if by_load
            else "raise location.extreme_dry_bulb_c and extreme_wet_bulb_c to what the plant has to stand",
            "power.load.diversity_ratio" if by_load else "location.extreme_dry_bulb_c",
        )


@check("ECO110", Severity.INFO, "The year of weather was measured at the site's height")
def weather_is_of_the_place(context: Context) -> Iterator[Hit]:
    year, _ = context.energy_year
    if year is None:
        return
    weather, here = year.weather, context.design.resolved.location.altitude_m
    if not weather.measured:
        yield Hit(
            f"{weather.name} is made of statistics: it has no spells of heat, and its figures are for orientation",
            "give a measured year: location.weather_csv",
            weather.at,
        )
    there = weather.altitude_m
    if there is not None and here is not None and abs(there - here) > HEIGHT_M:
        yield Hit(
            f"the station of {weather.name} stands at {there:,.0f} m, the site at {here:,.0f} m: its air is some "
            f"{abs(there - here) * 0.0065:.0f} K {'warmer' if there < here else 'colder'} than the site's",
            "name a year of a nearer station: location.weather_csv",
            weather.at,
        )


@check("ECO111", Severity.INFO, "A claim of renewable energy holds hour by hour")
def renewable_claims_hold_by_the_hour(context: Context) -> Iterator[Hit]:
    year, faults = context.energy_year
    if year is None or faults:
        return
    try:
        carbon = carbon_year(context.design, context.catalog, year, context.folder)
    except TableError:
        return
    share = ref(carbon.renewable_kwh, float(year.site_kw.sum()))
    matched = carbon.hourly_matched_ratio
    if share is not None and matched is not None and share > matched + 0.05:
        yield Hit(
            f"renewable energy is {share:.0%} of the year's energy; contracted plants make {matched:.0%} of the grid "
            "energy in the hour in which it is drawn",
            "state both figures, or contract what runs at other hours",
            "power.generation",
        )
