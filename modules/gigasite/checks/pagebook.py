"""The pages: what each code says, why it matters, how it is computed, examples, what to do."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from gigasite.checks.registry import all_checks, near_codes
from gigasite.errors import UsageError
from gigasite.spec.codes import loader_page

HEADINGS: Final[tuple[str, ...]] = (
    "What it says",
    "Why it matters",
    "How it is computed",
    "Bad",
    "Good",
    "What to do",
    "Source",
)
"""The headings of every page, in this order."""

_PAGES: Final = files("gigasite.checks") / "pages"


def page(code: str) -> str:
    """The page of a code, in Markdown.

    Raises UsageError where there is none, with the nearest codes as hint.
    """
    text = page_or_none(code)
    if text is None:
        raise UsageError(f"there is no page for {code!r}", hint=near_codes(code, [c.code for c in all_checks()]))
    return text


def page_or_none(code: str) -> str | None:
    """The page of a code, or None. Codes of the loader have theirs beside the loader."""
    name = code.upper()
    if name in codes():
        return (_PAGES / f"{name}.md").read_text(encoding="utf-8")
    return loader_page(name)


def codes() -> list[str]:
    """The codes that have a page among the checks, sorted."""
    return sorted(entry.name[:-3] for entry in _PAGES.iterdir() if entry.name.endswith(".md"))


def section(text: str, heading: str) -> str:
    """What stands under a heading of a page; empty where the page lacks it."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("## ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if lines[start][3:].strip() == heading:
            return "\n".join(lines[start + 1 : end]).strip()
    return ""


def index(folder: str = "") -> str:
    """The table of all codes, in Markdown, with links to the pages in `folder` (which ends in a slash)."""
    paged = set(codes())
    rows = [
        f"| {f'[{c.code}]({folder}{c.code}.md)' if c.code in paged else c.code} "
        f"| {c.severity} | {c.domain} | {c.title} |"
        for c in all_checks()
    ]
    return "\n".join(["| code | severity | domain | what holds |", "|---|---|---|---|", *rows]) + "\n"
