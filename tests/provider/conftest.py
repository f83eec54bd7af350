"""A project of its own for every test of the provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gigasite.provider.location import working_in


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a Pulumi.yaml with a file backend in `.state`; it is the working project meanwhile."""
    for variable in ("PULUMI_BACKEND_URL", "GIGASITE_BLOBS"):
        monkeypatch.delenv(variable, raising=False)
    root = tmp_path / "project"
    root.mkdir()
    (root / "Pulumi.yaml").write_text("name: sites\nruntime: python\nbackend: {url: 'file://.state?create_dir=true'}\n")
    with working_in(root):
        yield root
