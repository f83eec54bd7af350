"""Configurations as text: complete, strict, and refused where they are broken."""

from __future__ import annotations

import subprocess

import pytest

from gigasite.render.switch.render import configurations, rendered
from gigasite.render.switch.validate import problems
from tests.realparts.debian import need
from tests.switches.fabrics import design_of
from tests.switches.variants import everything


@pytest.fixture(scope="module")
def frr():
    design, catalog = design_of("frr")
    return configurations(design, catalog, "compute")


def test_every_switch_of_the_fabric_has_its_files(frr):
    design, _ = design_of("frr")
    switches = design.tables.devices.filter(fabric="compute", kind="switch")["device"]
    assert list(frr) == sorted(switches)
    assert all("frr.conf" in files for files in frr.values())


def test_the_same_design_gives_the_same_bytes(frr):
    design, catalog = design_of("frr")
    assert configurations(design, catalog, "compute") == frr


@pytest.mark.parametrize(
    ("good", "broken", "problem"),
    [
        ("  maximum-paths 32", "  maximum-paths 300", "maximum-paths 300"),
        (" neighbor swp33s0 interface remote-as", " neighbour swp33s0 interface remote-as", "neighbour swp33s0"),
        ("route-map FABRIC in", "route-map FABRICS in", "no route-map FABRICS"),
        ("neighbor swp33s0 peer-group UP", "neighbor swp99s0 peer-group UP", "no interface swp99s0"),
    ],
)
def test_a_broken_frr_configuration_is_refused(frr, good, broken, problem):
    text = frr["test-compute-train-su001-leaf01"]["frr.conf"]
    assert problems("frr", text) == ()
    assert good in text
    assert any(problem in found for found in problems("frr", text.replace(good, broken, 1)))


def test_a_switch_with_everything_passes_the_check_of_frr_and_frr_itself(tmp_path):
    text = rendered(everything("frr"))["frr.conf"]
    assert problems("frr", text) == ()
    need("frr", "frr-pythontools")
    file = tmp_path / "frr.conf"
    file.write_text(text)
    done = subprocess.run(["vtysh", "-C", "-f", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
