"""Folding a journal that a killed run left behind into its stack's checkpoint."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from gigasite.engine.backend import Checkpoint, FileBackend
from gigasite.engine.journal import JournalContent, commit, content_sha256, read_journal
from gigasite.engine.ledger import Ledger, Row
from gigasite.engine.secrets import Vault, passphrase_from_environment
from gigasite.engine.state import urn_name
from gigasite.engine.values import SECRET, SIGNATURE
from gigasite.errors import GigasiteError
from gigasite.provider.blobs import sync_folder


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a recovery did: entries folded in, and the operations that nobody knows the end of."""

    entry_count: int
    unfinished: tuple[str, ...]

    def __str__(self) -> str:
        text = f"recovered {self.entry_count} journalled changes of a run that ended early"
        return f"{text}; not known to have ended: {', '.join(self.unfinished)}" if self.unfinished else text


def folded(checkpoint: Checkpoint, journal: JournalContent, path: str) -> Checkpoint | None:
    """The state that a journal describes; None where the checkpoint holds it already.

    Raises GigasiteError where somebody else has written the state since.
    """
    if journal.commit_sha256 and journal.commit_sha256 == checkpoint.sha256:
        return None
    if journal.header.get("base_sha256") != checkpoint.sha256:
        raise GigasiteError(
            "the state was written by somebody else after the run that left this journal",
            path=path,
            hint="compare both; `gigasite stack recover --discard-journal` keeps the state as it is",
        )
    salt_text = str(journal.header.get("salt", checkpoint.salt_text))
    ledger = Ledger(resealed(checkpoint.rows, checkpoint.salt_text, salt_text), checkpoint.pending)
    for entry in journal.entries:
        ledger.apply(entry)
    return Checkpoint(ledger.rows(), ledger.pending_operations(), salt_text, checkpoint.manifest, checkpoint.metadata)


def recover(backend: FileBackend, stack: str, *, discard: bool = False) -> Recovery | None:
    """Folds the journal of a stack into its checkpoint, or only drops it; None where there is none.

    The caller holds the stack's lock.
    """
    path = backend.journal_path(stack)
    journal = None if discard else read_journal(path)
    if journal is None:
        existed = path.exists()
        _remove(backend, stack)
        return Recovery(0, ()) if discard and existed else None
    state = folded(backend.read(stack), journal, str(path))
    if state is None:
        _remove(backend, stack)
        return Recovery(len(journal.entries), ())
    version = str(journal.header.get("manifest_version", ""))
    data = backend.render(stack, state.rows, state.pending, state.salt_text, version)
    commit(path, journal, content_sha256(data))
    backend.write(stack, data)
    _remove(backend, stack)
    return Recovery(len(journal.entries), describe_pending(state.pending))


def describe_pending(pending: list[Row]) -> tuple[str, ...]:
    """`creating name` for each pending operation."""
    return tuple(f"{row['type']} {urn_name(row['resource']['urn'])}" for row in pending)


def uncertain_deletions(pending: list[Row]) -> frozenset[str]:
    """URNs of what an earlier run began to delete, with nobody seeing the end of it."""
    return frozenset(str(row["resource"]["urn"]) for row in pending if row.get("type") == "deleting")


def resealed(rows: list[Row], old_salt_text: str, new_salt_text: str) -> list[Row]:
    """`rows` with their secrets encrypted under another salt; the same rows where nothing is to do."""
    if not old_salt_text or old_salt_text == new_salt_text or not _has_secrets(rows):
        return copy.copy(rows)
    passphrase = passphrase_from_environment()
    old, new = Vault(old_salt_text, passphrase), Vault(new_salt_text, passphrase)

    def seal(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
                return {**value, "ciphertext": new.encrypt(old.decrypt(value["ciphertext"]))}
            return {key: seal(item) for key, item in value.items()}
        return [seal(item) for item in value] if isinstance(value, list) else value

    return [seal(row) for row in rows]


def _has_secrets(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get(SIGNATURE) == SECRET or any(map(_has_secrets, value.values()))
    return isinstance(value, list) and any(map(_has_secrets, value))


def _remove(backend: FileBackend, stack: str) -> None:
    path = backend.journal_path(stack)
    if path.exists():
        path.unlink()
        sync_folder(path.parent)
