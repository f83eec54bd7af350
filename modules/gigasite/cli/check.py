"""`gigasite check`: what is wrong with a site's design, for people and for pipelines."""

from __future__ import annotations

import click

from gigasite.cli.output import format_option
from gigasite.cli.sites import find_site
from gigasite.cli.work import checked, designed, errors_of
from gigasite.errors import Finding, FindingsError


@click.command()
@click.argument("site")
@click.option("--only", multiple=True, metavar="CODE", help="Only this check (PWR101) or domain (PWR); repeatable.")
@format_option("sarif", "github")
def check(site: str, only: tuple[str, ...], style: str) -> int:
    """Check the design of SITE; exit 1 where a finding has severity error."""
    file = find_site(site)
    try:
        findings = checked(designed(file), only or None)
    except FindingsError as error:
        findings = error.findings
    print(rendered(findings, style), end="")
    return 1 if errors_of(findings) else 0


def rendered(findings: tuple[Finding, ...], style: str) -> str:
    """Findings as text, JSON, SARIF or GitHub annotations."""
    from gigasite.checks import formats

    return {"text": formats.text, "json": formats.json, "sarif": formats.sarif, "github": formats.github}[style](
        findings
    )
