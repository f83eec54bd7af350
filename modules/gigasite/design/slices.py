"""Scale-up domains: slices of a torus, meshes of direct links, domains behind switch chips."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from gigasite.errors import GigasiteError

Shape3 = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class TorusSlice:
    """A slice of a 3D torus. twist_supported: its links may be twisted, which raises its bisection."""

    shape: Shape3
    chips: int
    hosts: int
    cubes: int
    cores: int
    twist_supported: bool


def torus_slice(
    shape: Shape3, chips_per_host: int = 4, cube: Shape3 = (4, 4, 4), cores_per_chip: int = 2
) -> TorusSlice:
    """A slice made of whole cubes; the defaults are those of TPU v5p (Google Cloud, TPU v5p documentation).

    Raises GigasiteError where the shape is not made of whole cubes.
    """
    if any(side < 1 or edge < 1 or side % edge for side, edge in zip(shape, cube, strict=True)):
        raise GigasiteError(
            f"a slice of {_by(shape)} is not made of cubes of {_by(cube)}",
            hint=f"make its sides multiples of {_by(cube)}",
        )
    chips = prod(shape)
    return TorusSlice(
        shape=shape,
        chips=chips,
        hosts=-(-chips // chips_per_host),
        cubes=chips // prod(cube),
        cores=chips * cores_per_chip,
        twist_supported=_twistable(shape),
    )


@dataclass(frozen=True, slots=True)
class DirectMesh:
    """Accelerators of a node linked each to each, with the other ports led out. Bandwidth is one-way."""

    scale_up_ports_per_accelerator: int
    links_per_peer: int
    scale_up_gbyte_s_unidir: float
    scale_out_gbyte_s_unidir_per_accelerator: float
    scale_out_gbyte_s_unidir_per_node: float
    cages_per_node: int


def direct_mesh(
    accelerators: int,
    ports_per_accelerator: int,
    scale_out_ports_per_accelerator: int,
    port_gbps: float,
    ports_per_cage: int,
) -> DirectMesh:
    """Splits an accelerator's ports between its peers and the scale-out fabric: links = ports up / (n - 1).

    Bandwidth is ports · Gbps / 8. Raises GigasiteError where the ports do not split evenly over the peers.
    """
    scale_up = ports_per_accelerator - scale_out_ports_per_accelerator
    per_peer = links_per_peer(accelerators, scale_up)
    scale_out_gbyte_s = scale_out_ports_per_accelerator * port_gbps / 8
    return DirectMesh(
        scale_up_ports_per_accelerator=scale_up,
        links_per_peer=per_peer,
        scale_up_gbyte_s_unidir=scale_up * port_gbps / 8,
        scale_out_gbyte_s_unidir_per_accelerator=scale_out_gbyte_s,
        scale_out_gbyte_s_unidir_per_node=scale_out_gbyte_s * accelerators,
        cages_per_node=-(-accelerators * scale_out_ports_per_accelerator // ports_per_cage),
    )


@dataclass(frozen=True, slots=True)
class SwitchedDomain:
    """Accelerators linked by switch chips, each accelerator to each chip. Bandwidth is both ways."""

    accelerators: int
    chips: int
    links_per_accelerator_per_chip: int
    domain_tbyte_s: float


def switched_domain(
    accelerators: int, links_per_accelerator: int, trays: int, chips_per_tray: int, accelerator_tbyte_s: float
) -> SwitchedDomain:
    """A domain of one stage of switch chips: links spread evenly, bandwidth = accelerators · TB/s of each.

    Raises GigasiteError where the links do not spread evenly over the chips.
    """
    chips = trays * chips_per_tray
    per_chip = links_by_chip(links_per_accelerator, chips)
    return SwitchedDomain(
        accelerators=accelerators,
        chips=chips,
        links_per_accelerator_per_chip=per_chip[0],
        domain_tbyte_s=accelerators * accelerator_tbyte_s,
    )


def links_per_peer(accelerators: int, links: int) -> int:
    """Links of a mesh to each peer: links / (n - 1). Raises GigasiteError where they do not split evenly."""
    peers = accelerators - 1
    if peers < 1 or links < peers or links % peers:
        raise GigasiteError(
            f"{links} ports of an accelerator do not split evenly over {max(peers, 0)} peers",
            hint="a direct mesh has the same whole number of links to every peer",
        )
    return links // peers


def links_by_chip(links: int, chips: int, stated: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Links of an accelerator to each switch chip: as stated, or the same to all.

    Raises GigasiteError where they do not add up, or do not spread evenly.
    """
    if stated:
        if len(stated) != chips or sum(stated) != links:
            raise GigasiteError(
                f"{links} links of an accelerator to {chips} switch chips are stated as {sum(stated)} to {len(stated)}",
                hint="state the links to every chip, as many as the accelerator has in all",
            )
        return stated
    if chips < 1 or links < chips or links % chips:
        raise GigasiteError(
            f"{links} links of an accelerator do not spread evenly over {chips} switch chips",
            hint="each accelerator has the same whole number of links to every chip",
        )
    return (links // chips,) * chips


def _twistable(shape: Shape3) -> bool:
    """n·n·2n or n·2n·2n, n a multiple of 4 (Google Cloud, TPU v5p documentation)."""
    small, middle, large = sorted(shape)
    return small % 4 == 0 and large == 2 * small and middle in (small, large)


def _by(shape: Shape3) -> str:
    return "x".join(str(side) for side in shape)
