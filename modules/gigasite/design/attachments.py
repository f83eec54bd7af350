"""What hangs on each fabric: the NIC ports of pools, storage appliances, management ports, and on what switch.

An attachment is one class of endpoints: it becomes one class of a joint Clos fabric.
"""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Nic, Switch, System, Technology
from gigasite.design.clos import ClosRequest, SwitchShape
from gigasite.design.pools import PoolPlan
from gigasite.design.resolve import technology_of
from gigasite.errors import Finding, GigasiteError, Severity
from gigasite.spec.pools import FabricSpec, Role
from gigasite.spec.site import SiteSpec

STORAGE_OWNER = "storage"


@dataclass(frozen=True, slots=True)
class NodePort:
    """A NIC port of a node: its number among all NIC ports (from 1), speed, and what it serves."""

    number: int
    roles: tuple[str, ...]
    gbps: float
    nic: Nic


@dataclass(frozen=True, slots=True)
class Attachment:
    """One class of endpoints on a fabric. `ports`: the numbers of an endpoint's ports, rail by rail."""

    owner: str
    """A pool's name, or `storage`."""
    pool_index: int | None
    roles: tuple[str, ...]
    ports: tuple[int, ...]
    routed_ports: frozenset[int]
    """Those of the ports that are routed to the host: the compute rails."""
    port_gbps: tuple[float, ...]
    """Speed of each endpoint port, all planes together."""
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
    shape: SwitchShape
    spine_shape: SwitchShape
    core_shape: SwitchShape
    attachments: tuple[Attachment, ...]


def node_ports(pool: PoolPlan) -> tuple[NodePort, ...]:
    """All NIC ports of a node of the pool, numbered in catalog order."""
    ports: list[NodePort] = []
    for nic in pool.system.nics:
        for _ in range(nic.count * nic.ports_per_nic):
            ports.append(NodePort(len(ports) + 1, tuple(r.value for r in nic.roles), nic.port_gbps, nic))
    return tuple(ports)


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
    for port in node_ports(pool):
        fabrics = list(dict.fromkeys(homes[role] for role in port.roles if homes.get(role)))
        if not fabrics:
            continue
        shared = [p for p in node_ports(pool) if p.nic is port.nic]
        mine = fabrics[shared.index(port) % len(fabrics)]
        if mine == fabric:
            roles = tuple(role for role in port.roles if homes.get(role) == fabric)
            found.setdefault(roles, []).append(port)
    return {roles: tuple(ports) for roles, ports in found.items()}


def switch_shape(switch: Switch, link_gbps: float) -> SwitchShape:
    """The ports of a switch at a link speed, split as far as its ports can be.

    Raises GigasiteError where no port of the switch runs at that speed.
    """
    groups = {group.use: group for group in switch.port_groups}
    group = groups.get("any") or groups["down"]
    if group.gbps < link_gbps:
        raise GigasiteError(
            f"{switch.title} has ports of {group.gbps:g} Gb/s; the links want {link_gbps:g}",
            hint="choose a faster switch, more planes, or a lower link_gbps",
        )
    most = switch.logical_port_count_max or group.count * max(group.breakouts)
    able = (b for b in group.breakouts if group.gbps / b >= link_gbps and group.count * b <= most)
    breakout = max(able, default=1)
    up = groups.get("up")
    return SwitchShape(
        port_count=group.count * breakout,
        breakout=breakout,
        uplink_port_count=up.count if up else None,
        uplink_speedup=up.gbps / (group.gbps / breakout) if up else 1.0,
    )


