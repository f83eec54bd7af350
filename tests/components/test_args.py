"""Components take the keys of the site file's sections, and no others."""

from __future__ import annotations

import typing

import pytest

from gigasite.components import args
from gigasite.components.fabric import FABRIC_KEYS, FabricArgs
from gigasite.spec import cooling, generation, guest, halls, load, outside, pools, power
from gigasite.spec.base import Model

SECTIONS: dict[type, type[Model]] = {
    args.AirArgs: cooling.AirSpec,
    args.BessArgs: generation.BessSpec,
    args.BlocksArgs: power.BlocksSpec,
    args.DistributionArgs: power.DistributionSpec,
    args.FacilityWaterArgs: cooling.FacilityWaterSpec,
    args.GenerationArgs: generation.GenerationSpec,
    args.GeneratorsArgs: generation.GeneratorsSpec,
    args.GuestArgs: guest.GuestSpec,
    args.GuestCpuArgs: guest.GuestCpuSpec,
    args.HallsArgs: halls.HallsSpec,
    args.HeatReuseArgs: outside.HeatReuseSpec,
    args.LoadArgs: load.LoadSpec,
    args.LoopArgs: cooling.LoopSpec,
    args.MechanicalArgs: power.MechanicalSpec,
    args.OutsideArgs: outside.OutsideSpec,
    args.PoolArgs: pools.PoolSpec,
    args.PoolCoolingArgs: pools.PoolSpec.model_fields["cooling"].annotation,  # type: ignore[dict-item]
    args.PoolLoadArgs: load.PoolLoadSpec,
    args.RacksArgs: halls.RacksSpec,
    args.RejectionUnitsArgs: outside.RejectionUnitsSpec,
    args.RideThroughArgs: outside.RideThroughSpec,
    args.TransformersArgs: power.TransformersSpec,
    args.UpsArgs: power.UpsSpec,
    args.UtilityArgs: power.UtilitySpec,
}


def test_every_argument_type_has_its_section() -> None:
    assert set(args.__all__) == {section.__name__ for section in SECTIONS}


def test_a_fabric_takes_every_key_of_its_layout() -> None:
    layout = set(FABRIC_KEYS)
    assert layout <= set(pools.FabricSpec.model_fields)
    assert layout <= set(typing.get_type_hints(FabricArgs))
    not_of_the_layout = {"roles"}
    assert set(pools.FabricSpec.model_fields) - not_of_the_layout == layout


@pytest.mark.parametrize("taken", SECTIONS, ids=lambda taken: taken.__name__)
def test_arguments_are_the_keys_of_the_site_file(taken: type) -> None:
    fields = SECTIONS[taken].model_fields
    assert set(typing.get_type_hints(taken)) == set(fields)
    assert taken.__required_keys__ == {name for name, field in fields.items() if field.is_required()}
