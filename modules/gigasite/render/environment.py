"""The one Jinja environment: strict about what is missing, and with the few filters that templates may use.

Templates neither calculate nor choose defaults; whatever they print was decided in Python before.
"""

from __future__ import annotations

from functools import cache

import jinja2

from gigasite.assets import asset_folder
from gigasite.render.measures import MEASURES

UNKNOWN_TEXT = "unknown"


@cache
def environment() -> jinja2.Environment:
    """Loads from the templates folder; an undefined name is an error; nothing is escaped, it is no HTML."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(asset_folder("templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  (Markdown and device configuration; values are escaped by `cell`)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"quantity": quantity, "cell": cell, "words": words, **MEASURES}
    return made


def quantity(value: float | None, unit: str = "") -> str:
    """`1,234.5 kW`; `unknown` where nobody knows. Big figures carry no decimals."""
    if value is None:
        return UNKNOWN_TEXT
    digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".strip()


def cell(value: object) -> str:
    """A value that cannot break a table of Markdown: on one line, bars and markup escaped."""
    if value is None:
        return UNKNOWN_TEXT
    text = " ".join(str(value).split())
    for mark in ("\\", "|", "<", "`", "*", "_", "["):
        text = text.replace(mark, f"\\{mark}")
    return text


def words(values: tuple[str, ...]) -> str:
    """Names as one phrase; a dash where there is none."""
    return ", ".join(values) if values else "-"
