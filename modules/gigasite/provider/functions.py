"""Functions of the provider: what a program may ask (`pulumi.runtime.invoke`) without making a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gigasite.provider.handler import Props

Answer: TypeAlias = Callable[[Props], Props]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: `schema` in the words of Pulumi's package schema (`description`, `inputs`, `outputs`).

    It is told plain values, all of them known, and answers with such. Any GigasiteError that it raises is shown
    to the user as it is.
    """

    token: str
    answer: Answer
    schema: Mapping[str, Any]


_FUNCTIONS: dict[str, Function] = {}


def function(token: str, schema: Mapping[str, Any]) -> Callable[[Answer], Answer]:
    """Registers a function under its token, e.g. `gigasite:network:free`."""

    def register(answer: Answer) -> Answer:
        _FUNCTIONS[token] = Function(token, answer, schema)
        return answer

    return register


def function_for(token: str) -> Function | None:
    """The function of a token, or None where this provider has none of that name."""
    from gigasite.provider import kinds  # noqa: F401  (registers everything on import)

    return _FUNCTIONS.get(token)


def functions() -> Mapping[str, Function]:
    """Every registered function by its token, sorted."""
    from gigasite.provider import kinds  # noqa: F401

    return dict(sorted(_FUNCTIONS.items()))
