"""The shape of the site file, read from its models: which keys exist where, of which kind, in which unit."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from gigasite.spec.site import SiteSpec
from gigasite.spec.yamlmarks import Path_
from gigasite.units import suffix_of

_BOUNDS: Final = ("_min", "_max")


@dataclass(frozen=True, slots=True)
class Field:
    """One place of the site file: the key that leads to it, and the types that its value may have."""

    key: str
    annotation: Any

    @property
    def options(self) -> tuple[Any, ...]:
        """The types that a value may have, without None and notes."""
        return tuple(_options(self.annotation))

    @property
    def model(self) -> type[BaseModel] | None:
        """The model of a section; None where the value is something else."""
        return next((o for o in self.options if isinstance(o, type) and issubclass(o, BaseModel)), None)

    @property
    def is_number(self) -> bool:
        return any(option in (int, float) for option in self.options)

    @property
    def is_whole(self) -> bool:
        return int in self.options and float not in self.options

    @property
    def unit_suffix(self) -> str | None:
        """The unit in the key, of which the value may also be given as `2 MW`; None where it has none."""
        return unit_of_key(self.key)

    def child(self, step: str | int) -> Field | None:
        """What lies below: a section's key, a map's entry, a list's item; None where nothing may lie."""
        for option in self.options:
            origin, arguments = get_origin(option), get_args(option)
            if isinstance(option, type) and issubclass(option, BaseModel):
                found = option.model_fields.get(step) if isinstance(step, str) else None
                if found is not None:
                    return Field(str(step), found.annotation)
            elif isinstance(step, str) and isinstance(origin, type) and issubclass(origin, Mapping):
                return Field(self.key, arguments[1])
            elif isinstance(step, int) and origin is tuple:
                at = 0 if arguments[-1] is Ellipsis else step
                return Field(self.key, arguments[at]) if at < len(arguments) else None
        return None


ROOT: Final = Field("", SiteSpec)


def field_at(path: Path_) -> Field | None:
    """The field at a path; None where the site file has none."""
    field: Field | None = ROOT
    for step in path:
        field = field.child(step) if field else None
    return field


@cache
def unit_of_key(key: str) -> str | None:
    """The suffix of the unit that a key's numbers have; a bound (`flow_lpm_max`) has the unit before it.

    Ratios of units (`lpm_per_kw`) are plain numbers.
    """
    for bound in _BOUNDS:
        stem = key.removesuffix(bound)
        if stem != key and suffix_of(stem) is not None:
            return None if "_per_" in stem else suffix_of(stem)
    return suffix_of(key)


@cache
def key_places() -> Mapping[str, tuple[str, ...]]:
    """Where each key of the site file stands: `topology` -> (`power.blocks.topology`,)."""
    places: dict[str, list[str]] = {}
    for path, key in _walk(SiteSpec, ""):
        places.setdefault(key, []).append(path)
    return {key: tuple(paths) for key, paths in places.items()}


def _walk(model: type[BaseModel], above: str) -> Iterator[tuple[str, str]]:
    for key, info in model.model_fields.items():
        path = f"{above}.{key}" if above else key
        yield path, key
        for inner, suffix in _models_in(info.annotation):
            yield from _walk(inner, path + suffix)


def _models_in(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    for option in _options(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if isinstance(option, type) and issubclass(option, BaseModel):
            yield option, ""
        elif origin is tuple and arguments:
            yield from ((model, "[]" + more) for model, more in _models_in(arguments[0]))
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            yield from ((model, ".NAME" + more) for model, more in _models_in(arguments[1]))


def _options(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _options(part)
    elif origin is Literal:
        yield from {type(value) for value in get_args(annotation)}
    elif annotation is not type(None):
        yield annotation
