"""The schema of the package: kept as a file, described throughout, with enumerations where words are few."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigasite.provider.schema import SCHEMA_FILE

SCHEMA = json.loads(SCHEMA_FILE.read_text())


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for token, resource in SCHEMA["resources"].items():
        for side in ("inputProperties", "properties"):
            yield from ((f"{token}.{name}", item) for name, item in resource.get(side, {}).items())
    for token, type_ in SCHEMA["types"].items():
        yield from ((f"{token}.{name}", item) for name, item in type_.get("properties", {}).items())


def test_the_file_is_what_the_components_say() -> None:
    command = [sys.executable, "-m", "gigasite.provider.schema"]  # in a process that knows no kinds of tests
    wanted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert SCHEMA_FILE.read_text() == wanted, "write it anew: python -m gigasite.provider.schema"


def test_everything_is_described() -> None:
    assert [name for name, item in properties() if not item.get("description")] == []
    described = {**SCHEMA["resources"], **SCHEMA["types"]}
    assert [token for token, item in described.items() if not item.get("description")] == []


def test_words_of_which_there_are_few_are_enumerations() -> None:
    found = dict(properties())
    purpose = found["gigasite:index:NodePool.purpose"]
    assert purpose["$ref"] == "#/types/gigasite:index:Purpose"
    assert {word["value"] for word in SCHEMA["types"]["gigasite:index:Purpose"]["enum"]} == {
        *("training", "inference", "development")
    }
    assert found["gigasite:index:Fabric.roles"]["items"]["$ref"] == "#/types/gigasite:index:Role"
    for type_ in SCHEMA["types"].values():
        names = [word["name"] for word in type_.get("enum", ())]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) for name in names), names


def test_every_reference_leads_to_a_type() -> None:
    for token in re.findall(r'"#/types/([^"]+)"', SCHEMA_FILE.read_text()):
        assert token in SCHEMA["types"]


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH: get-schema was not tried")
def test_the_cli_reads_it_from_the_plugin(tmp_path: Path) -> None:
    plugin = Path(sys.prefix) / "bin" / "pulumi-resource-gigasite"
    done = subprocess.run(["pulumi", "package", "get-schema", str(plugin)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == SCHEMA
