"""What a SONiC configuration must keep beyond tables, fields and references: the rules that span rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from gigasite.render.switch.members import Member
from gigasite.render.switch.tables import Table, Tables, table_problems

RowRule: TypeAlias = Callable[[Tables], Iterator[str]]
_REMEMBERED_COUNT: Final = 64


def sonic_problems(members: Sequence[Member], model: Mapping[str, Table]) -> tuple[str, ...]:
    """All that is wrong with a config_db.json; the rules that span rows are looked at once the rows are sound."""
    found = tuple(table_problems(members, model))
    if found:
        return found
    by_name = {member.name: member for member in members}
    return tuple(
        problem
        for rule, tables in _RULES.items()
        for problem in _rule_problems(rule, *(by_name[name] for name in tables if name in by_name))
    )


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _rule_problems(rule: RowRule, *members: Member) -> tuple[str, ...]:
    """What a rule says of the tables that it reads, once for all switches that have these in common."""
    return tuple(rule({member.name: member.value for member in members}))


def _lanes_used_once(config: Tables) -> Iterator[str]:
    lanes = Counter(",".join(row["lanes"] for row in config.get("PORT", {}).values()).split(","))
    yield from (f"PORT: lane {lane} is in {count} ports" for lane, count in lanes.items() if count > 1)


def _names_once(config: Tables) -> Iterator[str]:
    for table, field in (("PORT", "alias"), ("VRF", "vni"), ("VXLAN_TUNNEL_MAP", "vni"), ("VXLAN_TUNNEL_MAP", "vlan")):
        values = Counter([row[field] for row in config.get(table, {}).values() if field in row])
        yield from (f"{table}: {field} {value} stands in {count} rows" for value, count in values.items() if count > 1)


def _addresses_once(config: Tables) -> Iterator[str]:
    addresses = Counter([key.split("|")[1].split("/")[0] for rows in config.values() for key in rows if "|" in key])
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
        if not {"tc_to_pg_map", "tc_to_queue_map"} <= row.keys():
            yield f"PORT_QOS_MAP|{port}: a paused priority has no map to its group and queue"
            continue
        classes = {tc for tc, pg in config["TC_TO_PRIORITY_GROUP_MAP"][row["tc_to_pg_map"]].items() if pg == priority}
        reached = classes & set(config["DSCP_TO_TC_MAP"][row["dscp_to_tc_map"]].values())
        if not reached:
            yield f"PORT_QOS_MAP|{port}: no DSCP leads to the paused priority {priority}"
        queues = {config["TC_TO_QUEUE_MAP"][row["tc_to_queue_map"]].get(tc) for tc in reached}
        for queue in sorted(filter(None, queues)):
            if "wred_profile" not in config.get("QUEUE", {}).get(f"{port}|{queue}", {}):
                yield f"QUEUE|{port}|{queue}: a paused queue has no wred_profile"


_RULES: Final[Mapping[RowRule, tuple[str, ...]]] = {
    _lanes_used_once: ("PORT",),
    _names_once: ("PORT", "VRF", "VXLAN_TUNNEL_MAP"),
    _addresses_once: ("INTERFACE", "LOOPBACK_INTERFACE"),
    _ports_routed_or_switched: ("VLAN_MEMBER", "INTERFACE"),
    _vlans_agree: ("VLAN",),
    _thresholds_rise: ("WRED_PROFILE", "PFC_WD"),
    _lossless_end_to_end: (
        "PORT_QOS_MAP",
        "QUEUE",
        "TC_TO_PRIORITY_GROUP_MAP",
        "DSCP_TO_TC_MAP",
        "TC_TO_QUEUE_MAP",
    ),
}
"""Each rule with the tables that it reads; it is given no others."""
