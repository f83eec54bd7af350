"""Findings as text, JSON, SARIF and GitHub annotations: pure functions from findings to a string."""

from __future__ import annotations

import json as _json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from gigasite import __version__
from gigasite.checks.pagebook import page_or_none, section
from gigasite.checks.registry import Check, all_checks
from gigasite.checks.wording import count, some
from gigasite.errors import Finding, Place, Severity

Json = dict[str, object]

_SARIF_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
INFOS_SHOWN: Final = 3
"""Infos of one code that a text shows one by one; more are folded."""
PLACES_SHOWN: Final = 4
# `up` refuses while these stand: whoever reads the text has to see each.
_NEVER_FOLDED: Final = frozenset({"PHS202"})

_GITHUB_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def text(findings: Iterable[Finding]) -> str:
    """One line a finding, then a line with the counts; many infos of one code share a line."""
    found = tuple(findings)
    return _lines(_folded(found), summary(found))


def full_text(findings: Iterable[Finding]) -> str:
    """One line for each finding, then a line with the counts."""
    found = tuple(findings)
    return _lines(found, summary(found))


def summary(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 12 infos`, or `no findings`."""
    counts = Counter(f.severity for f in findings)
    return ", ".join(count(counts[s], s.value) for s in Severity if counts[s]) or "no findings"


def json(findings: Iterable[Finding]) -> str:
    """`{"findings": [...], "counts": {...}}`, keys in a fixed order; unknown lines are null."""
    found = tuple(findings)
    counts = Counter(f.severity for f in found)
    document = {
        "findings": [_plain(f) for f in found],
        "counts": {severity.value: counts[severity] for severity in Severity},
    }
    return _json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def github(findings: Iterable[Finding]) -> str:
    """Workflow commands that GitHub shows beside the changed lines of a pull request."""
    return "".join(_annotation(f) + "\n" for f in findings)


def sarif(findings: Iterable[Finding]) -> str:
    """A SARIF 2.1.0 log with one run: the rules that were hit with their pages, and a result a finding.

    Fingerprints follow code and place in the file's structure, so that they stay when lines move.
    """
    found = tuple(findings)
    codes = sorted({f.code for f in found})
    rules = {c.code: c for c in all_checks()}
    driver: Json = {
        "name": "Gigasite",
        "semanticVersion": __version__,
        "rules": [_rule(code, rules.get(code)) for code in codes],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, codes.index(f.code), mark) for f, mark in zip(found, _fingerprints(found), strict=True)],
    }
    log: Json = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return _json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _lines(findings: Iterable[Finding], last: str) -> str:
    return "\n".join([*(" ".join(str(f).splitlines()) for f in findings), last]) + "\n"


def _folded(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings in their order; infos of a code that come more often than others are one, at the first's file."""
    infos: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.severity is Severity.INFO and finding.code not in _NEVER_FOLDED:
            infos[finding.code].append(finding)
    folded = {code: alike for code, alike in infos.items() if len(alike) > INFOS_SHOWN}
    titles = {check.code: check.title for check in all_checks()}
    shown: set[str] = set()
    for finding in findings:
        if finding.code not in folded or finding.severity is not Severity.INFO:
            yield finding
        elif finding.code not in shown:
            shown.add(finding.code)
            yield _summed_up(folded[finding.code], titles.get(finding.code, "all is well"))


def _summed_up(alike: Sequence[Finding], title: str) -> Finding:
    """One finding for many of a code: how many, what does not hold, and where."""
    first = alike[0]
    places = some(filter(None, dict.fromkeys(f.at or str(f.place or "") for f in alike)), PLACES_SHOWN)
    return Finding(
        first.code,
        first.severity,
        f"{count(len(alike), 'exception')} to “{title[:1].lower()}{title[1:]}”{f': {places}' if places else ''}",
        f"--only {first.code} or --all shows each",
        place=Place(first.place.file) if first.place else None,
    )


def _plain(finding: Finding) -> Json:
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "at": finding.at,
        "file": place.file if place else None,
        "line": (place.line or None) if place else None,
        "column": (place.column or None) if place else None,
    }


def _sentence(finding: Finding) -> str:
    return f"{finding.message} ({finding.hint})" if finding.hint else finding.message


def _annotation(finding: Finding) -> str:
    properties: list[tuple[str, object]] = []
    if finding.place:
        place = finding.place
        properties += [("file", place.file), ("line", place.line), ("col", place.column)]
    properties.append(("title", f"{finding.code} {finding.at}".strip()))
    listed = ",".join(f"{key}={_github_property(str(value))}" for key, value in properties if value)
    return f"::{_GITHUB_LEVEL[finding.severity]} {listed}::{_github_data(_sentence(finding))}"


def _github_data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(value: str) -> str:
    return _github_data(value).replace(":", "%3A").replace(",", "%2C")


def _rule(code: str, known: Check | None) -> Json:
    rule: Json = {"id": code}
    if known:
        rule["shortDescription"] = {"text": known.title}
        rule["defaultConfiguration"] = {"level": _SARIF_LEVEL[known.severity]}
        rule["properties"] = {"tags": [known.domain]}
    body = page_or_none(code)
    if body:
        rule["fullDescription"] = {"text": section(body, "What it says") or body}
        rule["help"] = {"text": section(body, "What to do") or body, "markdown": body}
    return rule


def _result(finding: Finding, rule_index: int, fingerprint: str) -> Json:
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": _sentence(finding)},
        "partialFingerprints": {"gigasiteFinding/v1": fingerprint},
    }
    location: Json = {}
    if finding.place:
        location["physicalLocation"] = _physical(finding.place)
    if finding.at:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.at}]
    if location:
        result["locations"] = [location]
    return result


def _physical(place: Place) -> Json:
    path = PurePath(place.file)
    artifact: Json = {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}
    if not path.is_absolute():
        artifact["uriBaseId"] = "%SRCROOT%"
    physical: Json = {"artifactLocation": artifact}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column or 1}
    return physical


def _fingerprints(findings: Sequence[Finding]) -> list[str]:
    """A digest of code, file and dotted path, or of the message without its numbers; repeats are counted."""
    seen: Counter[str] = Counter()
    marks = []
    for finding in findings:
        what = finding.at or re.sub(r"\d+(\.\d+)?", "#", finding.message)
        file = PurePath(finding.place.file).name if finding.place else ""
        key = "\n".join((finding.code, file, what))
        marks.append(sha256(f"{key}\n{seen[key]}".encode()).hexdigest())
        seen[key] += 1
    return marks
