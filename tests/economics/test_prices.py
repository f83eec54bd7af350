"""Prices: whose holds, what an unknown one does, and that every price of the catalog says what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.models import Form, System
from gigasite.catalog.price_products import Price
from gigasite.economics.lines import Line, known, part_of, table, total, unknown_items
from gigasite.economics.prices import PriceBook, UnitPrice, month_number, unknown_price, youngest
from gigasite.spec.economics import PriceSpec

from .sites import CATALOG

PRICES = CATALOG.all_of(Price)


@pytest.mark.parametrize("price", PRICES, ids=lambda price: price.key)
def test_every_price_says_its_date_its_basis_and_a_band_around_it(price: Price) -> None:
    assert price.usd is not None
    assert price.usd_low is not None
    assert price.usd_high is not None
    assert price.usd_low <= price.usd <= price.usd_high
    assert price.as_of is not None
    assert 2020 * 12 <= month_number(price.as_of) < 2030 * 12
    assert len(price.basis) > 5


def test_an_assumed_price_has_a_wide_band() -> None:
    """A single figure without a source would look like knowledge."""
    for price in PRICES:
        source = CATALOG.origin(price, "usd")
        assert source is not None
        if source.tier == "assumption":
            assert price.usd_high > 1.2 * price.usd_low, price.key


def test_every_system_that_can_be_bought_has_a_price_or_is_announced_only() -> None:
    priced = {price.key for price in PRICES}
    for system in CATALOG.all_of(System):
        bought = system.form is not Form.CLOUD and system.key not in ("amd-helios", "rubin-ultra-kyber-nvl576")
        assert (system.key in priced) == bought, system.key


def test_the_price_of_the_site_holds_over_that_of_the_catalog() -> None:
    book = PriceBook(CATALOG, {"dgx-h100": PriceSpec(usd=250_000, as_of="2026-05", source="an offer")})
    found = book.find("dgx-h100")
    assert (found.usd, found.usd_low, found.usd_high) == (250_000, 250_000, 250_000)
    assert (found.confidence, found.source, found.as_of) == ("site", "an offer", "2026-05")
    assert PriceBook(CATALOG, {}).find("dgx-h100").usd == 270_000


def test_of_several_names_the_first_that_has_a_price_holds() -> None:
    book = PriceBook(CATALOG, {"our-chiller": PriceSpec(usd=500)})
    assert book.find("our-chiller", "chiller", unit="kw").usd == 500
    assert book.find("nobody-knows", "chiller", unit="kw").key == "chiller"
    assert book.find("chiller").usd is None, "a price for a kW is no price for a machine"


def test_a_price_that_nobody_gives_is_unknown_under_the_name_to_state_it_by() -> None:
    found = PriceBook(CATALOG, {}).find("amd-helios")
    assert (found.key, found.usd, found.confidence) == ("amd-helios", None, "unknown")


def test_a_stated_price_lies_in_its_own_band() -> None:
    assert PriceSpec(usd=10, usd_low=8, usd_high=12).usd == 10
    with pytest.raises(ValueError, match="outside its own band"):
        PriceSpec(usd=10, usd_low=11)


def test_dates_are_compared_by_month() -> None:
    assert youngest(["2025", "2026-05", "2024-12", None]) == "2026-05"
    assert youngest([None]) is None
    assert month_number("2026-05") - month_number("2025") == 16


def _line(quantity: float | None, usd: float | None, group: str = "power") -> Line:
    return Line(group, "thing", quantity, UnitPrice("thing", "each", usd, usd, usd, None, "site", ""), "it")


@given(st.lists(st.tuples(st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6)), min_size=1, max_size=8))
def test_a_total_is_unknown_as_soon_as_one_line_is_and_never_less_than_what_is_known(
    rows: list[tuple[float | None, float | None]],
) -> None:
    frame = table(_line(*row) for row in rows)
    lacking = [row for row in rows if row[0] != 0 and None in row]
    assert (total(frame) is None) == bool(lacking)
    assert len(unknown_items(frame)) == len(lacking)
    if not lacking:
        assert total(frame) == pytest.approx(known(frame))


def test_nothing_of_something_priceless_costs_nothing() -> None:
    assert _line(0, None).usd == 0
    assert _line(None, 5.0).usd is None
    assert total(table([]), "usd") == 0


def test_a_part_of_other_lines_has_their_band() -> None:
    price = UnitPrice("a", "kw", 100, 80, 150, "2025", "assumed", "")
    ratio = UnitPrice("r", "ratio", 0.1, 0.05, 0.2, "2025", "assumed", "")
    part = part_of("people", "work", [Line("power", "a", 10, price, "facility")], ratio, "facility")
    assert (part.usd, part.usd_low, part.usd_high) == pytest.approx((100, 40, 300))
    lacking = [Line("power", "a", 10, unknown_price("a", "kw"), "facility")]
    assert part_of("people", "work", lacking, ratio, "facility").usd is None
