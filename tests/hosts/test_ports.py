"""Interfaces are called after what their NICs are for, whatever fabric they hang on."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.catalog.models import System
from gigasite.design.hosts.ports import host_ports, interface_names
from tests.design.sites import CATALOG


def names(system: System, *pairs: tuple[int, int]) -> list[str]:
    used = pl.DataFrame(pairs, schema={"a_port": pl.Int32, "plane": pl.Int32}, orient="row")
    return interface_names(system, used)["interface"].to_list()


def test_a_dgx_h100_has_eight_rails_two_storage_and_two_inband_ports() -> None:
    found = [port.nic_name for port in host_ports(CATALOG.system("dgx-h100"))]
    assert found == [*(f"rail{n}" for n in range(1, 9)), "stor1", "stor2", "inb1", "inb2"]


def test_a_port_that_several_roles_share_is_called_neither_storage_nor_inband() -> None:
    found = [port.nic_name for port in host_ports(CATALOG.system("gb300-nvl72"))]
    assert found == ["rail1", "rail2", "rail3", "rail4", "net1", "net1"]
    assert names(CATALOG.system("gb300-nvl72"), (5, 1), (6, 1)) == ["net1p1", "net1p2"]


def test_a_port_on_two_planes_is_two_interfaces() -> None:
    system = CATALOG.system("dgx-h100")
    assert names(system, (1, 1), (1, 2), (2, 1), (2, 2)) == ["rail1p1", "rail1p2", "rail2p1", "rail2p2"]


def test_rails_of_a_dgx_h100_follow_the_pci_bus() -> None:
    rails = host_ports(CATALOG.system("dgx-h100"))[:8]
    addresses = [port.pci_address for port in rails]
    assert addresses == sorted(address for address in addresses if address)
    assert all(port.pci_address is None for port in host_ports(CATALOG.system("dgx-h100"))[8:])


@pytest.mark.parametrize("key", [key for key in CATALOG.keys("system") if CATALOG.system(key).nics])
def test_names_are_unique_and_fit_into_linux(key: str) -> None:
    system = CATALOG.system(key)
    pairs = [(port.number, plane) for port in host_ports(system) for plane in range(1, 17)]
    found = names(system, *pairs)
    assert len(set(found)) == len(pairs)
    assert max(map(len, found)) + len("v127") <= 15  # IFNAMSIZ less the closing zero, with a virtual function's number
