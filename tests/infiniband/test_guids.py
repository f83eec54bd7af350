"""The inventory of GUIDs: what it may say, and that nothing is made up where it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite import checks
from gigasite.design.infiniband.guids import known_guids, load_guids, read_guids, unknown_lines
from gigasite.design.infiniband.subnets import subnets
from gigasite.errors import FindingsError, GigasiteError

from .sites import superpod

HEAD = "device,port,guid\n"
NODE = "demo-train-su001-r01-n01"


def problems(text: str) -> list[str]:
    with pytest.raises(FindingsError) as caught:
        read_guids(text, "guids.csv")
    return [f"{finding.place}: {finding.message}" for finding in caught.value.findings]


@pytest.mark.parametrize("text", ["0x946DAE0300F5A3C2", "946dae0300f5a3c2", "946d:ae03:00f5:a3c2"])
def test_guids_may_be_written_as_people_write_them(text: str) -> None:
    assert read_guids(f"{HEAD}a,rail1,{text}\n").rows["guid"].to_list() == ["0x946dae0300f5a3c2"]


@pytest.mark.parametrize("text", ["0x946dae0300f5a3", "0", "0x0000000000000000", "n/a", "94:6d:ae:03:00:f5"])
def test_what_is_no_guid_is_told_with_its_line(text: str) -> None:
    (told,) = problems(f"{HEAD}a,rail1,{text}\n")
    assert told.startswith("guids.csv:2: guid ")


def test_a_guid_and_a_port_stand_only_once() -> None:
    same = "0x946dae0300f5a3c2"
    assert problems(f"{HEAD}a,rail1,{same}\nb,rail1,{same}\na,rail1,0x946dae0300f5a3c3\n") == [
        f"guids.csv:3: GUID {same} stands already on line 2",
        "guids.csv:4: a rail1 stands already on line 2",
    ]


def test_a_table_with_other_columns_is_refused() -> None:
    (told,) = problems("host,guid\na,b\n")
    assert "device, port, guid" in told


def test_lines_without_a_guid_wait_for_the_hardware() -> None:
    assert read_guids(f"{HEAD}a,rail1,\n").rows.is_empty()


@pytest.mark.parametrize("port", ["rail3", "rdma_rail3", "3"])
def test_a_port_goes_by_interface_rdma_device_or_number(port: str) -> None:
    (subnet,) = subnets(superpod(1).design, superpod(1).catalog, "compute")
    known = known_guids(subnet, read_guids(f"{HEAD}{NODE},{port},0x946dae0300f5a3c2\n"))
    named = known.endpoints.drop_nulls("guid")
    assert named["name"].to_list() == [f"{NODE} rdma_rail3"]
    assert known.missing.height == known.total_count - 1


def test_what_the_design_does_not_know_is_told() -> None:
    all_subnets = subnets(superpod(1).design, superpod(1).catalog)
    inventory = read_guids(f"{HEAD}{NODE},rail9,0x946dae0300f5a3c2\n{NODE},stor1,0x946dae0300f5a3c3\n")
    told = [str(finding) for finding in unknown_lines(inventory, all_subnets)]
    assert len(told) == 1
    assert told[0].startswith(f"guids.csv:2: DEP101 warning: {NODE} port rail9 is nothing")


def test_checking_a_site_reads_the_inventory_beside_it(tmp_path: Path) -> None:
    def told() -> list[str]:
        found = checks.run(superpod(1).design, superpod(1).catalog, {"DEP101"}, tmp_path)
        return [f"{finding.severity}: {finding.message}" for finding in found]

    assert told() == []
    (tmp_path / "guids.csv").write_text(f"{HEAD}{NODE},rail1,0x946dae0300f5a3c2\n")
    assert told() == []
    (tmp_path / "guids.csv").write_text(f"{HEAD}{NODE},rail9,0x946dae0300f5a3c2\n")
    assert told() == [f"warning: guids.csv:2: {NODE} port rail9 is nothing that the design connects to InfiniBand"]
    (tmp_path / "guids.csv").write_text(f"{HEAD}{NODE},rail1,94:6d:ae:03:00:f5\n")
    assert told() == ["error: guids.csv:2: guid '94:6d:ae:03:00:f5' is no GUID of 64 bits"]


def test_an_inventory_from_a_spreadsheet_is_read_and_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "guids.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEAD}{NODE},rail1,0x946dae0300f5a3c2\r\n".encode())
    assert load_guids(file).rows.height == 1
    file.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(GigasiteError, match="UTF-8"):
        load_guids(file)
