"""What a handler may know of the call that it serves: how long it may take, and whether it should stop.

Handlers that wait for machines look at it; others need not. Nothing ends a handler from outside: what it has
begun it brings to a good end, or raises `PartialFailure`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `timeout_s` is what the program's `custom_timeouts` allow, None for no limit."""

    timeout_s: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    started_s: float = field(default_factory=time.monotonic)

    @property
    def remaining_s(self) -> float | None:
        """The time that is left, never below 0; None for no limit."""
        return None if self.timeout_s is None else max(0.0, self.timeout_s - self.elapsed_s)

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_s

    @property
    def should_end(self) -> bool:
        """Whether the user asked to stop, or the time is over."""
        return self.cancelled.is_set() or self.remaining_s == 0.0

    def wait(self, seconds: float) -> bool:
        """Waits; returns early, and True, where the call should end."""
        left_s = self.remaining_s
        self.cancelled.wait(seconds if left_s is None else min(seconds, left_s))
        return self.should_end


_CURRENT: ContextVar[Call | None] = ContextVar("gigasite_provider_call", default=None)


def current_call() -> Call:
    """The call that this handler serves; outside of any, one without limits."""
    return _CURRENT.get() or Call()


@contextmanager
def serving(timeout_s: float | None, cancelled: threading.Event) -> Iterator[Call]:
    """Makes a call the current one of this context."""
    call = Call(timeout_s or None, cancelled)
    token = _CURRENT.set(call)
    try:
        yield call
    finally:
        _CURRENT.reset(token)
