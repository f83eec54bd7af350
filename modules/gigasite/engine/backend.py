"""Pulumi's file backend: where a stack's state, locks, backups and history lie, and how they are written."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import yaml

from gigasite.engine.journal import content_sha256, make_folder
from gigasite.engine.ledger import Row
from gigasite.engine.locks import StackLock
from gigasite.engine.model import StackInfo
from gigasite.engine.project import Project, backend_folder
from gigasite.engine.state import FEATURES, check_row, features_of, now
from gigasite.errors import ApplyError, GigasiteError, UsageError
from gigasite.provider.blobs import sync_folder

CHECKPOINT_VERSION: Final = 3
FEATURES_VERSION: Final = 4  # one that names what it holds beyond version 3
META_VERSION: Final = 1
ORGANIZATION: Final = "organization"  # what the file backend calls every organization
_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A stack's state as it lies on the disk: rows of resources, and the fingerprint of the file."""

    rows: list[Row] = field(default_factory=list)
    pending: list[Row] = field(default_factory=list)
    salt_text: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""


class FileBackend:
    """The state of one project in a folder. Raises GigasiteError for other kinds of backend."""

    def __init__(self, project: Project) -> None:
        self.project = project.name
        self.root = backend_folder(project.backend_url)
        self._pulumi = self.root / ".pulumi"
        if not self.root.is_dir():
            query = parse_qs(urlsplit(project.backend_url).query)
            if query.get("create_dir", [""])[0].lower() not in ("true", "1"):
                raise GigasiteError(
                    "the backend's folder does not exist",
                    path=str(self.root),
                    hint="make it, or write `file://...?create_dir=true`",
                )
        self._check_meta()

    # stacks ----------------------------------------------------------------------------------------------

    def stacks(self) -> tuple[StackInfo, ...]:
        """The project's stacks, sorted by name."""
        folder = self._pulumi / "stacks" / self.project
        names = {
            path.name.removesuffix(".gz").removesuffix(".json")
            for path in (folder.iterdir() if folder.is_dir() else ())
            if path.name.endswith((".json", ".json.gz"))
        }
        return tuple(self._info(name) for name in sorted(names))

    def exists(self, stack: str) -> bool:
        return self._checkpoint_path(stack).exists()

    def create(self, stack: str) -> None:
        """Makes an empty stack. Raises UsageError for a bad name, GigasiteError where it exists."""
        if not _STACK_NAME.fullmatch(stack):
            raise UsageError(f"{stack!r} is no name for a stack", hint="letters, digits, hyphen, underscore, period")
        lock = self.lock(stack)
        lock.clear(lock.acquire())
        try:
            if self.exists(stack):
                raise GigasiteError(f"the stack {stack} exists already")
            self._write_meta()
            empty = {"version": CHECKPOINT_VERSION, "checkpoint": {"stack": self.qualified(stack)}}
            self._replace(self._checkpoint_path(stack), _compact(empty))
        finally:
            lock.release()

    def remove(self, stack: str) -> None:
        """Removes the files of a stack: state, backups and history; its configuration stays."""
        path = self._checkpoint_path(stack)
        for file in (path, Path(f"{path}.bak"), path.parent / f"{stack}.json.attrs"):
            file.unlink(missing_ok=True)
        for kind in ("backups", "history"):
            shutil.rmtree(self._pulumi / kind / self.project / stack, ignore_errors=True)

    def qualified(self, stack: str) -> str:
        return f"{ORGANIZATION}/{self.project}/{stack}"

    def lock_folder(self, stack: str) -> Path:
        return self._pulumi / "locks" / ORGANIZATION / self.project / stack

    def lock(self, stack: str) -> StackLock:
        return StackLock(self.lock_folder(stack), stack)

    def journal_path(self, stack: str) -> Path:
        return self.root / ".gigasite" / "journal" / self.project / f"{stack}.jsonl"

    # checkpoints -----------------------------------------------------------------------------------------

    def read(self, stack: str, project: str = "") -> Checkpoint:
        """The state of a stack. Raises GigasiteError where there is none, or it is damaged or too new."""
        path = self._checkpoint_path(stack, project)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            hint = f"make it with `gigasite stack init {stack}`"
            raise UsageError(f"there is no stack {stack}", hint=hint) from None
        except OSError as error:
            raise GigasiteError(f"the state cannot be read: {error.strerror}", path=str(path)) from None
        return _parse(data, str(path))

    def write(self, stack: str, data: bytes) -> None:
        """Replaces a stack's state; the one before stays as .bak."""
        path = self._checkpoint_path(stack)
        if path.exists():
            self._copy(path, Path(f"{path}.bak"))
        self._write_meta()
        self._replace(path, data)

    def render(self, stack: str, rows: list[Row], pending: list[Row], salt_text: str, manifest_version: str) -> bytes:
        """The bytes of a checkpoint, as `write` takes them."""
        latest: dict[str, Any] = {
            "manifest": {
                "time": now(),
                "magic": hashlib.sha256(manifest_version.encode()).hexdigest(),  # the CLI refuses another
                "version": manifest_version,
            },
            "secrets_providers": {"type": "passphrase", "state": {"salt": salt_text}},
        }
        if rows:
            latest["resources"] = rows
        if pending:
            latest["pending_operations"] = pending
        latest["metadata"] = {}
        document = {**version_of(rows), "checkpoint": {"stack": self.qualified(stack), "latest": latest}}
        data = _compact(document)
        return gzip.compress(data) if self._checkpoint_path(stack).suffix == ".gz" else data

    def add_history(self, stack: str, update: Mapping[str, Any]) -> None:
        """Keeps what a run did, with a copy of the state that it left, and a backup, as the CLI does."""
        path = self._checkpoint_path(stack)
        extension = path.name.removeprefix(stack)
        stamp_ns = time.time_ns()
        history = self._pulumi / "history" / self.project / stack
        backups = self._pulumi / "backups" / self.project / stack
        record = _compact(update)
        self._replace(
            history / f"{stack}-{stamp_ns}.history{extension}",
            gzip.compress(record) if extension.endswith(".gz") else record,
        )
        self._copy(path, history / f"{stack}-{stamp_ns}.checkpoint{extension}")
        if os.environ.get("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS", "").lower() not in ("true", "1"):
            self._copy(path, backups / f"{stack}.{stamp_ns}{extension}")

    def history(self, stack: str) -> Iterator[dict[str, Any]]:
        """The records of what was done to a stack, the latest first. Raises GigasiteError for a damaged one."""
        folder = self._pulumi / "history" / self.project / stack
        files = [file for file in folder.glob("*.history.json*") if file.suffix in (".json", ".gz")]
        for file in sorted(files, key=lambda file: file.name, reverse=True):
            try:
                data = file.read_bytes()
                record = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
            except (OSError, ValueError, EOFError):
                raise GigasiteError("a record of the history is damaged", path=str(file)) from None
            yield record

    def create_as(self, stack: str, data: bytes) -> None:
        """Makes a stack that begins with this state. Raises UsageError for a bad name."""
        if not _STACK_NAME.fullmatch(stack):
            raise UsageError(f"{stack!r} is no name for a stack", hint="letters, digits, hyphen, underscore, period")
        self._replace(self._checkpoint_path(stack), data)

    def retire(self, stack: str, new: str) -> None:
        """Leaves only the `.bak` of a stack that is called `new` now, and moves its history there."""
        path = self._checkpoint_path(stack)
        path.replace(f"{path}.bak")
        Path(f"{path}.attrs").unlink(missing_ok=True)
        old_folder, new_folder = (self._pulumi / "history" / self.project / name for name in (stack, new))
        moving = sorted(old_folder.glob(f"{stack}-*.json*")) if old_folder.is_dir() else []
        if moving:
            make_folder(new_folder)
        for file in moving:
            if file.name.removeprefix(f"{stack}-").partition(".")[0].isdecimal():
                file.replace(new_folder / f"{new}{file.name.removeprefix(stack)}")
        sync_folder(path.parent)

    # inside ----------------------------------------------------------------------------------------------

    def _checkpoint_path(self, stack: str, project: str = "") -> Path:
        folder = self._pulumi / "stacks" / (project or self.project)
        if (folder / f"{stack}.json.zst").exists():
            raise GigasiteError(
                "the embedded engine does not do states compressed with zstd",
                path=str(folder / f"{stack}.json.zst"),
                hint="use --engine pulumi",
            )
        compressed = folder / f"{stack}.json.gz"
        return compressed if compressed.exists() else folder / f"{stack}.json"

    def _info(self, stack: str) -> StackInfo:
        checkpoint = self.read(stack)
        return StackInfo(stack, len(checkpoint.rows), str(checkpoint.manifest.get("time", "")))

    def _check_meta(self) -> None:
        path = self._pulumi / "meta.yaml"
        if not path.exists():
            if any((self._pulumi / "stacks").glob("*.json")):
                raise GigasiteError(
                    "the state is in the old layout without projects",
                    path=str(self._pulumi),
                    hint="bring it up to date with `pulumi state upgrade`",
                )
            return
        try:
            meta = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            meta = None
        version = meta.get("version") if isinstance(meta, dict) else None
        if version != META_VERSION:
            raise GigasiteError(
                f"the backend is of version {version}, this engine knows {META_VERSION}",
                path=str(path),
                hint="use --engine pulumi",
            )

    def _write_meta(self) -> None:
        path = self._pulumi / "meta.yaml"
        if not path.exists():
            self._replace(path, f"version: {META_VERSION}\n".encode())

    def _copy(self, source: Path, target: Path) -> None:
        """Copies a file whole or not at all; a crash may undo it."""
        try:
            data = source.read_bytes()
        except OSError as error:
            raise _unwritten(error, target) from None
        self._replace(target, data, durable=False)

    @staticmethod
    def _replace(path: Path, data: bytes, *, durable: bool = True) -> None:
        """Writes a file whole or not at all. Raises ApplyError where that is not possible."""
        temporary = path.parent / f".{path.name}.{os.getpid()}.tmp"
        try:
            make_folder(path.parent)
            with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
            if durable:
                sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise _unwritten(error, path) from None


