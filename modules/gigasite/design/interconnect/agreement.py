"""Whether two sites say the same of the circuits between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gigasite.design.interconnect.figures import InterconnectDesign
from gigasite.design.model import Design
from gigasite.errors import Finding, Severity

DISAGREEMENT = "FAB186"
_COMPARED: Mapping[str, str] = {
    "circuit_count": "circuits",
    "circuit_gbps": "circuit_gbps",
    "distance_km": "distance_km",
    "amplified": "amplified",
    "optic": "the optic",
}


def disagreements(one: Design, other: Design) -> tuple[Finding, ...]:
    """Findings where interconnects of `one` that lead to `other`, and those that lead back, do not match.

    Interconnects of equal names are the two ends of one; a single one each way is the same whatever it is called.
    """
    there, back = _leading(one, other.site), _leading(other, one.site)
    pairs = {name: back[name] for name in there if name in back}
    if len(there) == len(back) == 1:
        pairs = dict(zip(there, back.values(), strict=True))
    return tuple(_compared(one, other, there, pairs, {found.name for found in pairs.values()}, back))


def _leading(design: Design, site: str) -> dict[str, InterconnectDesign]:
    return {found.name: found for found in design.interconnects if found.to == site}


def _compared(
    one: Design,
    other: Design,
    there: Mapping[str, InterconnectDesign],
    pairs: Mapping[str, InterconnectDesign],
    met: set[str],
    back: Mapping[str, InterconnectDesign],
) -> Iterator[Finding]:
    for name, mine in there.items():
        if name not in pairs:
            yield _finding(one, name, f"{other.site} has no end of it", f"declare it there, to {one.site}")
            continue
        for field, what in _COMPARED.items():
            here, far = getattr(mine, field), getattr(pairs[name], field)
            if here != far:
                told = f"{what}: {_said(here)} here, {_said(far)} at {other.site}"
                yield _finding(one, name, told, "write the same into both site files")
        if one.fabrics[mine.fabric].technology != other.fabrics[pairs[name].fabric].technology:
            yield _finding(
                one, name, f"the fabrics {mine.fabric} and {pairs[name].fabric} speak different link layers", ""
            )
    for name in back:
        if name not in met:
            yield Finding(
                DISAGREEMENT,
                Severity.ERROR,
                f"interconnect {name} of {other.site} leads to {one.site}, which has no end of it",
                f"declare it here, to {other.site}",
                at="interconnects",
            )


def _said(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _finding(one: Design, name: str, message: str, hint: str) -> Finding:
    place = [spec.name for spec in one.spec.interconnects].index(name)
    at = f"interconnects[{place}]"
    return Finding(DISAGREEMENT, Severity.ERROR, f"interconnect {name}: {message}", hint, at=at)
