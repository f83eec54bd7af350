"""Relative paths that are safe to write below a project, on every system that may clone it."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from gigasite.errors import GigasiteError

_RESERVED_NAMES = frozenset({".git", ".pulumi", ".gigasite"})
_PART_PREFIX = ".gigasite-"  # files that are being written
_FORBIDDEN = frozenset('\\"')  # a separator elsewhere; a quote would break property paths
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NAME_LIMIT_BYTES = 255
_PATH_LIMIT_BYTES = 1024


def why_unsafe(path: object) -> str | None:
    """Why a relative path (`a/b.csv`) is refused, or None where it is fine."""
    if not isinstance(path, str):
        return f"must be text, not {type(path).__name__}"
    if not path:
        return "is empty"
    if path.startswith("/") or (len(path) > 1 and path[1] == ":"):
        return "must be relative"
    if not path.isprintable() and any(unicodedata.category(one) in _CONTROLS for one in path):
        return "holds a control character"
    if not _FORBIDDEN.isdisjoint(path):
        return "holds a backslash or a double quote"
    if len(path.encode()) > _PATH_LIMIT_BYTES:
        return f"is longer than {_PATH_LIMIT_BYTES} bytes"
    return next((reason for name in path.split("/") if (reason := _why_unsafe_name(name))), None)


def _why_unsafe_name(name: str) -> str | None:
    if name == "":
        return "has an empty part (a doubled slash, or one at the end)"
    if name in (".", ".."):
        return f"must not hold `{name}`"
    if name.casefold() in _RESERVED_NAMES or name.startswith(_PART_PREFIX):
        return f"must not use the reserved name `{name}`"
    if len(name.encode()) > _NAME_LIMIT_BYTES:
        return f"has a part longer than {_NAME_LIMIT_BYTES} bytes"
    return None


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Paths that cannot stand in one folder: (path, reason)."""
    first_of: dict[str, str] = {}
    ordered = sorted(paths)
    for path in ordered:
        first = first_of.setdefault(_folded(path), path)
        if first != path:
            yield path, f"differs from `{first}` only in case; not every file system keeps both"
    for path in ordered:
        parts = _folded(path).split("/")
        for depth in range(1, len(parts)):
            above = first_of.get("/".join(parts[:depth]))
            if above is not None:
                yield path, f"needs a folder where `{above}` is a file"


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def overlap(one: str, other: str) -> bool:
    """Whether one relative folder is the other, or lies in it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def resolve_inside(root: Path, relative: str) -> Path:
    """`root/relative`, where nothing on the way leads out of `root` (the last part itself is not followed).

    Raises GigasiteError where the path is unsafe or a symbolic link leads elsewhere.
    """
    reason = why_unsafe(relative)
    if reason:
        raise GigasiteError(f"this path {reason}", path=relative)
    target = root / relative
    real_root = os.path.realpath(root)
    real_parent = os.path.realpath(target.parent)
    if os.path.commonpath((real_root, real_parent)) != real_root:
        raise GigasiteError(
            f"a symbolic link leads out of {root.name or root}",
            path=relative,
            hint="remove the link: files are written only inside the project",
        )
    return target


def resolve_all_inside(root: Path, relatives: Iterable[str]) -> dict[str, Path]:
    """`resolve_inside` of each path; a folder on the way is looked at once, and none below one that is not there."""
    folders = {"": root.is_dir()}
    targets = {}
    for relative in relatives:
        folder, _, name = relative.rpartition("/")
        if why_unsafe(name) is None and (folder in folders or _is_reached_plainly(root, folder, folders)):
            targets[relative] = root / relative
        else:
            targets[relative] = resolve_inside(root, relative)
    return targets


def _is_reached_plainly(root: Path, folder: str, folders: dict[str, bool]) -> bool:
    """Whether no symbolic link is on the way to a folder. `folders`: those that are, and whether they are there."""
    if folder in folders:
        return True
    if why_unsafe(folder) is not None:
        return False
    above, _, _ = folder.rpartition("/")
    if not _is_reached_plainly(root, above, folders):
        return False
    mode = _mode(root / folder) if folders[above] else 0
    if stat.S_ISLNK(mode):
        return False
    folders[folder] = stat.S_ISDIR(mode)
    return True


def _mode(path: Path) -> int:
    """Its type and rights, of a link its own; 0 where nothing is."""
    try:
        return os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
