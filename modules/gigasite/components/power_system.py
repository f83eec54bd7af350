"""The power of a site as a component: from the utility connection over the blocks to every rack feed."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.args import (
    BessArgs,
    BlocksArgs,
    DistributionArgs,
    GenerationArgs,
    GeneratorsArgs,
    HallsArgs,
    LoadArgs,
    MechanicalArgs,
    PoolArgs,
    RacksArgs,
    TransformersArgs,
    UpsArgs,
    UtilityArgs,
)
from gigasite.components.base import Part
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.refusal import told_plainly
from gigasite.exports.facility import power_folders
from gigasite.exports.figures import power_figures


class PowerSystemArgs(TypedDict):
    """What feeds the racks, and the pools whose racks are fed."""

    pools: list[PoolArgs]
    """The load."""
    utility: NotRequired[UtilityArgs]
    """The connection to the grid."""
    generation: NotRequired[list[GenerationArgs]]
    """Own or contracted generation."""
    bess: NotRequired[BessArgs]
    """Battery storage."""
    transformers: NotRequired[TransformersArgs]
    """Transformers between the grid and the blocks."""
    blocks: NotRequired[BlocksArgs]
    """The power blocks."""
    generators: NotRequired[GeneratorsArgs]
    """Standby generators."""
    ups: NotRequired[UpsArgs]
    """The UPS of a block."""
    distribution: NotRequired[DistributionArgs]
    """From the UPS to the rack feeds."""
    mechanical: NotRequired[MechanicalArgs]
    """The boards that feed the cooling."""
    load: NotRequired[LoadArgs]
    """The load as it moves in time."""
    halls: NotRequired[HallsArgs]
    """The halls that the racks stand in."""
    racks: NotRequired[RacksArgs]
    """The racks and their feeds."""
    electrical: NotRequired[str]
    """The code that holds: nec or iec."""
    availability: NotRequired[str]
    """What is promised: basic, concurrently-maintainable or fault-tolerant."""
    altitude_m: NotRequired[float]
    """Above sea level, m."""
    prefix: NotRequired[str]
    """What the names of blocks and racks begin with."""


_SECTIONS = (
    "utility",
    "generation",
    "bess",
    "transformers",
    "blocks",
    "generators",
    "ups",
    "distribution",
    "mechanical",
    "load",
)


class PowerSystem(Part):
    """The tables of the chain's elements, of power blocks and of rack feeds, by hall."""

    it_kw: Optional[pulumi.Output[float]]  # noqa: UP045  (Pulumi's analyser follows no `|`)
    """Load of the racks, kW; absent where unknown."""
    utility_kw: Optional[pulumi.Output[float]]  # noqa: UP045
    """Load at the meter, losses and cooling included, kW; absent where unknown."""
    utility_margin_kw: Optional[pulumi.Output[float]]  # noqa: UP045
    """What the connection has left, kW; absent where unknown."""
    block_count: Optional[pulumi.Output[int]]  # noqa: UP045
    """Power blocks of the site."""
    figures: pulumi.Output[dict[str, Any]]
    """The chain in sums: topology, block size, feeds."""

    def __init__(
        self,
        name: str,
        args: PowerSystemArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045
        *,
        plan: Plan | None = None,
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            plan = plan or plan_settings(name, _settings(name, args), only=("PWR",))
            self._register(plan, power_folders(plan.design))
            figures = power_figures(plan.design)
        self._publish(
            it_kw=figures.get("it_kw"),
            utility_kw=figures.get("utility_kw"),
            utility_margin_kw=figures.get("utility_margin_kw"),
            block_count=figures.get("block_count"),
            figures=figures,
        )


def _settings(name: str, args: PowerSystemArgs) -> Settings:
    """The smallest site that has this power system."""
    return given(
        name=name,
        naming=given(prefix=args.get("prefix")),
        location=given(altitude_m=args.get("altitude_m")),
        standards=given(electrical=args.get("electrical"), availability=args.get("availability")),
        power=given(**{section: args.get(section) for section in _SECTIONS}),
        halls=args.get("halls"),
        racks=args.get("racks"),
        pools=args["pools"],
    )
