"""Networks that are missing, too small, or somebody else's."""

from __future__ import annotations

import pytest

from gigasite.errors import Finding, Severity

from .designs import H100, findings_of

ALL_PRIVATE = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10"


def of_code(code: str, network: str) -> list[Finding]:
    return [finding for finding in findings_of(f"{H100}network: {network}\n") if finding.code == code]


def test_a_fabric_that_no_network_is_free_for_is_an_error() -> None:
    found = of_code("ADR101", f"{{reserved: [{ALL_PRIVATE}]}}")
    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert {finding.message.split(":")[0] for finding in found} == {"fabric inband", "fabric oob"}


def test_a_taken_private_network_leaves_others() -> None:
    assert not of_code("ADR101", "{reserved: [10.0.0.0/8]}")


def test_an_ipv6_prefix_that_is_too_long_is_one_error_with_the_length_that_is_enough() -> None:
    (found,) = of_code("ADR101", "{ipv6: '2001:db8::/60'}")
    assert found.at == "network.ipv6"
    length = int(found.hint.partition("/")[2].partition(" ")[0])
    assert not of_code("ADR103", "{ipv6: '2001:db8::/60'}")
    assert not of_code("ADR101", f"{{ipv6: '2001:db8::/{length}'}}")
    assert of_code("ADR101", f"{{ipv6: '2001:db8::/{length + 1}'}}")


@pytest.mark.parametrize(
    "network", ["{supernets: {oob: 8.8.0.0/16}}", "{supernets: {oob: 172.0.0.0/8}}", "{asn_base: 1}"]
)
def test_public_numbers_are_a_warning(network: str) -> None:
    (found,) = of_code("ADR109", network)
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "network", ["{supernets: {oob: 100.64.0.0/16}}", "{supernets: {oob: 192.168.0.0/16}}", "{}", "{asn_base: 65000}"]
)
def test_private_numbers_are_no_warning(network: str) -> None:
    assert not of_code("ADR109", network)
