"""Which arguments of components take one of few words, and which: those of the site file's keys of the same name.

Programs in Python write the words themselves; other languages get enumerations from the package's schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, get_args, get_origin

from gigasite.spec import cooling, generation, guest, halls, outside, pools, power, topologies
from gigasite.spec.base import Model

_OF_TYPES: Final[dict[str, type[Model]]] = {
    "PoolArgs": pools.PoolSpec,
    "LoopArgs": cooling.LoopSpec,
    "AirArgs": cooling.AirSpec,
    "FacilityWaterArgs": cooling.FacilityWaterSpec,
    "RejectionUnitsArgs": outside.RejectionUnitsSpec,
    "HeatReuseArgs": outside.HeatReuseSpec,
    "HallsArgs": halls.HallsSpec,
    "GuestCpuArgs": guest.GuestCpuSpec,
    "GenerationArgs": generation.GenerationSpec,
    "GeneratorsArgs": generation.GeneratorsSpec,
    "MechanicalArgs": power.MechanicalSpec,
    "DragonflyArgs": topologies.DragonflySpec,
}
_OF_COMPONENTS: Final[dict[str, type[Model]]] = {"NodePool": pools.PoolSpec, "Fabric": pools.FabricSpec}
_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Choice:
    """An argument (`owner`: a component or a type of arguments) and the words that it takes, by the name `name`."""

    owner: str
    is_component: bool
    argument: str
    name: str
    words: tuple[str, ...]
    why: str


def choices() -> Iterator[Choice]:
    """Every argument that takes one of few words."""
    for owners, is_component in ((_OF_COMPONENTS, True), (_OF_TYPES, False)):
        for owner, model in owners.items():
            for argument, field in model.model_fields.items():
                found = _words(field.annotation)
                if found is not None:
                    name, words, why = found
                    title = name or model.__name__.removesuffix("Spec") + _title(argument)
                    yield Choice(owner, is_component, argument, title, words, why)


def word_name(word: str) -> str:
    """A word as programs call it: `HotAisle`, `X8664`, `WPlus`."""
    if word[:1].isdigit():
        word = f"{_DIGITS[int(word[0])]}-{word[1:]}"
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", word.replace("+", "-plus")))


def _words(annotation: Any) -> tuple[str, tuple[str, ...], str] | None:
    """Name, words and description of an enumeration, at the bottom of unions and lists; None where it is none."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation.__name__, tuple(item.value for item in annotation), annotation.__doc__ or ""
    if get_origin(annotation) is Literal:
        words = get_args(annotation)
        return ("", words, "") if all(isinstance(word, str) for word in words) else None
    found = (_words(part) for part in get_args(annotation))
    return next((item for item in found if item is not None), None)


def _title(argument: str) -> str:
    return "".join(part.capitalize() for part in argument.split("_"))
