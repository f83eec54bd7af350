"""The documents of a site: the design in words, its settings and findings as tables, its summary as data."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from gigasite.design.model import Design
from gigasite.design.summary import summary
from gigasite.errors import Finding
from gigasite.exports.folders import Folder
from gigasite.exports.text import csv


def document_folder(design: Design, findings: Sequence[Finding], document: str) -> Folder:
    """`design.md` (the text `document`), `settings.csv`, `findings.csv` and `summary.json`."""
    return Folder(
        name="documents",
        path="documents",
        files={
            "design.md": document,
            "settings.csv": csv(_settings(design)),
            "findings.csv": csv(_findings(findings)),
            "summary.json": json.dumps(summary(design), indent=2, default=str) + "\n",
        },
    )


def _settings(design: Design) -> pl.DataFrame:
    columns = ("path", "value", "origin", "why", "decisive")
    rows = [(s.path, json.dumps(s.value, default=str), str(s.origin), s.why, s.decisive) for s in design.settings]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _findings(findings: Sequence[Finding]) -> pl.DataFrame:
    columns = dict.fromkeys(("code", "severity", "at", "message", "hint"), pl.String)
    rows = [(f.code, str(f.severity), f.at, f.message, f.hint) for f in findings]
    return pl.DataFrame(rows, schema=columns, orient="row")
