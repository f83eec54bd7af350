"""Lays out border switches and circuits beside the fabrics that they join.

A set of border switches belongs to the first fabric that it joins and stands in racks of the site. Uplinks take cages
from the last one downwards, circuits from the first one upwards, each in the order of the site file: what is appended
moves nothing. Circuits are the links of the fabric with the role `interconnect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gigasite.catalog.line_products import LineOptic
from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Switch, Technology
from gigasite.design.addresses import asn_of
from gigasite.design.attachments import FabricPlan
from gigasite.design.fabrics import DEVICE_SCHEMA, LINK_COLUMNS, FabricLayout
from gigasite.design.interconnect.attach import AttachPorts, attach_ports, lanes_at, registered_shape
from gigasite.design.interconnect.figures import (
    InterconnectDesign,
    bandwidth_delay_mbyte,
    one_way_us,
    optic_for,
)
from gigasite.design.model import FabricDesign
from gigasite.design.switch_ports import switch_shape
from gigasite.errors import Finding, GigasiteError, Severity
from gigasite.spec.interconnects import InterconnectSpec
from gigasite.spec.pools import Role
from gigasite.spec.site import SiteSpec

Fabrics = dict[str, tuple[FabricPlan, FabricLayout]]
OFF_SITE = "off-site"
"""The home of devices that stand in nobody's racks: demarcation points."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The fabrics with their border switches, the interconnects, and the stride of border switches' port numbers."""

    fabrics: Fabrics
    interconnects: tuple[InterconnectDesign, ...]
    strides: Mapping[str, int]
    """By border switch: numbers of ports that a cage takes."""


@dataclass
class _Set:
    """Border switches of one set while interconnects are laid out: how many ports of each are taken."""

    switch: Switch
    fabric: str
    names: tuple[str, ...]
    stride: int
    uplink_cages: int = 0
    circuits: int = 0
    """Circuits of the set so far."""


def join_sites(site: SiteSpec, fabrics: Fabrics, catalog: Catalog, prefix: str, findings: list[Finding]) -> Joined:
    """Border switches and circuits of all interconnects; one that cannot be laid out becomes a finding (FAB181)."""
    if not site.interconnects:
        return Joined(fabrics, (), {})
    work = _Work(site, dict(fabrics), catalog, prefix)
    for index, spec in enumerate(site.interconnects):
        try:
            work.add(spec)
        except GigasiteError as error:
            message = f"interconnect {spec.name}: {error.message}"
            findings.append(Finding("FAB181", Severity.ERROR, message, error.hint, at=f"interconnects[{index}]"))
    return work.joined()


class _Work:
    """Collects switches and links, interconnect by interconnect."""

    def __init__(self, site: SiteSpec, fabrics: Fabrics, catalog: Catalog, prefix: str) -> None:
        self.site, self.fabrics, self.catalog, self.prefix = site, fabrics, catalog, prefix
        self.sets: dict[str, _Set] = {}
        self.free: dict[tuple[str, str], AttachPorts] = {}
        self.taken: dict[tuple[str, str], int] = {}
        self.found: list[InterconnectDesign] = []
        self.circuits: list[pl.DataFrame] = []
        self.demarcations: list[pl.DataFrame] = []

    @property
    def role_fabric(self) -> str | None:
        return next((name for name, f in self.site.fabrics.items() if Role.INTERCONNECT in f.roles), None)

    def add(self, spec: InterconnectSpec) -> None:
        """One interconnect. Nothing is changed where it cannot be laid out."""
        joined = [spec.fabric, *([spec.joins] if spec.joins else [])]
        for name in joined:
            if name not in self.fabrics:
                raise GigasiteError(f"there is no fabric {name!r} to join", hint=f"there are {', '.join(self.fabrics)}")
        own = self._set(spec)
        ends = [self._attach(name, spec) for name in joined]
        wanted = [self._uplink_count(spec, ports) for ports in ends]
        lanes = [lanes_at(own.switch, ports.gbps, own.stride) for ports in ends]
        cages = [-(-count // lane_count) for count, lane_count in zip(wanted, lanes, strict=True)]
        self._check_room(spec, own, sum(cages), joined, ends, wanted)
        for name, ports, count, cage_count in zip(joined, ends, wanted, cages, strict=True):
            self._uplinks(own, name, spec, ports, count, cage_count)
        if spec.to is not None:
            self._circuits(spec, own)
        if spec.border not in self.sets:
            self._devices(spec, own)
        self.sets[spec.border] = own
        self.found.append(self._design(spec, own, ends, wanted))

    def joined(self) -> Joined:
        name = self.role_fabric
        if name is not None and self.circuits:
            self.fabrics[name] = self._circuit_fabric(name)
        strides = {device: own.stride for own in self.sets.values() for device in own.names}
        order = [name for name in self.site.fabrics if name in self.fabrics]
        return Joined({name: self.fabrics[name] for name in order}, tuple(self.found), strides)

    def _set(self, spec: InterconnectSpec) -> _Set:
        known = self.sets.get(spec.border)
        role = self.site.fabrics.get(self.role_fabric or "")
        plan = self.fabrics[spec.fabric][0]
        own_key = role.switch if role else None
        key = spec.border_switch or (own_key if plan.technology is Technology.ETHERNET else plan.leaf.key)
        switch = self.catalog.switch(key or plan.leaf.key)
        if known is not None:
            if (
                known.fabric != spec.fabric
                or known.switch.key != switch.key
                or len(known.names) != spec.border_switches
            ):
                raise GigasiteError(
                    f"the border switches of {spec.border!r} are {len(known.names)} {known.switch.key} on fabric "
                    f"{known.fabric}; it asks for {spec.border_switches} {switch.key} on {spec.fabric}",
                    hint="give it a set of its own: border",
                )
            return replace(known)
        numbers = range(1, spec.border_switches + 1)
        names = tuple(f"{self.prefix}-{spec.fabric}-{spec.border}{number:02d}" for number in numbers)
        for plan in [self.fabrics[name][0] for name in (spec.fabric, spec.joins) if name]:
            if plan.technology is not switch.technology:
                raise GigasiteError(
                    f"border switch {switch.key} speaks {switch.technology}, fabric {plan.name} {plan.technology}",
                    hint="choose a border_switch of the fabric's link layer",
                )
        plan = self.fabrics[spec.fabric][0]
        models = {plan.leaf.key, plan.spine.key, plan.core.key}
        shape = registered_shape(plan, switch) if switch.key in models else switch_shape(switch, plan.trunk_gbps)
        return _Set(switch, spec.fabric, names, shape.stride)

    def _attach(self, fabric: str, spec: InterconnectSpec) -> AttachPorts:
        key = (fabric, spec.attach.value)
        if key not in self.free:
            plan, layout = self.fabrics[fabric]
            self.free[key] = attach_ports(plan, layout, spec.attach, self.prefix)
        return self.free[key]

    def _uplink_count(self, spec: InterconnectSpec, ports: AttachPorts) -> int:
        """Links of one border switch: as many as carry its circuits, and one at least to each set of switches."""
        share = -(-(spec.circuits or 0) // spec.border_switches) * (spec.circuit_gbps or 0.0)
        wanted = spec.uplink_gbps or share
        links = max(-int(-wanted // ports.gbps), 1)
        return -(-links // ports.scope_count) * ports.scope_count

    def _check_room(
        self,
        spec: InterconnectSpec,
        own: _Set,
        cages: int,
        joined: list[str],
        ends: list[AttachPorts],
        wanted: list[int],
    ) -> None:
        for name, ports, count in zip(joined, ends, wanted, strict=True):
            left = ports.ports.height - self.taken.get((name, ports.tier), 0)
            if count * len(own.names) > left:
                raise GigasiteError(
                    f"{count * len(own.names)} uplinks do not fit the {left} ports that {ports.tier} switches of "
                    f"fabric {name} have left at the size that it builds to",
                    hint=f"keep more free (fabrics.{name}.border_ports), lower uplink_gbps, or attach elsewhere",
                )
        group = next(g for g in own.switch.port_groups if g.use != "up")
        if spec.circuit_gbps and spec.circuit_gbps > group.gbps:
            raise GigasiteError(
                f"circuits of {spec.circuit_gbps:g} Gb/s need faster ports than the {group.gbps:g} Gb/s of "
                f"{own.switch.key}",
                hint="choose a faster border_switch, or more circuits",
            )
        circuits = -(-(own.circuits + (spec.circuits or 0)) // len(own.names))
        needed = own.uplink_cages + cages + circuits
        if needed > group.count:
            raise GigasiteError(
                f"a border switch needs {needed} ports for uplinks and circuits and {own.switch.key} has {group.count}",
                hint="use more border_switches or a larger border_switch, or ask for less uplink_gbps",
            )

    def _uplinks(
        self, own: _Set, fabric: str, spec: InterconnectSpec, ports: AttachPorts, count: int, cages: int
    ) -> None:
        key = (fabric, ports.tier)
        first = self.taken.get(key, 0)
        taken = ports.ports[first : first + count * len(own.names)]
        self.taken[key] = first + taken.height
        group = next(g for g in own.switch.port_groups if g.use != "up")
        lanes = lanes_at(own.switch, ports.gbps, own.stride)
        # Neighbouring ports of the fabric go to the same border in turn, a scope at a time.
        rank = np.arange(taken.height)
        border = rank // ports.scope_count % len(own.names)
        turn = rank // (ports.scope_count * len(own.names)) * ports.scope_count + rank % ports.scope_count
        cage = group.count - own.uplink_cages - 1 - turn // lanes
        number = (cage * own.stride + turn % lanes + 1).astype(np.int32)
        links = taken.select(
            fabric=pl.lit(fabric),
            tier=pl.lit(f"{ports.tier}-border"),
            plane="plane",
            rail=pl.lit(0, pl.Int32),
            a_device="device",
            a_port=pl.col("port").cast(pl.Int32),
            b_device=pl.Series(own.names).gather(pl.Series(border.astype(np.uint32))),
            b_port=pl.Series(number),
            a_lane=pl.lit(1, pl.Int32),
            gbps=pl.lit(ports.gbps),
            cable_key=pl.Series((first + rank).astype(np.int64)),
        ).select(LINK_COLUMNS)
        own.uplink_cages += cages
        plan, layout = self.fabrics[fabric]
        self.fabrics[fabric] = (plan, replace(layout, links=pl.concat([layout.links, links])))

    def _circuits(self, spec: InterconnectSpec, own: _Set) -> None:
        name, count = self.role_fabric, spec.circuits or 0
        assert name is not None
        rank = np.arange(own.circuits, own.circuits + count)
        border = (rank % len(own.names)).astype(np.uint32)
        number = (rank // len(own.names) * own.stride + 1).astype(np.int32)
        points = [f"{self.prefix}-{spec.name}-demarc{place:02d}" for place in range(1, len(own.names) + 1)]
        # A border's circuits are the ports of its demarcation point, in order.
        port = (np.arange(count) // len(own.names) + 1).astype(np.int32)
        first = sum(frame.height for frame in self.circuits)
        self.circuits.append(
            pl.DataFrame(
                {
                    "a_device": pl.Series(own.names).gather(border),
                    "a_port": number,
                    "b_device": pl.Series(points).gather(border),
                    "b_port": port,
                    "cable_key": np.arange(first, first + count, dtype=np.int64),
                }
            )
            .with_columns(
                fabric=pl.lit(name),
                tier=pl.lit("circuit"),
                plane=pl.lit(1, pl.Int32),
                rail=pl.lit(0, pl.Int32),
                a_lane=pl.lit(1, pl.Int32),
                gbps=pl.lit(float(spec.circuit_gbps or 0.0)),
            )
            .select(LINK_COLUMNS)
        )
        used = sorted(set(border.tolist()))
        self.demarcations.append(
            _device_rows(
                [points[place] for place in used],
                kind="demarcation",
                fabric=name,
                tier=None,
                home=OFF_SITE,
                port_count=-(-count // len(own.names)),
            )
        )
        own.circuits += count

    def _devices(self, spec: InterconnectSpec, own: _Set) -> None:
        plan, layout = self.fabrics[spec.fabric]
        slots = np.arange(len(own.names), dtype=np.int32)
        first = layout.site_slot_count
        before = sum(len(other.names) for other in self.sets.values() if other.fabric == spec.fabric)
        asn = asn_of(self.site.network.asn_base or 0, plan.index, "border", slots + before)
        rows = _device_rows(
            list(own.names),
            kind="switch",
            fabric=spec.fabric,
            tier="border",
            home="site",
            model=own.switch.key,
            port_count=sum(group.count for group in own.switch.port_groups),
        ).with_columns(
            slot=pl.Series(slots + first),
            site_place=pl.Series(slots + before),
            index=pl.Series(slots + 1),
            fabric_index=pl.lit(plan.index, pl.Int32),
            asn=pl.Series(asn, dtype=pl.Int64) if plan.technology is Technology.ETHERNET else pl.lit(None, pl.Int64),
        )
        self.fabrics[spec.fabric] = (
            plan,
            replace(
                layout,
                devices=pl.concat([layout.devices, rows.select(layout.devices.columns)]),
                site_slot_count=first + len(own.names),
                site_gear=_with_borders(layout.site_gear, own.switch, len(own.names), self.catalog),
            ),
        )

    def _circuit_fabric(self, name: str) -> tuple[FabricPlan, FabricLayout]:
        spec = self.site.fabrics[name]
        assert spec.switch is not None
        switch = self.catalog.switch(spec.switch)
        links = pl.concat(self.circuits)
        gbps = float(links["gbps"].max() or 0.0)  # type: ignore[arg-type]
        shape = switch_shape(switch, min(gbps, max(group.gbps for group in switch.port_groups)))
        plan = FabricPlan(
            name=name,
            index=list(self.site.fabrics).index(name),
            spec=spec,
            technology=switch.technology,
            leaf=switch,
            spine=switch,
            core=switch,
            planes=1,
            link_gbps=gbps,
            trunk_gbps=gbps,
            core_trunk_gbps=gbps,
            shape=shape,
            spine_shape=shape,
            core_shape=shape,
            attachments=(),
        )
        design = FabricDesign(
            name=name,
            roles=(Role.INTERCONNECT.value,),
            pools=(),
            technology=switch.technology.value,
            switch=switch.key,
            spine_switch=switch.key,
            core_switch=None,
            link_gbps=gbps,
            tiers=0,
            planes=1,
            leaf_count=0,
            spine_count=0,
            core_count=0,
            cables_node_leaf=0,
            cables_ufm_leaf=0,
            cables_leaf_spine=0,
            cables_spine_core=0,
            endpoint_count=0,
            leaf_oversubscription=1.0,
            asked_oversubscription=1.0,
            bisection_ratio=1.0,
            topology="circuits",
        )
        return plan, FabricLayout(design, pl.concat(self.demarcations), links, 0, ())

    def _design(
        self, spec: InterconnectSpec, own: _Set, ends: list[AttachPorts], wanted: list[int]
    ) -> InterconnectDesign:
        delay = one_way_us(spec.distance_km) if spec.distance_km else None
        optic = None
        if spec.to is not None:
            optic = optic_for(
                self.catalog.all_of(LineOptic),
                own.switch.technology,
                spec.circuit_gbps or 0.0,
                spec.distance_km or 0.0,
                amplified=spec.amplified,
            )
        return InterconnectDesign(
            name=spec.name,
            fabric=spec.fabric,
            to=spec.to,
            joins=spec.joins,
            border=spec.border,
            border_devices=own.names,
            uplink_count=min(wanted),
            uplink_gbps=min(count * ports.gbps for count, ports in zip(wanted, ends, strict=True)),
            circuit_count=spec.circuits or 0,
            circuit_gbps=spec.circuit_gbps,
            distance_km=spec.distance_km,
            amplified=spec.amplified,
            one_way_us=delay,
            round_trip_us=2 * delay if delay else None,
            bandwidth_delay_mbyte=bandwidth_delay_mbyte(spec.circuit_gbps, 2 * delay)
            if delay and spec.circuit_gbps
            else None,
            optic=optic.key if optic else None,
        )


def _with_borders(
    gear: tuple[tuple[str, str | None, int], ...], switch: Switch, count: int, catalog: Catalog
) -> tuple[tuple[str, str | None, int], ...]:
    """What a fabric puts into racks of the site, with room for more border switches, of the height of the tallest."""
    others = tuple(item for item in gear if item[0] != "border")
    tallest, total = switch, count
    for _, model, number in gear[len(others) :]:
        known = catalog.switch(model or switch.key)
        tallest = max(tallest, known, key=lambda one: one.height_u or 1)
        total += number
    return (*others, ("border", tallest.key, total))


def _device_rows(names: list[str], **values: str | int | None) -> pl.DataFrame:
    """Devices by name, with these values in all rows and null or 0 elsewhere."""
    known = {"plane": 1, "rail": 0, **values}
    frame = pl.DataFrame({"device": names}, schema={"device": pl.String})
    columns = [pl.lit(known.get(name)).cast(dtype).alias(name) for name, dtype in DEVICE_SCHEMA.items()]
    return frame.with_columns(columns[1:]).select(list(DEVICE_SCHEMA))
