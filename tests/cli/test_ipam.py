"""`gigasite ipam`: what it prints is a part of a site file that the site then takes."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from .conftest import SITE, Run


def first_port(run: Run, project: Path) -> tuple[str, str, str]:
    """A device and management interface of the site with its address."""
    run("design", "lab", "--tables", "out")
    rows = (project / "out" / "addresses.csv").read_text().splitlines()
    found = [row.split(",") for row in rows if ",management," in row]
    return found[0][0], found[0][1], found[0][4]


def test_the_entries_are_taken_by_the_site_and_the_second_import_finds_nothing_to_do(run: Run, project: Path) -> None:
    device, interface, address = first_port(run, project)
    other = address.rpartition(".")[0] + ".13"
    (project / "held.csv").write_text(f"IP Address,Parent Object,Interface\n{other}/26,{device},{interface}\n")
    found = run("ipam", "lab", "held.csv")
    assert found.exit_code == 0, found.stderr
    section = yaml.safe_load(found.stdout)["network"]
    assert {"device": device, "interface": interface, "address": other} in section["allocations"]
    site = yaml.safe_load(SITE)
    site["network"].update(section)
    (project / "stacks" / "lab" / "site.yaml").write_text(yaml.safe_dump(site))
    again = json.loads(run("ipam", "lab", "held.csv", "--format", "json").stdout)
    assert again["network"] == section
    assert again["does_not_fit"] == []


def test_what_does_not_fit_is_on_stderr_and_the_exit_code_is_1(run: Run, project: Path) -> None:
    device, interface, _ = first_port(run, project)
    (project / "held.json").write_text(
        json.dumps([{"address": "192.0.2.1/24", "device": device, "interface": interface}])
    )
    found = run("ipam", "lab", "held.json")
    assert found.exit_code == 1
    assert "does not fit: 192.0.2.1" in found.stderr


def test_a_file_that_is_no_export_is_one_sentence(run: Run, project: Path) -> None:
    (project / "odd.bin").write_bytes(b"\xff\xfe\x00")
    found = run("ipam", "lab", "odd.bin")
    assert found.exit_code != 0
    assert "Traceback" not in found.stderr
    assert "odd.bin" in found.stderr
