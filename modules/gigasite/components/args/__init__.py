"""Arguments that components take, typed: one module a section of the site file."""

from gigasite.components.args.cooling import (
    AirArgs,
    FacilityWaterArgs,
    HeatReuseArgs,
    LoopArgs,
    OutsideArgs,
    RejectionUnitsArgs,
    RideThroughArgs,
)
from gigasite.components.args.halls import HallsArgs, RacksArgs
from gigasite.components.args.pools import GuestArgs, GuestCpuArgs, PoolArgs, PoolCoolingArgs, PoolLoadArgs
from gigasite.components.args.power import (
    BessArgs,
    BlocksArgs,
    DistributionArgs,
    GenerationArgs,
    GeneratorsArgs,
    LoadArgs,
    MechanicalArgs,
    TransformersArgs,
    UpsArgs,
    UtilityArgs,
)

__all__ = [
    "AirArgs",
    "BessArgs",
    "BlocksArgs",
    "DistributionArgs",
    "FacilityWaterArgs",
    "GenerationArgs",
    "GeneratorsArgs",
    "GuestArgs",
    "GuestCpuArgs",
    "HallsArgs",
    "HeatReuseArgs",
    "LoadArgs",
    "LoopArgs",
    "MechanicalArgs",
    "OutsideArgs",
    "PoolArgs",
    "PoolCoolingArgs",
    "PoolLoadArgs",
    "RacksArgs",
    "RejectionUnitsArgs",
    "RideThroughArgs",
    "TransformersArgs",
    "UpsArgs",
    "UtilityArgs",
]
