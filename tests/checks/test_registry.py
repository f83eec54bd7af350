"""How checks are declared, chosen and ordered."""

from __future__ import annotations

import pytest

from gigasite.checks import all_checks, ordered
from gigasite.checks.registry import DOMAINS, declare
from gigasite.errors import Finding, Severity


def test_codes_are_unique_and_belong_to_a_domain() -> None:
    codes = [check.code for check in all_checks()]
    assert len(set(codes)) == len(codes) > 50
    assert codes == sorted(codes)
    assert {code[:3] for code in codes} <= set(DOMAINS)


def test_titles_state_what_holds() -> None:
    for check in all_checks():
        assert check.title[0].isupper()
        assert not check.title.endswith(".")


@pytest.mark.parametrize("code", ["PWR1", "XYZ101", "pwr101", "PWR1011", "PWR001"])
def test_malformed_codes_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is no code"):
        declare(code, Severity.ERROR, "Nothing")


def test_a_code_is_declared_once() -> None:
    all_checks()
    with pytest.raises(ValueError, match="PWR101 is taken"):
        declare("PWR101", Severity.ERROR, "Again")


def test_errors_come_first_then_codes_then_places_as_a_reader_counts() -> None:
    def finding(code: str, severity: Severity, at: str) -> Finding:
        return Finding(code, severity, "m", at=at)

    wanted = [
        finding("ADR101", Severity.ERROR, "z"),
        finding("PWR101", Severity.ERROR, "pools[2]"),
        finding("PWR101", Severity.ERROR, "pools[10]"),
        finding("ADR101", Severity.WARNING, "a"),
        finding("ADR101", Severity.INFO, "a"),
    ]
    assert list(ordered(wanted[::-1])) == wanted
