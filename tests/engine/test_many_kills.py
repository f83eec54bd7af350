"""Hundreds of kills at random moments of up, destroy and refresh: nothing lost, nothing made twice, no manual step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def killed(root: Path, kills: int, seed: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.killing", str(root / "place"), str(kills), str(seed)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr[-3000:]}"
    counts: dict[str, int] = json.loads(done.stdout)["kills"]
    return counts


def test_twenty_kills(tmp_path: Path) -> None:
    assert sum(killed(tmp_path, 20, seed=1).values()) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_fifty_kills(tmp_path: Path, seed: int) -> None:
    assert sum(killed(tmp_path, 50, seed).values()) >= 50
