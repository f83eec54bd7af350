"""What SONiC's `config` and `show` do to ConfigDB, with checkpoints: a script that a test's switch has on its PATH.

The name that it is called by decides. Tables outside of a short list are refused, as YANG models would; a management
port that is down cuts the switch off.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

STORE = Path("/var/lib/sonic")
TABLES = {"DEVICE_METADATA", "PORT", "BGP_NEIGHBOR", "MGMT_PORT", "MGMT_INTERFACE", "LOOPBACK_INTERFACE"}


def main(command: str, words: list[str]) -> None:
    running, startup = STORE / "running.json", STORE / "config_db.json"
    if (command, words) == ("show", ["runningconfiguration", "all"]):
        print(running.read_text())
        return
    match words:
        case ["replace", "--dry-run", file]:
            _checked(Path(file))
        case ["replace", file]:
            _run(running, _checked(Path(file)))
        case ["checkpoint", name]:
            _checkpoint(name).write_text(running.read_text())
        case ["rollback", name]:
            _run(running, _checkpoint(name).read_text())
        case ["delete-checkpoint", name]:
            _checkpoint(name).unlink()
        case ["save", "-y"]:
            startup.write_text(running.read_text())
        case _:
            _refuse(f"no such command: {words}")


def _checked(file: Path) -> str:
    text = file.read_text()
    unknown = sorted(set(json.loads(text)) - TABLES)
    if unknown:
        _refuse(f"Failed to replace config. Given config is not valid: {', '.join(unknown)}")
    return text


def _run(running: Path, text: str) -> None:
    running.write_text(text)
    down = json.loads(text).get("MGMT_PORT", {}).get("eth0", {}).get("admin_status") == "down"
    subprocess.run(["ip", "link", "set", "eth0", "down" if down else "up"], check=True)


def _checkpoint(name: str) -> Path:
    return STORE / f"{name}.cp.json"


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main(Path(sys.argv[0]).name, sys.argv[1:])
