"""Locks of a stack, as the CLI takes them: a file is written, then others are looked for.

A lock is taken over only from a process of this host that is dead.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gigasite.engine.state import now
from gigasite.errors import ApplyError, GigasiteError
from gigasite.provider.blobs import sync_folder


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as its file says."""

    path: Path
    pid: int
    username: str
    hostname: str
    timestamp: str

    def is_dead(self) -> bool:
        """Whether its process is certainly gone: same host, no such pid, or one that started later."""
        if self.hostname != socket.gethostname() or self.pid <= 0:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        started_s, taken_s = _started_s(self.pid), _seconds(self.timestamp)
        return started_s is not None and taken_s is not None and started_s > taken_s + 1.0

    def __str__(self) -> str:
        return f"{self.username}@{self.hostname} (pid {self.pid}) since {self.timestamp}"


class StackLock:
    """The lock of one stack. `acquire` returns the dead locks it took over; `release` removes its own."""

    def __init__(self, folder: Path, stack: str) -> None:
        self._folder = folder
        self._stack = stack
        self._path = folder / f"{uuid.uuid4()}.json"
        self._held = False

    def acquire(self) -> tuple[Holder, ...]:
        """Takes the lock. Raises ApplyError, naming the holder, where somebody else has it."""
        self._refuse_if_held()
        content = {
            "pid": os.getpid(),
            "username": _username(),
            "hostname": socket.gethostname(),
            "timestamp": now(),
        }
        temporary = self._path.with_suffix(".tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(content), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise ApplyError(
                f"the stack cannot be locked: {error.strerror}",
                path=str(self._folder),
                hint="nothing was changed; make room or give the right to write, and run again",
            ) from None
        self._held = True
        try:
            dead = self._refuse_if_held()
        except GigasiteError:
            self.release()
            raise
        return dead

    def clear(self, dead: tuple[Holder, ...]) -> None:
        """Removes locks that were taken over, once what they protected is in order."""
        for holder in dead:
            holder.path.unlink(missing_ok=True)
        sync_folder(self._folder)

    def release(self) -> None:
        if self._held:
            self._path.unlink(missing_ok=True)
            self._held = False

    def _refuse_if_held(self) -> tuple[Holder, ...]:
        """The dead locks of others; raises ApplyError where one of them may be alive."""
        others = [holder for holder in holders(self._folder) if holder.path != self._path]
        alive = [holder for holder in others if not holder.is_dead()]
        if alive:
            raise ApplyError(
                f"the stack {self._stack} is locked by {'; '.join(map(str, alive))}",
                path=str(alive[0].path),
                hint="wait for it to end; if it is surely gone, `pulumi cancel` or remove the lock file",
            )
        return tuple(others)


def holders(folder: Path) -> Iterator[Holder]:
    """Every lock in a stack's lock folder, sorted by file name."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    except OSError as error:
        raise ApplyError(f"the locks cannot be read: {error.strerror}", path=str(folder)) from None
    for name in names:
        if not name.endswith(".json"):
            continue
        path = folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue  # released meanwhile
        except (OSError, ValueError):
            content = {}
        yield _holder(path, content if isinstance(content, dict) else {})


def _holder(path: Path, content: dict[str, Any]) -> Holder:
    pid = content.get("pid")
    return Holder(
        path,
        pid if isinstance(pid, int) else 0,
        str(content.get("username", "somebody")),
        str(content.get("hostname", "an unknown host")),
        str(content.get("timestamp", "an unknown time")),
    )


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _started_s(pid: int) -> float | None:
    """When a process started, in seconds since 1970; None where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/stat", encoding="utf-8") as file:
            boot_s = next(int(line.split()[1]) for line in file if line.startswith("btime"))
        return boot_s + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _seconds(timestamp: str) -> float | None:
    """An RFC 3339 time in seconds since 1970; the CLI writes nanoseconds, of which six digits are read."""
    head, dot, fraction = timestamp.partition(".")
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    text = head + dot + fraction[: min(digits, 6)].ljust(6 if dot else 0, "0") + fraction[digits:]
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None
