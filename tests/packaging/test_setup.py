"""`make setup` says what a machine lacks, and does nothing when nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "cat", "cksum", "tr", "mkdir")

OLD = '#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n'
WITHOUT_ENSUREPIP = f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A clone, in a folder with a space, on a machine with a shell and nothing else."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    clone = tmp_path / "a clone"
    (clone / ".ci").mkdir(parents=True)
    shutil.copy(CLONE / ".ci" / "setup", clone / ".ci")
    for name in ("requirements.lock", "pyproject.toml"):
        (clone / name).write_text("\n")
    return tmp_path


def _script(machine: Path, name: str, text: str) -> None:
    script = machine / "bin" / name
    script.write_text(text)
    script.chmod(0o755)


def _setup(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "bin"), "HOME": ""}
    command = ["sh", str(machine / "a clone" / ".ci" / "setup")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_machine_without_python_is_told_which_one_it_needs(machine: Path) -> None:
    done = _setup(machine)
    assert done.returncode == 1
    assert "needs Python 3.11 or later" in done.stderr


def test_an_old_python_is_named_and_left_alone(machine: Path) -> None:
    _script(machine, "python3", OLD)
    done = _setup(machine)
    assert done.returncode == 1
    assert "Python 3.9.2" in done.stderr
    assert not (machine / "a clone" / ".venv").exists()


def test_a_python_without_ensurepip_is_told_what_to_install(machine: Path) -> None:
    _script(machine, "python3", WITHOUT_ENSUREPIP)
    done = _setup(machine)
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_a_later_python_beside_an_old_one_is_taken(machine: Path) -> None:
    _script(machine, "python3", OLD)
    _script(machine, "python3.11", WITHOUT_ENSUREPIP)
    assert "python3-venv" in _setup(machine).stderr


def test_nothing_happens_when_nothing_changed(machine: Path) -> None:
    """Every call of the environment's own Python would be one of pip: here it fails."""
    _script(machine, "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    clone = machine / "a clone"
    (clone / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("false") or "/bin/false", clone / ".venv" / "bin" / "python")
    version = subprocess.run([sys.executable, "-VV"], capture_output=True, text=True, check=True).stdout
    (clone / ".venv" / ".setup-place").write_text(f"{version.replace(os.linesep, ' ')} {clone}\n")
    for name, file in (("lock", "requirements.lock"), ("project", "pyproject.toml")):
        summed = subprocess.run(["cksum"], stdin=(clone / file).open(), capture_output=True, text=True, check=True)
        (clone / ".venv" / f".setup-{name}").write_text(summed.stdout)
    done = _setup(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (clone / "pyproject.toml").write_text("changed\n")
    assert _setup(machine).returncode == 1
