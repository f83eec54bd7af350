"""A small project in a temporary folder, and a way to run the command line in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gigasite.cli.app import app
from gigasite.cli.starter import PROGRAM, PROJECT_FILE

SITE = """\
schema_version: 1
name: lab
location: {grid: ercot, altitude_m: 300, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}
standards: {electrical: nec, frequency_hz: 60}
power:
  utility: {voltage_kv: 34.5, circuits: 2, available_mw: 5}
  blocks: {topology: 4N3R, unit_kw: 1500, rack_voltage_v: 415}
network:
  supernets: {compute: 10.64.0.0/14, storage: 10.68.0.0/14, inband: 10.36.0.0/14, oob: 10.32.0.0/14}
pools:
  - {name: train, system: dgx-h100, scalable_units: 1}
"""

Run = Callable[..., Result]


def make_project(root: Path, site: str = SITE) -> Path:
    """A project with the one site `lab`."""
    (root / "stacks" / "lab").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text(PROJECT_FILE)
    (root / "stacks" / "__main__.py").write_text(PROGRAM)
    (root / "stacks" / "Pulumi.lab.yaml").write_text("config:\n  sites:site: lab/site.yaml\n")
    (root / "stacks" / "lab" / "site.yaml").write_text(site)
    return root


def invoke(*arguments: str, **extra: str | None) -> Result:
    """Runs the command line in this process, with stdout and stderr apart."""
    return CliRunner().invoke(app, list(arguments), input=extra.get("input"))


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "GIGASITE_BLOBS", "GIGASITE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test: a project with the site `lab`, never brought up."""
    monkeypatch.chdir(make_project(tmp_path))
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Runs the command line inside the project."""
    return invoke
