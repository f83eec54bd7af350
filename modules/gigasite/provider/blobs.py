"""Immutable contents by their SHA-256: written by the program, read by the provider, never changed.

A blob is a file `ab/abcdef…` of mode 0600. It appears whole or not at all (written beside, synced, renamed),
so that two programs may store the same content at once. Blobs never hold secrets.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gigasite.errors import GigasiteError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SYNC_THREADS = 8  # a sync waits for the disk, not for the processor


def sha256_hex(content: bytes) -> str:
    """The name of a content: its SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def is_sha256(text: object) -> bool:
    """Whether `text` can be the name of a blob."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


class BlobStore:
    """The blobs below one folder. The folder is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Stores one content durably and returns its SHA-256."""
        return self.put_all((content,))[0]

    def put_all(self, contents: Iterable[bytes]) -> tuple[str, ...]:
        """Stores contents durably, synced as one group, and returns their SHA-256 in the same order."""
        named = [(sha256_hex(content), content) for content in contents]
        try:
            self._write({sha: content for sha, content in named if not self._has(sha, len(content))})
        except OSError as error:
            raise GigasiteError(
                f"cannot store file contents: {error.strerror or error}",
                path=str(error.filename or self.folder),
                hint="check the rights and the free space, or set GIGASITE_BLOBS to another folder",
            ) from error
        return tuple(sha for sha, _ in named)

    def get(self, sha: str) -> bytes | None:
        """The content of that name, or None where this store lacks it. Raises where the blob is damaged."""
        try:
            content = self.path(sha).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GigasiteError(f"cannot read a stored content: {error.strerror}", path=str(self.path(sha))) from error
        if sha256_hex(content) != sha:
            raise GigasiteError(
                "this stored content is damaged", path=str(self.path(sha)), hint="delete it and run again"
            )
        return content

    def has(self, sha: str) -> bool:
        """Whether the store holds that content."""
        return self.path(sha).is_file()

    def path(self, sha: str) -> Path:
        """Where a blob lies. Raises GigasiteError for a name that is no SHA-256."""
        if not is_sha256(sha):
            raise GigasiteError(f"not a SHA-256: {sha!r:.80}")
        return self.folder / sha[:2] / sha

    def _has(self, sha: str, size_bytes: int) -> bool:
        try:
            return self.path(sha).stat().st_size == size_bytes
        except FileNotFoundError:
            return False

    def _write(self, contents: dict[str, bytes]) -> None:
        if not contents:
            return
        folders = sorted({self.path(sha).parent for sha in contents})
        new = [*_make_private(self.folder), *(made for folder in folders for made in _make_private(folder))]
        with ThreadPoolExecutor(_SYNC_THREADS) as pool:
            list(pool.map(self._write_one, contents.items()))
            list(pool.map(sync_folder, {*folders, *(made.parent for made in new)}))

    def _write_one(self, item: tuple[str, bytes]) -> None:
        sha, content = item
        target = self.path(sha)
        descriptor, partial = tempfile.mkstemp(prefix=".part-", dir=target.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def _make_private(folder: Path) -> list[Path]:
    """Makes a folder and what lacks above it, for this user alone; returns those that are new."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    for above in reversed(missing):
        above.mkdir(mode=0o700, exist_ok=True)
    return missing


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
