"""The kinds of products: their names, folders and models. A new kind of product is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gigasite.catalog import (
    cabling_products,
    climate_products,
    cooling_products,
    line_products,
    models,
    optical_products,
    power_products,
    price_products,
    reliability_products,
    roce_products,
    shell_products,
    workload_products,
)

FOLDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "system": "systems",
        "reference-architecture": "reference-architectures",
        "switch": "switches",
        "cable": "cables",
        "cage": "cages",
        "transceiver": "transceivers",
        "cable-assembly": "cable-assemblies",
        "fibre-cable": "fibre-cables",
        "line-optic": "line-optics",
        "optical-switch": "optical-switches",
        "cdu": "cdus",
        "fluid": "fluids",
        "grid": "grids",
        "power-stage": "power-stages",
        "transformer": "transformers",
        "ups": "ups",
        "generator": "generators",
        "conductor-run": "conductor-runs",
        "transfer-switch": "transfer-switches",
        "bess": "bess",
        "generation-unit": "generation-units",
        "power-shelf": "power-shelves",
        "rack-feed": "rack-feeds",
        "heat-rejection": "heat-rejection",
        "air-unit": "air-units",
        "hall-layout": "hall-layouts",
        "climate": "climates",
        "price": "prices",
        "rear-door": "rear-doors",
        "immersion-tank": "immersion-tanks",
        "pump": "pumps",
        "workload": "workloads",
        "power-control": "power-controls",
        "voltage-curve": "voltage-curves",
        "load-rule": "load-rules",
        "reliability": "reliability",
        "roce-profile": "roce-profiles",
    }
)

MODELS: Final[Mapping[str, type[models.Product]]] = MappingProxyType(
    {
        "system": models.System,
        "reference-architecture": models.ReferenceArchitecture,
        "switch": models.Switch,
        "cable": models.CableKind,
        "cage": cabling_products.Cage,
        "transceiver": cabling_products.Transceiver,
        "cable-assembly": cabling_products.CableAssembly,
        "fibre-cable": cabling_products.FibreCable,
        "line-optic": line_products.LineOptic,
        "optical-switch": optical_products.OpticalSwitch,
        "cdu": models.Cdu,
        "fluid": models.Fluid,
        "grid": models.Grid,
        "power-stage": models.PowerStage,
        "transformer": power_products.Transformer,
        "ups": power_products.Ups,
        "generator": power_products.Generator,
        "conductor-run": power_products.ConductorRun,
        "transfer-switch": power_products.TransferSwitch,
        "bess": power_products.Bess,
        "generation-unit": power_products.GenerationUnit,
        "power-shelf": power_products.PowerShelf,
        "rack-feed": models.RackFeed,
        "heat-rejection": models.HeatRejection,
        "air-unit": models.AirUnit,
        "hall-layout": shell_products.HallLayout,
        "climate": climate_products.Climate,
        "price": price_products.Price,
        "rear-door": cooling_products.RearDoor,
        "immersion-tank": cooling_products.ImmersionTank,
        "pump": cooling_products.Pump,
        "workload": workload_products.Workload,
        "power-control": workload_products.PowerControl,
        "voltage-curve": workload_products.VoltageCurve,
        "load-rule": workload_products.LoadRule,
        "reliability": reliability_products.Reliability,
        "roce-profile": roce_products.RoceProfile,
    }
)

KIND_OF: Final[Mapping[type[models.Product], str]] = MappingProxyType({model: kind for kind, model in MODELS.items()})

IDENTITY: Final = frozenset({"kind", "key", "title", "aliases", "origins"})
"""Fields that name a product; every other field is a fact and has an origin."""


def fact_fields(kind: str) -> tuple[str, ...]:
    """The names of the facts that a product of this kind may state."""
    return tuple(name for name in MODELS[kind].model_fields if name not in IDENTITY)
