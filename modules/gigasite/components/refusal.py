"""A user's mistake as both engines show it: in words, without a traceback.

The embedded engine passes a GigasiteError on as it is; the Pulumi CLI prints the message of a RunError alone.
What a component raises is both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pulumi import RunError

from gigasite.errors import FindingsError, GigasiteError, Severity


class RefusalError(GigasiteError, RunError):
    """The component cannot be made from these arguments."""


class FindingsRefusalError(FindingsError, RunError):
    """The component's design has findings of severity error; the message lists them and the warnings."""

    def __str__(self) -> str:
        told = (finding for finding in self.findings if finding.severity is not Severity.INFO)
        return "\n".join((super().__str__(), *map(str, told)))


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
