"""A project with a file backend, the embedded engine, and a world that it works on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from gigasite.engine.local import LocalEngine
from gigasite.engine.model import Event, RunOptions, RunResult
from gigasite.engine.project import Project
from gigasite.engine.secrets import Vault
from tests.engine.world import WORLD, WORLD_VARIABLE, World


@dataclass
class Bench:
    """One stack `dev` of the project `sites`, and short words for what tests do with it."""

    root: Path
    project: Project
    world: World
    stack: str = "dev"
    engine: LocalEngine = field(default_factory=LocalEngine)
    events: list[Event] = field(default_factory=list)
    world_hooks: dict[tuple[str, str], Callable[[], object]] = field(default_factory=dict)  # for runs to come

    def up(self, program: Callable[[], Any] | None = None, **options: Any) -> RunResult:
        return self._run(self.engine.up, program, options)

    def preview(self, program: Callable[[], Any] | None = None, **options: Any) -> RunResult:
        return self._run(self.engine.preview, program, options)

    def destroy(self, **options: Any) -> RunResult:
        return self._run(self.engine.destroy, None, options)

    def refresh(self, **options: Any) -> RunResult:
        return self._run(self.engine.refresh, None, options)

    def preview_refresh(self, **options: Any) -> RunResult:
        return self._run(self.engine.preview_refresh, None, options)

    def preview_destroy(self, **options: Any) -> RunResult:
        return self._run(self.engine.preview_destroy, None, options)

    def _run(self, verb: Any, program: Callable[[], Any] | None, options: dict[str, Any]) -> RunResult:
        self.events.clear()
        self.world.reset()
        self.world.hooks.update(self.world_hooks)
        given = {} if program is None else {"program": program}
        chosen = RunOptions(**options)
        result: RunResult = verb(self.project, self.stack, options=chosen, on_event=self.events.append, **given)
        return result

    @property
    def state_file(self) -> Path:
        return self.root / ".state" / ".pulumi" / "stacks" / "sites" / f"{self.stack}.json"

    @property
    def journal_file(self) -> Path:
        return self.root / ".state" / ".gigasite" / "journal" / "sites" / f"{self.stack}.jsonl"

    @property
    def lock_folder(self) -> Path:
        return self.root / ".state" / ".pulumi" / "locks" / "organization" / "sites" / self.stack

    def latest(self) -> dict[str, Any]:
        latest: dict[str, Any] = json.loads(self.state_file.read_text())["checkpoint"].get("latest", {})
        return latest

    def rows(self) -> dict[str, dict[str, Any]]:
        """The state's resources by name."""
        return {row["urn"].rpartition("::")[2]: row for row in self.latest().get("resources", [])}

    def edit_state(self, edit: Callable[[dict[str, Any]], object] | None = None, name: str = "", **latest: Any) -> None:
        """Changes the row of a resource, or keys of the state, as somebody with an editor would."""
        document = json.loads(self.state_file.read_text())
        document["checkpoint"]["latest"].update(latest)
        for row in document["checkpoint"]["latest"]["resources"]:
            if edit is not None and row["urn"].rpartition("::")[2] == name:
                edit(row)
        self.state_file.write_text(json.dumps(document))

    def history(self) -> list[dict[str, Any]]:
        """Records of runs, the latest first."""
        folder = self.root / ".state" / ".pulumi" / "history" / "sites" / self.stack
        return [json.loads(file.read_text()) for file in sorted(folder.glob("*.history.json"), reverse=True)]


@pytest.fixture
def project_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv(WORLD_VARIABLE, str(tmp_path / "world"))
    root = tmp_path / "project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text(
        "name: sites\nruntime: python\nmain: stacks\nstackConfigDir: stacks\n"
        "backend:\n  url: file://.state?create_dir=true\n"
    )
    return root


@lru_cache(maxsize=1)
def salt_text() -> str:
    """One salt for every test, since deriving a key takes its time on purpose."""
    return Vault.new("correct horse").salt_text


@pytest.fixture
def bench(project_root: Path) -> Bench:
    WORLD.reset()
    (project_root / "stacks" / "Pulumi.dev.yaml").write_text(f"encryptionsalt: {salt_text()}\n")
    made = Bench(project_root, Project.load(project_root), WORLD)
    made.engine.init(made.project, made.stack)
    return made
