"""Device data of a fabric's switches: what each port reaches, addresses, autonomous system numbers.

Switches are grouped as they are installed and changed: the leaves of a scalable unit, the spines of a pod
and plane, the cores of a plane. Groups are named from position, so growth adds groups and renames none.
"""

from __future__ import annotations

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.cables import SCHEDULE_COLUMNS, cable_schedule, named_cables
from gigasite.exports.folders import Folder, beside, device_places
from gigasite.exports.text import csv, json_rows, json_text

_PORT_FIELDS = ("port", "cage", "lane", "gbps", "peer", "peer_port", "cable", "media", "length_m")
_DEVICE_FIELDS = ("device", "model", "tier", "plane", "rail", "pod", "index", "asn", "rack", "unit", "hall")
_ADDRESS_FIELDS = ("interface", "use", "address", "prefix_length")


def switch_groups(design: Design, fabric: str) -> tuple[Folder, ...]:
    """A folder for each group of switches: `devices.json` and `cables.csv`."""
    switches = _switches(design, fabric)
    documents = _documents(design, fabric, switches)
    groups = switches.select(pl.col("device").alias("owner"), "group")
    cables = beside(cable_schedule(design, fabric), groups, "owner")
    schedules = _by_group(cables)
    head = {"site": design.site, "fabric": fabric, "technology": design.fabrics[fabric].technology}
    return tuple(
        Folder(
            name=group,
            path=f"fabrics/{fabric}/{group}",
            files={
                "devices.json": json_text({**head, "group": group}, "devices", rows["document"].to_list()),
                "cables.csv": csv(schedules.get(group, cables.clear()).select(SCHEDULE_COLUMNS)),
            },
        )
        for group, rows in sorted(_by_group(documents).items())
    )


def group_members(design: Design, fabric: str) -> dict[str, tuple[str, ...]]:
    """The switches of each group, in the order of the design."""
    groups = _switches(design, fabric).group_by("group", maintain_order=True).agg("device").sort("group")
    return {group: tuple(devices) for group, devices in groups.iter_rows()}


def group_name() -> pl.Expr:
    """`leaf-<pool>-su-001`, `spine-plane-1-pod-001`, `core-plane-1`: from the position of a switch."""
    number = {name: pl.col(name).cast(pl.String).str.zfill(3) for name in ("su", "pod")}
    plane = pl.format("-plane-{}", pl.col("plane"))
    pod = pl.when(pl.col("pod") > 0).then(pl.format("-pod-{}", number["pod"]))
    su = pl.when(pl.col("su") > 0).then(pl.format("-su-{}", number["su"]))
    pool = pl.when(pl.col("pool") != "").then(pl.format("-{}", pl.col("pool")))
    is_leaf = pl.col("tier") == "leaf"
    parts = (
        pl.when(is_leaf).then(pool),
        pl.when(is_leaf).then(su),
        pl.when(~is_leaf).then(plane),
        pl.when(pl.col("tier") == "spine").then(pod),
    )
    return pl.concat_str(pl.col("tier"), *(part.fill_null("") for part in parts))


def _switches(design: Design, fabric: str) -> pl.DataFrame:
    """The fabric's switches with their place and group, in the order of the design."""
    devices = design.tables.devices.filter((pl.col("kind") == "switch") & (pl.col("fabric") == fabric))
    places = device_places(design).select("device", "hall", "row", "position")
    return beside(devices, places, "device").with_columns(group_name().alias("group"))


def _documents(design: Design, fabric: str, switches: pl.DataFrame) -> pl.DataFrame:
    """One row a switch: group and the JSON of the switch with its ports and addresses."""
    ports = _lines(_ports_with_peers(design, fabric), _PORT_FIELDS, "ports")
    own = design.tables.addresses.join(switches, on="device", how="semi", maintain_order="left")
    addresses = _lines(own, _ADDRESS_FIELDS, "addresses")
    joined = beside(beside(switches, ports, "device"), addresses, "device")
    head = json_rows(_DEVICE_FIELDS).str.strip_suffix("}")
    document = pl.format(
        ' {},\n  "addresses": [{}],\n  "ports": [{}]}}',
        head,
        pl.col("addresses").fill_null(""),
        pl.col("ports").fill_null(""),
    )
    return joined.select("group", document.alias("document"))


def _ports_with_peers(design: Design, fabric: str) -> pl.DataFrame:
    """The fabric's ports, each with what is at the other end of its link."""
    ports = design.tables.ports.filter(pl.col("fabric") == fabric).sort("device", "port")
    linked = beside(ports, named_cables(design, fabric).drop("fabric", "plane", "gbps"), "link")
    is_a = (pl.col("device") == pl.col("a_device")) & (pl.col("port") == pl.col("a_port"))
    return linked.with_columns(
        pl.when(is_a).then("b_device").otherwise("a_device").alias("peer"),
        pl.when(is_a).then("b_port").otherwise("a_port").alias("peer_port"),
    )


def _lines(frame: pl.DataFrame, fields: tuple[str, ...], name: str) -> pl.DataFrame:
    """One row a device: its rows of `frame` as JSON objects, one a line, in the column `name`."""
    joined = pl.format("\n   {}", json_rows(fields)).str.join(",")
    return frame.group_by("device", maintain_order=True).agg(joined.alias(name))


def _by_group(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = frame.partition_by("group", as_dict=True, maintain_order=True)
    return {str(key[0]): part for key, part in parts.items()}
