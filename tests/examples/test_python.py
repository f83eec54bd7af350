"""The examples of stacks/examples, each brought up as its reader would, on the embedded engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunResult
from gigasite.engine.project import Project

STACKS = Path(__file__).resolve().parents[2] / "stacks"
EXAMPLES = STACKS / "examples"


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Brings up one stack of a copy of an example; all copies share a backend."""
    for variable in ("PULUMI_CONFIG_PASSPHRASE_FILE", "GIGASITE_BLOBS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}?create_dir=true")

    def bring(folder: Path, stack: str = "dev") -> RunResult:
        root = tmp_path / folder.name
        if not root.exists():
            shutil.copytree(folder, root, ignore=shutil.ignore_patterns(".state", ".build", "__pycache__"))
        project, engine = Project.load(root), LocalEngine()
        engine.init(project, stack)
        monkeypatch.chdir(root)
        monkeypatch.syspath_prepend(str(root))
        result = engine.up(project, stack)
        assert not engine.preview(project, stack).changed_steps
        return result

    return bring


def test_a_fabric_alone(up: Any, tmp_path: Path) -> None:
    outputs = up(EXAMPLES / "fabric-alone").outputs
    assert outputs["switches"] == 48  # NVIDIA's SuperPOD of 4 SU: 32 leaves, 16 spines
    assert (tmp_path / "fabric-alone/.build/dev/compute/fabrics/compute").is_dir()


def test_a_pool_in_a_hall_that_is_there(up: Any) -> None:
    outputs = up(EXAMPLES / "pool-in-a-hall").outputs
    assert outputs["nodes"] == 16
    assert len(outputs["racks"]) == 8
    assert outputs["it_kw"] == pytest.approx(16 * 10.2)
    assert outputs["fits"] is True


def test_two_sites_share_a_module(up: Any) -> None:
    north, south = (up(EXAMPLES / "two-sites", stack).outputs for stack in ("north", "south"))
    assert north["gpus"] > south["gpus"] > 0
    assert north["switches"] > south["switches"]


def test_a_platform_takes_the_figures_of_a_site(up: Any, tmp_path: Path) -> None:
    root = tmp_path / "sites"
    root.mkdir()
    for name in ("__main__.py", "Pulumi.superpod-h100.yaml", "superpod-h100"):
        source = STACKS / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    (root / "Pulumi.yaml").write_text("name: sites\nruntime: python\n")
    site = up(root, "superpod-h100").outputs
    outputs = up(EXAMPLES / "platform").outputs
    assert outputs["gpus"] == site["gpu_count"]
    values = json.loads((tmp_path / "platform/.build/dev/platform/values.json").read_text())
    assert values["nodePools"][0]["system"] == "dgx-h100"
    assert values["computeFabrics"] == ["compute"]


def test_every_example_is_named_in_the_readme() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir() and (path / "Pulumi.yaml").exists()}
    readme = (EXAMPLES / "README.md").read_text()
    assert folders == {name for name in folders if f"[{name}](" in readme}
