"""What switches and hosts are set to where the site does not say, and where each value comes from."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gigasite.design.model import Design, Origin
from gigasite.spec.pools import FabricSpec
from tests.design.sites import design, pool


def site(**fabric: Any) -> Design:
    return design(
        pool("dgx-h100"),
        fabrics={"compute": {"roles": ["compute"], **fabric}, "storage": {"roles": ["storage"], "switch": "sn4600c"}},
    )


def setting(found: Design, path: str) -> tuple[Any, Origin]:
    (one,) = [s for s in found.settings if s.path == path]
    return one.value, one.origin


@pytest.mark.parametrize(
    ("switch", "os", "origin", "spreads"),
    [
        ("sn5600", "nvue", Origin.CATALOG, True),
        ("7060x6-64pe", "eos", Origin.CATALOG, False),
        ("qm9700", "opensm", Origin.DERIVED, None),
        ("slingshot-200g-64p", "sonic", Origin.ASSUMPTION, False),
    ],
)
def test_a_fabric_runs_what_its_leaf_switch_is_delivered_with(
    switch: str, os: str, origin: Origin, spreads: bool | None
) -> None:
    found = site(switch=switch)
    policy = found.fabrics["compute"].policy
    assert policy is not None
    assert policy.os == os
    assert setting(found, "fabrics.compute.os") == (os, origin)
    assert (policy.qos.adaptive_routing if policy.qos else None) == spreads


def test_a_switch_that_nobody_says_to_spread_packets_does_not() -> None:
    storage = site(switch="sn5600").fabrics["storage"].policy
    assert storage is not None
    assert storage.qos is not None
    assert storage.qos.adaptive_routing is False


def test_thresholds_are_those_that_were_published() -> None:
    found = site(switch="sn5600")
    assert setting(found, "fabrics.compute.qos.ecn_min_kbyte") == (150, Origin.CATALOG)
    assert setting(found, "fabrics.compute.qos.ecn_max_kbyte") == (1500, Origin.CATALOG)
    assert setting(found, "fabrics.compute.qos.pfc_watchdog_ms")[1] is Origin.ASSUMPTION


def test_a_lossy_fabric_has_no_watchdog() -> None:
    policy = site(switch="sn5600", qos={"profile": "lossy", "pfc_watchdog_ms": 300}).fabrics["compute"].policy
    assert policy is not None
    assert policy.qos is not None
    assert (policy.qos.lossless, policy.qos.pfc_watchdog_ms) == (False, None)


@pytest.mark.parametrize(
    ("fabric", "engine"),
    [
        ({}, "ftree"),
        ({"routing_engine": "updn"}, "updn"),
        ({"topology": "dragonfly", "dragonfly": {"group": "leaf-spine"}}, "dfp"),
        ({"topology": "dragonfly", "dragonfly": {"group": "full-mesh"}}, "dfsssp"),
    ],
)
def test_an_infiniband_fabric_has_the_engine_of_its_topology(fabric: dict[str, Any], engine: str) -> None:
    policy = site(switch="qm9700", **fabric).fabrics["compute"].policy
    assert policy is not None
    assert (policy.routing_engine, policy.qos) == (engine, None)


@pytest.mark.parametrize(
    "qos",
    [{"priority": 3, "cnp_priority": 3}, {"dscp": 26, "cnp_dscp": 26}, {"ecn_min_kbyte": 200, "ecn_max_kbyte": 100}],
)
def test_values_that_contradict_each_other_are_refused(qos: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FabricSpec.model_validate({"roles": ["compute"], "qos": qos})
