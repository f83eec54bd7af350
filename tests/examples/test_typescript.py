"""The example in TypeScript on the real CLI: the package comes from the plugin, the program compiles and comes up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "stacks" / "examples" / "typescript"
TOOLS = ("pulumi", "pulumi-language-nodejs", "node", "npm")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not on PATH, so TypeScript was not tried: {', '.join(MISSING)}"),
]


def test_the_package_compiles_and_its_components_come_up(tmp_path: Path) -> None:
    root = tmp_path / "typescript"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("node_modules", "sdks", ".state"))
    binaries = Path(sys.prefix) / "bin"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    environment |= {
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    run("pulumi", "package", "add", str(binaries / "pulumi-resource-gigasite"))
    run("npx", "--no-install", "tsc", "--noEmit")
    run("pulumi", "stack", "init", "dev")
    run("pulumi", "up", "--yes", "--non-interactive")
    outputs = json.loads(run("pulumi", "stack", "output", "--json"))
    assert (outputs["switches"], outputs["gpus"], len(outputs["racks"])) == (48, 1016, 32)
    run("pulumi", "up", "--yes", "--non-interactive", "--expect-no-changes")
    run("pulumi", "destroy", "--yes", "--non-interactive")
