"""Prints the table of scale and speed: what was measured here and now, beside its target and its counterparts.

    python -m benchmarks [--without-cli]

Where the Pulumi CLI is on PATH its times stand beside those of the embedded engine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from benchmarks.energy import energy_rows
from benchmarks.failures import failure_rows
from benchmarks.sites import Row, design_rows, large_rows, shell_rows
from benchmarks.switches import switch_rows

UP_TARGET_S = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--without-cli", action="store_true", help="leave the Pulumi CLI out, which takes minutes")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    print(f"{'what':<58} {'measured':>9} {'target':>7}  beside")
    parts = (
        design_rows(),
        large_rows(),
        switch_rows(),
        failure_rows(),
        energy_rows(),
        shell_rows(without_cli=options.without_cli),
        engine_rows(without_cli=options.without_cli),
    )
    for row in chain.from_iterable(parts):
        target = "" if row.target_s is None else f"{row.target_s:.1f} s"
        print(f"{row.what:<58} {row.measured_s:>7.2f} s {target:>7}  {row.beside}".rstrip(), flush=True)


def engine_rows(*, without_cli: bool) -> Iterator[Row]:
    """1,000 resources on the embedded engine, the SDK's own floors, and the CLI."""
    script = Path(__file__).with_name("engine_up.py")
    command = [sys.executable, str(script), "--format", "json", *(["--without-cli"] if without_cli else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    for row in json.loads(done.stdout):
        work = row.get("work_s")
        beside = "" if work is None else f"{work:.2f} s of work"
        target = UP_TARGET_S if row["what"] == "embedded: up of a new stack" else None
        yield Row(f"1,000 resources, {row['what']}", row["wall_s"], target, beside)


if __name__ == "__main__":
    main()
