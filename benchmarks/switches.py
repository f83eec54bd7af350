"""How long configurations of switches take: ours, and those of the same devices by Arista's pyavd, in one run.

pyavd is measured twice: from the inputs of its own design of the same Clos (`eos_designs`: names, cables, addresses of
hosts, AS numbers and sessions as ours, without the rules of routes and of RDMA), and from our structured configuration
alone, which it turns into the same lines as we do (tests/switches/test_eos.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from benchmarks.sites import Row

SWITCHES: Final = {"eos": "7060x6-64pe", "sonic": "sn5600", "frr": "sn5600", "nvue": "sn5600"}
"""A switch that each operating system runs on."""
GPU_COUNT: Final = 16_384
LARGE_NODE_COUNT: Final = 16_384
"""Of eight GPUs each: three tiers of about 5,000 switches."""
BESIDE_NODE_COUNT: Final = 64

_SITE = """\
schema_version: 1
name: bench
location: {{grid: ercot, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}}
power: {{utility: {{voltage_kv: 138, available_mw: 60}}}}
pools: [{{name: train, system: dgx-h100, nodes: {nodes}}}]
fabrics: {{compute: {{roles: [compute], switch: {switch}}}}}
network: {{supernets: {{compute: 10.0.0.0/8, oob: 172.16.0.0/12}}}}
"""


def switch_rows() -> Iterator[Row]:
    """From a site file to checked configurations; many configurations; and pyavd beside."""
    for os in SWITCHES:
        started_s = time.perf_counter()
        design, catalog = _design(os, GPU_COUNT // 8)
        count = sum(1 for _ in _files(design, catalog, check=True))
        taken_s = time.perf_counter() - started_s
        links = design.tables.cables.filter(fabric="compute").height
        yield Row(
            f"{GPU_COUNT:,} GPUs: site to checked configurations ({os})",
            taken_s,
            10.0,
            f"{count:,} switches, {links:,} links, catalog included",
        )
    for os in SWITCHES:
        design, catalog = _design(os, LARGE_NODE_COUNT)
        started_s = time.perf_counter()
        count = sum(1 for _ in _files(design, catalog, check=False))
        taken_s = time.perf_counter() - started_s
        yield Row(
            f"{count:,} switch configurations rendered ({os})", taken_s, 30.0, f"{taken_s / count * 1000:.1f} ms each"
        )
    yield from _pyavd_rows()


def _pyavd_rows() -> Iterator[Row]:
    """The same Clos by us and by pyavd."""
    import pyavd
    import yaml

    from benchmarks.avd_inputs import avd_inputs

    design, catalog = _design("eos", BESIDE_NODE_COUNT)
    files: dict[str, Mapping[str, str]] = {}
    ours_s = _seconds(lambda: files.update(_files(design, catalog, check=True)))
    structured = [yaml.safe_load(each["structured-config.yml"]) for each in files.values()]
    from_ours_s = _seconds(lambda: [pyavd.get_device_config(one) for one in structured])
    inputs = avd_inputs(design, catalog, "compute")

    def designed() -> None:
        for one in inputs.values():
            pyavd.validate_inputs(one)
        facts = pyavd.get_avd_facts(inputs)
        for name, one in inputs.items():
            pyavd.get_device_config(pyavd.get_device_structured_config(name, one, facts))

    designed_s = _seconds(designed)
    count = len(files)
    yield Row(
        f"{count} EOS switches: model, lines, structured configuration, check",
        ours_s,
        None,
        f"{ours_s / count * 1000:.1f} ms each",
    )
    for what, taken_s in (
        ("pyavd: its own design of that Clos, to lines", designed_s),
        ("pyavd: lines from our structured configuration", from_ours_s),
    ):
        yield Row(
            f"  {what}", taken_s, None, f"{taken_s / count * 1000:.0f} ms each, {taken_s / ours_s:.0f} times ours"
        )


def _design(os: str, node_count: int) -> tuple[Any, Any]:
    """A design whose compute fabric runs an operating system with RDMA, and its catalog."""
    from gigasite.catalog.load import load_catalog
    from gigasite.design.expand import expand
    from gigasite.design.policy import FabricPolicy, RoceQos
    from gigasite.spec.loader import load_text

    catalog = load_catalog()
    spec = load_text(_SITE.format(nodes=node_count, switch=SWITCHES[os]), catalog=catalog).spec
    design = expand(spec, catalog)
    qos = RoceQos(3, 26, 6, 48, 150.0, 1500.0, 1.0, 0.5, 400, True)
    fabric = replace(design.fabrics["compute"], policy=FabricPolicy(os=os, mtu=9000, qos=qos))
    return replace(design, fabrics={**design.fabrics, "compute": fabric}), catalog


def _files(design: Any, catalog: Any, *, check: bool) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The files of one switch after the other."""
    from gigasite.render.switch.build import switches_in_turn
    from gigasite.render.switch.render import rendered, validate

    for switch in switches_in_turn(design, catalog, "compute"):
        files = rendered(switch)
        if check and (problems := list(validate(switch, files))):
            raise SystemExit(f"broken configuration: {problems[0]}")
        yield switch.name, files


def _seconds(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s
