"""What devices would tell of cables that somebody plugged: the design's, and what was done wrong to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gigasite.design.infiniband.subnets import subnets
from gigasite.errors import Finding
from gigasite.verify.cabling import verify_cabling
from gigasite.verify.found import Found, found_of
from tests.infiniband.sites import Site, superpod

Cable = tuple[str, int, str, int]
SAMPLE = superpod(1)
NODE = "demo-train-su001-r01-n01"
OTHER_NODE = "demo-train-su001-r02-n03"


def leaf(number: int) -> str:
    return f"demo-compute-train-su001-leaf{number:02d}"


def cables(site: Site = SAMPLE) -> list[Cable]:
    """The cables of the compute fabric, by InfiniBand's names."""
    (subnet,) = subnets(site.design, site.catalog, "compute")
    return subnet.links.select("a", "a_port", "b", "b_port").rows()


def told(plugged: Iterable[Cable], gbps: float | None = None) -> Found:
    """What a discovery of the subnet tells of them."""
    rows, names = [], set()
    for a, p, b, q in plugged:
        rows += [(a, str(p), b, str(q), None, gbps), (b, str(q), a, str(p), None, gbps)]
        names |= {a, b}
    return found_of(rows, "infiniband", names)


def findings(plugged: Iterable[Cable], gbps: float | None = None) -> list[Finding]:
    """What `verify cabling` finds in the compute fabric."""
    verified = verify_cabling(SAMPLE.design, SAMPLE.catalog, [told(plugged, gbps)])
    return [finding for _, finding in verified.findings if "fabric storage" not in finding.message]


def renamed(plugged: Iterable[Cable], new: Callable[[str], str]) -> list[Cable]:
    """The cables with other names of devices."""

    def name(text: str) -> str:
        device, _, rest = text.partition(" ")
        return f"{new(device)} {rest}" if rest else new(device)

    return [(name(a), p, name(b), q) for a, p, b, q in plugged]


def in_each_others_place(one: str, other: str) -> Callable[[str], str]:
    return lambda device: {one: other, other: one}.get(device, device)


def at_node(plugged: Iterable[Cable], node: str = NODE) -> list[int]:
    """Places of a node's cables in the list, in the order of its rails."""
    return [place for place, cable in enumerate(plugged) if cable[0].startswith(f"{node} ")]
