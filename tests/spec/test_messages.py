"""Every mistake of a site file is told at once, at its line, in words that say what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.checks.pagebook import HEADINGS
from gigasite.errors import Severity
from gigasite.spec.codes import LOADER_CODES, loader_page

from .sites import GOOD, findings, line

CASES = yaml.safe_load(Path(__file__).with_name("bad_sites.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bad_site_gets_these_messages(case: dict[str, Any]) -> None:
    assert [line(finding) for finding in findings(case["site"])] == case["findings"].splitlines()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_findings_are_errors_of_known_codes_in_the_order_of_the_file(case: dict[str, Any]) -> None:
    found = findings(case["site"])
    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert {finding.code for finding in found} <= set(LOADER_CODES)
    places = [(f.place.line, f.place.column) for f in found if f.place]
    assert places == sorted(places)


def test_a_message_stays_on_one_line_and_short() -> None:
    for case in CASES:
        for finding in findings(case["site"]):
            assert "\n" not in str(finding)
            assert len(str(finding)) < 400


def test_every_code_of_site_files_but_the_unreadable_one_has_a_bad_case() -> None:
    seen = {finding.code for case in CASES for finding in findings(case["site"])}
    assert set(LOADER_CODES) - seen == {"SPC100", "SPC190"}


@pytest.mark.parametrize("code", LOADER_CODES)
def test_every_loader_code_has_a_page_with_a_bad_and_a_good_example(code: str) -> None:
    page = loader_page(code)
    assert page is not None
    assert page.startswith(f"# {code}: ")
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(HEADINGS)


@pytest.mark.parametrize("code", [code for code in LOADER_CODES if code not in ("SPC100", "SPC113", "SPC190")])
def test_bad_examples_of_the_pages_give_their_code_and_good_ones_do_not(code: str) -> None:
    known = LOADER_CODES[code]
    assert code in {finding.code for finding in findings(_completed(known.bad))}
    assert code not in {finding.code for finding in findings(_completed(known.good))}


def test_a_good_site_has_no_findings() -> None:
    assert findings(GOOD) == ()


def test_more_than_a_hundred_problems_are_counted_not_listed() -> None:
    found = findings(GOOD + "".join(f"key{index}: 1\n" for index in range(300)))
    assert len(found) == 101
    assert found[-1].message == "200 more problems"


def _completed(example: str) -> str:
    """An example with the name and the pool that every site file has."""
    rest = "" if "pools:" in example else "pools: [{name: train, system: dgx-h100, nodes: 8}]\n"
    return f"name: lab\n{rest}{example}\n"


def test_the_page_of_catalog_files_shows_a_file_that_is_taken(tmp_path: Path) -> None:
    from gigasite.catalog.load import load_catalog
    from gigasite.errors import FindingsError

    folder = tmp_path / "fluids"
    folder.mkdir()
    (folder / "pg30.yaml").write_text(LOADER_CODES["SPC190"].good)
    assert load_catalog(tmp_path).fluid("pg30").density_kg_m3 == 1021
    (folder / "pg30.yaml").write_text(LOADER_CODES["SPC190"].bad)
    with pytest.raises(FindingsError) as caught:
        load_catalog(tmp_path)
    assert {finding.code for finding in caught.value.findings} == {"SPC190"}
