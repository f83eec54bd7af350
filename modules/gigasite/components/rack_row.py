"""A row of racks as a component: which rack stands where, and what each of its units holds."""

from typing import NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.args import RacksArgs
from gigasite.components.base import Part
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.refusal import told_plainly
from gigasite.errors import GigasiteError
from gigasite.exports.racks import RackRowFiles, rack_rows

LONGEST_ROW = 1000
CODES = ("RCK101", "RCK102", "RCK103", "RCK106", "RCK107", "RCK108", "RCK109")
"""What holds of racks wherever they stand; halls, aisles and buildings are the site's."""


class RackRowArgs(TypedDict):
    """One row, and the nodes whose racks stand in it. Their number is `scalable_units` or `nodes`."""

    system: str
    """Catalog key of the system in the racks, e.g. `dgx-h100`."""
    name: NotRequired[str]
    """Name of the nodes' pool; the resource's name where absent."""
    scalable_units: NotRequired[int]
    """Scalable units of the reference architecture."""
    nodes: NotRequired[int]
    """Operating-system instances; an NVL72 rack has 18."""
    nodes_per_rack: NotRequired[int]
    """Node systems in one rack."""
    positions: NotRequired[int]
    """Rack positions of the row."""
    racks: NotRequired[RacksArgs]
    """The racks that are bought."""
    prefix: NotRequired[str]
    """What the names of its racks begin with."""


class RackRow(Part):
    """A row's table of racks, and the elevations of each."""

    rack_count: pulumi.Output[int]
    """Racks in the row, those for network and management included."""
    racks: pulumi.Output[list[str]]
    """Their names, in the order in which they stand."""
    it_kw: Optional[pulumi.Output[float]]  # noqa: UP045  (Pulumi's analyser follows no `|`)
    """What they draw, kW; absent where unknown."""

    def __init__(
        self,
        name: str,
        args: RackRowArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045
        *,
        plan: Plan | None = None,
        row: RackRowFiles | None = None,
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            if plan is None or row is None:
                plan = plan_settings(name, _settings(args.get("name", name), args), only=CODES)
                row = _only_row(rack_rows(plan.design))
            self._register(plan, (row.folder,))
        self._publish(rack_count=len(row.racks), racks=list(row.racks), it_kw=row.it_kw)


def _only_row(rows: tuple[RackRowFiles, ...]) -> RackRowFiles:
    if len(rows) == 1:
        return rows[0]
    raise GigasiteError(
        f"these racks need {len(rows)} rows",
        hint="raise `positions`, or use Site, which makes as many rows as it needs",
    )


def _settings(pool: str, args: RackRowArgs) -> Settings:
    """The smallest site whose racks these are: one hall of one row."""
    positions = args.get("positions", LONGEST_ROW)
    racks = args.get("racks", {})
    return given(
        name=pool,
        naming=given(prefix=args.get("prefix")),
        halls=given(count=1, rack_positions=positions),
        racks={**racks, "row_positions": positions},
        pools=[
            given(
                name=pool,
                system=args.get("system"),
                scalable_units=args.get("scalable_units"),
                nodes=args.get("nodes"),
                nodes_per_rack=args.get("nodes_per_rack"),
            )
        ],
    )
