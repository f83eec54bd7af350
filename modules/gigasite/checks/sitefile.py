"""The codes that the loader reports, before there is a design to check; their pages are the loader's own."""

from __future__ import annotations

from gigasite.checks.registry import declare
from gigasite.errors import Severity
from gigasite.spec.codes import LOADER_CODES

for _code, _known in LOADER_CODES.items():
    declare(_code, Severity.ERROR, _known.title)
