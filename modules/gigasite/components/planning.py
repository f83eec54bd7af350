"""From a component's arguments to the design that it registers, checked in the domains it answers for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pulumi

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.checks.registry import run
from gigasite.checks.site import design_site
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding, FindingsError, GigasiteError, errors_of
from gigasite.spec.loader import load_text

BUILD_FOLDER = ".build"

Settings: TypeAlias = dict[str, Any]  # keys and values of a site file


@dataclass(frozen=True, slots=True)
class Plan:
    """A finished design, and the folder below which its files go, relative to the folder of Pulumi.yaml."""

    design: Design
    catalog: Catalog
    folder: str
    site_folder: Path | None = None
    """The site file's own folder, where there is a file."""
    findings: tuple[Finding, ...] = ()


def plan_file(file: Path) -> Plan:
    """The plan of a whole site from its file, and from the catalog folder beside it, if there is one.

    Raises FindingsError where findings are of severity error.
    """
    site = design_site(file)
    if errors_of(site.findings):
        raise FindingsError(site.findings)
    return Plan(site.design, site.catalog, _stack_folder(), site.folder, site.findings)


def plan_settings(owner: str, settings: Mapping[str, Any], only: Collection[str] | None = None) -> Plan:
    """The plan of the component `owner` from settings as a site file has them.

    Its files get a folder of its own. `only` names the domains of checks that the component answers for.
    Raises FindingsError.
    """
    catalog = load_catalog()
    try:
        loaded = load_text(json.dumps(_plain(settings)), owner, catalog)
    except FindingsError as error:
        raise FindingsError(map(_without_place, error.findings)) from None
    try:
        design = expand(loaded.spec, catalog)
    except FindingsError as error:
        raise FindingsError(map(_without_place, error.findings)) from None
    findings = tuple(map(_without_place, run(design, catalog, only)))
    if errors_of(findings):
        raise FindingsError(findings)
    return Plan(design, catalog, f"{_stack_folder()}/{owner}", None, findings)


def _without_place(finding: Finding) -> Finding:
    """A finding about arguments has a path, and no line in any file."""
    return Finding(finding.code, finding.severity, finding.message, finding.hint, finding.at)


def _stack_folder() -> str:
    return f"{BUILD_FOLDER}/{pulumi.get_stack()}"


def given(**settings: Any) -> Settings:
    """The settings that were given: without those that are None, or sections in which nothing was given."""
    return {name: value for name, value in settings.items() if value is not None and value != {}}


def _plain(value: Any) -> Any:
    """Arguments as a file would have them. Whole numbers come as floats from another process.

    Raises GigasiteError for what is only known later: a design needs to know its inputs.
    """
    if isinstance(value, pulumi.Output):
        raise GigasiteError(
            "an argument is an Output, known only after an apply",
            hint="give a plain value: from a stack reference, take it with get_output_details",
        )
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
