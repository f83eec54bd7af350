"""The playbooks run on the inventory that the exports write, and say what is not as designed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gigasite.assets import asset_folder
from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.exports.inventory import node_inventory
from gigasite.spec.loader import load_text

GPU, INFINIBAND, ETHERNET, BRIDGE = (
    ("0x030200", "0x10de"),
    ("0x020700", "0x15b3"),
    ("0x020000", "0x15b3"),
    ("0x068000", "0x10de"),
)


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inventory of two DGX H100 nodes, as `up` would write it."""
    text = "{name: v, pools: [{name: train, system: dgx-h100, nodes: 2}]}"
    catalog = load_catalog()
    folder = tmp_path_factory.mktemp("inventory")
    for path, content in node_inventory(expand(load_text(text, "v", catalog).spec, catalog), "train").files.items():
        (folder / path).write_text(content)
    return folder


def _sysfs(root: Path, gpus: int, ports: int) -> Path:
    """What a kernel shows of a machine with that many accelerators and ports, NVSwitches and virtual ports beside."""
    functions = [GPU] * gpus + [BRIDGE] * 4 + [INFINIBAND] * (ports - ports // 3) + [ETHERNET] * (ports // 3)
    devices = root / "bus" / "pci" / "devices"
    for number, (kind, vendor) in enumerate([*functions, ETHERNET]):
        device = devices / f"0000:{number:02x}:00.0"
        device.mkdir(parents=True)
        (device / "class").write_text(f"{kind}\n")
        (device / "vendor").write_text(f"{vendor}\n")
    (devices / f"0000:{len(functions):02x}:00.0" / "physfn").mkdir()
    return root


def _run(inventory: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    environment = {
        **kept,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(home / "ansible"),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory), *arguments]
    # Ansible takes no interpreter with a space in its path; the environment may lie in such a folder.
    command += ["-c", "local", "-e", f"ansible_python_interpreter={Path(sys.executable).resolve()}"]
    return subprocess.run(
        [*command, str(asset_folder("playbooks") / "verify.yml")],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_nodes_as_designed_pass_and_nothing_is_changed(inventory: Path, tmp_path: Path) -> None:
    sysfs = _sysfs(tmp_path / "sys", gpus=8, ports=12)
    done = _run(inventory, tmp_path, "-e", f"verify_sysfs={sysfs}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=0" in done.stdout
    assert "ok=3" in done.stdout


def test_a_missing_accelerator_is_told_with_its_rack(inventory: Path, tmp_path: Path) -> None:
    sysfs = _sysfs(tmp_path / "sys", gpus=7, ports=11)
    done = _run(inventory, tmp_path, "-e", f"verify_sysfs={sysfs}", "--limit", "pool_train_su_001")
    assert done.returncode == 2
    told = " ".join(done.stdout.split())
    assert "7 accelerators where the design has 8" in told
    assert "11 network ports where the design cables 12" in told
    assert "rack v-train-su001-r01" in told


def test_another_inventory_is_refused_with_what_to_use(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("nodes: {hosts: {somebody: {}}}\n")
    done = _run(tmp_path / "hosts.yml", tmp_path)
    assert done.returncode == 2
    assert "inventory below the stack's build folder" in " ".join(done.stdout.split())
