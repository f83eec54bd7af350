"""What can go wrong, as data (`Finding`) and as exceptions (`GigasiteError` and few children).

A finding says what is wrong in the user's own files and never stops the stage that found it; an exception
means that the work cannot go on. Each exception carries the exit code that the command line ends with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters. Errors stop `up`; the others inform."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file, as editors count: lines and columns start at 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check: a stable code, a severity, where, what, and what to do about it.

    `at` is the dotted path in the site file (`pools[0].system`); `place` is its line, where known.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    at: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else (f"{self.at}: " if self.at else "")
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{where}{self.code} {self.severity}: {self.message}{hint}"


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of severity error."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


class GigasiteError(Exception):
    """The work cannot go on. `path` is the file or resource it is about; `hint` is what to do."""

    exit_code = 1

    def __init__(self, message: str, path: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{where}{self.message}{hint}"


class FindingsError(GigasiteError):
    """A stage ended with findings of severity error; carries all findings of that stage."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = len(errors_of(self.findings))
        super().__init__(f"{errors} error{'s' if errors != 1 else ''} found")


class UsageError(GigasiteError):
    """The command was called wrongly: no such site, an option that does not fit."""

    exit_code = 2


class ApplyError(GigasiteError):
    """An apply failed, or is incomplete."""

    exit_code = 3


class UnexpectedChanges(GigasiteError):  # noqa: N818  (a result, not a fault)
    """Changes where `--expect-no-changes` said that there are none."""

    exit_code = 4
