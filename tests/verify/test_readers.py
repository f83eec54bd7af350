"""What devices print, as public documentation shows it: each format is recognised by itself, and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite.errors import GigasiteError, UsageError
from gigasite.verify.readers.choose import read_file, read_path, read_text

SAMPLES = Path(__file__).parent / "samples"
HOST = [
    ("rail1", "leaf01", "swp1"),
    ("rail2", "fc:bd:67:00:00:02", "swp1"),  # a neighbour without a name, and a port that is told by its description
]

CASES = {
    "eos.json": (
        "eos",
        [("Ethernet1/1", "host01.example.net", "rail1"), ("Ethernet33/1", "spine001", "Ethernet1/1")],
    ),
    "lldpctl.json": ("lldpd", HOST),
    "lldpctl-json0.json": ("lldpd", HOST),
    "lldpctl-one.json": ("lldpd", HOST[:1]),
    "nvue.txt": ("nvue", [("eth0", "oob-leaf01", "swp10"), ("swp1", "host01", None), ("swp33", "spine001", "swp1")]),
    "nvue.json": ("nvue", [("swp1", "host01", None), ("swp33", "spine001", "swp1")]),
    "sonic.txt": ("sonic", [("Ethernet0", "host01", "rail1"), ("Ethernet256", "spine001", "Ethernet0")]),
}


@pytest.mark.parametrize("name", CASES)
def test_neighbours_of_a_device_are_read(name: str) -> None:
    system, rows = CASES[name]
    found = read_file(SAMPLES / name)
    assert found.system == system
    assert found.technology == "ethernet"
    assert found.rows.select("port", "peer", "peer_port").rows() == rows
    assert set(found.rows["device"]) == found.seen == {name.partition(".")[0]}


def test_speeds_are_read_where_they_are_told() -> None:
    assert read_file(SAMPLES / "nvue.txt").rows["gbps"].to_list() == [1.0, 400.0, 800.0]
    assert read_file(SAMPLES / "nvue.json").rows["gbps"].to_list() == [400.0, 800.0]


def test_a_subnet_is_read_without_the_adapters_inside_its_switches() -> None:
    found = read_file(SAMPLES / "ibnetdiscover.txt")
    leaf = "MF0;leaf01:MQM9700/U1"
    assert found.technology == "infiniband"
    assert set(found.rows.select("device", "port", "peer", "peer_port", "gbps").rows()) == {
        (leaf, "1", "host01 rdma_rail1", "1", 400.0),
        ("host01 rdma_rail1", "1", leaf, "1", 400.0),
        (leaf, "33", "spine001", "1", 200.0),
        ("spine001", "1", leaf, "33", 200.0),
    }
    assert found.seen == {leaf, "spine001", "host01 rdma_rail1"}
    assert found.guids is not None
    assert ("spine001", "Switch", "0xfc6a1c0300c4d900") in found.guids.rows()


def test_a_table_of_links_may_leave_out_speeds() -> None:
    found = read_text("device, port ,peer,peer_port\nleaf01,port 1,host01, rail1\n", "x", "links.csv")
    assert found.rows.rows() == [("leaf01", "port 1", "host01", "rail1", None, None)]
    assert found.seen == {"leaf01"}


def test_a_folder_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text((SAMPLES / "lldpctl.json").read_text())
    assert [next(iter(found.seen)) for found in read_path(tmp_path)] == ["a", "b"]


def test_a_host_name_with_dots_is_kept_where_the_file_has_no_ending_of_ours(tmp_path: Path) -> None:
    (tmp_path / "host01.example.net").write_text((SAMPLES / "lldpctl.json").read_text())
    assert read_path(tmp_path)[0].seen == {"host01.example.net"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        "[]",
        '{"lldp": 5, "x": 1}',
        '{"lldp": {"interface": [{"eth0": {"chassis": 1}}, 3]}}',
        '{"lldpNeighbors": {"Ethernet1": 7}}',
        "device,port\na,b\n",
        "device,port,peer,peer_port,gbps\na,b,c,d,fast\n",
    ],
)
def test_what_nobody_knows_is_refused_with_its_file(text: str) -> None:
    with pytest.raises(GigasiteError) as caught:
        read_text(text, "x", "folder/x.json")
    assert caught.value.path == "folder/x.json"


def test_an_empty_folder_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no files"):
        read_path(tmp_path)
