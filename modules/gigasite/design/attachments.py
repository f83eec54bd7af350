"""What hangs on each fabric: the NIC ports of pools, storage appliances, management ports, and on what switch.

An attachment is one class of endpoints: it becomes one class of a joint Clos fabric.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Switch, System, Technology
from gigasite.catalog.optical_products import OpticalSwitch
from gigasite.design.clos import ClosRequest, SwitchShape
from gigasite.design.fabric_rules import FabricRules, rules_of
from gigasite.design.nic_ports import NodePort, Rails, node_ports, rails_of, rails_of_node
from gigasite.design.pools import PoolPlan
from gigasite.design.resolve import technology_of
from gigasite.design.switch_ports import downlink_gbps, switch_shape, uplink_gbps
from gigasite.errors import Finding, GigasiteError, Severity
from gigasite.spec.pools import FabricSpec, Role, Topology
from gigasite.spec.site import SiteSpec

STORAGE_OWNER = "storage"
ASSUMED_OPTICAL_SWITCH = "palomar-136"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One class of endpoints on a fabric. `ports`: the numbers of an endpoint's ports, ascending."""

    owner: str
    """A pool's name, or `storage`."""
    pool_index: int | None
    roles: tuple[str, ...]
    ports: tuple[int, ...]
    routed_ports: frozenset[int]
    """Those of the ports that are routed to the host: the compute rails."""
    port_gbps: tuple[float, ...]
    """Speed of each endpoint port, all its planes together."""
    rails: Rails
    """Which port serves which rail, side and plane."""
    request: ClosRequest
    ufm_count: int = 0
    system: System | None = None
    """The pool's system, whose NICs name the interfaces; None: storage appliances, whose ports are eth1, eth2, …"""


@dataclass(frozen=True, slots=True)
class FabricPlan:
    """A fabric with its switches and attachments, before it is laid out."""

    name: str
    index: int
    spec: FabricSpec
    technology: Technology
    leaf: Switch
    spine: Switch
    core: Switch
    planes: int
    link_gbps: float
    trunk_gbps: float
    """Speed of a link between leaf and spine."""
    core_trunk_gbps: float
    """Speed of a link between spine and core switch."""
    shape: SwitchShape
    spine_shape: SwitchShape
    core_shape: SwitchShape
    attachments: tuple[Attachment, ...]
    optical: OpticalSwitch | None = None
    """What joins the blocks of an optical fabric."""


def fabric_of_role(site: SiteSpec, pool: PoolPlan, role: Role) -> str | None:
    """The fabric that serves a role for a pool: its own compute fabric first, then the first with that role."""
    if role is Role.COMPUTE:
        return pool.compute_fabric
    own = site.fabrics.get(pool.compute_fabric)
    if own and role in own.roles:
        return pool.compute_fabric
    return next((name for name, fabric in site.fabrics.items() if role in fabric.roles), None)


def ports_on_fabric(site: SiteSpec, pool: PoolPlan, fabric: str) -> dict[tuple[str, ...], tuple[NodePort, ...]]:
    """The pool's NIC ports on a fabric, by the roles that they serve there.

    Ports that several roles share stay together where one fabric serves those roles; otherwise each fabric
    takes its share of them in turn.
    """
    homes = {role.value: fabric_of_role(site, pool, role) for role in (Role.COMPUTE, Role.STORAGE, Role.INBAND)}
    found: dict[tuple[str, ...], list[NodePort]] = {}
    ports = node_ports(pool.system)
    for port in ports:
        fabrics = list(dict.fromkeys(homes[role] for role in port.roles if homes.get(role)))
        if not fabrics:
            continue
        shared = [p for p in ports if p.nic is port.nic]
        mine = fabrics[shared.index(port) % len(fabrics)]
        if mine == fabric:
            roles = tuple(role for role in port.roles if homes.get(role) == fabric)
            found.setdefault(roles, []).append(port)
    return {roles: tuple(ports) for roles, ports in found.items()}