def _unwritten(error: OSError, path: Path) -> ApplyError:
    return ApplyError(
        f"the state cannot be written: {error.strerror}",
        path=str(path),
        hint="what was done is journalled; make room or give the right to write, and run again",
    )


def version_of(rows: list[Row]) -> dict[str, Any]:
    """What a checkpoint of these rows says first: its version, and the features that it needs."""
    features = features_of(rows)
    return {"version": FEATURES_VERSION, "features": features} if features else {"version": CHECKPOINT_VERSION}


def _parse(data: bytes, path: str) -> Checkpoint:
    try:
        document = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (ValueError, OSError, EOFError):
        raise GigasiteError(
            "the state is damaged: it is not JSON",
            path=path,
            hint=f"the one before is in {Path(path).name}.bak",
        ) from None
    return _checked(document, path, content_sha256(data))


def parse_deployment(document: Any) -> Checkpoint:
    """The state that `stack export` printed. Raises GigasiteError where this engine cannot carry on with it."""
    if not isinstance(document, dict) or not isinstance(document.get("deployment"), dict):
        raise GigasiteError(
            "this is no state", hint="give what `gigasite stack export` or `pulumi stack export` prints"
        )
    latest = document["deployment"]
    manifest = latest.get("manifest") or {}
    magic = hashlib.sha256(str(manifest.get("version", "")).encode()).hexdigest()
    if manifest.get("magic", magic) not in (magic, ""):
        raise GigasiteError("the manifest of this state does not fit its version", hint="take the export as it is")
    whole = {**document, "checkpoint": {"latest": latest}}
    return _checked(whole, "the given state", "")


