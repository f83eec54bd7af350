"""The stages that verbs share: load, design, check, with every finding at its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gigasite.cli.output import working
from gigasite.errors import Finding, FindingsError, GigasiteError, Severity

if TYPE_CHECKING:
    from gigasite.catalog.load import Catalog
    from gigasite.design.model import Design
    from gigasite.spec.loader import LoadedSite

CATALOG_FOLDER: Final = "catalog"
_DOTTED = re.compile(r"[a-z_]+(\[\d+\]|\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Designed:
    """A site file, the catalog it was read with, and what follows from both."""

    loaded: LoadedSite
    catalog: Catalog
    design: Design


def load(file: Path) -> tuple[LoadedSite, Catalog]:
    """The site of a file, with the catalog folder that stands beside it, if one does."""
    from gigasite.catalog.load import load_catalog
    from gigasite.spec.loader import load_site

    overlay = file.parent / CATALOG_FOLDER
    catalog = load_catalog(overlay if overlay.is_dir() else None)
    return load_site(file, catalog), catalog


def designed(file: Path) -> Designed:
    """The design of a site file. Raises FindingsError, or GigasiteError at the line that it is about."""
    loaded, catalog = load(file)
    from gigasite.design.expand import expand

    with working("designing …"):
        try:
            return Designed(loaded, catalog, expand(loaded.spec, catalog))
        except FindingsError as error:
            raise FindingsError(loaded.placed(finding) for finding in error.findings) from None
        except GigasiteError as error:
            if error.path and _DOTTED.fullmatch(error.path):
                error.path = str(loaded.place_of(error.path))
            raise


def checked(site: Designed, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """What the checks find, errors first, each with its line."""
    from gigasite.checks import run

    with working("checking …"):
        found = run(site.design, site.catalog, only)
    return tuple(site.loaded.placed(finding) for finding in found)


def errors_of(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Those of severity error."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