def plan_fabric(
    name: str,
    index: int,
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    catalog: Catalog,
    findings: list[Finding],
) -> FabricPlan | None:
    """One fabric that carries node or storage ports; None where nothing hangs on it."""
    spec = site.fabrics[name]
    technology = technology_of(spec, catalog)
    users = [(pool, ports) for pool in pools if (ports := ports_on_fabric(site, pool, name))]
    for pool in pools:
        _check_nics(pool, name, spec, technology, site, findings)
    if not users:
        return None
    compute = [pool for pool, by_roles in users if any("compute" in roles for roles in by_roles)]
    planes = spec.planes or max((pool.architecture.planes for pool in compute), default=1)
    assert spec.switch is not None
    leaf = catalog.switch(spec.switch)
    spine = catalog.switch(spec.spine_switch) if spec.spine_switch else leaf
    core = catalog.switch(spec.core_switch) if spec.core_switch else spine
    dealt = {pool.name: _deal(pool, by_roles, planes, dual_tor=bool(spec.dual_tor)) for pool, by_roles in users}
    link_gbps = spec.link_gbps or _fastest_link_gbps([(dealt[pool.name], by_roles) for pool, by_roles in users], leaf)
    # A link runs at the lower of its two ends.
    trunk_gbps = spec.trunk_gbps or min(uplink_gbps(leaf, link_gbps), downlink_gbps(spine))
    core_trunk_gbps = spec.core_trunk_gbps or min(uplink_gbps(spine, trunk_gbps), downlink_gbps(core))
    shapes = (
        switch_shape(leaf, link_gbps, trunk_gbps),
        switch_shape(spine, trunk_gbps, core_trunk_gbps),
        switch_shape(core, core_trunk_gbps),
    )
    single = len(users) == 1 and set(users[0][1]) == {("compute",)} and site.storage is None
    attachments: list[Attachment] = []
    for pool, by_roles in users:
        # All ports of a node are rails of one class: storage and inband ports share leaves with nobody else's.
        own = sorted((port for ports in by_roles.values() for port in ports), key=lambda port: port.number)
        here = {port.number: roles for roles, ports in by_roles.items() for port in ports}
        roles = tuple(role for role in ("compute", "storage", "inband") if any(role in r for r in here.values()))
        rails = dealt[pool.name]
        rules = rules_of(spec, pool, leaf, compute="compute" in roles, single=single)
        request, ufm = _request(pool, roles, len(own), rails, rules, technology, planes, shapes)
        attachments.append(
            Attachment(
                owner=pool.name,
                pool_index=pool.index,
                roles=roles,
                ports=tuple(port.number for port in own),
                routed_ports=frozenset(port.number for port in own if "compute" in here[port.number]),
                port_gbps=_port_gbps({port.number: port.gbps for port in own}, rails, link_gbps),
                rails=rails,
                request=request,
                ufm_count=ufm,
                system=pool.system,
            )
        )
    if site.storage and Role.STORAGE in spec.roles:
        rules = rules_of(spec, None, leaf, compute=False, single=False)
        attachments.append(_storage(site, spec, rules, planes, link_gbps, shapes))
    return FabricPlan(
        name=name,
        index=index,
        spec=spec,
        technology=technology,
        leaf=leaf,
        spine=spine,
        core=core,
        planes=planes,
        link_gbps=link_gbps,
        trunk_gbps=trunk_gbps,
        core_trunk_gbps=core_trunk_gbps,
        shape=shapes[0],
        spine_shape=shapes[1],
        core_shape=shapes[2],
        attachments=tuple(_keeping(attachment, spec, shapes) for attachment in attachments),
        optical=_optical(spec, catalog),
    )


def _deal(
    pool: PoolPlan, by_roles: dict[tuple[str, ...], tuple[NodePort, ...]], planes: int, *, dual_tor: bool
) -> Rails:
    """The pool's ports on the fabric over rails, sides and planes."""
    ports = [port for ports in by_roles.values() for port in ports]
    try:
        return rails_of_node(ports, planes, dual_tor=dual_tor)
    except GigasiteError as error:
        raise GigasiteError(f"pool {pool.name}: {error.message}", hint=error.hint) from error


def _sides(rails: Rails, planes: int) -> int:
    return len(rails.ports) // (rails.rail_count * planes)


def _fastest_link_gbps(users: list[tuple[Rails, dict[tuple[str, ...], tuple[NodePort, ...]]]], leaf: Switch) -> float:
    """What the fastest port brings to one of its planes, as far as the leaf has such ports."""
    fastest = 0.0
    for rails, by_roles in users:
        gbps = {port.number: port.gbps for ports in by_roles.values() for port in ports}
        links = zip(rails.ports, rails.lane_counts, strict=True)
        fastest = max(fastest, *(gbps[port] / lanes for port, lanes in links))
    return min(fastest, max(group.gbps for group in leaf.port_groups))


def _port_gbps(gbps: dict[int, float], rails: Rails, link_gbps: float) -> tuple[float, ...]:
    """Speed at which each port runs: no more than its links to all its planes."""
    lanes = dict(zip(rails.ports, rails.lane_counts, strict=True))
    return tuple(min(speed, link_gbps * lanes[port]) for port, speed in sorted(gbps.items()))


