"""The contract of a resource kind: what a handler is asked, and what it answers.

The same handler serves the real Pulumi (through the plugin) and the embedded engine. Handlers see plain
values (str, float, bool, None, list, dict) with two exceptions: `UNKNOWN` stands for a value that is only
known after an apply (previews), and secrets arrive unwrapped: the caller keeps track of what is secret.
Handlers are stateless: everything they need is in their arguments or their configuration.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeAlias


class Unknown:
    """The type of `UNKNOWN`: a value that a preview cannot know yet."""

    _instance: ClassVar[Unknown | None] = None

    def __new__(cls) -> Unknown:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, _memo: object) -> Unknown:
        return self


UNKNOWN: Final = Unknown()

Props: TypeAlias = Mapping[str, Any]  # the border to Pulumi's dynamic values


class DiffKind(StrEnum):
    """How a property changes, in Pulumi's own words."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that the handler refuses: the property's path and why."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs as they enter the state (defaults filled in), and what is wrong with them."""

    inputs: Props
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between the state and the wanted inputs.

    `details` maps property paths in Pulumi's syntax (`files["racks.csv"]`) to how they change. A kind that
    ends in `-replace` makes the resource be replaced.
    """

    details: Mapping[str, DiffKind] = field(default_factory=dict)
    delete_before_replace: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.details)

    @property
    def replaces(self) -> tuple[str, ...]:
        return tuple(path for path, kind in self.details.items() if kind.endswith("-replace"))


@dataclass(frozen=True, slots=True)
class Created:
    """The provider's identity of a resource, and its outputs (inputs included, as Pulumi shows them)."""

    id: str
    outputs: Props


class PartialFailure(Exception):  # noqa: N818  (Pulumi's term: the resource exists, its initialisation failed)
    """A create or update that came half way: the resource has `outputs`, `reasons` say what is missing."""

    def __init__(self, id: str, outputs: Props, reasons: tuple[str, ...]) -> None:  # noqa: A002
        super().__init__("; ".join(reasons))
        self.id = id
        self.outputs = outputs
        self.reasons = reasons


class Handler(ABC):
    """One resource kind. Subclasses register with `@resource(token)` and publish a `schema` in the words of
    Pulumi's package schema: `inputProperties`, `requiredInputs`, `properties`, `required`.

    Creates are idempotent by URN: a create that is repeated after a crash finds what the first one made.
    Any GigasiteError that a method raises is shown to the user as it is.
    """

    token: ClassVar[str]
    schema: ClassVar[Mapping[str, Any]] = {}

    def check(self, urn: str, old_inputs: Props | None, new_inputs: Props) -> Checked:
        """Validates inputs and fills in defaults; unknown values pass."""
        return Checked(new_inputs)

    @abstractmethod
    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        """What an update from the state to `new_inputs` would change. Inputs may hold UNKNOWN."""

    @abstractmethod
    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        """Makes the resource; in a preview only says what its outputs would be (UNKNOWN where not known)."""

    @abstractmethod
    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        """The resource as it is in the world now, or None where it is gone."""

    @abstractmethod
    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        """Brings the resource to `new_inputs` and returns its outputs."""

    @abstractmethod
    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        """Removes the resource; removing what is already gone is no error."""


def input_part(handler: Handler, outputs: Props) -> dict[str, Any]:
    """The inputs among a resource's outputs: those of an import, which has no program's inputs to go by."""
    names = handler.schema.get("inputProperties", {})
    return {name: value for name, value in outputs.items() if name in names}


_HANDLERS: dict[str, Handler] = {}


def resource(token: str):  # type: ignore[no-untyped-def]
    """Registers a handler class under its type token, e.g. `gigasite:files:Tree`."""

    def register(cls: type[Handler]) -> type[Handler]:
        cls.token = token
        _HANDLERS[token] = cls()
        return cls

    return register


def handler_for(token: str) -> Handler | None:
    """The handler of a type token, or None where this provider has no such kind."""
    from gigasite.provider import kinds  # noqa: F401  (registers every kind on import)

    return _HANDLERS.get(token)


def tokens() -> tuple[str, ...]:
    """Every registered type token, sorted."""
    from gigasite.provider import kinds  # noqa: F401

    return tuple(sorted(_HANDLERS))
