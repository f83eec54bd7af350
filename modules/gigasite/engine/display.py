"""How a run looks while it goes on: a live line on a terminal, plain lines everywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

from gigasite.engine.model import Event, EventKind, Op, Step

if TYPE_CHECKING:
    from rich.console import Console

_RUNNING_SHOWN_COUNT: Final = 3
_DIFFS_SHOWN_COUNT: Final = 5
_VALUE_WIDTH: Final = 60

# Each operation's sign, as Pulumi prints it, the word for it, and its colour.
_SIGNS: Final[Mapping[Op, tuple[str, str, str]]] = {
    Op.SAME: (" ", "unchanged", ""),
    Op.CREATE: ("+", "create", "green"),
    Op.UPDATE: ("~", "update", "yellow"),
    Op.REPLACE: ("+-", "replace", "magenta"),
    Op.CREATE_REPLACEMENT: ("++", "create replacement", "magenta"),
    Op.DELETE_REPLACED: ("--", "delete replaced", "magenta"),
    Op.DELETE: ("-", "delete", "red"),
    Op.READ: (">", "read", "cyan"),
    Op.DISCARD: ("<", "forget", "cyan"),
    Op.REMOVE_PENDING_REPLACE: ("~", "forget", "magenta"),
    Op.REFRESH: ("~", "refresh", "yellow"),
}


class Display(Protocol):
    """Takes the events of a run; used as a context manager around it."""

    def __call__(self, event: Event) -> None: ...

    def __enter__(self) -> Display: ...

    def __exit__(self, *_: object) -> None: ...


def make_display(stream: TextIO | None = None) -> Display:
    """The display for a stream (stderr where none is given): live where it is a terminal, else plain lines."""
    stream = stream or sys.stderr
    return LiveDisplay(stream) if stream.isatty() else PlainDisplay(stream)


class PlainDisplay:
    """One line for each step that changes something, each message, and the summary."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> PlainDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def __call__(self, event: Event) -> None:
        for line in lines(event):
            self._stream.write(f"{line}\n")
        self._stream.flush()


class LiveDisplay:
    """Finished steps scroll by; the last line shows counts, what runs, and the time it has taken."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console: Console = Console(file=stream)
        self._counts: Counter[Op] = Counter()
        self._running: dict[tuple[str, Op], Step] = {}
        self._started_s = time.monotonic()
        self._lock = threading.Lock()
        self._live = Live(console=self._console, get_renderable=self._line, refresh_per_second=8, transient=True)

    def __enter__(self) -> LiveDisplay:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        step = event.step
        if step is not None:
            with self._lock:
                key = (step.urn, step.op)
                if event.kind is EventKind.STEP_STARTED:
                    self._running[key] = step
                else:
                    self._running.pop(key, None)
                    if event.kind is EventKind.STEP_DONE and step.op.counted:
                        self._counts[step.op] += 1
        style = _SIGNS[step.op][2] if step is not None and event.kind is EventKind.STEP_DONE else ""
        if event.kind is EventKind.STEP_FAILED or event.severity == "error":
            style = "bold red"
        for line in lines(event):
            self._console.print(line, style=style or None, markup=False, highlight=False)

    def _line(self) -> Any:
        from rich.text import Text

        with self._lock:
            running = [f"{_SIGNS[step.op][1]} {step.name}" for step in self._running.values()]
            counts = dict(self._counts)
        shown = ", ".join(running[:_RUNNING_SHOWN_COUNT])
        if len(running) > _RUNNING_SHOWN_COUNT:
            shown += f" and {len(running) - _RUNNING_SHOWN_COUNT} more"
        parts = [f"{time.monotonic() - self._started_s:.0f} s", counted({op.value: n for op, n in counts.items()})]
        return Text(
            " · ".join(part for part in (*parts, shown) if part), style="dim", no_wrap=True, overflow="ellipsis"
        )


def lines(event: Event) -> list[str]:
    """An event as lines of text; nothing for steps that change nothing."""
    if event.kind is EventKind.STEP_DONE and event.step is not None:
        return step_lines(event.step) if event.step.op is not Op.SAME else []
    if event.kind is EventKind.STEP_FAILED and event.step is not None:
        return [f"!! {event.step.type} {event.step.name} failed: {event.message}"]
    if event.kind in (EventKind.DIAGNOSTIC, EventKind.STEP_FAILED):
        return [event.message]
    if event.kind is EventKind.SUMMARY:
        return [f"{counted(event.changes or {}) or 'nothing to do'} in {event.duration_s:.1f} s"]
    return []


def step_lines(step: Step) -> list[str]:
    """A step and the first of its differences; one that is only half of a replacement is not shown."""
    if step.op in (Op.CREATE_REPLACEMENT, Op.REMOVE_PENDING_REPLACE):
        return []
    sign, word, _ = _SIGNS[step.op]
    shown = [f"{sign:>2} {step.type} {step.name} ({word})"]
    for diff in step.diffs[:_DIFFS_SHOWN_COUNT]:
        old = "" if diff.kind.startswith("add") else f" {short(diff.old)}"
        new = "" if diff.kind.startswith("delete") else f" → {short(diff.new)}"
        shown.append(f"     {diff.path}:{old}{new}")
    if len(step.diffs) > _DIFFS_SHOWN_COUNT:
        shown.append(f"     and {len(step.diffs) - _DIFFS_SHOWN_COUNT} more properties")
    return shown


def counted(changes: Mapping[str, int]) -> str:
    """`3 create, 2 unchanged`: what a run came to, changes first."""
    ordered = sorted(changes.items(), key=lambda item: (item[0] == Op.SAME, list(Op).index(Op(item[0]))))
    return ", ".join(f"{count} {_SIGNS[Op(op)][1]}" for op, count in ordered if count)


def short(value: Any) -> str:
    """A value on part of a line: control characters escaped, long ones cut."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if len(text) <= _VALUE_WIDTH else text[: _VALUE_WIDTH - 1] + "…"
