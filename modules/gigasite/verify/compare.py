"""What was found against the design: links that are as designed, links that are not, and links that are not there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gigasite.verify.ends import Ends
from gigasite.verify.resolve import Adjacency


@dataclass(frozen=True, slots=True)
class Comparison:
    """Links by number (an end halved).

    `wrong` and `extra` are adjacencies (columns of `Adjacency.rows`), each told once: those that touch a designed
    port, and those that touch none. `missing`: links that are not as designed and of which an end was looked at.
    `unseen`: links of which no end was looked at. `slow`: link, gbps.
    `contradicting`: adjacencies between designed ports of which one is as designed, as somebody else tells.
    """

    good_count: int
    wrong: pl.DataFrame
    extra: pl.DataFrame
    missing: list[int]
    unseen: list[int]
    slow: pl.DataFrame
    contradicting: pl.DataFrame

    def without_speed(self) -> Comparison:
        """The same, with nothing said of speeds."""
        return replace(self, slow=self.slow.clear())


def compared(ends: Ends, found: Adjacency) -> Comparison:
    """Every found adjacency and every designed link put into its class."""
    rows = _once(found.rows)
    count = ends.table.height // 2
    good = _good(rows, ends)
    as_designed = rows.filter(pl.Series(good))
    others = rows.filter(~pl.Series(good))
    link_good = np.zeros(count, bool)
    link = pl.coalesce("a_end", "b_end") // 2
    links = as_designed.select(link.alias("link"), "gbps")
    link_good[links["link"].to_numpy()] = True
    seen = np.zeros(count, bool)
    seen[found.seen.to_numpy() // 2] = True
    # A port that is as designed to one neighbour has no other: what else is told of it is out of date, or of a second
    # speaker behind the port, such as the firmware of a NIC.
    done = np.repeat(link_good, 2)
    at_good = _at(done, others["a_end"]) | _at(done, others["b_end"])
    both = others["a_end"].is_not_null() & others["b_end"].is_not_null()
    contradicting = others.filter(at_good & both)
    others = others.filter(~at_good)
    touches = others["a_end"].is_not_null() | others["b_end"].is_not_null()
    known = others["a_known"] | others["b_known"]
    designed = ends.table.filter(pl.col("end") % 2 == 0).select(link=pl.col("end") // 2, designed="gbps")
    slow = (
        links.drop_nulls("gbps")
        .group_by("link")
        .agg(pl.col("gbps").min())
        .join(designed, on="link")
        .filter(pl.col("gbps") < pl.col("designed") * 0.99)
        .sort("link")
    )
    return Comparison(
        good_count=int(link_good.sum()),
        wrong=others.filter(touches),
        extra=others.filter(~touches & known),
        missing=np.flatnonzero(~link_good & seen).tolist(),
        unseen=np.flatnonzero(~link_good & ~seen).tolist(),
        slow=slow,
        contradicting=contradicting,
    )


def _good(rows: pl.DataFrame, ends: Ends) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether both ends are the two of one cable.

    A device that does not name its port as the design does is taken at its word, as long as it is the right one.
    """
    device = ends.table["device"]
    exact = (rows["a_end"].fill_null(-1) == rows["b_end"].fill_null(-3) ^ 1).to_numpy()
    for own, far in (("a", "b"), ("b", "a")):
        only = rows[f"{own}_end"].is_not_null() & rows[f"{far}_end"].is_null() & rows[f"{far}_known"]
        expected = device.gather((rows[f"{own}_end"].fill_null(0) ^ 1).cast(pl.UInt32))
        named = rows[f"{far}_port"].is_not_null() & _is_ours(rows, far, ends)
        exact = exact | (only & (expected == rows[f"{far}_device"]) & ~named).to_numpy()
    return exact


def _is_ours(rows: pl.DataFrame, side: str, ends: Ends) -> pl.Series:
    """Whether the device names its ports as the design does: its port's name is one that some port of it could have."""
    shape = pl.col("label").str.replace_all(r"\d+", "#")
    known = ends.labels.select("device", label=shape).unique().with_columns(ours=True)
    asked = rows.select(device=f"{side}_device", label=pl.col(f"{side}_port").str.replace_all(r"\d+", "#")).join(
        known, on=["device", "label"], how="left", maintain_order="left"
    )
    return asked["ours"].fill_null(False)


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Each adjacency once, although both ends tell of it; an end of the design goes first."""
    order = [pl.col("a_end").fill_null(1 << 60), pl.col("b_end").fill_null(1 << 60)]
    text = [pl.concat_str(f"{side}_device", pl.col(f"{side}_port").fill_null(""), separator="\n") for side in "ab"]
    swap = rows.select((order[0] > order[1]) | ((order[0] == order[1]) & (text[0] > text[1]))).to_series()
    sides = {"a": "b", "b": "a"}
    turned = rows.select(
        *(
            pl.when(swap).then(f"{sides[side]}_{what}").otherwise(f"{side}_{what}").alias(f"{side}_{what}")
            for side in "ab"
            for what in ("device", "port", "end", "known")
        ),
        "gbps",
    )
    key = ["a_device", "a_end", "b_device", "b_end"]
    unknown = pl.when(pl.col("b_end").is_null()).then(
        pl.concat_str("a_port", "b_port", separator="\n", ignore_nulls=True)
    )
    return (
        turned.with_columns(key=unknown)
        .sort(*key, "key", "gbps", nulls_last=True)
        .unique([*key, "key"], keep="first", maintain_order=True)
        .drop("key")
    )


def _at(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], ends: pl.Series) -> pl.Series:
    """The flag of each end; false where it is null."""
    picked = flags[ends.fill_null(0).to_numpy()] if len(flags) else np.zeros(len(ends), bool)
    return pl.Series(picked) & ends.is_not_null()
