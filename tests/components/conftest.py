"""A project of its own with a stack `dev` on the embedded engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions, RunResult
from gigasite.engine.project import Project

PROJECT = """\
name: sites
runtime: python
main: stacks
stackConfigDir: stacks
backend: {url: "file://.state?create_dir=true"}
"""


@dataclass(frozen=True)
class Bench:
    """Runs programs on one stack."""

    root: Path
    project: Project
    engine: LocalEngine

    def up(self, program: Callable[[], Any], **options: Any) -> RunResult:
        return self.engine.up(self.project, "dev", program=program, options=RunOptions(**options))

    def preview(self, program: Callable[[], Any], **options: Any) -> RunResult:
        return self.engine.preview(self.project, "dev", program=program, options=RunOptions(**options))

    def built(self) -> set[str]:
        """Paths of all files below the stack's build folder."""
        folder = self.root / ".build" / "dev"
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for variable in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "GIGASITE_BLOBS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    project = Project.load(tmp_path)
    engine = LocalEngine()
    engine.init(project, "dev")
    monkeypatch.chdir(tmp_path / "stacks")
    return Bench(tmp_path, project, engine)