def uplink_gbps(switch: Switch, link_gbps: float) -> float:
    """Speed of a switch's uplinks: of its own uplink ports, or that of the fabric's links."""
    up = next((group for group in switch.port_groups if group.use == "up"), None)
    return up.gbps if up else link_gbps


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
    fastest = max(port.gbps for _, by_roles in users for ports in by_roles.values() for port in ports)
    most = max(group.gbps for group in leaf.port_groups)
    link_gbps = spec.link_gbps or min(fastest / planes, most)
    spine = catalog.switch(spec.spine_switch) if spec.spine_switch else leaf
    core = catalog.switch(spec.core_switch) if spec.core_switch else spine
    shape = switch_shape(leaf, link_gbps)
    upper = uplink_gbps(leaf, link_gbps)
    spine_shape, core_shape = switch_shape(spine, upper), switch_shape(core, upper)
    single = len(users) == 1 and set(users[0][1]) == {("compute",)} and site.storage is None
    attachments: list[Attachment] = []
    for pool, by_roles in users:
        # All ports of a node are rails of one class: storage and inband ports share leaves with nobody else's.
        own = sorted((port for ports in by_roles.values() for port in ports), key=lambda port: port.number)
        here = {port.number: roles for roles, ports in by_roles.items() for port in ports}
        roles = tuple(role for role in ("compute", "storage", "inband") if any(role in r for r in here.values()))
        request, ufm = _request(
            pool, roles, len(own), spec, leaf, technology, planes, (shape, spine_shape, core_shape), single
        )
        attachments.append(
            Attachment(
                owner=pool.name,
                pool_index=pool.index,
                roles=roles,
                ports=tuple(port.number for port in own),
                routed_ports=frozenset(port.number for port in own if "compute" in here[port.number]),
                port_gbps=tuple(min(port.gbps, link_gbps * planes) for port in own),
                request=request,
                ufm_count=ufm,
                system=pool.system,
            )
        )
    if site.storage and Role.STORAGE in spec.roles:
        attachments.append(_storage(site, spec, planes, link_gbps, (shape, spine_shape, core_shape)))
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
        shape=shape,
        spine_shape=spine_shape,
        core_shape=core_shape,
        attachments=tuple(attachments),
    )


def _request(
    pool: PoolPlan,
    roles: tuple[str, ...],
    rails: int,
    spec: FabricSpec,
    leaf: Switch,
    technology: Technology,
    planes: int,
    shapes: tuple[SwitchShape, SwitchShape, SwitchShape],
    single: bool,
) -> tuple[ClosRequest, int]:
    """The Clos request of a pool's ports. Only compute follows the architecture's layout rules.

    Spines a rail exist where the fabric carries nothing else, on the architecture's own switch.
    """
    ra = pool.architecture
    compute = "compute" in roles
    as_published = compute and leaf.key == ra.compute_switch
    managed = compute and technology is Technology.INFINIBAND and pool.reserved_slot_count
    slots = ra.su_node_count
    reserved = tuple((0, slots - 1 - n) for n in range(pool.reserved_slot_count)) if managed else ()
    request = ClosRequest(
        name=f"{pool.name} {'+'.join(roles)}",
        node_counts=pool.node_counts,
        nodes_per_su=slots,
        build_to_su_count=pool.build_to_su_count,
        rails=rails,
        planes=planes,
        leaf=shapes[0],
        spine=shapes[1],
        core=shapes[2],
        rail_optimised=spec.rail_optimised if spec.rail_optimised is not None else ra.rail_optimised or not compute,
        leaf_scope_nodes=pool.nodes_per_rack if as_published and ra.leaf_scope == "rack" else None,
        spine_scope=ra.spine_scope if as_published and single else "shared",
        pod=ra.pod if as_published and single else "fewest-switches",
        leaf_oversubscription=spec.oversubscription or 1.0,
        spine_oversubscription=spec.spine_oversubscription or 1.0,
        reserved_slots=reserved,
        extra_links=ra.ufm_cable_count if managed else 0,
    )
    return request, ra.ufm_cable_count if managed else 0


def _storage(
    site: SiteSpec,
    spec: FabricSpec,
    planes: int,
    link_gbps: float,
    shapes: tuple[SwitchShape, SwitchShape, SwitchShape],
) -> Attachment:
    assert site.storage is not None
    storage = site.storage
    return Attachment(
        owner=STORAGE_OWNER,
        pool_index=None,
        roles=("storage",),
        ports=tuple(range(1, storage.ports_per_appliance + 1)),
        routed_ports=frozenset(),
        port_gbps=(min(storage.port_gbps, link_gbps * planes),) * storage.ports_per_appliance,
        request=ClosRequest(
            name="storage appliances",
            node_counts=(storage.appliances,),
            nodes_per_su=storage.appliances,
            build_to_su_count=1,
            rails=storage.ports_per_appliance,
            planes=planes,
            leaf=shapes[0],
            spine=shapes[1],
            core=shapes[2],
            leaf_oversubscription=spec.oversubscription or 1.0,
            spine_oversubscription=spec.spine_oversubscription or 1.0,
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
        if role is Role.OOB or fabric_of_role(site, pool, role) != name or role.value in served:
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
