"""InfiniBand: what has arrived of the hardware, against what the design connects."""

from __future__ import annotations

from collections.abc import Iterator

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.design.infiniband.guids import FILE, load_guids, unknown_lines
from gigasite.design.infiniband.subnets import subnets
from gigasite.errors import Finding, FindingsError, Severity


@check("DEP101", Severity.ERROR, "The inventory of GUIDs is of this site's hardware")
def inventory_is_of_this_hardware(context: Context) -> Iterator[Hit]:
    file = context.folder / FILE if context.folder else None
    if file is None or not file.is_file():
        return
    try:
        inventory = load_guids(file)
    except FindingsError as error:
        yield from map(_hit, error.findings)
        return
    yield from map(_hit, unknown_lines(inventory, subnets(context.design, context.catalog)))


def _hit(finding: Finding) -> Hit:
    return Hit(f"{finding.place}: {finding.message}", finding.hint, "", finding.severity)
