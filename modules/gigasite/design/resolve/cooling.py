"""Defaults of heat rejection, the liquid loop and room air."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.cooling import CoolingSpec, Rejection
from gigasite.spec.site import SiteSpec


def cooling(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> CoolingSpec:
    """The cooling with its defaults."""
    loop = resolver.part("cooling.loop", spec.cooling.loop, _loop())
    air = resolver.part("cooling.air", spec.cooling.air, _air())
    whole: CoolingSpec = resolver.part("cooling", spec.cooling, _cooling())
    return whole.model_copy(update={"loop": loop, "air": air})


def _cooling() -> dict[str, Default]:
    return {
        "rejection": Default(
            (Rejection.DRY_COOLER, Rejection.TRIM_CHILLER),
            "chillers and dry coolers, as the DSX facility design",
        )
    }


def _loop() -> dict[str, Default]:
    return {
        "supply_c": Default(30.0, "within every catalogued system's limit"),
        "fluid": Default("pg25", "25 % propylene glycol, the usual TCS fluid"),
        "redundancy": Default(
            "N+1", "DSX facility design: N+1 CDUs a group on shared piping", Origin.REFERENCE_ARCHITECTURE
        ),
        "pumps_on_ups": Default(True, "racks overheat within seconds without flow"),
        "cdu": Default("ocp-rating-1mw", "the OCP rating point of a 1 MW CDU"),
        "flow_lpm_per_kw_min": Default(
            1.5, "DSX facility design: TCS of at least 1.5 l/min a kW", Origin.REFERENCE_ARCHITECTURE
        ),
    }


def _air() -> dict[str, Default]:
    return {
        "unit": Default("crah-100kw", "a usual size of air handler"),
        "redundancy": Default("N+1", "one air handler can be maintained"),
        "supply_c": Default(24.0, "within ASHRAE's recommended 18-27 °C"),
    }
