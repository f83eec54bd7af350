"""The journal of a run: every change of the state, durable before anything relies on it.

One JSON object a line, appended; `wait` returns once the disk has it, and one fsync serves all who wait.
It lives beside the state (`.gigasite/journal/<project>/<stack>.jsonl`), so that the CLI never meets it, and
exists only from a run's first change until its checkpoint is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gigasite.engine.ledger import Entry
from gigasite.errors import ApplyError, GigasiteError
from gigasite.provider.blobs import sync_folder

VERSION: Final = 1


class Journal:
    """Appends entries; the file is made when the first one is waited for, so idle runs need none."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self._lines: list[bytes] = [_line({"e": "begin", "version": VERSION, **header})]
        self._file: int | None = None
        self._append_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._size_bytes = 0
        self._appended_count = 0
        self._durable_count = 0

    @property
    def is_open(self) -> bool:
        return self._file is not None

    def append(self, entry: Entry) -> int:
        """Adds an entry and returns its ticket for `wait`."""
        line = _line(entry)
        with self._append_lock:
            self._lines.append(line)
            self._appended_count += 1
            return self._appended_count

    def wait(self, ticket: int) -> None:
        """Returns when the entry of `ticket`, and so every one before it, is on the disk."""
        if self._durable_count >= ticket:
            return
        with self._sync_lock:
            if self._durable_count >= ticket:
                return
            with self._append_lock:
                lines, count = list(self._lines), self._appended_count
            try:
                self._write(b"".join(lines))
            except OSError as error:
                raise ApplyError(
                    f"the journal cannot be written: {error.strerror}",
                    path=str(self.path),
                    hint="nothing further was started; free the disk and run again",
                ) from None
            with self._append_lock:
                del self._lines[: len(lines)]
            self._durable_count = count

    def _write(self, data: bytes) -> None:
        """Appends all of `data` durably, or nothing of it, so that lines which failed can be written again."""
        if self._file is None:
            make_folder(self.path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL
            self._file = os.open(self.path, flags, 0o600)
            sync_folder(self.path.parent)
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self._size_bytes)
            raise
        self._size_bytes += len(data)

    def close(self, *, remove: bool) -> None:
        """Ends the journal; `remove` once its content is in the checkpoint."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            if remove:
                self.path.unlink(missing_ok=True)
                sync_folder(self.path.parent)


@dataclass(frozen=True, slots=True)
class JournalContent:
    """A journal as it was left: its header, its entries, and the checkpoint it committed to, if any."""

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    size_bytes: int = 0  # of what is whole

    @property
    def commit_sha256(self) -> str:
        commits = [entry["sha256"] for entry in self.entries if entry["e"] == "commit"]
        return str(commits[-1]) if commits else ""


def read_journal(path: Path) -> JournalContent | None:
    """A journal that a run left behind, or None where there is none or nothing of it had reached the disk.

    The last line may be torn; a torn line before it raises GigasiteError.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GigasiteError(f"the journal cannot be read: {error.strerror}", path=str(path)) from None
    entries: list[dict[str, Any]] = []
    size_bytes = 0
    lines = data.split(b"\n")
    for index, line in enumerate(lines[:-1]):  # what follows the last newline was never finished
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict) or "e" not in entry:
                raise ValueError
        except ValueError:
            if index == len(lines) - 2:
                break
            raise GigasiteError(f"the journal is damaged at line {index + 1}", path=str(path)) from None
        entries.append(entry)
        size_bytes += len(line) + 1
    if not entries:
        return None
    header = entries[0]
    if header.get("e") != "begin" or header.get("version") != VERSION:
        raise GigasiteError(
            f"the journal is of version {header.get('version')}, this engine knows {VERSION}",
            path=str(path),
            hint="run the Gigasite that wrote it",
        )
    return JournalContent(header, tuple(entries[1:]), size_bytes)


def commit(path: Path, content: JournalContent, sha256: str) -> None:
    """Notes durably in a journal that was left behind which checkpoint is about to replace its base."""
    with open(path, "r+b") as file:
        file.truncate(content.size_bytes)
        file.seek(content.size_bytes)
        file.write(_line({"e": "commit", "sha256": sha256}))
        file.flush()
        os.fsync(file.fileno())


def content_sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, durably."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync_folder(made.parent)


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
