"""The wheel alone is enough: installed elsewhere, it designs a site, and another Pulumi project uses `Fabric`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.wheel

PROJECT = """\
name: networks
runtime: python
backend: {url: "file://state?create_dir=true"}
"""
PROGRAM = """\
import pulumi
from gigasite.components import Fabric

fabric = Fabric("lab", {"system": "dgx-h100", "scalable_units": 1, "switch": "qm9700"})
pulumi.export("switches", fabric.switch_count)
"""
DRIVER = """\
import json, pathlib
from gigasite.engine import LocalEngine, Project

project, engine = Project.load(pathlib.Path.cwd()), LocalEngine()
engine.init(project, "dev")
first = engine.up(project, "dev")
again = engine.up(project, "dev")
print(json.dumps({"outputs": dict(first.outputs), "changed": len(again.changed_steps)}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CLONE, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an empty environment with the wheel and, at their locked versions, what it depends on."""
    folder = tmp_path_factory.mktemp("elsewhere with a space")
    venv.create(folder / "env", with_pip=True)
    pins = re.findall(r"^([\w.-]+==[^ \\]+)( ; [^\\]+)?", (CLONE / "requirements.lock").read_text(), re.MULTILINE)
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{pin}{marker}\n" for pin, marker in pins))
    python = folder / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(constraints)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return python.parent


def _run(command: list[str], folder: Path, timeout_s: float = 120) -> str:
    environment = {"PATH": os.defpath, "HOME": str(folder), "PULUMI_CONFIG_PASSPHRASE": ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_catalog_pages_templates_and_playbooks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "gigasite/catalog/systems/dgx-h100.yaml",
        "gigasite/checks/pages/PWR101.md",
        "gigasite/_bundled/templates/report/design.md.j2",
        "gigasite/_bundled/playbooks/verify.yml",
        "gigasite/_bundled/playbooks/roles/verify/tasks/main.yml",
        "gigasite/py.typed",
    ):
        assert name in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_the_installed_command_designs_a_site_and_finds_its_files(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("name: lab\npools: [{name: train, system: dgx-h100, nodes: 32}]\n")
    summary = json.loads(_run([str(installed / "gigasite"), "design", "site.yaml", "--format", "json"], tmp_path))
    assert summary["pools"]["train"]["gpus"] == 256
    script = "from gigasite.assets import asset_folder as f; print(f('templates'), f('playbooks'), f('catalog'))"
    assert str(CLONE) not in _run([str(installed / "python"), "-c", script], tmp_path)


def test_another_pulumi_project_uses_a_fabric_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    done = json.loads(_run([str(installed / "python"), "-c", DRIVER], tmp_path).splitlines()[-1])
    assert done == {"outputs": {"switches": 12}, "changed": 0}
    assert (tmp_path / ".build/dev/lab/fabrics/lab/leaf-nodes-su-001/cables.csv").is_file()


def test_the_plugin_is_installed_with_it(installed: Path, tmp_path: Path) -> None:
    script = "from gigasite.provider.schema import package_schema; print(*package_schema()['resources'])"
    tokens = _run([str(installed / "python"), "-c", script], tmp_path).split()
    assert {"gigasite:files:Tree", "gigasite:index:Fabric", "gigasite:index:Site"} <= set(tokens)
    assert os.access(installed / "pulumi-resource-gigasite", os.X_OK)
