"""The Pulumi project on disk: Pulumi.yaml, and what it says about program, stack files and state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from gigasite.errors import GigasiteError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True, slots=True)
class Project:
    """A project; `root` is the folder of Pulumi.yaml, and every relative path counts from it.

    `main` is where the program lives, `stack_config_dir` where Pulumi.<stack>.yaml lives. `config` are the
    project's own defaults. A file backend's URL is absolute: `file:///srv/state`.
    """

    name: str
    root: Path
    main: Path
    stack_config_dir: Path
    backend_url: str
    description: str = ""
    runtime: str = "python"
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, start: Path) -> Project:
        """Finds Pulumi.yaml at or above `start`. Raises GigasiteError where there is no project."""
        file = _find(start)
        document = _read(file)
        root = file.parent
        name = document.get("name")
        if not isinstance(name, str) or not name:
            raise GigasiteError("the project has no name", path=str(file), hint="add `name: sites`")
        runtime = document.get("runtime", "python")
        if isinstance(runtime, Mapping):
            runtime = runtime.get("name", "python")
        return cls(
            name=name,
            root=root,
            main=(root / str(document.get("main") or ".")).resolve(),
            stack_config_dir=(root / str(document.get("stackConfigDir") or ".")).resolve(),
            backend_url=_backend_url(document, root),
            description=str(document.get("description") or ""),
            runtime=str(runtime),
            config=document.get("config") or {},
        )

    def stack_file(self, stack: str) -> Path:
        """Pulumi.<stack>.yaml, whether it is there or not."""
        return self.stack_config_dir / f"Pulumi.{stack}.yaml"


def _find(start: Path) -> Path:
    begin = start.resolve()
    for folder in (begin, *begin.parents):
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    raise GigasiteError(
        "no Pulumi.yaml here or above",
        path=str(start),
        hint="run this in a project, or make one with `gigasite init`",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GigasiteError(f"cannot be read: {' '.join(str(error).split())}", path=str(file)) from None
    if not isinstance(document, dict):
        raise GigasiteError("is not a mapping", path=str(file), hint="a project has at least `name` and `runtime`")
    return document


def _backend_url(document: Mapping[str, Any], root: Path) -> str:
    """PULUMI_BACKEND_URL, else `backend.url`; a relative file URL counts from the project's folder."""
    backend = document.get("backend")
    url = os.environ.get("PULUMI_BACKEND_URL") or (backend.get("url") if isinstance(backend, Mapping) else "") or ""
    if not str(url).startswith("file://"):
        return str(url)
    path, _, query = str(url).removeprefix("file://").partition("?")
    absolute = (root / Path(unquote(path)).expanduser()).resolve()
    return f"file://{absolute}" + (f"?{query}" if query else "")


def backend_folder(url: str) -> Path:
    """The folder of a file backend. Raises GigasiteError, by name, for every other kind of backend."""
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return Path(unquote(url.removeprefix("file://").partition("?")[0]))
    named = f"the backend {scheme}://" if scheme else "a project without a backend"
    raise GigasiteError(
        f"the embedded engine keeps its state in a folder; it does not do {named}",
        hint="set `backend.url: file://.state` in Pulumi.yaml or PULUMI_BACKEND_URL, or use --engine pulumi",
    )
