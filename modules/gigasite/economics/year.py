"""A year of hours: IT load, cooling, losses, own generation, what is drawn from the grid, water.

Each hour is a steady state; nothing is stored from one hour to the next (no battery shifting, no thermal store).
All quantities are kW of that hour, and so kWh; a quantity that rests on an unknown fact is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling.hours import plant_hours
from gigasite.design.electrical.energy import chain_loss_kw
from gigasite.design.model import Design
from gigasite.economics.energy import UNMET_KW, draw_ratio
from gigasite.economics.generation import GenerationYear, generation_year
from gigasite.economics.tables import Hourly, TableError, hour_table, read_bytes, refuse, unpacked
from gigasite.economics.weather import Weather, site_weather
from gigasite.errors import GigasiteError
from gigasite.spec.pools import Purpose

# Hour of the day at which people ask the most of inference, and the least twelve hours before.
BUSIEST_HOUR: Final = 15
LOAD_COLUMNS: Final = ("it_kw", "it_ratio")


@dataclass(frozen=True, slots=True, eq=False)
class CoolingYear:
    """What the cooling plant does in each hour."""

    electric_kw: Hourly
    water_m3_h: Hourly
    reused_kw: Hourly
    unmet_kw: Hourly
    without_compressors: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class ItYear:
    """IT load by the hour, its design value, and where the hours come from."""

    kw: Hourly
    design_kw: float
    gpu_hours: float
    """Hours of installed accelerators."""
    used_gpu_hours: float | None
    """Those that work, spares left out; None where the load is the user's own."""
    basis: str


@dataclass(frozen=True, slots=True, eq=False)
class EnergyYear:
    """All hours of a site's year."""

    weather: Weather
    it: ItYear
    cooling: CoolingYear
    loss_kw: Hourly
    site_kw: Hourly
    """IT, cooling and losses: what the site uses, wherever it comes from."""
    generation: tuple[GenerationYear, ...]
    grid_kw: Hourly | None
    """What on-site generation leaves; None where its hours are unknown."""

    @property
    def hours(self) -> int:
        return self.weather.hours


CoolingModel = Callable[[Design, Catalog, Weather, Hourly], CoolingYear | None]
LossModel = Callable[[Design, Catalog, Hourly, Hourly], Hourly | None]


def year_of_site(design: Design, catalog: Catalog, folder: Path | None) -> EnergyYear | None:
    """The year of a site with the weather and load that it names; None without weather, or where its load is unknown.

    Raises TableError with every fault of a file of hours, GigasiteError where a climate has no hours.
    """
    weather = site_weather(design.resolved.location, catalog, folder)
    if weather is None:
        return None
    return energy_year(design, catalog, weather, it_year(design, weather.hours, folder))


def energy_year(
    design: Design,
    catalog: Catalog,
    weather: Weather,
    it: ItYear | None,
    *,
    cooling_model: CoolingModel | None = None,
    loss_model: LossModel | None = None,
) -> EnergyYear | None:
    """The year of a design under a weather and an IT load; None where its load, heat or losses are unknown."""
    if it is None or not it.design_kw:
        return None
    cooling = (cooling_model or plant_year)(design, catalog, weather, it.kw / it.design_kw)
    if cooling is None:
        return None
    loss_kw = (loss_model or chain_year)(design, catalog, it.kw, cooling.electric_kw)
    if loss_kw is None:
        return None
    site_kw = it.kw + cooling.electric_kw + loss_kw
    altitude = design.resolved.location.altitude_m
    height_m = altitude if altitude is not None else weather.altitude_m or 0.0
    generation = generation_year(design.resolved.power.generation, catalog, weather, site_kw, height_m)
    grid_kw: Hourly | None = site_kw
    for plant in generation:
        if plant.on_site:
            grid_kw = None if grid_kw is None or plant.used_kw is None else grid_kw - plant.used_kw
    return EnergyYear(weather, it, cooling, loss_kw, site_kw, generation, grid_kw)


