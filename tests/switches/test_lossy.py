"""A fabric that is not lossless: packets are marked, and nothing is paused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gigasite.design.hosts.qos import host_qos
from gigasite.render.switch.render import configurations
from gigasite.render.switch.validate import problems
from tests.switches.fabrics import QOS, design_of
from tests.switches.variants import MODELS

LOSSY = replace(QOS, lossless=False, pfc_watchdog_ms=None)
PAUSES = {
    "eos": ("priority-flow-control", "no_drop"),
    "nvue": ("pfc:", "mode: lossless"),
    "sonic": ("pfc_enable", 'egress_lossless_profile"}}', '"NULL"'),
}
MARKS = {"eos": "random-detect ecn", "nvue": "ecn: enable", "sonic": "ecn_all"}


def texts(os: str, lossless: bool) -> dict[str, str]:
    design, catalog = design_of(os, fabric={"switch": MODELS.get(os, "sn5600")}, qos=QOS if lossless else LOSSY)
    files = next(iter(configurations(design, catalog, "compute").values()))
    assert not problems(os, next(iter(files.values())))
    return dict(files)


@pytest.mark.parametrize("os", sorted(PAUSES))
def test_nothing_is_paused_and_packets_are_marked(os: str) -> None:
    lossless, lossy = ("\n".join(texts(os, kind).values()) for kind in (True, False))
    assert any(word in lossless for word in PAUSES[os])
    assert not any(word in lossy for word in PAUSES[os])
    assert MARKS[os] in lossless
    assert MARKS[os] in lossy


def test_hosts_pause_nothing_either() -> None:
    assert sum(host_qos(QOS).pfc) == 1
    assert sum(host_qos(LOSSY).pfc) == 0
