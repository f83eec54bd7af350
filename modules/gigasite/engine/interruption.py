"""Ctrl-C and termination of a run: the first one lets running steps finish, a second one ends at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_AGAIN_S: Final = 1.0  # one Ctrl-C may come twice, from the terminal and from the process above
_SAID: Final = b"\nstopping: what runs is finished first; interrupt again to end at once\n"


def end_at_once() -> None:
    """Ends the process as a kill would: what is journalled is there for the next run."""
    os._exit(EXIT_INTERRUPTED)


class Interruption:
    """What SIGINT and SIGTERM do to a run: the first sets `cancel`, one a second or more later calls `again`."""

    def __init__(self, cancel: threading.Event, again: Callable[[], object] = end_at_once) -> None:
        self.cancel = cancel
        self._again = again
        self._heard_s: float | None = None
        self._breaks = False

    @contextmanager
    def handled(self) -> Iterator[Interruption]:
        """Hears the signals until the block ends; only the main thread can, and ignored ones stay ignored."""
        before = {}
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.getsignal(number) for number in _SIGNALS}
        heard = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
        for number in heard:
            signal.signal(number, self._hear)
        try:
            yield self
        finally:
            for number in heard:
                signal.signal(number, before[number])

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """What runs here is broken off by the first signal, with one KeyboardInterrupt."""
        self._breaks = True
        try:
            yield
        finally:
            self._breaks = False

    def _hear(self, _number: int, _frame: object) -> None:
        first = self._heard_s is None
        if self._heard_s is not None and time.monotonic() - self._heard_s > _AGAIN_S:
            self._again()
        if not first:
            return
        self._heard_s = time.monotonic()
        self.cancel.set()
        with suppress(OSError):  # where nobody reads it
            os.write(2, _SAID)
        if self._breaks:
            raise KeyboardInterrupt