def it_year(design: Design, hours: int, folder: Path | None) -> ItYear | None:
    """IT load of each hour: the user's own, or the pools' by utilisation and idle draw, the network's constant.

    An oversubscribed pool draws what its systems draw, up to what is set aside for it. A power floor holds while a job
    waits for its network, which is within the hours that it works. None where the draw of a rack is unknown, or where
    the file of the load is out of reach.
    """
    energy = design.resolved.energy
    racks = design.tables.racks
    if racks["it_kw"].null_count():
        return None
    design_kw = float(racks["it_kw"].sum())
    gpu_hours = float(sum(pool.gpu_count for pool in design.pools.values())) * hours
    if energy.load_csv is not None:
        if folder is None:
            return None
        kw = read_load_kw(read_bytes(folder, energy.load_csv), energy.load_csv, design_kw, hours)
        return ItYear(kw, design_kw, gpu_hours, None, energy.load_csv)
    set_aside = {name: (pool.system_kw or 0.0) * pool.system_count for name, pool in design.pools.items()}
    schedulable = schedulable_by_pool(design)
    wave = day_wave(hours)
    kw = np.full(hours, design_kw - sum(set_aside.values()))
    used: float = 0.0
    for pool in design.resolved.pools:
        load = pool.load
        utilisation = 1.0 if load.utilisation_ratio is None else load.utilisation_ratio
        swing = (energy.daily_swing_ratio or 0.0) if pool.purpose is Purpose.INFERENCE else 0.0
        busy = np.clip(utilisation * (1 + swing * wave), 0.0, 1.0)
        drawn = draw_ratio(busy, load.idle_ratio or 0.0) * (load.oversubscription_ratio or 1.0)
        kw = kw + set_aside[pool.name] * np.minimum(drawn, 1.0)
        used += schedulable.get(pool.name, 0) * float(busy.sum())
    return ItYear(kw, design_kw, gpu_hours, used, "utilisation and idle draw of the pools, network at its design draw")


def schedulable_by_pool(design: Design) -> dict[str, int]:
    """Accelerators of each pool in nodes that are no spares."""
    nodes = design.tables.nodes.filter(~pl.col("spare"))
    return dict(nodes.group_by("pool").agg(pl.col("gpu_count").sum()).iter_rows())


def day_wave(hours: int) -> Hourly:
    """One wave a day between −1 and 1, highest in the busiest hour."""
    return np.asarray(np.cos(2 * np.pi * (np.arange(hours) % 24 - BUSIEST_HOUR) / 24))


def read_load_kw(data: bytes, name: str, design_kw: float, hours: int) -> Hourly:
    """The user's IT load in kW. Raises TableError: faults of the file, another number of hours, above the design."""
    table = hour_table(unpacked(data, name), name, LOAD_COLUMNS)
    if table.hours != hours:
        raise TableError.of(name, f"has {table.hours:,} hours, the weather {hours:,}", "give both the same year")
    if "it_kw" in table.columns and "it_ratio" in table.columns:
        raise TableError.of(name, "has both it_kw and it_ratio", "keep one of them")
    kw = table.columns["it_kw"] if "it_kw" in table.columns else table.columns["it_ratio"] * design_kw
    refuse(name, kw < 0, table.first_line, "the load is negative")
    above = kw > design_kw * (1 + 1e-9)
    refuse(name, above, table.first_line, f"the load is above the design's {design_kw:,.0f} kW")
    return kw


def plant_year(design: Design, catalog: Catalog, weather: Weather, it_ratio: Hourly) -> CoolingYear | None:
    """The cooling plant's hours; None where the heat of the racks is unknown."""
    found = plant_hours(
        design, catalog, dry_bulb_c=weather.dry_bulb_c, wet_bulb_c=weather.wet_bulb_c, it_ratio=it_ratio
    )
    if found is None:
        return None
    return CoolingYear(
        electric_kw=found.electric_kw,
        water_m3_h=found.water_m3,
        reused_kw=found.reused_kw,
        unmet_kw=found.unmet_kw,
        without_compressors=(found.chiller_kw <= 0) & (found.unmet_kw <= UNMET_KW),
    )


def chain_year(design: Design, catalog: Catalog, it_kw: Hourly, mechanical_kw: Hourly) -> Hourly | None:
    """Losses of the power chain in each hour; None where the design's own are unknown."""
    if design.power.utility_kw is None:
        return None
    return chain_loss_kw(design, catalog, it_kw, mechanical_kw)


def faults_of(error: GigasiteError) -> tuple[tuple[str, str], ...]:
    """Message and hint of everything that stands in the way of a year."""
    if isinstance(error, TableError):
        return tuple((f"{fault.place}: {fault.message}", fault.hint) for fault in error.faults)
    return ((error.message, error.hint),)
