"""What a run means for cables that are plugged: the schedules in the state against those that it would write."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gigasite.design.recabling import LINK_COLUMNS, Recabling, recabling
from gigasite.engine.model import Op, Step

SCHEDULE: Final = "cables.csv"
_GROUP: Final = re.compile(r"(?:.*/)?fabrics/(?P<fabric>[^/]+)/[^/]+")

Read = Callable[[str], bytes | None]
"""The content of a SHA-256; None where nobody has it any more."""


@dataclass(frozen=True, slots=True)
class CableChange:
    """What changes in one fabric. `counts` is None where a schedule is not stored any more, or is of another form."""

    fabric: str
    counts: Recabling | None

    def __str__(self) -> str:
        if self.counts is None:
            return f"fabric {self.fabric}: cables change; what is plugged today is not known here"
        found = self.counts
        parts = [_cables(found.stay_count, "stay")]
        parts += [f"{count:,} {what}" for count, what in _named(found) if count]
        return f"fabric {self.fabric}: {', '.join(parts)}"


def cable_changes(steps: Iterable[Step], read: Read) -> tuple[CableChange, ...]:
    """The fabrics that have cables already and whose schedules change, by name."""
    before, after = _schedules(steps)
    return tuple(
        CableChange(fabric, _compared(fabric, before[fabric], after.get(fabric, {}), read))
        for fabric in sorted(before)
        if before[fabric] != after.get(fabric, {})
    )


def _schedules(steps: Iterable[Step]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """SHA-256 of the schedule of each group, by fabric and folder: as it is, and as it would be."""
    before: dict[str, dict[str, str]] = defaultdict(dict)
    after: dict[str, dict[str, str]] = defaultdict(dict)
    for step in steps:
        is_same = step.op is Op.SAME
        for side, found in ((step.old or (step.new if is_same else None), before), (step.new, after)):
            told = _schedule(side)
            if told is not None:
                fabric, folder, sha = told
                found[fabric][folder] = sha
    return dict(before), dict(after)


def _schedule(side: Mapping[str, Any] | None) -> tuple[str, str, str] | None:
    """Fabric, folder and SHA-256 of a group's schedule; None: this is no group of switches."""
    folder, files = (side or {}).get("folder"), (side or {}).get("files")
    if not isinstance(folder, str) or not isinstance(files, Mapping):
        return None
    match, sha = _GROUP.fullmatch(folder), files.get(SCHEDULE)
    return (match["fabric"], folder, sha) if match and isinstance(sha, str) else None


def _compared(fabric: str, before: Mapping[str, str], after: Mapping[str, str], read: Read) -> Recabling | None:
    import polars as pl

    sides = [_links(fabric, schedules, read) for schedules in (before, after)]
    if sides[0] is None or sides[1] is None:
        return None
    empty = pl.DataFrame(schema=dict.fromkeys(LINK_COLUMNS, pl.String))
    frames = [pl.concat([empty, *side]) for side in sides if side is not None]
    return next(iter(recabling(*frames)), Recabling(fabric, 0, 0, 0, 0))


def _links(fabric: str, schedules: Mapping[str, str], read: Read) -> list[Any] | None:
    """The links of all groups as text; None where a schedule is missing, or has other columns."""
    import polars as pl

    bodies: dict[bytes, list[bytes]] = defaultdict(list)
    for _, sha in sorted(schedules.items()):
        content = read(sha)
        if content is None:
            return None
        header, _, body = content.partition(b"\n")
        bodies[header].append(body)
    frames = []
    for header, texts in bodies.items():
        if not {name.encode() for name in LINK_COLUMNS[1:]} <= set(header.strip().split(b",")):
            return None
        table = pl.read_csv(io.BytesIO(header + b"\n" + b"".join(texts)), infer_schema=False)
        frames.append(table.with_columns(fabric=pl.lit(fabric)).select(LINK_COLUMNS))
    return frames


def _named(found: Recabling) -> tuple[tuple[int, str], ...]:
    return ((found.new_count, "new"), (found.moved_count, "move"), (found.removed_count, "are taken out"))


def _cables(count: int, verb: str) -> str:
    return f"{count:,} cable {verb}s" if count == 1 else f"{count:,} cables {verb}"
