"""What is wrong with an InfiniBand file, by its name: each format's grammar, as far as our files use it.

opensm.conf and partitions.conf after opensm(8), node-name-map after ibnetdiscover(8), topology files after
ibdm-topo-file(1) and ibdm-ibnl-file(1), net files after ibsim's examples, requests after UFM's REST API guide.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final, TypeVar

import yaml

from gigasite.assets import asset_folder
from gigasite.render.infiniband.topology_rules import topology_problems

T = TypeVar("T")

_GUID = r"0x[0-9a-f]{16}"
_LIST_LINE: Final = re.compile(rf"(?:(?P<guid>{_GUID}) )?# \S.*")
_MAP_LINE: Final = re.compile(rf'(?P<guid>{_GUID}) "(?P<name>[^"]{{1,63}})"|# \S.*')
_HEAD: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*)=0x(?P<key>[0-9a-f]{4})(?:, ipoib, mtu=[1-5])?(?P<def>, defmember=full)? :"
)
_MEMBER: Final = re.compile(rf"(?P<who>{_GUID}|ALL|SELF)=(?:full|limited)")
_IBNL_LINE: Final = re.compile(r"TOPSYSTEM [A-Za-z0-9_.]+|NODE (?:CA|SW) \d+ \w+ \w+|\d+ -> [A-Za-z0-9_.]+|")
_NET_HEAD: Final = re.compile(r'(?P<kind>Hca|Switch)\t(?P<count>\d+) "(?P<name>[^"]+)"')
_NET_GUID: Final = re.compile(r"(?:caguid=0x[0-9a-f]{16}|switchguid=0x[0-9a-f]{16}\(0x[0-9a-f]{16}\))")
_NET_LINK: Final = re.compile(r'\[(?P<port>\d+)\]\t"(?P<peer>[^"]+)"\[(?P<far>\d+)\]')
_UFM_KEYS: Final = {"pkey", "partition_name", "index0", "ip_over_ib", "membership", "guids"}


def problems(name: str, text: str) -> tuple[str, ...]:
    """What is wrong with the file of this name; empty: nothing, or nobody checks such files."""
    return tuple(next((check(text) for pattern, check in _CHECKS.items() if re.fullmatch(pattern, name)), ()))


def _opensm(text: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, line in _lines(text):
        key, _, value = line.partition(" ")
        pattern = _keys().get(key)
        if pattern is None:
            yield f"line {number}: {key!r} is no key that we set"
        elif not re.fullmatch(pattern, value):
            yield f"line {number}: {key} {value!r}"
        if key in seen:
            yield f"line {number}: {key} again"
        seen.add(key)
    yield from (f"no {key}" for key in ("subnet_prefix", "routing_engine", "partition_config_file") if key not in seen)


def _partitions(text: str) -> Iterator[str]:
    body = "\n".join(line for _, line in _lines(text))
    if re.search(r"^\s*;", body, re.MULTILINE):
        yield "a semicolon begins a line, which OpenSM takes for a partition without a head"
    if body and not body.rstrip().endswith(";"):
        yield "the last partition does not end"
    keys: dict[str, str] = {}
    for part in filter(str.strip, body.split(";")):
        head, _, rest = part.strip().partition("\n")
        found = _HEAD.fullmatch(head.strip())
        if found is None:
            yield f"{head.strip()!r:.80} begins no partition"
            continue
        name, key = found["name"], found["key"]
        if not 0 < int(key, 16) <= 0x7FFF:
            yield f"{name}: 0x{key} is no partition key"
        if key in keys:
            yield f"{name} has the key of {keys[key]}"
        keys[key] = name
        members = [member.strip() for member in rest.split(",")] if rest.strip() else []
        bad = [member for member in members if not _MEMBER.fullmatch(member)]
        yield from (f"{name}: {member!r:.60} is no member" for member in bad)
        who = [member.split("=")[0] for member in members]
        yield from (f"{name}: {one} is a member twice" for one in _repeated(who))
    if "7fff" not in keys:
        yield "no default partition"


def _guid_list(text: str) -> Iterator[str]:
    guids = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LIST_LINE.fullmatch(line)
        if found is None:
            yield f"line {number}: {line!r:.60} is no GUID"
        elif found["guid"]:
            guids.append(found["guid"])
    yield from (f"{guid} twice" for guid in _repeated(guids))


def _name_map(text: str) -> Iterator[str]:
    guids, names = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _MAP_LINE.fullmatch(line)
        if found is None:
            yield f"line {number}: {line!r:.60} is no GUID with a name of at most 63 characters"
        elif found["guid"]:
            guids.append(found["guid"])
            names.append(found["name"])
    yield from (f"{one} twice" for one in (*_repeated(guids), *_repeated(names)))


def _ibnl(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not _IBNL_LINE.fullmatch(line):
            yield f"line {number}: {line!r:.60}"
    if not text.startswith("TOPSYSTEM "):
        yield "no TOPSYSTEM"


def _net(text: str) -> Iterator[str]:
    """Blocks of nodes, whose links both ends tell alike, on ports that they have."""
    counts: dict[str, int] = {}
    links: dict[tuple[str, int], tuple[str, int]] = {}
    for block in filter(None, text.split("\n\n")):
        guid, head, *lines = [*block.strip("\n").splitlines(), "", ""]
        found = _NET_HEAD.fullmatch(head)
        lines = [line for line in lines if line]
        if found is None or not _NET_GUID.fullmatch(guid):
            yield f"{guid!r:.60} {head!r:.60} begins no node"
            continue
        name, count = found["name"], int(found["count"])
        counts[name] = count
        for line in lines:
            link = _NET_LINK.fullmatch(line)
            if link is None or not 1 <= int(link["port"]) <= count:
                yield f"{name}: {line!r:.60} is no link"
            elif (name, int(link["port"])) in links:
                yield f"{name} port {link['port']} has two links"
            else:
                links[name, int(link["port"])] = (link["peer"], int(link["far"]))
    yield from (f"{own}: {peer} does not lead back" for own, peer in links.items() if links.get(peer) != own)


def _ufm(text: str) -> Iterator[str]:
    try:
        body = json.loads(text)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if not isinstance(body, dict) or set(body) != _UFM_KEYS:
        yield "other keys than UFM takes"
        return
    if not re.fullmatch(r"0x[0-9a-f]{1,4}", str(body["pkey"])) or not 0 < int(body["pkey"], 16) < 0x7FFF:
        yield f"pkey {body['pkey']!r}"
    if body["membership"] not in ("full", "limited"):
        yield f"membership {body['membership']!r}"
    guids = body["guids"] if isinstance(body["guids"], list) else [body["guids"]]
    yield from (f"{guid!r:.40} is no GUID" for guid in guids if not re.fullmatch(r"[0-9a-f]{16}", str(guid)))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, with their numbers."""
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.split("#", 1)[0].rstrip()
        if said:
            yield number, said


def _repeated(items: Iterable[T]) -> list[T]:
    """Items that were there before, in order."""
    counts = Counter(items)
    return [item for item, count in counts.items() if count > 1]


@cache
def _keys() -> Mapping[str, str]:
    text = (asset_folder("templates") / "infiniband" / "opensm-keys.yaml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in yaml.safe_load(text).items()}


_CHECKS: Final[Mapping[str, Callable[[str], Iterable[str]]]] = {
    r"(managers/[^/]+/)?opensm\.conf": _opensm,
    r"partitions\.conf": _partitions,
    r"(root|cn|io)-guids\.conf": _guid_list,
    r"node-name-map": _name_map,
    r"topology\.topo": topology_problems,
    r"ibnl/[^/]+\.ibnl": _ibnl,
    r"rehearsal/ibsim\.net": _net,
    r"ufm/[^/]+\.json": _ufm,
}
