"""How a new Cumulus switch finds its configuration: by HTTPS alone, and nothing without the right checksum."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from gigasite.render.switch.ztp import ztp_files

SERVER = "https://provision.example.com/switches"
# Stand-ins for the commands of the switch: `curl` reads a folder, `nv` notes what it is told.
COMMANDS = {
    "decode-syseeprom": 'printf "Product Name  0x21  7 SN5600\\nSerial Number 0x23 12 MT0000X00001\\n"',
    "curl": 'while [ "$1" != --output ]; do shift; done; cp "$SERVED/${3#*/switches/}" "$2"',
    "nv": 'echo "$@" >> "$NOTED"',
}


@pytest.fixture
def switch(tmp_path: Path) -> Path:
    for name, body in COMMANDS.items():
        command = tmp_path / "bin" / name
        command.parent.mkdir(exist_ok=True)
        command.write_text(f"#!/bin/sh\n{body}\n")
        command.chmod(0o755)
    served = tmp_path / "served" / "by-serial" / "MT0000X00001"
    served.mkdir(parents=True)
    (served / "startup.yaml").write_text("- set: {}\n")
    return tmp_path


def provision(switch: Path, digest: str) -> subprocess.CompletedProcess[str]:
    served = switch / "served" / "by-serial" / "MT0000X00001"
    (served / "startup.yaml.sha256").write_text(f"{digest}  startup.yaml\n")
    environment = {
        "PATH": f"{switch / 'bin'}:/usr/bin:/bin",
        "SERVED": str(switch / "served"),
        "NOTED": str(switch / "noted"),
    }
    script = ztp_files("nvue", SERVER)["ztp.sh"]
    return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)


def test_the_switch_applies_the_configuration_of_its_serial_number(switch: Path) -> None:
    done = provision(switch, hashlib.sha256(b"- set: {}\n").hexdigest())
    assert done.returncode == 0, done.stderr
    assert (switch / "noted").read_text().splitlines() == [
        "config replace startup.yaml",
        "config apply --assume-yes",
        "config save",
    ]


def test_a_configuration_with_another_checksum_is_not_applied(switch: Path) -> None:
    assert provision(switch, "0" * 64).returncode != 0
    assert not (switch / "noted").exists()


def test_the_script_bears_the_mark_and_speaks_https_alone() -> None:
    script = ztp_files("nvue", SERVER)["ztp.sh"]
    assert "# CUMULUS-AUTOPROVISIONING" in script
    assert "--proto '=https'" in script
    assert "http://" not in script
