"""Where the project is, and where its blobs are: one answer for program, plugin and embedded engine.

All three run with the project's main folder as working directory, so the project is found by looking upward
for Pulumi.yaml. A process that must work on another project says so with `working_in`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import yaml

from gigasite.errors import GigasiteError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")
BLOBS_VARIABLE = "GIGASITE_BLOBS"

_chosen_roots: list[Path] = []  # of the process, as the working directory is; the last one counts


@contextmanager
def working_in(root: Path) -> Iterator[None]:
    """Makes `root` the project for the whole process, threads included, until the block ends."""
    chosen = root.resolve()
    _chosen_roots.append(chosen)
    try:
        yield
    finally:
        _chosen_roots.remove(chosen)


def project_root(start: Path | None = None) -> Path:
    """The folder of Pulumi.yaml at or above `start` (by default the working directory).

    Raises GigasiteError where there is none.
    """
    if start is None and _chosen_roots:
        return _chosen_roots[-1]
    begin = (start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if any((folder / name).is_file() for name in PROJECT_FILES):
            return folder
    raise GigasiteError(
        "no Pulumi.yaml here or above",
        path=str(begin),
        hint="run this inside a project, or `gigasite init` one",
    )


def blob_folder(root: Path) -> Path:
    """Where the contents of the project's files are kept.

    Beside the state where the backend is a folder, else in the project; GIGASITE_BLOBS overrides both.
    Relative folders count from the folder of Pulumi.yaml.
    """
    override = os.environ.get(BLOBS_VARIABLE)
    if override:
        return (root / Path(override).expanduser()).resolve()
    return (backend_folder(root) or root) / ".gigasite" / "blobs"


def backend_folder(root: Path) -> Path | None:
    """The folder that the state lives in (it holds `.pulumi`), or None where the backend is not a folder."""
    url = os.environ.get("PULUMI_BACKEND_URL") or _backend_url(root)
    if not url.startswith("file://"):
        return None
    path = url.removeprefix("file://").partition("?")[0]
    return (root / Path(unquote(path)).expanduser()).resolve()


def _backend_url(root: Path) -> str:
    """`backend.url` of Pulumi.yaml, or nothing."""
    for name in PROJECT_FILES:
        file = root / name
        if not file.is_file():
            continue
        try:
            return _url_in(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise GigasiteError(f"not a YAML file: {error}", path=str(file)) from error
    return ""


@lru_cache(maxsize=8)
def _url_in(project_text: str) -> str:
    """`backend.url` of a project file's text; each resource asks, and parsing takes a millisecond."""
    document = yaml.safe_load(project_text)
    backend = document.get("backend") if isinstance(document, dict) else None
    url = backend.get("url") if isinstance(backend, dict) else None
    return url if isinstance(url, str) else ""
