"""A site's own catalog folder, written file by file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gigasite.catalog import load_catalog
from gigasite.errors import Finding, FindingsError

Write = Callable[[str, str | bytes], Path]
Faults = Callable[[], tuple[Finding, ...]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "catalog"
    path.mkdir()
    return path


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes `systems/x.yaml` into the folder."""

    def into(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return into


@pytest.fixture
def faults(folder: Path) -> Faults:
    """The findings that loading the folder ends with."""

    def found() -> tuple[Finding, ...]:
        with pytest.raises(FindingsError) as caught:
            load_catalog(folder)
        return caught.value.findings

    return found
