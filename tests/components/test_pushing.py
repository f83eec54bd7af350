"""A fabric that pushes: one resource a group of switches, beside the files that it has in any case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from gigasite.components import Fabric, Site
from gigasite.components.planning import Plan
from gigasite.errors import GigasiteError
from tests.switches.fabrics import design_of

SWITCHES = "gigasite:network:SwitchConfig"
ETHERNET = {"fabrics": {"compute": {"roles": ["compute"], "switch": "sn5600"}}}
PUSH: Any = {"user": "admin", "password": "hunter2-hunter2", "confirm_s": 60, "canary_count": 1.0}


def program(os: str | None, **push: Any) -> Callable[[], None]:
    design, catalog = design_of(os)
    args: Any = {"name": "compute", "system": "", **push}
    return lambda: Fabric("f", args, plan=Plan(design, catalog, ".build/dev")) and None


def test_each_group_of_switches_is_pushed_to_where_it_is_managed(bench: Any) -> None:
    steps = [step for step in bench.preview(program("frr", push=PUSH)).steps if step.type == SWITCHES]
    assert [step.name for step in steps] == ["f-leaf-train-su-001-config", "f-spine-plane-1-config"]
    leaves = steps[0].new
    assert len(leaves["devices"]) == 8
    first = leaves["devices"]["test-compute-train-su001-leaf01"]
    at = design_of("frr")[0].tables.addresses.filter(
        (pl.col("device") == "test-compute-train-su001-leaf01") & (pl.col("use") == "management")
    )
    assert {key: first[key] for key in ("os", "address")} == {"os": "frr", "address": at["address"][0]}
    assert leaves["apply"] == "push"
    assert leaves["canaries"] == ["test-compute-train-su001-leaf01"]
    assert leaves["confirmSeconds"] == 60
    assert "hunter2" not in str(leaves)


def test_a_fabric_pushes_nothing_unless_it_is_told_to(bench: Any) -> None:
    assert not [step for step in bench.preview(program("frr")).steps if step.type == SWITCHES]


def test_a_fabric_whose_switches_run_nobody_knows_what_cannot_be_pushed_to(bench: Any) -> None:
    with pytest.raises(GigasiteError, match="nobody says what the switches of fabric compute run"):
        bench.preview(program(None, push=PUSH))


def test_a_setting_that_pushing_does_not_have_is_refused(bench: Any) -> None:
    with pytest.raises(GigasiteError, match="there is no such setting: insecure"):
        bench.preview(program("frr", push={**PUSH, "insecure": True}))


def test_a_site_pushes_to_the_fabrics_that_it_is_told_of(bench: Any) -> None:
    site = {"name": "dev", "pools": [{"name": "train", "system": "dgx-h100", "nodes": 8}], **ETHERNET}
    steps = bench.preview(lambda: Site("dev", {"site": site, "push": {"compute": PUSH}}) and None).steps
    pushed = [step.name for step in steps if step.type == SWITCHES]
    assert pushed
    assert all(name.startswith("dev-compute-") for name in pushed)


def test_a_site_cannot_push_to_a_fabric_that_it_does_not_have(bench: Any) -> None:
    site = {"name": "dev", "pools": [{"name": "train", "system": "dgx-h100", "nodes": 8}], **ETHERNET}
    with pytest.raises(GigasiteError, match="no fabric copmute"):
        bench.preview(lambda: Site("dev", {"site": site, "push": {"copmute": PUSH}}) and None)
