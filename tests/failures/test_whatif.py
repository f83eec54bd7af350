"""`gigasite whatif`: losses played from the shell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gigasite.cli.app import app

SITE = "name: lab\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n"
WEAK = SITE + "power: {mechanical: {redundancy: N}}\n"


@pytest.fixture
def site(tmp_path: Path) -> str:
    file = tmp_path / "site.yaml"
    file.write_text(SITE)
    return str(file)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["whatif", *arguments])


def test_a_block_of_two_leaves_everything_running(site: str) -> None:
    shown = run(site, "--lose", "power.blocks.b2")
    assert shown.exit_code == 0
    assert "Nothing goes dark" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_both_blocks_stop_the_site(site: str) -> None:
    told = run(
        site, "--lose", "power.blocks.b2", "--while", "power.blocks.b1", "--lose", "power.blocks.b3", "--format", "json"
    )
    assert told.exit_code == 1
    document = json.loads(told.stdout)
    assert document["while"] == ["power.blocks.b1"]
    assert not document["harmless"]
    gpus = {pool["pool"]: pool["gpus"] for pool in document["pools"]}
    assert gpus["train"] == 64


def test_without_a_name_the_worst_losses_are_listed_and_the_promise_judged(site: str, tmp_path: Path) -> None:
    shown = run(site, "--pairs")
    assert shown.exit_code == 0
    assert "The promise is kept." in shown.stdout
    assert "Losses while another is out" in shown.stdout
    weak = tmp_path / "weak.yaml"
    weak.write_text(WEAK)
    broken = run(str(weak))
    assert broken.exit_code == 1
    assert "The promise is broken" in broken.stdout
    document = json.loads(run(str(weak), "--format", "json").stdout)
    assert document["kept"] is False
    assert {"name", "kind", "maintainable", "dark_rack_count"} <= set(document["singles"][0])


def test_a_wrong_name_is_wrong_use(site: str) -> None:
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("gigasite")), "whatif", site, "--lose", "power.blocks.b9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 2
    assert "nothing of this site is called 'power.blocks.b9'" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_real_command_plays_a_loss(site: str) -> None:
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("gigasite")), "whatif", site, "--lose", "racks.*", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 1, shown.stderr
    assert len(json.loads(shown.stdout)["dark_racks"]) == 5
