"""The state of a stack that nobody else changes meanwhile, and the state as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gigasite.engine.backend import Checkpoint, FileBackend
from gigasite.engine.journal import read_journal
from gigasite.engine.recovery import folded, recover


def current(backend: FileBackend, stack: str) -> Checkpoint:
    """The state of a stack, with what a killed run journalled; writes nothing."""
    checkpoint = backend.read(stack)
    path = backend.journal_path(stack)
    journal = read_journal(path)
    if journal is None:
        return checkpoint
    again = backend.read(stack)  # the run may have ended between the two
    if not path.exists():
        return again
    return folded(again, journal, str(path)) or again


class Held:
    """A lock that is held; `keep` leaves it in place when the block ends in an error."""

    keep = False


@contextmanager
def locked(backend: FileBackend, stack: str, *, recovering: bool = True, say: Any = None) -> Iterator[Held]:
    """The stack's lock; what a killed run left is recovered before its lock goes."""
    lock = backend.lock(stack)
    dead = lock.acquire()
    held = Held()
    try:
        if recovering:
            recovery = recover(backend, stack)
            if recovery is not None and say is not None:
                say("warning", str(recovery))
        if dead and recovering:
            lock.clear(dead)
            if say is not None:
                say("info", f"took over the lock of {'; '.join(map(str, dead))}, which is dead")
        yield held
        if dead and not recovering:
            lock.clear(dead)
    finally:
        if not (held.keep and backend.journal_path(stack).exists()):
            lock.release()
