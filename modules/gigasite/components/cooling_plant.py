"""The cooling of a site as a component: the heat of every rack, and the plant that takes it."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.args import AirArgs, FacilityWaterArgs, HallsArgs, LoopArgs, OutsideArgs, PoolArgs
from gigasite.components.base import Part
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.refusal import told_plainly
from gigasite.exports.facility import cooling_folders
from gigasite.exports.figures import cooling_figures


class CoolingPlantArgs(TypedDict):
    """What takes the heat, and the pools whose heat it is."""

    pools: list[PoolArgs]
    """Where the heat comes from."""
    loop: NotRequired[LoopArgs]
    """The coolant loop through the racks."""
    air: NotRequired[AirArgs]
    """Room air."""
    facility: NotRequired[FacilityWaterArgs]
    """Facility water between the halls and the heat rejection."""
    rejection: NotRequired[list[str]]
    """How heat leaves the site, the preferred first: dry-cooler, trim-chiller, chiller, cooling-tower, ..."""
    outside: NotRequired[OutsideArgs]
    """The units that reject heat, water and ride-through."""
    water_limit_m3_day: NotRequired[float]
    """The most water that the site may draw, m³ a day."""
    altitude_m: NotRequired[float]
    """Above sea level, m: thin air cools less."""
    extreme_dry_bulb_c: NotRequired[float]
    """Hottest air that the plant is laid out for, °C."""
    extreme_wet_bulb_c: NotRequired[float]
    """Highest wet bulb that the plant is laid out for, °C."""
    halls: NotRequired[HallsArgs]
    """The halls that the racks stand in."""
    prefix: NotRequired[str]
    """What the names of its parts begin with."""


class CoolingPlant(Part):
    """The tables of the racks' heat and flow, and of the plant, by hall."""

    liquid_kw: Optional[pulumi.Output[float]]  # noqa: UP045  (Pulumi's analyser follows no `|`)
    """Heat into liquid, kW; absent where unknown."""
    air_kw: Optional[pulumi.Output[float]]  # noqa: UP045
    """Heat into room air, kW; absent where unknown."""
    flow_lpm: Optional[pulumi.Output[float]]  # noqa: UP045
    """Coolant flow, l/min; absent where unknown."""
    cdu_installed: Optional[pulumi.Output[int]]  # noqa: UP045
    """Coolant distribution units."""
    figures: pulumi.Output[dict[str, Any]]
    """The plant in sums."""

    def __init__(
        self,
        name: str,
        args: CoolingPlantArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045
        *,
        plan: Plan | None = None,
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            plan = plan or plan_settings(name, _settings(name, args), only=("CLG",))
            self._register(plan, cooling_folders(plan.design))
            figures = cooling_figures(plan.design)
        self._publish(
            liquid_kw=figures.get("liquid_kw"),
            air_kw=figures.get("air_kw"),
            flow_lpm=figures.get("flow_lpm"),
            cdu_installed=figures.get("cdu_installed"),
            figures=figures,
        )


def _settings(name: str, args: CoolingPlantArgs) -> Settings:
    """The smallest site that has this plant."""
    return given(
        name=name,
        naming=given(prefix=args.get("prefix")),
        location=given(
            altitude_m=args.get("altitude_m"),
            extreme_dry_bulb_c=args.get("extreme_dry_bulb_c"),
            extreme_wet_bulb_c=args.get("extreme_wet_bulb_c"),
        ),
        cooling=given(
            rejection=args.get("rejection"),
            loop=args.get("loop"),
            air=args.get("air"),
            facility=args.get("facility"),
            outside=args.get("outside"),
            water_limit_m3_day=args.get("water_limit_m3_day"),
        ),
        halls=args.get("halls"),
        pools=args["pools"],
    )
