"""The design document: what was decided, what it comes to, what was assumed and found, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from gigasite.design.facility_summary import cooling_summary, power_summary
from gigasite.design.model import Design, HallDesign, Origin
from gigasite.errors import Finding, Severity
from gigasite.render.environment import environment

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def design_document(
    design: Design, findings: Iterable[Finding] = (), economics: Mapping[str, float | None] | None = None
) -> str:
    """The design for its readers: pools, fabrics, power, cooling, halls, addresses, assumptions, findings.

    `economics`: figures of cost, energy and carbon, each with its unit in its name.
    """
    known = sorted(findings, key=lambda f: (_ORDER[f.severity], f.code, f.at, f.message))
    return (
        environment()
        .get_template("report/design.md.j2")
        .render(
            design=design,
            power=power_summary(design),
            cooling=cooling_summary(design),
            economics=economics or {},
            pools=tuple(design.pools.values()),
            fabrics=tuple(design.fabrics.values()),
            hall_groups=_alike(design.halls),
            decided=tuple(s for s in design.settings if s.origin is Origin.SITE),
            derived=tuple(s for s in design.settings if s.origin not in (Origin.SITE, Origin.ASSUMPTION)),
            assumptions=design.assumptions,
            findings=tuple(known),
        )
    )


def _alike(halls: tuple[HallDesign, ...]) -> tuple[tuple[str, HallDesign], ...]:
    """Neighbouring halls that are the same in every figure, as one: ("hall-01 to hall-04", the first)."""
    groups: list[tuple[str, HallDesign]] = []
    for _, run in groupby(halls, key=_figures):
        same = tuple(run)
        names = same[0].name if len(same) == 1 else f"{same[0].name} to {same[-1].name}"
        groups.append((names, same[0]))
    return tuple(groups)


def _figures(hall: HallDesign) -> tuple[Any, ...]:
    return tuple(getattr(hall, name) for name in HallDesign.__slots__ if name not in ("name", "index"))
