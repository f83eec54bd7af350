"""A site from its file to its findings: the one way in which the command line and the components take it.

The catalog is the built-in one, or that to which a `catalog.pin.json` beside the site file pins it; the folder
`catalog` beside the site file lies over it, if there is one. The last site is remembered for as long as neither its
text nor its catalog changes: a preview designs it once, although the command line shows its findings before the
program registers its resources.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.catalog.pins import PIN_FILE, read_pin
from gigasite.checks.registry import run
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding, FindingsError, GigasiteError
from gigasite.spec.loader import LoadedSite, load_site

CATALOG_FOLDER: Final = "catalog"
_DOTTED = re.compile(r"[a-z_]+(\[\d+\]|\.[\w-]+)*")
_remembered: dict[tuple[Path, str, str], DesignedSite] = {}


@dataclass(frozen=True)
class DesignedSite:
    """A site file, the catalog it was read with, and what follows from both."""

    loaded: LoadedSite
    catalog: Catalog
    design: Design

    @property
    def folder(self) -> Path:
        """The folder of the site file, in which the files of hours that it names lie."""
        return self.loaded.file.parent

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks find, errors first, each with its line."""
        return self.findings_of(None)

    def findings_of(self, only: Collection[str] | None) -> tuple[Finding, ...]:
        """What some checks find: those of the named codes or domains (`PWR`)."""
        found = run(self.design, self.catalog, only, self.folder)
        return tuple(self.loaded.placed(finding) for finding in found)


def catalog_beside(file: Path) -> Catalog:
    """The catalog that holds for a site file."""
    at = file.parent / PIN_FILE
    pin = read_pin(at)
    return _with_own(file, pin.catalog(str(at)) if pin else None)


def installed_catalog_beside(file: Path) -> Catalog:
    """The catalog that would hold for a site file if it were not pinned."""
    return _with_own(file, None)


def _with_own(file: Path, base: Catalog | None) -> Catalog:
    overlay = file.parent / CATALOG_FOLDER
    return load_catalog(overlay if overlay.is_dir() else None, base)


def design_site(file: Path, catalog: Catalog | None = None) -> DesignedSite:
    """The design of a site file, with the catalog that holds for it, or another one.

    Raises FindingsError, or GigasiteError at the line that it is about.
    """
    catalog = catalog or catalog_beside(file)
    loaded = load_site(file, catalog)
    key = (file.resolve(), hashlib.sha256(file.read_bytes()).hexdigest(), catalog.digest)
    if key not in _remembered:
        site = DesignedSite(loaded, catalog, _expanded(loaded, catalog))
        _remembered.clear()
        _remembered[key] = site
    return _remembered[key]


def _expanded(loaded: LoadedSite, catalog: Catalog) -> Design:
    try:
        return expand(loaded.spec, catalog)
    except FindingsError as error:
        raise FindingsError(loaded.placed(finding) for finding in error.findings) from None
    except GigasiteError as error:
        if error.path and _DOTTED.fullmatch(error.path):
            error.path = str(loaded.place_of(error.path))
        raise
