"""A user's mistake as both engines show it: in words, without a traceback.

The embedded engine passes a GigasiteError on as it is; the Pulumi CLI prints the message of a RunError alone.
What a component raises is both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pulumi import RunError

from gigasite.errors import Finding, FindingsError, GigasiteError


class RefusalError(GigasiteError, RunError):
    """The component cannot be made from these arguments."""


class FindingsRefusalError(FindingsError, RunError):
    """The component's design has findings of severity error; the message lists all findings."""

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *map(str, self.findings)))


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns the package's errors into refusals."""
    try:
        yield
    except (RefusalError, FindingsRefusalError):
        raise
    except FindingsError as error:
        raise FindingsRefusalError(error.findings) from None
    except GigasiteError as error:
        raise RefusalError(error.message, error.path, error.hint) from None


def without_places(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of arguments: they have a path, and no line in any file."""
    return tuple(Finding(f.code, f.severity, f.message, f.hint, f.at) for f in findings)
