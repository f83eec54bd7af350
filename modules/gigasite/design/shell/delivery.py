"""The way in: what a rack passes from the dock to its place, and whether it does."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees

import numpy as np

from gigasite.design.shell.floor_loads import foot_load_kn
from gigasite.spec.shell import DeliverySpec, DeliveryStep


@dataclass(frozen=True, slots=True)
class Load:
    """A rack on its castors: millimetres, and kilograms as it rolls; None: no source gives it."""

    width_mm: float | None
    depth_mm: float | None
    height_mm: float | None
    weight_kg: float | None
    heaviest_foot_ratio: float

    def crated(self, packing_mm: float, packing_kg: float) -> Load:
        """The rack in its crate."""

        def larger(value: float | None, more: float) -> float | None:
            return None if value is None else value + more

        return Load(
            larger(self.width_mm, packing_mm),
            larger(self.depth_mm, packing_mm),
            larger(self.height_mm, packing_mm),
            larger(self.weight_kg, packing_kg),
            self.heaviest_foot_ratio,
        )

    @property
    def narrow_mm(self) -> float | None:
        """The shorter side of its footprint."""
        return None if self.width_mm is None or self.depth_mm is None else min(self.width_mm, self.depth_mm)

    @property
    def long_mm(self) -> float | None:
        return None if self.width_mm is None or self.depth_mm is None else max(self.width_mm, self.depth_mm)


@dataclass(frozen=True, slots=True)
class Miss:
    """One limit of a step that a load does not keep; `figure` None: unknown, so that nobody can tell."""

    step: str
    what: str
    """`width`, `height`, `depth`, `corner`, `weight`, `castor` or `slope`."""
    figure: float | None
    limit: float
    unit: str


def turns_corner(length_mm: float, width_mm: float, from_mm: float, into_mm: float) -> bool:
    """Whether a box passes a right-angled corner between corridors of these clear widths.

    Turning: at every angle θ the inner corner keeps its distance from the long side that slides along the outer
    walls, into·sin θ + from·cos θ - length·sin θ·cos θ >= width. Or sideways, on castors that swivel: the box keeps its
    heading and goes on broadside, from >= width and into >= length.
    """
    if min(from_mm, into_mm) < width_mm:
        return False
    if from_mm >= length_mm or into_mm >= length_mm:
        return True
    angle = np.linspace(0.0, np.pi / 2, 1801)
    sine, cosine = np.sin(angle), np.cos(angle)
    distance = into_mm * sine + from_mm * cosine - length_mm * sine * cosine
    return bool(distance.min() >= width_mm - 1e-6)


def slope_deg(slope_ratio: float) -> float:
    """Angle of a ramp of this rise over run."""
    return degrees(atan(slope_ratio))


def missed_limits(load: Load, delivery: DeliverySpec) -> list[Miss]:
    """Every limit of the path that the load does not keep, or of which nobody can tell, in the path's order."""
    missed: list[Miss] = []
    for step in delivery.path:
        body = load.crated(delivery.packing_mm or 0.0, delivery.packing_kg or 0.0) if step.packed else load
        missed += _openings(body, step, delivery.clearance_mm or 0.0)
        missed += _weights(body, step, delivery.trolley_kg or 0.0)
        limit = delivery.slope_limit_ratio
        if step.slope_ratio is not None and limit is not None and step.slope_ratio > limit + 1e-9:
            missed.append(Miss(step.name, "slope", step.slope_ratio, limit, "1"))
    return missed


def _openings(load: Load, step: DeliveryStep, clearance_mm: float) -> list[Miss]:
    missed = []
    for what, size_mm, limit_mm, room_mm in (
        ("width", load.narrow_mm, step.width_mm, 2 * clearance_mm),
        ("height", load.height_mm, step.height_mm, clearance_mm),
        ("depth", load.long_mm, step.depth_mm, clearance_mm),
    ):
        if limit_mm is not None and (size_mm is None or size_mm + room_mm > limit_mm):
            needed = None if size_mm is None else size_mm + room_mm
            missed.append(Miss(step.name, what, needed, limit_mm, "mm"))
    if step.turn_mm is not None and step.width_mm is not None:
        if load.narrow_mm is None or load.long_mm is None:
            missed.append(Miss(step.name, "corner", None, step.turn_mm, "mm"))
        elif not turns_corner(
            load.long_mm + clearance_mm, load.narrow_mm + 2 * clearance_mm, step.width_mm, step.turn_mm
        ):
            missed.append(Miss(step.name, "corner", load.long_mm, step.turn_mm, "mm"))
    return missed


def _weights(load: Load, step: DeliveryStep, trolley_kg: float) -> list[Miss]:
    missed = []
    moved_kg = None if load.weight_kg is None else load.weight_kg + trolley_kg
    if step.max_kg is not None and (moved_kg is None or moved_kg > step.max_kg):
        missed.append(Miss(step.name, "weight", moved_kg, step.max_kg, "kg"))
    if step.rolling_kn is not None:
        castor_kn = None if load.weight_kg is None else foot_load_kn(load.weight_kg, load.heaviest_foot_ratio)
        if castor_kn is None or castor_kn > step.rolling_kn:
            missed.append(Miss(step.name, "castor", castor_kn, step.rolling_kn, "kN"))
    return missed
