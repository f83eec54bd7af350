"""How verbs speak: JSON, tables, and a sign of life where something takes longer than a second."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

QUIET_S: Final = 1.0
F = TypeVar("F", bound=Callable[..., Any])


def format_option(*more: str) -> Callable[[F], F]:
    """`--format text|json`, and further ones."""
    choice = click.Choice(["text", "json", *more])
    return click.option("--format", "style", type=choice, default="text", show_default=True, help="How to print.")


def print_json(document: Any) -> None:
    """A document as JSON on stdout; keys stay in their order."""
    print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def on_terminal() -> bool:
    """Whether somebody looks at stdout."""
    return sys.stdout.isatty()


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A titled table: drawn on a terminal, aligned columns elsewhere. Nothing where there are no rows."""
    if not rows:
        return
    cells = [[_cell(value) for value in row] for row in rows]
    right = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(header))]
    if on_terminal():
        _draw(title, header, cells, right)
        return
    widths = [max(len(line[i]) for line in (list(header), *cells)) for i in range(len(header))]
    print(f"\n{title}")
    for line in (list(header), *cells):
        fitted = (text.rjust(w) if r else text.ljust(w) for text, w, r in zip(line, widths, right, strict=True))
        print(f"  {'  '.join(fitted)}".rstrip())


def _draw(title: str, header: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for name, is_right in zip(header, right, strict=True):
        table.add_column(Text(name), justify="right" if is_right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(text) for text in row))
    Console(highlight=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).split())


def plain_value(value: object) -> str:
    """A value of a setting as people write it: `2500`, `[a, b]`, `none`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(plain_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {plain_value(item)}' for key, item in value.items())}}}"
    return str(value)


@contextmanager
def working(on_what: str) -> Iterator[None]:
    """Says on a terminal's stderr what goes on, once it has lasted a second."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    status = console.status(on_what)
    timer = threading.Timer(QUIET_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def colours_wanted() -> bool:
    """Whether to colour what goes to stdout: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
