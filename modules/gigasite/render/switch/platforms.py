"""What an operating system says about its platforms: how their ports and electrical lanes are counted and called.

The facts are `platforms.yaml` in the system's folder, by the switch's key in the catalog, with their source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gigasite.errors import GigasiteError
from gigasite.render.switch.model import Cage, Interface
from gigasite.render.switch.systems import PLATFORMS, folder_of, operating_system

_LETTERS = "abcdefgh"
_SPLITS = (1, 2, 4, 8)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PortRun(_Model):
    """Equal ports that follow each other on the front."""

    count: Annotated[int, Field(gt=0)]
    lanes: Annotated[int, Field(gt=0)]
    """Electrical lanes of one port."""
    name: int = 0
    """Number that the first lane of the first port is called by; those that follow count on."""
    lane: int = 0
    """First lane of the first port."""
    lane_step: int = 0
    first_lanes: tuple[int, ...] = ()
    """First lane of each port, where they follow no step."""

    def first_lane(self, place: int) -> int:
        """The first electrical lane of a port, `place` from 0."""
        return self.first_lanes[place] if self.first_lanes else self.lane + place * self.lane_step


class Buffers(_Model):
    """Who says how the packet buffer is divided: SONiC by reckoning, or the start file of the hardware."""

    model: Literal["dynamic", "sai"]
    egress_lossless_bytes: int | None


class Platform(_Model):
    """One switch as an operating system knows it."""

    cages: tuple[PortRun, ...]
    platform: str = ""
    hwsku: Mapping[int, str] = {}
    """Name of its configuration of ports, by the parts that all ports are split into."""
    alias: str = ""
    buffers: Buffers | None = None

    @cached_property
    def runs(self) -> tuple[tuple[PortRun, int], ...]:
        """The run and the place in it of each port on the front, the first at 0."""
        return tuple((run, place) for run in self.cages for place in range(run.count))

    def lanes(self, cage: int, lane: int, lane_count: int) -> str:
        """Electrical lanes of a part of a port, with commas between."""
        run, place = self.runs[cage - 1]
        count = run.lanes // lane_count
        first = run.first_lane(place) + (lane - 1) * count
        return ",".join(map(str, range(first, first + count)))

    def label(self, cage: int, lane: int, lane_count: int) -> str:
        """What a part of a port is called on the front."""
        run, _ = self.runs[cage - 1]
        letter = "" if lane_count == 1 else _LETTERS[lane - 1]
        return self.alias.format(cage=cage, letter=letter, lane=(lane - 1) * (run.lanes // lane_count) + 1)

    @cached_property
    def parts(self) -> Mapping[tuple[int, int, int], tuple[str, str]]:
        """Lanes and label by cage, part, and parts of the cage: thousands of switches ask for the same few."""
        return {
            (cage, lane, count): (self.lanes(cage, lane, count), self.label(cage, lane, count))
            for cage in range(1, len(self.runs) + 1)
            for count in _SPLITS
            for lane in range(1, count + 1)
        }

    def lanes_of(self, interfaces: Sequence[Interface]) -> list[str]:
        """Electrical lanes of each interface."""
        parts = self.parts
        return [parts[port.cage, port.lane, port.lane_count][0] for port in interfaces]

    def labels_of(self, interfaces: Sequence[Interface]) -> list[str]:
        """What each interface is called on the front."""
        parts = self.parts
        return [parts[port.cage, port.lane, port.lane_count][1] for port in interfaces]

    def hardware(self, cages: Sequence[Cage]) -> str:
        """The configuration of ports whose splits all used ports have, else the one that carries mixtures."""
        splits = {cage.lane_count for cage in cages}
        split = splits.pop() if len(splits) == 1 else 1
        return self.hwsku.get(split, self.hwsku[1])


@cache
def platforms(os: str) -> Mapping[str, Platform]:
    """The platforms that an operating system knows, by the switch's key in the catalog; empty: it asks for none.

    Raises GigasiteError where the file is wrong.
    """
    file = folder_of(os) / PLATFORMS
    if not file.is_file():
        return {}
    try:
        return {
            key: Platform.model_validate(facts)
            for key, facts in yaml.safe_load(file.read_text(encoding="utf-8")).items()
        }
    except ValidationError as error:
        first = error.errors()[0]
        raise GigasiteError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", path=str(file)) from None


def platform_of(os: str, model: str) -> Platform | None:
    """A switch as an operating system knows it; None where it asks for no facts of platforms.

    Raises GigasiteError where it does, and has none of this switch.
    """
    known = platforms(os)
    if not known:
        return None
    if model not in known:
        raise GigasiteError(
            f"{operating_system(os).title} says nothing of the switch {model}",
            hint=f"choose another operating system, or add it to templates/switch/{os}/{PLATFORMS}",
        )
    return known[model]
