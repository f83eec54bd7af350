"""How long the losses of a site take to play, beside a search of the same graph for each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.sites import CLONE, ROUNDS, Row

if TYPE_CHECKING:
    from gigasite.design.model import Design

# One hall of 100 MW: 700 racks of NVL72, ten blocks of 2.5 MW for every 25 MW, four feeds a rack.
LARGE_HALL = """\
schema_version: 1
name: large
location: {grid: ercot, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}
power:
  utility: {voltage_kv: 138, available_mw: 160}
  blocks: {topology: 4N3R, unit_kw: 2500, rack_voltage_v: 415}
halls: {count: 1, rack_positions: 1000}
racks: {feeds: 4}
pools: [{name: train, system: gb300-nvl72, scalable_units: 80}]
network: {supernets: {compute: 10.64.0.0/10, storage: 10.36.0.0/14, inband: 10.40.0.0/14, oob: 10.32.0.0/14}}
"""


def failure_rows() -> Iterator[Row]:
    """Single losses and pairs of llano and of one hall of 100 MW; a search by networkx for each single loss."""
    from gigasite.catalog.load import load_catalog
    from gigasite.design.expand import expand
    from gigasite.design.failures import analyse
    from gigasite.spec.loader import load_site, load_text

    catalog = load_catalog()
    specs = {
        "llano": load_site(CLONE / "stacks" / "llano" / "site.yaml", catalog).spec,
        "a hall of 100 MW": load_text(LARGE_HALL, catalog=catalog).spec,
    }
    for name, spec in specs.items():
        design = expand(spec, catalog)
        tables = design.tables
        size = (
            f"{tables.elements.height:,} elements, {tables.plant.height:,} cooling units, {tables.racks.height} racks"
        )
        yield Row(f"{name}: every single loss and common cause", _best(lambda d=design: analyse(d)), 2.0, size)
        yield Row(f"{name}: pairs that darken racks, besides", _best(lambda d=design: analyse(d).pairs))
        yield Row(f"{name}: the same racks dark, by networkx", _best(lambda d=design: searched(d), rounds=1))


def searched(design: Design) -> dict[str, int]:
    """Racks that each element leaves dark: what the sources still reach in the graph without it."""
    import networkx

    graph = networkx.DiGraph()
    for name, is_source in design.tables.elements.select("element", "is_source").iter_rows():
        graph.add_node(name)
        if is_source:
            graph.add_edge("", name)
    graph.add_edges_from(design.tables.connections.select("source", "target").iter_rows())
    racks: dict[str, set[str]] = {}
    for rack, source in design.tables.feeds.drop_nulls("source").select("rack", "source").iter_rows():
        racks.setdefault(rack, set()).add(source)
    dark = {}
    for name in design.tables.elements["element"].to_list():
        left = networkx.restricted_view(graph, [name], [])
        reached = networkx.descendants(left, "")
        dark[name] = sum(1 for sources in racks.values() if not sources & reached)
    return dark


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started_s)
    return min(taken)


if __name__ == "__main__":
    for row in failure_rows():
        print(f"{row.what:<58} {row.measured_s:>7.2f} s  {row.beside}".rstrip())
