"""Every code has a page whose examples do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gigasite import checks
from gigasite.checks.pagebook import HEADINGS, codes, section
from gigasite.errors import Severity, UsageError
from gigasite.spec.codes import LOADER_CODES

from .designs import H100, design_of, findings_of, found
from .overlay import OVERLAID, overlaid_codes, verified_codes
from .tampered import BAD, bad_design, good_design

ALL = [check.code for check in checks.all_checks() if check.code not in LOADER_CODES]
INDEX = Path(__file__).parents[2] / "docs" / "checks" / "README.md"


# Whose good case is no site file of a few lines, and where it is tried.
GOOD_ELSEWHERE = {
    "PHS201": "a site that states every setting: tests/design/test_settings.py",
    "PHS203": "a catalog of verified facts: below",
    "OPS103": "controllers with two ports each, which no catalogued system has",
}

# What is found in files beside the site file, or on the machines themselves.
BAD_ELSEWHERE = {
    "SPC201": "a pin beside the site file: tests/cli/test_pins.py",
    "DEP101": "an inventory of GUIDs: tests/infiniband/test_guids.py",
    **{f"DEP{number}": "cables: tests/verify/test_mistakes.py" for number in range(111, 121)},
}


def example(code: str, heading: str) -> str | None:
    """The site file under a heading of a page, or None."""
    match = re.search(r"```yaml\n(.*?)```", section(checks.page(code), heading), re.DOTALL)
    return match.group(1) if match else None


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert codes() == ALL
    assert all(checks.page(check.code) for check in checks.all_checks())


@pytest.mark.parametrize("code", ALL)
def test_pages_have_all_headings_with_something_under_each(code: str) -> None:
    text = checks.page(code)
    title = next(check.title for check in checks.all_checks() if check.code == code)
    assert text.splitlines()[0] == f"# {code}: {title}"
    assert tuple(re.findall(r"^## (.*)$", text, re.MULTILINE)) == HEADINGS
    for heading in HEADINGS:
        assert section(text, heading), heading


@pytest.mark.parametrize("code", ALL)
def test_every_code_has_a_bad_and_a_good_case(code: str) -> None:
    assert example(code, "Bad") or code in BAD or code in OVERLAID or code in BAD_ELSEWHERE
    assert example(code, "Good") or code in GOOD_ELSEWHERE


@pytest.mark.parametrize("code", [code for code in ALL if example(code, "Bad")])
def test_the_bad_example_has_the_finding(code: str) -> None:
    text = example(code, "Bad")
    assert text
    assert code in {finding.code for finding in findings_of(text, {code})}


@pytest.mark.parametrize("code", [code for code in ALL if example(code, "Good")])
def test_the_good_example_does_not_have_the_finding(code: str) -> None:
    text = example(code, "Good")
    assert text
    found = findings_of(text)
    assert code not in {finding.code for finding in found}
    assert [str(finding) for finding in found if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("code", sorted(BAD))
def test_a_design_that_was_tampered_with_has_the_finding(code: str) -> None:
    assert code not in found(good_design(code), {code})
    assert code in found(bad_design(code), {code})


@pytest.mark.parametrize("code", sorted(OVERLAID))
def test_a_catalog_with_gaps_has_the_finding(code: str, tmp_path: Path) -> None:
    assert code in overlaid_codes(code, tmp_path)


def test_facts_that_were_all_read_have_no_finding() -> None:
    assert "PHS203" not in verified_codes()


def test_unknown_codes_are_a_usage_error_with_the_nearest_codes() -> None:
    with pytest.raises(UsageError, match="no page for 'PWR10'") as caught:
        checks.page("PWR10")
    assert "PWR101" in caught.value.hint


@pytest.mark.parametrize("code", ["../registry", "", "PWR101.md", "pages/PWR101"])
def test_a_code_is_no_path(code: str) -> None:
    with pytest.raises(UsageError):
        checks.page(code)


def test_codes_may_be_written_in_lower_case() -> None:
    assert checks.page("pwr101") == checks.page("PWR101")


def test_the_index_in_the_documentation_is_the_generated_one() -> None:
    assert checks.index("../../modules/gigasite/checks/pages/") in INDEX.read_text(encoding="utf-8")


def test_only_chooses_codes_and_domains() -> None:
    text = example("PWR102", "Bad")
    assert text
    site = findings_of(text)
    assert {f.code for f in site} > {"PWR102"}
    assert found(design_of(text), {"PWR102"}) == {"PWR102"}
    assert all(code.startswith("PWR") for code in found(design_of(text), {"pwr"}))


def test_only_refuses_codes_that_do_not_exist() -> None:
    with pytest.raises(UsageError, match="no check 'PWR999'"):
        found(design_of(H100), {"PWR999"})
