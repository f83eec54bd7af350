"""What a run shows while it goes on: a line of counts on a terminal, messages and failures everywhere."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from gigasite.cli.eventlog import events_of_run
from gigasite.cli.output import QUIET_S

if TYPE_CHECKING:
    from gigasite.engine import Event

NAMED_COUNT: Final = 3
REFRESH_S: Final = 0.1


class Tally:
    """Counts what a run has done, and remembers what it is doing."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.done: Counter[str] = Counter()
        self.failed = 0
        self.running: dict[str, str] = {}
        self._started_s = time.monotonic()
        self._lock = threading.Lock()

    def note(self, event: Event) -> str:
        """Takes an event in; returns what to print about it now, if anything."""
        step = event.step
        with self._lock:
            if event.kind == "step-started" and step is not None:
                self.running[step.urn] = step.name
            elif event.kind == "step-done" and step is not None:
                self.running.pop(step.urn, None)
                self.done[step.op.value] += 1
            elif event.kind == "step-failed":
                self.failed += 1
                if step is not None:
                    self.running.pop(step.urn, None)
                    return f"failed: {step.op.value} {step.name}: {event.message}"
                return f"failed: {event.message}"
            elif event.kind == "diagnostic":
                return event.message
        return ""

    def line(self) -> str:
        """One line: counts, what runs, time."""
        with self._lock:
            counts = ", ".join(f"{count:,} {op}" for op, count in sorted(self.done.items())) or "starting"
            names = list(self.running.values())
            failed = f", {self.failed} failed" if self.failed else ""
        now = f"  {', '.join(names[:NAMED_COUNT])}" if names else ""
        more = f" and {len(names) - NAMED_COUNT} more" if len(names) > NAMED_COUNT else ""
        return f"{self.verb}: {counts}{failed}  {time.monotonic() - self._started_s:.0f} s{now}{more}"


@contextmanager
def progress(verb: str) -> Iterator[Callable[[Event], None]]:
    """Yields the listener of a run's events. Writes to stderr only, so that stdout stays the result."""
    tally = Tally(verb)
    with events_of_run(planning=verb == "preview") as record, _live(tally) as write:

        def listen(event: Event) -> None:
            if record is not None:
                record(event)
            said = tally.note(event)
            if said:
                write(said)

        yield listen


@contextmanager
def _live(tally: Tally) -> Iterator[Callable[[str], None]]:
    if not sys.stderr.isatty():
        yield lambda text: print(text, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    class Line:
        def __rich__(self) -> Any:
            return Text(tally.line(), no_wrap=True, overflow="ellipsis")

    console = Console(stderr=True, highlight=False, markup=False)
    live = Live(Line(), console=console, refresh_per_second=1 / REFRESH_S, transient=True)
    timer = threading.Timer(QUIET_S, live.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda text: console.print(text, soft_wrap=True)
    finally:
        timer.cancel()
        timer.join()
        live.stop()
