"""What a SONiC configuration must keep beyond tables, fields and references: the rules that span rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gigasite.render.switch.tables import Table, Tables, table_problems


def sonic_problems(config: Mapping[str, Any], model: Mapping[str, Table]) -> tuple[str, ...]:
    """All that is wrong with a config_db.json; the rules that span rows are looked at once the rows are sound."""
    return tuple(table_problems(config, model)) or tuple(_rule_problems(config))


def _rule_problems(config: Tables) -> Iterator[str]:
    yield from _lanes_used_once(config)
    yield from _names_once(config)
    yield from _ports_routed_or_switched(config)
    yield from _vlans_agree(config)
    yield from _thresholds_rise(config)
    yield from _lossless_end_to_end(config)


def _lanes_used_once(config: Tables) -> Iterator[str]:
    lanes = Counter(lane for row in config.get("PORT", {}).values() for lane in row["lanes"].split(","))
    yield from (f"PORT: lane {lane} is in {count} ports" for lane, count in lanes.items() if count > 1)


def _names_once(config: Tables) -> Iterator[str]:
    for table, field in (("PORT", "alias"), ("VRF", "vni"), ("VXLAN_TUNNEL_MAP", "vni"), ("VXLAN_TUNNEL_MAP", "vlan")):
        values = Counter(row[field] for row in config.get(table, {}).values() if field in row)
        yield from (f"{table}: {field} {value} stands in {count} rows" for value, count in values.items() if count > 1)
    addresses = Counter(
        key.split("|")[1].split("/")[0]
        for table in ("INTERFACE", "LOOPBACK_INTERFACE")
        for key in config.get(table, {})
        if "|" in key
    )
    yield from (f"INTERFACE: address {value} stands in {n} rows" for value, n in addresses.items() if n > 1)


def _ports_routed_or_switched(config: Tables) -> Iterator[str]:
    members = [key.split("|")[1] for key in config.get("VLAN_MEMBER", {})]
    yield from (f"VLAN_MEMBER: {port} is a routed interface" for port in members if port in config.get("INTERFACE", {}))
    untagged = Counter(
        key.split("|")[1] for key, row in config.get("VLAN_MEMBER", {}).items() if row["tagging_mode"] == "untagged"
    )
    yield from (f"VLAN_MEMBER: {port} is untagged in {count} VLANs" for port, count in untagged.items() if count > 1)


def _vlans_agree(config: Tables) -> Iterator[str]:
    for name, row in config.get("VLAN", {}).items():
        if name != f"Vlan{row['vlanid']}":
            yield f"VLAN|{name}: vlanid {row['vlanid']} is another one"


def _thresholds_rise(config: Tables) -> Iterator[str]:
    for name, row in config.get("WRED_PROFILE", {}).items():
        for colour in ("green", "yellow", "red"):
            if int(row[f"{colour}_max_threshold"]) < int(row[f"{colour}_min_threshold"]):
                yield f"WRED_PROFILE|{name}: {colour}_max_threshold is below its minimum"
    polling = config.get("PFC_WD", {}).get("GLOBAL", {}).get("POLL_INTERVAL")
    for name, row in config.get("PFC_WD", {}).items():
        if polling and name != "GLOBAL" and int(row.get("detection_time", polling)) < int(polling):
            yield f"PFC_WD|{name}: detection_time is below POLL_INTERVAL"


def _lossless_end_to_end(config: Tables) -> Iterator[str]:
    """A paused priority must be marked in its queue, or the pause is the only brake; and some DSCP must lead to it."""
    for port, row in config.get("PORT_QOS_MAP", {}).items():
        priority = row.get("pfc_enable")
        if priority is None:
            continue
        classes = {tc for tc, pg in config["TC_TO_PRIORITY_GROUP_MAP"][row["tc_to_pg_map"]].items() if pg == priority}
        reached = classes & set(config["DSCP_TO_TC_MAP"][row["dscp_to_tc_map"]].values())
        if not reached:
            yield f"PORT_QOS_MAP|{port}: no DSCP leads to the paused priority {priority}"
        queues = {config["TC_TO_QUEUE_MAP"][row["tc_to_queue_map"]].get(tc) for tc in reached}
        for queue in sorted(filter(None, queues)):
            if "wred_profile" not in config.get("QUEUE", {}).get(f"{port}|{queue}", {}):
                yield f"QUEUE|{port}|{queue}: a paused queue has no wred_profile"
