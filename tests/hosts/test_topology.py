"""A guest's topology file pairs the GPU and the NIC of a rail below one bridge."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pydantic import ValidationError

from gigasite.design.hosts.topology import guest_topology
from gigasite.spec.guest import GuestSpec

CPU = {"arch": "x86_64", "vendor": "GenuineIntel", "family_id": 6, "model_id": 143}


def guest(gpus: int, nics: int, numa_count: int = 2) -> GuestSpec:
    return GuestSpec.model_validate(
        {
            "gpu_pci": [f"00{n:02x}:00:00.0" for n in range(gpus)],
            "nic_pci": [f"01{n:02x}:00:00.0" for n in range(nics)],
            "numa_count": numa_count,
            "cpu": CPU,
        }
    )


def bridges(text: str) -> list[tuple[str, list[str], list[str]]]:
    """NUMA node, GPUs and NICs of each bridge."""
    found = []
    for cpu in ElementTree.fromstring(text).findall("cpu"):
        for bridge in cpu.findall("pci"):
            below = [(pci.attrib["class"], pci.attrib["busid"]) for pci in bridge.findall("pci")]
            gpus = [at for kind, at in below if kind == "0x030200"]
            found.append((cpu.attrib["numaid"], gpus, [at for kind, at in below if kind != "0x030200"]))
    return found


def test_eight_pairs_lie_in_two_numa_nodes() -> None:
    found = bridges(guest_topology(guest(8, 8), infiniband=True))
    assert [numa for numa, _, _ in found] == ["0"] * 4 + ["1"] * 4
    assert found[5] == ("1", ["0005:00:00.0"], ["0105:00:00.0"])


def test_two_gpus_share_a_nic_where_nics_are_fewer() -> None:
    found = bridges(guest_topology(guest(8, 4), infiniband=False))
    assert [len(gpus) for _, gpus, _ in found] == [2, 2, 2, 2]
    assert found[3][2] == ["0103:00:00.0"]


def test_every_device_stands_in_the_file_once() -> None:
    text = guest_topology(guest(4, 16, numa_count=4), infiniband=False)
    found = [pci.attrib["busid"] for pci in ElementTree.fromstring(text).iter("pci")]
    assert len(found) == len(set(found)) == 4 + 16 + 4


def test_the_class_of_nics_is_that_of_their_fabric() -> None:
    assert guest_topology(guest(2, 2), infiniband=True).count("0x020700") == 2
    assert guest_topology(guest(2, 2), infiniband=False).count("0x020000") == 2


@pytest.mark.parametrize(("gpus", "nics", "numa_count"), [(8, 3, 1), (8, 8, 3)])
def test_what_does_not_pair_is_refused(gpus: int, nics: int, numa_count: int) -> None:
    with pytest.raises(ValidationError):
        guest(gpus, nics, numa_count)
