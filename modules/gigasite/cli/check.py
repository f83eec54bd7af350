"""`gigasite check`: what is wrong with a site's design, for people and for pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gigasite.cli.output import format_option
from gigasite.cli.sites import find_site
from gigasite.cli.work import checked, designed
from gigasite.errors import Finding, FindingsError, Severity, errors_of

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite

_LEVELS = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@click.command()
@click.argument("site")
@click.option("--only", multiple=True, metavar="CODE", help="Only this check (PWR101) or domain (PWR); repeatable.")
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="OTHER",
    help="Another site: whether both say the same of the circuits between them; repeatable.",
)
@click.option(
    "--severity",
    "least",
    type=click.Choice([level.value for level in _LEVELS]),
    default=Severity.INFO.value,
    show_default=True,
    help="The least severity to print.",
)
@click.option("--all", "each", is_flag=True, help="As text: a line for each information, also where many are alike.")
@format_option("sarif", "github")
def check(site: str, only: tuple[str, ...], others: tuple[str, ...], least: str, each: bool, style: str) -> int:
    """Check the design of SITE; exit 1 where a finding has severity error."""
    file = find_site(site)
    try:
        whole = designed(file)
        findings = checked(whole, only or None)
        if others:
            findings = _with_others(whole, findings, others)
    except FindingsError as error:
        findings = error.findings
    wanted = _LEVELS[: _LEVELS.index(Severity(least)) + 1]
    shown = tuple(f for f in findings if f.severity in wanted)
    print(rendered(shown, "full-text" if style == "text" and (each or only) else style), end="")
    return 1 if errors_of(findings) else 0


def _with_others(site: DesignedSite, findings: tuple[Finding, ...], others: tuple[str, ...]) -> tuple[Finding, ...]:
    """The findings, with those about circuits to the other sites, each at its line."""
    from gigasite.checks.registry import ordered
    from gigasite.design.interconnect.agreement import disagreements

    far = [designed(find_site(other)).design for other in others]
    told = [site.loaded.placed(found) for other in far for found in disagreements(site.design, other)]
    return ordered((*findings, *told))


def rendered(findings: tuple[Finding, ...], style: str) -> str:
    """Findings as text (folded, or in full), JSON, SARIF or GitHub annotations."""
    from gigasite.checks import formats

    return {
        "text": formats.text,
        "full-text": formats.full_text,
        "json": formats.json,
        "sarif": formats.sarif,
        "github": formats.github,
    }[style](findings)
