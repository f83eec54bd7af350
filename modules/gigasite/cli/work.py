"""The stages that verbs share: load, design, check, with progress where they take long."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from gigasite.cli.output import working
from gigasite.errors import Finding

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite


def designed(file: Path) -> DesignedSite:
    """The design of a site file. Raises FindingsError, or GigasiteError at the line that it is about."""
    from gigasite.checks.site import design_site

    with working("designing …"):
        return design_site(file)


def checked(site: DesignedSite, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """What the checks find, errors first, each with its line."""
    with working("checking …"):
        return site.findings if only is None else site.findings_of(only)
