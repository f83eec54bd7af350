"""The subnet as ibsim takes it: a rehearsal of the managers' files before the hardware is cabled.

The first port of the file is where the subnet manager runs: the first manager of the design, else the first adapter.
ibsim numbers the port of an adapter one above the adapter itself, whatever the file says; so that ports have their own
GUIDs, which partitions and lists go by, adapters have one less.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from gigasite.design.infiniband.guids import KnownGuids
from gigasite.design.infiniband.subnets import Subnet


def ibsim_net(subnet: Subnet, guids: KnownGuids) -> str:
    """A block for each adapter and switch, with both ends of each link. Needs every GUID."""
    both = pl.concat(
        [
            subnet.links.select("a", "a_port", "b", "b_port"),
            subnet.links.select(a="b", a_port="b_port", b="a", b_port="a_port"),
        ]
    )
    ends = guids.endpoints.select("kind", a="name", ca_guid=_one_less(guids.endpoints["guid"]))
    rows = both.sort("a", "a_port")
    line = pl.format('[{}]\t"{}"[{}]\n', "a_port", "b", "b_port")
    links = rows.group_by("a", maintain_order=True).agg(line.str.join("").alias("links"))
    adapters = ends.sort(pl.col("kind") != "ufm", maintain_order=True).select(
        "a", head=pl.format('caguid={}\nHca\t1 "{}"\n', "ca_guid", "a")
    )
    switches = guids.switches.select(
        a="device",
        head=pl.format(
            'switchguid={}({})\nSwitch\t{} "{}"\n',
            "node_guid",
            "guid",
            "port_count",
            "device",
        ),
    )
    blocks = pl.concat([adapters, switches]).join(links, on="a", how="left", maintain_order="left")
    text = blocks.select(pl.format("{}{}", "head", pl.col("links").fill_null("")).alias("text"))["text"]
    return "\n".join(text)


def _one_less(guids: pl.Series) -> pl.Series:
    """The number before each GUID, written like it."""
    digits = "".join(guids.str.strip_prefix("0x"))
    less = np.frombuffer(bytes.fromhex(digits), ">u8") - np.uint64(1)
    text = np.frombuffer(less.astype(">u8").tobytes().hex().encode(), "S16").astype(str)
    return pl.select(pl.format("0x{}", pl.lit(pl.Series(text)))).to_series()
