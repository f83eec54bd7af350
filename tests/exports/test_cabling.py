"""Bills of materials, labels and the pages of crews."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import polars as pl
import pytest

from gigasite.catalog import load_catalog
from gigasite.components.cabling_papers import cabling_papers
from gigasite.design.model import Design
from gigasite.exports.bom import bill_of_materials, bom_files
from gigasite.exports.crews import crew_schedules, product_totals, pull_list, sheet
from gigasite.render.crew_page import crew_page
from tests.design.sites import design as designed
from tests.design.sites import pool

CATALOG = load_catalog()


@pytest.fixture(scope="module")
def superpod() -> Design:
    return designed(pool("dgx-h100", scalable_units=2, build_to_scalable_units=4))


def everything(schedules: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(schedules.values())


def test_the_bill_counts_every_module_and_every_piece_once(superpod: Design) -> None:
    bill = bill_of_materials(superpod, "compute", CATALOG)
    modules = superpod.tables.modules.filter(pl.col("fabric") == "compute")
    cables = superpod.tables.cables.filter(pl.col("fabric") == "compute").unique("piece")
    counts = dict(bill.group_by("form").agg(pl.col("count").sum()).iter_rows())
    assert counts == {"transceiver": modules.height, "cable": cables["piece_count"].sum()}


def test_spares_are_the_sites_share_of_each_row_rounded_up() -> None:
    site = designed(pool("dgx-h100", scalable_units=1), racks={"cabling_spare_ratio": 0.1})
    bill = bill_of_materials(site, "compute", CATALOG)
    assert (bill["spare_count"] >= bill["count"] * 0.1).all()
    assert (bill["spare_count"] < bill["count"] * 0.1 + 1).all()
    assert (bill["order_count"] == bill["count"] + bill["spare_count"]).all()


def test_the_bill_is_the_same_in_csv_and_json(superpod: Design) -> None:
    files = bom_files(superpod, "compute", CATALOG)
    assert len(json.loads(files["bom.json"])["items"]) == len(files["bom.csv"].splitlines()) - 1


def test_what_no_source_names_stands_in_the_bill_by_its_media() -> None:
    bill = bill_of_materials(designed(pool("instinct-mi300x", scalable_units=1)), "compute", CATALOG)
    unknown = bill.filter(pl.col("product").is_null())
    assert unknown.height
    assert unknown["title"].str.starts_with("unknown product for").all()


def test_every_cable_is_in_one_crew_and_has_a_label_at_both_ends(superpod: Design) -> None:
    schedules = crew_schedules(superpod, "compute")
    links = superpod.tables.cables.filter(pl.col("fabric") == "compute").height
    assert everything(schedules).height == links
    sheets = pl.concat([sheet(schedule) for schedule in schedules.values()])
    assert sheets.height == links
    assert not sheets.select("a_label", "b_label").null_count().sum_horizontal().sum()


def test_a_cable_that_is_a_leg_of_anothers_piece_names_it(superpod: Design) -> None:
    rows = everything(crew_schedules(superpod, "compute"))
    shares = sheet(rows)["shares"]
    assert (shares.is_null() == (rows["piece"] == rows["cable"])).all()
    assert shares.drop_nulls().is_in(rows["cable"].implode()).all()


def test_no_two_plugs_have_the_same_place(superpod: Design) -> None:
    rows = everything(crew_schedules(superpod, "compute"))
    ends = pl.concat([rows["a_label"], rows["b_label"].rename("a_label")])
    assert ends.n_unique() == ends.len()


def test_labels_of_what_exists_stay_when_the_site_grows(superpod: Design) -> None:
    grown = designed(pool("dgx-h100", scalable_units=3, build_to_scalable_units=4))
    nodes = "hall-01-node-leaf"
    ends = ["cable", "a_label", "b_label"]
    before = crew_schedules(superpod, "compute")[nodes].select(ends)
    after = crew_schedules(grown, "compute")[nodes].select(ends)
    assert before.join(after, on=ends, how="anti").is_empty()


def test_pull_lists_and_sums_have_the_same_pieces_and_metres(superpod: Design) -> None:
    for schedule in crew_schedules(superpod, "compute").values():
        pulled, summed = pull_list(schedule), product_totals(schedule)
        assert pulled["piece_count"].sum() == summed["piece_count"].sum()
        assert pulled["total_m"].sum() == pytest.approx(summed["total_m"].sum())


class _Cells(HTMLParser):
    """Counts rows, and collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_the_page_has_a_sheet_for_each_rack_and_escapes_what_it_prints(superpod: Design) -> None:
    schedule = crew_schedules(superpod, "compute")["hall-01-node-leaf"]
    hostile = schedule.with_columns(cable=pl.lit("<script>alert('&')</script>"), a_rack=pl.col("a_rack") + "<b>")
    parser = _Cells()
    page = crew_page("<i>site", "compute", "crew", hostile, product_totals(hostile))
    parser.feed(page)
    assert not {"script", "b", "i", "link", "img"} & set(parser.tags)
    racks, devices = schedule["a_rack"].n_unique(), schedule["a_device"].n_unique()
    products = product_totals(hostile).height
    assert parser.tags.count("section") == racks
    assert parser.tags.count("tr") == schedule.height + devices + 2 * racks + products + 1
    assert "&lt;script&gt;alert(&#39;&amp;&#39;)" in page


def test_papers_are_folders_of_their_own_and_the_same_each_time(superpod: Design) -> None:
    papers = cabling_papers(superpod, "compute", CATALOG)
    assert papers == cabling_papers(superpod, "compute", CATALOG)
    assert len({folder.path for folder in papers}) == len(papers) == 1 + 3
