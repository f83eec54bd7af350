"""Finds the files that are not code: catalog, templates, playbooks.

In a clone, templates and playbooks stand at the top of the repository; in an installed wheel they lie in
`gigasite/_bundled`. Callers ask by name and never build such a path themselves.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gigasite.errors import GigasiteError

_PACKAGE = Path(__file__).resolve().parent


@cache
def asset_folder(name: str) -> Path:
    """The folder `templates`, `playbooks` or `catalog`, from the wheel or from the clone.

    Raises GigasiteError where the installation lacks it.
    """
    candidates = (_PACKAGE / name, _PACKAGE / "_bundled" / name, _PACKAGE.parent.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise GigasiteError(f"this installation has no {name}", path=str(_PACKAGE), hint="install gigasite again")
