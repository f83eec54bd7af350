"""Command lines against the description of EOS: what is unknown, misplaced, undefined or said twice is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite.assets import asset_folder
from gigasite.render.switch.lines import line_model, line_problems

GOOD = """\
service routing protocols model multi-agent
!
hostname leaf01
!
vrf instance MGMT
!
interface Ethernet1/1
   description node-01 eth1
   no shutdown
   no switchport
   ip address 10.0.0.0/31
!
interface Loopback0
   ip address 10.255.0.1/32
!
no ip routing vrf MGMT
ip routing
!
router bgp 4200000001
   router-id 10.255.0.1
   neighbor FABRIC peer group
   neighbor 10.0.0.1 peer group FABRIC
   !
   address-family ipv4
      neighbor FABRIC activate
"""


def problems(text: str) -> list[str]:
    model = line_model(Path(asset_folder("templates")) / "switch" / "eos" / "lines.yaml")
    return list(line_problems(text, model))


def test_a_sound_configuration_has_no_problem():
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("was", "is_now", "says"),
    [
        ("no switchport", "no switchprot", "'no switchprot' may not stand here"),
        ("   no shutdown\n", "", None),
        ("ip address 10.0.0.0/31", "ip address 10.0.0.0", "may not stand here"),
        ("neighbor 10.0.0.1 peer group FABRIC", "neighbor 10.0.0.1 peer group FABRICS", "no peer-group FABRICS"),
        ("no ip routing vrf MGMT", "no ip routing vrf OOB", "no vrf OOB"),
        ("interface Loopback0", "interface Ethernet1/1", "interface Ethernet1/1 stands in line 7 already"),
        ("   address-family ipv4", "   address-family ipx", "'address-family ipx' may not stand here"),
        ("hostname leaf01", "hostname leaf01\n   shutdown", "'hostname leaf01' opens no block"),
        ("service routing", "   service routing", "line 0: 'the beginning' opens no block"),
        ("   no shutdown\n", "   no shutdown\n      mtu 9000\n   no shut\n", "'no shut' may not stand here"),
    ],
)
def test_each_kind_of_break_is_named(was: str, is_now: str, says: str | None):
    broken = problems(GOOD.replace(was, is_now, 1))
    assert (says is None and broken == []) or any(says and says in problem for problem in broken)


def test_a_problem_names_its_line():
    assert problems(GOOD.replace("no switchport", "no routing")) == ["line 10: 'no routing' may not stand here"]


def test_a_hidden_name_in_a_reference_is_no_reference():
    text = GOOD.replace("neighbor FABRIC activate", "neighbor FABRIC activate   ")
    assert problems(text) == []