def _request(
    pool: PoolPlan,
    roles: tuple[str, ...],
    port_count: int,
    rails: Rails,
    rules: FabricRules,
    technology: Technology,
    planes: int,
    shapes: tuple[SwitchShape, SwitchShape, SwitchShape],
) -> tuple[ClosRequest, int]:
    """The Clos request of a pool's ports, and its fabric managers."""
    ra = pool.architecture
    managed = "compute" in roles and technology is Technology.INFINIBAND and pool.reserved_slot_count
    slots = ra.su_node_count
    request = ClosRequest(
        name=f"{pool.name} {'+'.join(roles)}",
        node_counts=pool.node_counts,
        nodes_per_su=slots,
        build_to_su_count=pool.build_to_su_count,
        rails=rails.rail_count,
        sides=_sides(rails, planes),
        node_ports=port_count,
        planes=planes,
        leaf=shapes[0],
        spine=shapes[1],
        core=shapes[2],
        reserved_slots=tuple((0, slots - 1 - n) for n in range(pool.reserved_slot_count)) if managed else (),
        extra_links=ra.ufm_cable_count if managed else 0,
        **rules,
    )
    return request, ra.ufm_cable_count if managed else 0


def _optical(spec: FabricSpec, catalog: Catalog) -> OpticalSwitch | None:
    if spec.topology is not Topology.OPTICAL:
        return None
    stated = spec.optical.switch if spec.optical else None
    return catalog.of(OpticalSwitch, stated or ASSUMED_OPTICAL_SWITCH)


def _keeping(
    attachment: Attachment, spec: FabricSpec, shapes: tuple[SwitchShape, SwitchShape, SwitchShape]
) -> Attachment:
    """The attachment with ports of the top tier kept for border switches, in whole cages of any tier."""
    if not spec.border_ports:
        return attachment
    cage = max(shape.breakout for shape in shapes)
    kept = -(-spec.border_ports // cage) * cage
    return replace(attachment, request=replace(attachment.request, top_ports_kept=kept))


def _storage(
    site: SiteSpec,
    spec: FabricSpec,
    rules: FabricRules,
    planes: int,
    link_gbps: float,
    shapes: tuple[SwitchShape, SwitchShape, SwitchShape],
) -> Attachment:
    """The site's storage appliances: their ports are dealt over the planes as those of one NIC, where they can be."""
    assert site.storage is not None
    storage = site.storage
    ports = tuple(range(1, storage.ports_per_appliance + 1))
    whole = planes % len(ports) == 0 or len(ports) % planes == 0
    nics = [ports] if whole and not spec.dual_tor else [(port,) for port in ports]
    rails = rails_of(nics, planes, dual_tor=bool(spec.dual_tor))
    return Attachment(
        owner=STORAGE_OWNER,
        pool_index=None,
        roles=("storage",),
        ports=ports,
        routed_ports=frozenset(),
        port_gbps=_port_gbps(dict.fromkeys(ports, storage.port_gbps), rails, link_gbps),
        rails=rails,
        request=ClosRequest(
            name="storage appliances",
            node_counts=(storage.appliances,),
            nodes_per_su=storage.appliances,
            build_to_su_count=1,
            rails=rails.rail_count,
            sides=_sides(rails, planes),
            node_ports=len(ports),
            planes=planes,
            leaf=shapes[0],
            spine=shapes[1],
            core=shapes[2],
            **rules,
        ),
    )


def _check_nics(
    pool: PoolPlan,
    name: str,
    spec: FabricSpec,
    technology: Technology,
    site: SiteSpec,
    findings: list[Finding],
) -> None:
    """A pool's ports must speak the fabric's link layer, and exist."""
    by_roles = ports_on_fabric(site, pool, name)
    served = {role for roles in by_roles for role in roles}
    for role in spec.roles:
        if role in (Role.OOB, Role.INTERCONNECT) or fabric_of_role(site, pool, role) != name or role.value in served:
            continue
        what = "no NIC for" if pool.system.nics else "no known NICs, so none for"
        findings.append(
            Finding(
                "PHS102",
                Severity.ERROR if role is Role.COMPUTE else Severity.WARNING,
                f"pool {pool.name}: {pool.system.key} has {what} {role}; fabric {name} leaves it out",
                hint="state its nics in the site's catalog folder",
                at=f"pools[{pool.index}].system",
            )
        )
    for ports in by_roles.values():
        if technology not in ports[0].nic.technologies:
            findings.append(
                Finding(
                    "FAB110",
                    Severity.ERROR,
                    f"pool {pool.name}: {ports[0].nic.model} does not speak {technology}, which fabric {name} is",
                    hint="choose another switch for the fabric, or other NICs",
                    at=f"fabrics.{name}.switch",
                )
            )
