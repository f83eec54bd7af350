"""Files of a subnet: what they say, what they leave open, and that a broken one is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from gigasite.design.infiniband.subnets import subnets
from gigasite.errors import GigasiteError
from gigasite.render.infiniband import files as module
from gigasite.render.infiniband.files import infiniband_files
from gigasite.render.infiniband.validate import problems

from .sites import Site, inventory, site, superpod, with_tenants

GUID = re.compile(r"0x[0-9a-f]{16}")
SAMPLE = superpod(1)


def compute(found: Site, *, guids: bool = True) -> dict[str, str]:
    known = (inventory(found),) if guids else ()
    (subnet,) = infiniband_files(found.design, found.catalog, *known, fabric="compute")
    return dict(subnet.files)


def test_without_an_inventory_no_file_has_a_guid_and_all_say_what_is_missing() -> None:
    files = compute(SAMPLE, guids=False)
    assert not [name for name, text in files.items() if GUID.search(text.replace("0xfec00000", ""))]
    assert files["root-guids.conf"].splitlines() == [f"# missing: demo-compute-spine00{n}" for n in range(1, 5)]
    assert files["missing-guids.csv"].count("\n") == 1 + 252 + 12
    assert "264 of 264 GUIDs are missing" in files["managers/demo-compute-ufm01/opensm.conf"]
    assert "rehearsal/ibsim.net" not in files


def test_files_are_the_same_each_time() -> None:
    assert compute(SAMPLE) == compute(SAMPLE)


def test_roots_are_the_spines_and_nodes_are_apart_from_what_serves_them() -> None:
    files = compute(SAMPLE)
    assert [line.split("# ")[1] for line in files["root-guids.conf"].splitlines()] == [
        f"demo-compute-spine00{n}" for n in range(1, 5)
    ]
    assert files["cn-guids.conf"].count("\n") == 248
    assert files["io-guids.conf"].count("ufm") == 4


def test_each_manager_has_its_own_priority_and_port() -> None:
    configs = [text for name, text in compute(SAMPLE).items() if name.endswith("opensm.conf")]
    assert [re.findall(r"^sm_priority (\d+)$", text, re.MULTILINE) for text in configs] == [
        ["14"],
        ["13"],
        ["12"],
        ["11"],
    ]
    assert len({re.findall(r"^guid (.*)$", text, re.MULTILINE)[0] for text in configs}) == 4


def test_subnets_have_different_prefixes_and_no_file_has_a_key() -> None:
    found = infiniband_files(SAMPLE.design, SAMPLE.catalog)
    texts = [text for subnet in found for name, text in subnet.files.items() if name.endswith("opensm.conf")]
    prefixes = {re.findall(r"^subnet_prefix (.*)$", text, re.MULTILINE)[0] for text in texts}
    assert len(prefixes) == len(found) == 2
    assert not [text for text in texts if re.search(r"^(m|sm|sa|vs)_key", text, re.MULTILINE)]


def test_a_fat_tree_falls_back_to_up_down_and_a_single_switch_has_no_engine_to_choose() -> None:
    assert "routing_engine ftree,updn\n" in compute(SAMPLE)["managers/demo-compute-ufm01/opensm.conf"]
    one = site(
        "- {name: train, system: dgx-h100, nodes: 4, nodes_per_scalable_unit: 4}",
        "fabrics: {compute: {roles: [compute], switch: qm9700, rail_optimised: false}}\n",
    )
    (subnet,) = infiniband_files(one.design, one.catalog, inventory(one), fabric="compute")
    config = next(text for name, text in subnet.files.items() if name.endswith("opensm.conf"))
    assert "routing_engine minhop\n" in config
    assert "root_guid_file" not in config


def test_tenants_share_no_partition_and_all_are_limited_members_of_the_default_one() -> None:
    found = with_tenants(superpod(4))
    text = compute(found)["partitions.conf"]
    members = {
        head.split("=")[0]: set(GUID.findall(body)) for head, body in re.findall(r"^(\w\S*, .*) :([^;]*);", text, re.M)
    }
    assert set(members) == {"Default", "lab-a", "lab-b", "shared"}
    assert not members["lab-a"] & members["lab-b"]
    assert not members["lab-a"] & members["shared"]
    assert [len(members[name]) for name in ("lab-a", "lab-b")] == [
        31 * 8,
        32 * 8,
    ]  # a slot of the first is the managers'
    assert len(members["Default"]) == 4
    assert "ALL=limited,\n  SELF=full," in text


def test_ufm_takes_each_partition_as_one_request() -> None:
    files = compute(with_tenants(superpod(4)))
    bodies = {name: json.loads(text) for name, text in files.items() if name.startswith("ufm/")}
    assert sorted(bodies) == ["ufm/pkey-0x0011.json", "ufm/pkey-0x0012.json", "ufm/pkey-0x7ffe.json"]
    assert bodies["ufm/pkey-0x0011.json"]["pkey"] == "0x11"
    assert all(re.fullmatch("[0-9a-f]{16}", guid) for body in bodies.values() for guid in body["guids"])


def test_a_tenant_without_a_key_is_refused() -> None:
    found = with_tenants(superpod(4))
    lacking = {name: replace(tenant, pkey=None) for name, tenant in found.design.tenants.items()}
    with pytest.raises(GigasiteError, match="no partition key"):
        compute(replace(found, design=replace(found.design, tenants=lacking)))


BROKEN = {
    "managers/demo-compute-ufm01/opensm.conf": [
        ("lmc 0", "lmc 9"),
        ("sweep_interval 10", "sweep_interval ten"),
        ("lmc 0", "m_key 0x1234"),
        ("lmc 0", "sm_priority 3"),
    ],
    "partitions.conf": [
        ("0x7fff", "0x0001"),
        ("lab-b=0x0012", "lab-b=0x0011"),
        ("ALL=limited", "ALL=some"),
        (" ;\n", " \n"),
        (" ;\n", "\n  ;\n"),
        ("=full,", ","),
    ],
    "root-guids.conf": [("0xfe", "0xze"), ("00000021 #", "00000020 #")],
    "node-name-map": [('"\n', "\n"), ("spine002", "spine001")],
    "topology.topo": [("-> QM9700_64", "-> QM9700_32"), ("P33 ->", "P34 ->"), ("eth1 -> ", "eth1 - ")],
    "ibnl/QM9700_64.ibnl": [("TOPSYSTEM", "SYSTEM"), ("1 -> P1\n", "1 - P1\n")],
    "rehearsal/ibsim.net": [("[33]\t", "[34]\t"), ("[64]\t", "[65]\t"), ("caguid=", "guid=")],
    "ufm/pkey-0x0011.json": [('"0x11"', '"0x8011"'), ('"full"', '"all"'), ('"index0"', '"index"'), ("0200", "0x02")],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_and_a_whole_one_is_not(name: str) -> None:
    text = compute(with_tenants(superpod(4)))[name]
    assert problems(name, text) == ()
    for old, new in BROKEN[name]:
        assert old in text
        assert problems(name, text.replace(old, new, 1)), (old, new)


def test_a_topology_file_is_told_what_is_wrong_with_it() -> None:
    sections = (
        "A a\n   P1 -> B b P1\n   P1 -> B b P2\n   P3 : c\n",
        "B b\n   P1 -> A a P1\n   P4 -> C a P9\n",
        "A a\n",
        "?\n   P1 -> B b P7\n",
    )
    text = "\n".join(sections)
    assert problems("topology.topo", text) == (
        "a: '   P3 : c' is no link",
        "a twice",
        "'?' begins no system",
        "a is no C",
        "a P1: b P2 does not lead back",
        "b P4: a P9 does not lead back",
        "a P1 has two links",
    )


def test_a_subnet_with_a_broken_file_gives_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ibsim_net", lambda *_: "Hca\n")
    with pytest.raises(GigasiteError, match=r"rehearsal/ibsim\.net"):
        compute(SAMPLE)


def test_every_file_of_every_subnet_has_a_check() -> None:
    """A name that no pattern fits would pass unread."""
    for subnet in infiniband_files(SAMPLE.design, SAMPLE.catalog, inventory(SAMPLE)):
        assert all(problems(name, "\x00\n\x00") for name in subnet.files if name != "missing-guids.csv")


def test_switches_have_the_ports_that_infiniband_numbers() -> None:
    (subnet,) = subnets(SAMPLE.design, SAMPLE.catalog, "compute")
    assert set(subnet.switches["port_count"]) == {64}
