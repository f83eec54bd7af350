"""`gigasite explain`: a finding's page, or where a value of a site came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from gigasite.cli.output import format_option, plain_value, print_json, print_table
from gigasite.cli.sites import find_site
from gigasite.cli.work import checked, designed
from gigasite.errors import Finding, UsageError

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite

_CODE = re.compile(r"[A-Za-z0-9]{3}\d{3}")


@click.command()
@click.argument("what")
@click.argument("site", required=False)
@format_option()
def explain(what: str, site: str | None, style: str) -> None:
    """Explain WHAT: a code (PWR101), or with SITE a setting (power.blocks.topology)."""
    if site is None or _CODE.fullmatch(what):
        text = code_page(what)
        found = [] if site is None else _found(site, what.upper())
        if style == "json":
            print_json({"code": what.upper(), "page": text, "findings": [str(finding) for finding in found]})
            return
        print("\n".join((text.rstrip(), *(["", f"In {site}:", ""] if found else []), *map(str, found))))
        return
    values = _origins(designed(find_site(site)), what)
    if style == "json":
        print_json({"path": what, "values": values})
        return
    rows = [(f["path"], plain_value(f["value"]), f["origin"], f["line"] or "", f["why"]) for f in values]
    print_table(f"Where {what} comes from", ("setting", "value", "from", "line", "why"), rows)


def code_page(code: str) -> str:
    """The page of a code. Raises UsageError where there is none."""
    from gigasite.checks import page

    if not _CODE.fullmatch(code):
        hint = "a code looks like PWR101; for a setting give the site too: `gigasite explain PATH SITE`"
        raise UsageError(f"{code!r:.80} is no code", hint=hint)
    return page(code)


def _found(site: str, code: str) -> list[Finding]:
    """What the checks find in a site under a code."""
    from gigasite.errors import FindingsError

    try:
        findings = checked(designed(find_site(site)))
    except FindingsError as error:
        findings = error.findings
    return [finding for finding in findings if finding.code == code]


def _origins(whole: DesignedSite, path: str) -> list[dict[str, Any]]:
    """The settings at a path or below it; what the file itself says where the design only took it over."""
    found = [
        {"path": s.path, "value": s.value, "origin": s.origin.value, "why": s.why, "line": _line(whole, s.path)}
        for s in whole.design.settings
        if s.path == path or s.path.startswith((f"{path}.", f"{path}["))
    ]
    said = {item["path"] for item in found}
    for place, value in whole.loaded.scalars():
        if place not in said and (place == path or place.startswith((f"{path}.", f"{path}["))):
            found.append(
                {"path": place, "value": value, "origin": "site", "why": "the site file", "line": _line(whole, place)}
            )
    if found:
        return found
    from gigasite.spec.messages import near

    known = [s.path for s in whole.design.settings] + [place for place, _ in whole.loaded.scalars()]
    raise UsageError(f"nothing is set at {path!r:.80}", hint=near(path, known, "set are"))


def _line(whole: DesignedSite, path: str) -> int | None:
    place = whole.loaded.places.get(path)
    return place.line if place else None
