"""The topology file of ibdiagnet and UFM (ibdm-topo-file), and the systems that it speaks of (ibdm-ibnl-file).

Names are those of the design: a node is a system whose ports are called after its interfaces (`rail1`), a switch one
whose ports are `P` and the number that InfiniBand gives them. UFM compares a fabric with such a file.
"""

from __future__ import annotations

import re

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.infiniband.subnets import Subnet

_NO_NAME = re.compile(r"[^A-Za-z0-9_.]")


def topology_file(subnet: Subnet, catalog: Catalog) -> str:
    """A section for each system with all its links, the switches last."""
    types = _types(subnet, catalog)
    ends = _ends(subnet)
    links = subnet.links.join(ends.select(a="name", a_system="device", a_name="port"), on="a", how="left")
    links = links.with_columns(
        a_system=pl.coalesce("a_system", "a"),
        a_name=pl.coalesce("a_name", pl.format("P{}", "a_port")),
        b_system="b",
        b_name=pl.format("P{}", "b_port"),
    )
    both = pl.concat(
        [
            links.select(own="a_system", port="a_name", order="a_port", far="b_system", far_port="b_name"),
            links.select(own="b_system", port="b_name", order="b_port", far="a_system", far_port="a_name"),
        ]
    )
    named = both.join(types.select(far="device", far_type="type"), on="far", how="left", maintain_order="left")
    line = pl.format("   {} -> {} {} {}\n", "port", "far_type", "far", "far_port")
    rows = named.sort("own", "order", "port").group_by("own", maintain_order=True).agg(line.str.join("").alias("links"))
    sections = types.join(rows, left_on="device", right_on="own", how="inner", maintain_order="left")
    return "\n".join(sections.select(pl.format("{} {}\n{}", "type", "device", "links").alias("text"))["text"])


def system_files(subnet: Subnet, catalog: Catalog) -> dict[str, str]:
    """The description of each type of system in the topology file, by its name."""
    types = _types(subnet, catalog)
    ends = _ends(subnet)
    found: dict[str, str] = {}
    for name, device in types.unique("type", maintain_order=True).select("type", "device").rows():
        ports = ends.filter(pl.col("device") == device).sort("number", "plane")["port"].to_list()
        if ports:
            boards = [f"NODE CA 1 adapter {port}\n1 -> {port}\n" for port in ports]
            found[name] = f"TOPSYSTEM {name}\n\n" + "\n".join(boards)
            continue
        count = int(subnet.switches.filter(pl.col("device") == device)["port_count"][0])
        lines = "".join(f"{port} -> P{port}\n" for port in range(1, count + 1))
        found[name] = f"TOPSYSTEM {name}\n\nNODE SW {count} switch U1\n{lines}"
    return found


def _ends(subnet: Subnet) -> pl.DataFrame:
    """Adapters with the names of their ports."""
    return subnet.endpoints.select("name", "device", "plane", number="port", port="interface")


def _types(subnet: Subnet, catalog: Catalog) -> pl.DataFrame:
    """device, type: of adapters' systems, by their ports; then of switches."""
    hosts = (
        subnet.endpoints.group_by("device", maintain_order=True)
        .agg(pl.col("system").first(), pl.col("kind").first(), ports=pl.col("interface").sort().str.join(","))
        .with_columns(base=pl.coalesce("system", "kind"))
    )
    kinds = hosts.select("base", "ports").unique(maintain_order=True)
    nth = pl.int_range(1, pl.len() + 1).over("base")
    several = pl.len().over("base") > 1
    base = pl.col("base").str.replace_all(_NO_NAME.pattern, "_")
    kinds = kinds.with_columns(
        type=pl.when(several)
        .then(pl.format("{}_on_{}_{}", base, pl.lit(subnet.fabric), nth))
        .otherwise(pl.format("{}_on_{}", base, pl.lit(subnet.fabric)))
    ).with_columns(pl.col("type").str.replace_all(_NO_NAME.pattern, "_"))
    typed = hosts.join(kinds, on=["base", "ports"], how="left", maintain_order="left").select("device", "type")
    model = pl.format("{}_{}", pl.col("model").str.replace_all(_NO_NAME.pattern, "_").str.to_uppercase(), "port_count")
    return pl.concat([typed, subnet.switches.select("device", type=model)])
