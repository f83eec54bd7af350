"""Tables of text whose columns are marked by a line of dashes."""

from __future__ import annotations

import re
from collections.abc import Iterator


def fixed_columns(text: str, count: int) -> Iterator[tuple[str, ...]]:
    """The rows below a line of `count` runs of dashes, cut where they stand; ends at an empty or a dashed line."""
    spans: list[tuple[int, int | None]] = []
    for line in text.splitlines():
        dashes = [match.span() for match in re.finditer(r"-+", line)]
        is_rule = bool(dashes) and not line.strip("- ")
        if is_rule and not spans and len(dashes) == count:
            starts = [start for start, _ in dashes]
            spans = list(zip(starts, [*starts[1:], None], strict=True))
        elif spans and (is_rule or not line.strip()):
            return
        elif spans:
            yield tuple(line[start:end].strip() for start, end in spans)
