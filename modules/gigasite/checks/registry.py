"""The checks: how one is declared, found and run.

A check is a function from a `Context` to the hits that it comes upon. It lives in the module of its domain in
this package and registers itself with `@check`; every module of the package is imported before checks run, so
that adding a check is one function and one page.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gigasite.errors import Finding, Severity, UsageError

if TYPE_CHECKING:
    from gigasite.catalog.load import Catalog
    from gigasite.checks.context import Context
    from gigasite.design.model import Design

DOMAINS: Final[dict[str, str]] = {
    "SPC": "site file and catalog",
    "PWR": "power",
    "CLG": "cooling",
    "RCK": "racks and floor",
    "FAB": "fabrics",
    "ADR": "addresses and names",
    "POL": "pools and tenants",
    "STO": "storage",
    "K8S": "Kubernetes",
    "OPS": "operations",
    "ECO": "economics",
    "PHS": "facts and assumptions",
    "DEP": "deployment",
}

_CODE: Final = re.compile(rf"^({'|'.join(DOMAINS)})[1-9]\d\d$")
_ORDER: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check came upon. Code and severity are the check's, unless the hit sets its own severity."""

    message: str
    hint: str = ""
    at: str = ""
    severity: Severity | None = None


Rule = Callable[["Context"], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Check:
    """A code with its usual severity and its title. `rule` is None for what the design itself reports."""

    code: str
    severity: Severity
    title: str
    rule: Rule | None = None

    @property
    def domain(self) -> str:
        """What the code's letters stand for."""
        return DOMAINS[self.code[:3]]


_checks: dict[str, Check] = {}


def declare(code: str, severity: Severity, title: str, rule: Rule | None = None) -> None:
    """Makes a code known. Without a rule it is one that another stage reports and that has a page here.

    Raises ValueError where the code is malformed or taken.
    """
    if not _CODE.match(code):
        raise ValueError(f"{code!r} is no code: three letters of a domain, then 101 to 999")
    if code in _checks:
        raise ValueError(f"{code} is taken: {_checks[code].title}")
    _checks[code] = Check(code, severity, title, rule)


def check(code: str, severity: Severity, title: str) -> Callable[[Rule], Rule]:
    """Registers a function as the check of that code; the title states what holds in a good design."""

    def register(rule: Rule) -> Rule:
        declare(code, severity, title, rule)
        return rule

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every code that has a page, in the order of codes."""
    package = importlib.import_module("gigasite.checks")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"gigasite.checks.{module}")
    return tuple(_checks[code] for code in sorted(_checks))


def run(
    design: Design, catalog: Catalog, only: Collection[str] | None = None, folder: Path | None = None
) -> tuple[Finding, ...]:
    """All findings of a design, its own included, ordered by severity, code and place.

    `only` names codes, or domains by their letters (`PWR`). `folder` holds the site file and the files that it
    names; without it those files stay unread. Raises UsageError where a code is unknown.
    """
    from gigasite.checks.context import Context

    checks = [c for c in all_checks() if _wanted(c.code, only)]
    own = [f for f in design.findings if _wanted(f.code, only)]
    _refuse_unknown(only, {c.code for c in all_checks()} | {f.code for f in design.findings})
    context = Context(design, catalog, folder)
    found = [_finding(c, hit) for c in checks if c.rule for hit in c.rule(context)]
    return ordered(own + found)


def ordered(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by code, then by place as a reader counts (`pools[2]` before `pools[10]`)."""
    return tuple(sorted(findings, key=_sort_key))


def _finding(source: Check, hit: Hit) -> Finding:
    severity = hit.severity or source.severity
    return Finding(code=source.code, severity=severity, message=hit.message, hint=hit.hint, at=hit.at)


def _sort_key(finding: Finding) -> tuple[int, str, list[tuple[int, str]], str]:
    parts = re.findall(r"\d+|\D+", finding.at)
    place = [(int(p), "") if p.isdigit() else (-1, p) for p in parts]
    return _ORDER[finding.severity], finding.code, place, finding.message


def _wanted(code: str, only: Collection[str] | None) -> bool:
    return only is None or any(code == o.upper() or code[:3] == o.upper() for o in only)


def near_codes(name: str, codes: Collection[str]) -> str:
    """A hint for a code that does not exist: those that begin like it, or look like it, or the domains."""
    begun = sorted(code for code in codes if name and code.startswith(name.upper()))
    near = begun or sorted(get_close_matches(name.upper(), sorted(codes), n=3, cutoff=0.5))
    return f"did you mean {', '.join(near[:3])}?" if near else f"domains are {', '.join(DOMAINS)}"


def _refuse_unknown(only: Collection[str] | None, codes: Collection[str]) -> None:
    for name in only or ():
        if name.upper() not in DOMAINS and name.upper() not in codes:
            raise UsageError(f"there is no check {name!r}", hint=near_codes(name, codes))
