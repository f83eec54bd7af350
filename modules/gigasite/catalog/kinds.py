"""The kinds of products: their names, folders and models. A new kind of product is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gigasite.catalog import models

FOLDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "system": "systems",
        "reference-architecture": "reference-architectures",
        "switch": "switches",
        "cable": "cables",
        "cdu": "cdus",
        "fluid": "fluids",
        "grid": "grids",
        "power-stage": "power-stages",
        "rack-feed": "rack-feeds",
        "heat-rejection": "heat-rejection",
        "air-unit": "air-units",
    }
)

MODELS: Final[Mapping[str, type[models.Product]]] = MappingProxyType(
    {
        "system": models.System,
        "reference-architecture": models.ReferenceArchitecture,
        "switch": models.Switch,
        "cable": models.CableKind,
        "cdu": models.Cdu,
        "fluid": models.Fluid,
        "grid": models.Grid,
        "power-stage": models.PowerStage,
        "rack-feed": models.RackFeed,
        "heat-rejection": models.HeatRejection,
        "air-unit": models.AirUnit,
    }
)

KIND_OF: Final[Mapping[type[models.Product], str]] = MappingProxyType({model: kind for kind, model in MODELS.items()})

IDENTITY: Final = frozenset({"kind", "key", "title", "aliases", "origins"})
"""Fields that name a product; every other field is a fact and has an origin."""


def fact_fields(kind: str) -> tuple[str, ...]:
    """The names of the facts that a product of this kind may state."""
    return tuple(name for name in MODELS[kind].model_fields if name not in IDENTITY)
