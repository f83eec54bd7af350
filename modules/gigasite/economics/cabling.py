"""What cabling costs: transceivers by cage, cables by piece, fibre by metre.

A price that the site states for a kind of link pays for all of it: both ends and what is between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.cabling_products import Transceiver
from gigasite.catalog.models import CableKind
from gigasite.design.cabling.pieces import pieces
from gigasite.design.cabling.ways import OPTICS
from gigasite.design.model import Design
from gigasite.economics.lines import Line
from gigasite.economics.prices import PriceBook, UnitPrice

_COLUMNS = ("media", "product", "gbps", "length_m", "piece", "piece_count")


def cabling_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Links with a price of their own, then transceivers, cables with plugs, and metres of fibre."""
    cables, modules = design.tables.cables.select(_COLUMNS), design.tables.modules
    kinds = cables["media"].unique().drop_nulls().sort().to_list()
    whole = [media for media in kinds if book.find(media).usd is not None]
    own = cables.filter(pl.col("media").is_in(whole)).group_by("media").len().sort("media")
    for media, count in own.iter_rows():
        yield Line("network", f"{media} links, all of them", count, book.find(media), "it")
    rest = cables.filter(~pl.col("media").is_in(whole) | pl.col("media").is_null()) if whole else cables
    optical = [media for media in kinds if media not in whole and _kind(media, book).media in OPTICS]
    yield from _transceivers(rest, modules, optical, book)
    yield from _cables(pieces(rest), optical, book)


def _transceivers(links: pl.DataFrame, modules: pl.DataFrame, media: list[str], book: PriceBook) -> Iterator[Line]:
    """Modules by product; ends whose module nobody knows by the rate of their link."""
    held = modules.group_by("media", "product").agg(pl.len(), pl.col("link_count").sum()).drop_nulls("product")
    known = held.filter(pl.col("media").is_in(media))
    for product, count in known.group_by("product").agg(pl.col("len").sum()).sort("product").iter_rows():
        yield Line("network", f"transceiver {product}", count, transceiver_price(product, book), "it")
    ends = links.group_by("media").agg(pl.len() * 2, pl.col("gbps").first())
    ends = ends.filter(pl.col("media").is_in(media)).sort("media")
    covered = dict(known.group_by("media").agg(pl.col("link_count").sum()).iter_rows())
    for name, count, gbps in ends.iter_rows():
        left = count - covered.get(name, 0)
        if left:
            general = book.find(f"optics-{_kind(name, book).media}", unit="gbps").times(gbps)
            yield Line("network", f"ends of {name} links without a known transceiver", left, general, "it")


def transceiver_price(product: str, book: PriceBook) -> UnitPrice:
    """Of one module: its own price, or that of its light by the rate of all its ports."""
    own = book.find(product)
    if own.usd is not None:
        return own
    item = book.catalog.of(Transceiver, product)
    return book.find(f"optics-{_kind(item.media[0], book).media}", unit="gbps").times(item.gbps)


def _cables(found: pl.DataFrame, optical: list[str], book: PriceBook) -> Iterator[Line]:
    """Cables with plugs by product, fibres by the metre, and what has no kind by the piece."""
    kinds = found.group_by("media", "product", "gbps").agg(
        pl.len(),
        metres=(pl.col("length_m") * pl.col("piece_count")).sum(),
        unmeasured=pl.col("length_m").null_count(),
    )
    kinds = kinds.sort("media", "product", "gbps", nulls_last=True)
    plugs = kinds.filter(~pl.col("media").is_in(optical) | pl.col("media").is_null())
    for media, product, gbps, count in plugs.select("media", "product", "gbps", "len").iter_rows():
        name = f"cable {product}" if product else f"{media or 'unknown'} cable"
        yield Line("network", f"{name} of {gbps:g} Gb/s", count, cable_price(media, product, gbps, book), "it")
    fibres = kinds.filter(pl.col("media").is_in(optical))
    if fibres.height:
        total_m = None if fibres["unmeasured"].sum() else float(fibres["metres"].sum())
        yield Line("network", "trunk fibre", total_m, book.find("fibre", unit="m"), "it")


def cable_price(media: str | None, product: str | None, gbps: float, book: PriceBook) -> UnitPrice:
    """Of one cable with its plugs: its own price, or that of its media by the rate of all its links."""
    if media is None:
        return book.find("link")
    own = book.find(product) if product else None
    if own is not None and own.usd is not None:
        return own
    kind = _kind(media, book).media
    return book.find("copper") if kind == "copper" else book.find(kind, unit="gbps").times(gbps)


def _kind(media: str, book: PriceBook) -> CableKind:
    return book.catalog.of(CableKind, media)
