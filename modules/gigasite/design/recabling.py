"""What a change does to cables that are there: which stay, which move, which go, and which are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

LINK_COLUMNS: Final = ("fabric", "cable", "plane", "a_device", "a_port", "b_device", "b_port")
_LINK: Final = ("fabric", "plane", "a_device", "a_port", "b_device", "b_port")
_NEITHER, _STAY, _MOVED = range(3)


@dataclass(frozen=True, slots=True)
class Recabling:
    """The cables of one fabric before and after a change. A cable with several links is as good as its worst one."""

    fabric: str
    stay_count: int
    """Both plugs stay where they are."""
    new_count: int
    moved_count: int
    """One plug stays, the other goes to another port."""
    removed_count: int
    """Taken out, and not needed at either of its ends."""

    @property
    def touches_existing(self) -> bool:
        """Whether anybody has to touch what is plugged."""
        return bool(self.moved_count or self.removed_count)


def recabling(before: pl.DataFrame, after: pl.DataFrame) -> tuple[Recabling, ...]:
    """The fabrics of two designs, by name, those without any change included.

    Both frames have `LINK_COLUMNS`, as the tables of cables have: a row a link, `cable` alike for links of one cable.
    """
    old, new = (_numbered(frame) for frame in (before, after))
    kept = old.join(new, on=_LINK, how="inner").select(old="row", new="row_right")
    gone = old.join(kept, left_on="row", right_on="old", how="anti")
    come = new.join(kept, left_on="row", right_on="new", how="anti")
    moved = _moved(gone, come)
    was = _told(old, stay=kept["old"], moved=moved["old"])
    will = _told(new, stay=kept["new"], moved=moved["new"])
    fabrics = sorted({*was["fabric"], *will["fabric"]})
    return tuple(
        Recabling(
            fabric=fabric,
            stay_count=_count(will, fabric, _STAY),
            new_count=_count(will, fabric, _NEITHER),
            moved_count=_count(will, fabric, _MOVED),
            removed_count=_count(was, fabric, _NEITHER),
        )
        for fabric in fabrics
    )


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "fabric",
        "cable",
        pl.col("plane").cast(pl.Int64),
        "a_device",
        pl.col("a_port").cast(pl.Int64),
        "b_device",
        pl.col("b_port").cast(pl.Int64),
    ).with_row_index("row")


def _moved(gone: pl.DataFrame, come: pl.DataFrame) -> pl.DataFrame:
    """Links that go and links that come in pairs with a common end, each in one pair: old, new.

    The first end goes before the second: it is the lower one, where a cable is bundled with its neighbours.
    """
    pairs = []
    for end in "ab":
        on = ["fabric", "plane", f"{end}_device", f"{end}_port"]
        pair = gone.unique(on, keep="first", maintain_order=True).join(
            come.unique(on, keep="first", maintain_order=True), on=on, how="inner", maintain_order="left"
        )
        pairs.append(pair.select(old="row", new="row_right"))
        gone = gone.join(pairs[-1], left_on="row", right_on="old", how="anti")
        come = come.join(pairs[-1], left_on="row", right_on="new", how="anti")
    return pl.concat(pairs)


def _told(links: pl.DataFrame, stay: pl.Series, moved: pl.Series) -> pl.DataFrame:
    """fabric, cable, what: moved where one of its links moves, else stay where one stays, else neither."""
    what = np.zeros(links.height, np.int8)
    what[stay.to_numpy()] = _STAY
    what[moved.to_numpy()] = _MOVED
    return links.with_columns(what=pl.Series(what)).group_by("fabric", "cable").agg(pl.col("what").max())


def _count(cables: pl.DataFrame, fabric: str, what: int) -> int:
    return cables.filter((pl.col("fabric") == fabric) & (pl.col("what") == what)).height
