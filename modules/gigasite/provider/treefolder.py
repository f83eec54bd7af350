"""One folder on disk that holds the files of a tree, and possibly those of others, which stay untouched."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import BlobStore, sync_folder
from gigasite.provider.paths import resolve_all_inside, resolve_inside, why_unsafe

_SYNC_THREADS = 8  # a sync waits for the disk, not for the processor
_ATTEMPTS = 5  # another tree may remove an empty folder between its making and its use


class TreeFolder:
    """`root/relative`. Every path is checked on the way: no symbolic link leads out of the folder."""

    def __init__(self, root: Path, relative: str) -> None:
        resolve_inside(root, f"{relative}/-")  # the folder itself must not lead out either
        self.folder = root / relative
        self._root = root

    def exists(self) -> bool:
        """Whether the folder is there."""
        return self.folder.is_dir()

    def listing(self) -> list[str]:
        """The relative paths of all regular files below the folder, sorted."""
        found = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name).relative_to(self.folder).as_posix()
                if why_unsafe(path) is None and _is_file(self.folder / path):
                    found.append(path)
        return sorted(found)

    def hashes(self, paths: Iterable[str]) -> dict[str, str]:
        """SHA-256 of those paths that are regular files now; links and folders count as absent."""
        return {
            path: _hash(target) for path, target in resolve_all_inside(self.folder, paths).items() if _is_file(target)
        }

    def make(self) -> None:
        """Makes the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, files: Mapping[str, str], store: BlobStore) -> None:
        """Puts stored contents at their paths; each file changes at once, and all are durable on return.

        Every file that can be written is; then the first failure by path is raised, GigasiteError or OSError.
        """
        jobs = [(target, files[path]) for path, target in sorted(resolve_all_inside(self.folder, files).items())]
        with ThreadPoolExecutor(_SYNC_THREADS) as pool:
            failures = list(pool.map(lambda job: _failure_to_write(job[0], job[1], store), jobs))
            written = {target.parent for (target, _), failure in zip(jobs, failures, strict=True) if failure is None}
            list(pool.map(sync_folder, written))
        for failure in failures:
            if failure is not None:
                raise failure

    def remove(self, paths: Iterable[str]) -> None:
        """Removes these files where they are there, and folders inside that are empty then."""
        targets = resolve_all_inside(self.folder, paths).values()
        for target in targets:
            _partial(target).unlink(missing_ok=True)
            if not target.is_dir() or target.is_symlink():
                target.unlink(missing_ok=True)
        for folder in sorted({target.parent for target in targets}, reverse=True):
            _remove_empty(folder, until=self.folder)

    def remove_if_empty(self) -> None:
        """Removes the folder, and those above it, as far as nothing else is in them."""
        _remove_empty(self.folder, until=self._root)


def _failure_to_write(target: Path, sha: str, store: BlobStore) -> OSError | GigasiteError | None:
    """Writes one file; what it fails with is returned, so that one failure does not decide over other files."""
    try:
        _write_file(target, sha, store)
    except (OSError, GigasiteError) as failure:
        return failure
    return None


def _write_file(target: Path, sha: str, store: BlobStore) -> None:
    content = store.get(sha)
    if content is None:
        raise GigasiteError(f"its stored content {sha:.12}… has gone", path=target.name)
    if target.is_dir() and not target.is_symlink():
        raise GigasiteError("a folder is in the way of this file", path=str(target), hint="move the folder away")
    partial = _partial(target)
    for attempt in range(_ATTEMPTS):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
            return
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
        except OSError:
            partial.unlink(missing_ok=True)
            raise


def _partial(target: Path) -> Path:
    """The name beside it while a file is written: always the same, so a repeated write leaves none."""
    return target.parent / f".gigasite-{hashlib.sha256(target.name.encode()).hexdigest()[:16]}.part"


def _remove_empty(folder: Path, until: Path) -> None:
    """Removes empty folders from `folder` upward, `until` itself excluded."""
    while folder != until:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def _is_file(target: Path) -> bool:
    try:
        return stat.S_ISREG(target.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _hash(target: Path) -> str:
    try:
        with open(target, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise GigasiteError(f"cannot read this file: {error.strerror}", path=str(target)) from error
