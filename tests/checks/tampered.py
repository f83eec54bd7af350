"""Bad designs that no site file leads to: each check that guards the design itself has one here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from gigasite.design.model import Design
from gigasite.design.policy import FabricPolicy
from gigasite.spec.pools import TenantSpec

from .designs import GB200, GB300, H100, design_of, first_row, set_where, with_table

Frame = pl.DataFrame


def _hall(design: Design, **changes: Any) -> Design:
    return replace(design, halls=(replace(design.halls[0], **changes), *design.halls[1:]))


def _fabric(design: Design, name: str, **changes: Any) -> Design:
    return replace(design, fabrics={**design.fabrics, name: replace(design.fabrics[name], **changes)})


def _pool(design: Design, name: str, **changes: Any) -> Design:
    return replace(design, pools={**design.pools, name: replace(design.pools[name], **changes)})


def _tenant_of_nowhere(design: Design) -> Design:
    tenants = (TenantSpec(name="lab", pool="nowhere", share=0.5),)
    return replace(design, spec=design.spec.model_copy(update={"tenants": tenants}))


def _doubled(table: str, where: pl.Expr | None = None) -> Callable[[Design], Design]:
    """One row of a table stands there twice."""
    return lambda design: with_table(design, table, lambda frame: pl.concat([frame, first_row(frame, where)]))


def _without(table: str, where: pl.Expr) -> Callable[[Design], Design]:
    """One of the rows that fulfil `where` is missing."""

    def change(frame: Frame) -> Frame:
        missing = frame.with_row_index("_row").filter(where)["_row"][0]
        return frame.filter(pl.int_range(pl.len()) != missing)

    return lambda design: with_table(design, table, change)


def _set(table: str, where: pl.Expr, **values: Any) -> Callable[[Design], Design]:
    return lambda design: with_table(design, table, lambda frame: set_where(frame, where, **values))


def _first(column: str, where: pl.Expr | None = None) -> pl.Expr:
    """The row with the first value of a column, among those that fulfil `where`."""
    chosen = pl.col(column) if where is None else pl.col(column).filter(where)
    return pl.col(column) == chosen.first()


DSX = GB300 + "halls: {layout: nvidia-dsx-facilities}\n"
DRAGONFLY = (
    "name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: 4}\nfabrics:\n"
    "  compute: {roles: [compute], topology: dragonfly, dragonfly: {group_switches: 8, endpoints_per_switch: 32}}\n"
)
GLOBAL = pl.col("tier") == "global"
INTERCONNECT = (
    "name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: 2}\n"
    "fabrics:\n  compute: {roles: [compute], switch: sn5600, border_ports: 2}\ninterconnects:\n"
    "  - {name: west, fabric: compute, to: rio, circuits: 4, circuit_gbps: 400, distance_km: 20}\n"
)
CIRCUIT_PORT = (pl.col("fabric") == "interconnect") & pl.col("device").str.contains("border")
OPTICAL = (
    "name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: 4}\nfabrics:\n"
    "  compute: {roles: [compute], switch: sn5600, topology: optical, optical: {block_leaves: 8, block_spines: 8}}\n"
)
SWITCH = pl.col("kind") == "switch"
OOB_TRUNK = (pl.col("fabric") == "oob") & (pl.col("tier") == "leaf-spine")
COMPUTE_NIC = (pl.col("fabric") == "compute") & (pl.col("tier") == "node-leaf")


def _single_uplink(design: Design) -> Design:
    """One management leaf keeps the links to one of its spines."""

    def change(frame: Frame) -> Frame:
        return frame.filter(~(OOB_TRUNK & _first("a_device", OOB_TRUNK) & (pl.col("b_device") != spine)))

    trunks = design.tables.cables.filter(OOB_TRUNK)
    spine = trunks.filter(_first("a_device"))["b_device"][0]
    return with_table(design, "cables", change)


def _lost_spine(design: Design) -> Design:
    """A switch whose links all went elsewhere."""
    name = design.tables.devices.filter(SWITCH & (pl.col("tier") == "spine"))["device"][0]
    gone = (pl.col("a_device") == name) | (pl.col("b_device") == name)
    return with_table(design, "cables", lambda frame: frame.filter(~gone))


def _on_one_board(design: Design) -> Design:
    """The UPS of all blocks hang on the board of the first."""
    ups = pl.col("target").str.ends_with("-ups") & pl.col("source").str.ends_with("-board")
    board = design.tables.connections.filter(ups)["source"][0]
    return with_table(design, "connections", lambda frame: set_where(frame, ups, source=board))


BAD: Mapping[str, tuple[str, Callable[[Design], Design]]] = {
    "FAB201": (H100, _set("cables", COMPUTE_NIC, product=None)),
    "FAB202": (H100, _set("cables", _first("a_port", COMPUTE_NIC) & COMPUTE_NIC, media="smf-dr-400g")),
    "FAB203": (H100, _set("cables", COMPUTE_NIC, length_m=70.0)),
    "PWR171": (H100, _on_one_board),
    "PWR103": (H100, lambda d: _pool(d, "train", system_kw=17.0)),
    "PWR123": (H100, lambda d: _hall(d, it_kw=1200.0, it_limit_kw=1000.0)),
    "RCK104": (H100, lambda d: _hall(d, rack_count=17, rack_positions=16)),
    "RCK108": (H100, lambda d: with_table(d, "racks", lambda f: f.with_columns(position=pl.lit(1), row=pl.lit(1)))),
    "RCK109": (H100, _set("nodes", pl.col("unit") == 9, unit=8)),
    "RCK136": (DSX, _set("racks", pl.col("kind") == "pool", it_kw=600.0)),
    "CLG108": (GB300, _set("racks", pl.col("kind") == "pool", air_kw=None)),
    "FAB103": (H100, _doubled("cables", COMPUTE_NIC)),
    "FAB104": (H100, _set("ports", _first("device", pl.col("device").str.contains("-leaf")), cage=99)),
    "FAB105": (H100, _doubled("cables", pl.col("tier") == "leaf-spine")),
    "FAB107": (H100, _without("cables", COMPUTE_NIC)),
    "FAB108": (H100, _lost_spine),
    "FAB109": (H100, _without("devices", SWITCH)),
    "FAB111": (H100, lambda d: _fabric(d, "compute", leaf_oversubscription=1.5)),
    "FAB112": (H100, lambda d: _fabric(d, "compute", bisection_ratio=0.5)),
    "FAB121": (H100, _single_uplink),
    "FAB151": (DRAGONFLY, _doubled("cables", GLOBAL)),
    "FAB152": (DRAGONFLY, _without("cables", pl.col("tier") == "local")),
    "FAB154": (DRAGONFLY, lambda d: _fabric(d, "compute", policy=FabricPolicy(None, 4092, routing_engine="ftree"))),
    "FAB141": (H100, _set("cables", pl.col("tier") == "leaf-spine", plane=2)),
    "FAB161": (OPTICAL, _set("circuits", pl.col("ocs_port_a") == 2, ocs_port_a=1)),
    "FAB172": (GB200, _set("scale_up_links", pl.col("gpu") == 2, chip_port=1)),
    "FAB183": (INTERCONNECT, _set("ports", CIRCUIT_PORT, cage=64)),
    "ADR106": (H100, _set("nodes", _first("node"), node="Demo_1")),
    "ADR107": (H100, lambda d: with_table(d, "nodes", lambda f: f.with_columns(node=pl.col("node").first()))),
    "ADR108": (H100, _set("devices", pl.col("asn").is_not_null(), asn=4_200_000_007)),
    "ADR110": (H100, _set("subnets", _first("device"), vlan=4001)),
    "POL101": (H100, _set("nodes", _first("node"), nvlink_domain=None)),
    "POL104": (H100, _tenant_of_nowhere),
}
"""Of each code: a good site file, and what makes its design bad."""


def bad_design(code: str) -> Design:
    text, tamper = BAD[code]
    return tamper(design_of(text))


def good_design(code: str) -> Design:
    return design_of(BAD[code][0])