def _checked(document: Any, path: str, sha256: str) -> Checkpoint:
    version = document.get("version") if isinstance(document, dict) else None
    features = ", ".join(document.get("features") or ()) if isinstance(document, dict) else ""
    known = version == FEATURES_VERSION and FEATURES.issuperset(document.get("features") or ("",))
    if version != CHECKPOINT_VERSION and not known:
        raise GigasiteError(
            f"the state is of version {version}{f' ({features})' if features else ''}, "
            f"this engine knows {CHECKPOINT_VERSION}",
            path=path,
            hint="use --engine pulumi",
        )
    checkpoint = document.get("checkpoint")
    latest = (checkpoint.get("latest") if isinstance(checkpoint, dict) else None) or {}
    for key in ("snippets", "extensions"):
        if latest.get(key):
            raise GigasiteError(f"the embedded engine does not know {key} in a state", path=path)
    providers = latest.get("secrets_providers") or {}
    if providers.get("type", "passphrase") not in ("passphrase", ""):
        raise GigasiteError(
            f"the embedded engine does not do the secrets provider {providers['type']}",
            path=path,
            hint="it does passphrases; use --engine pulumi for the others",
        )
    rows = latest.get("resources") or []
    for row in rows:
        check_row(row, path)
    return Checkpoint(
        rows=rows,
        pending=latest.get("pending_operations") or [],
        salt_text=str((providers.get("state") or {}).get("salt", "")),
        manifest=latest.get("manifest") or {},
        metadata=latest.get("metadata") or {},
        sha256=sha256,
    )


def _compact(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
