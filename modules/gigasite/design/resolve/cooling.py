"""Defaults of heat rejection, the liquid loop and room air."""

from __future__ import annotations

from gigasite.catalog.cooling_products import RearDoor
from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.design.resolve.outside import outside
from gigasite.spec.cooling import AirSpec, CoolingSpec, LoopSpec
from gigasite.spec.outside import Rejection
from gigasite.spec.site import Demarcation, SiteSpec


def cooling(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> CoolingSpec:
    """The cooling with its defaults."""
    loop = resolver.part("cooling.loop", spec.cooling.loop, _loop())
    air = resolver.part("cooling.air", spec.cooling.air, _air(spec))
    facility = resolver.part("cooling.facility", spec.cooling.facility, _facility(spec, loop, air, catalog))
    whole: CoolingSpec = resolver.part("cooling", spec.cooling, _cooling(spec.demarcation))
    rejected = outside(resolver, spec, loop, air, catalog)
    return whole.model_copy(update={"loop": loop, "air": air, "facility": facility, "outside": rejected})


def _cooling(demarcation: Demarcation) -> dict[str, Default]:
    if demarcation is Demarcation.COLOCATION:
        theirs = Default((Rejection.LANDLORD_WATER,), "the landlord rejects the heat", Origin.DERIVED)
        return {"rejection": theirs}
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
        "group": Default("hall", "the CDUs of a hall share its piping"),
        "isolation": Default("row", "valves at each row"),
        "piping_dp_kpa": Default(100.0, "row manifolds, hoses, quick disconnects and filters at the design flow"),
        "rack_dp_kpa": Default(
            130.0, "for racks without a published curve; a GB300 NVL72 asks for 133 kPa at 160 l/min"
        ),
    }


_MIXING = {  # containment: bypass, recirculation
    "hot-aisle": (0.05, 0.02, "leaks of a contained aisle"),
    "cold-aisle": (0.05, 0.02, "leaks of a contained aisle"),
    "none": (0.30, 0.15, "open aisles: supply air passes over the racks, exhaust comes back around them"),
}


def _air(spec: SiteSpec) -> dict[str, Default]:
    bypass, recirculation, why = _MIXING[spec.cooling.air.containment or "hot-aisle"]
    return {
        "unit": Default("crah-100kw", "a usual size of air handler"),
        "redundancy": Default("N+1", "one air handler can be maintained"),
        "supply_c": Default(24.0, "within ASHRAE's recommended 18-27 °C"),
        "containment": Default(
            "hot-aisle", "DSX facility design: hot-aisle containment", Origin.REFERENCE_ARCHITECTURE
        ),
        "bypass_ratio": Default(bypass, why),
        "recirculation_ratio": Default(recirculation, why),
        "fans_on_ups": Default(True, "air of dense racks overheats within a minute or two without fans"),
        "dew_point_c": Default(15.0, "upper end of ASHRAE's recommended humidity"),
        "rise_k": Default(12.0, "for systems that publish no airflow: 145 CFM a kW"),
    }


def _facility(spec: SiteSpec, loop: LoopSpec, air: AirSpec, catalog: Catalog) -> dict[str, Default]:
    defaults = {
        "fluid": Default("water", "treated water; glycol where pipes may freeze"),
        "head_kpa": Default(250.0, "piping, CDUs or coils, control valves and heat rejection at the design flow"),
        "pump": Default("facility-pump-6000lpm", "a usual size of pump"),
        "pump_redundancy": Default("N+1", "one pump can be maintained"),
        "pumps_on_ups": Default(True, "the water in the pipes carries heat only while it flows"),
    }
    cdu, unit = catalog.cdu(loop.cdu or ""), catalog.air_unit(air.unit or "")
    if loop.supply_c is not None and cdu.approach_k is not None and not cdu.is_liquid_to_air:
        why = f"the loop's supply less the {cdu.approach_k:g} K approach of {cdu.key}"
        defaults["supply_c"] = Default(loop.supply_c - cdu.approach_k, why, Origin.DERIVED)
    if air.supply_c is not None and unit.approach_k is not None and unit.form != "crac":
        why = f"the room's supply air less the {unit.approach_k:g} K approach of {unit.key}"
        defaults["air_supply_c"] = Default(air.supply_c - unit.approach_k, why, Origin.DERIVED)
    elif air.supply_c is not None and unit.form == "crac":
        doors = [catalog.of(RearDoor, pool.cooling.rear_door) for pool in spec.pools if pool.cooling.rear_door]
        approaches = {door.approach_k: door.key for door in doors if door.approach_k is not None}
        if approaches:
            most_k = max(approaches)
            why = f"the room's supply air less the {most_k:g} K approach of {approaches[most_k]}"
            defaults["air_supply_c"] = Default(air.supply_c - most_k, why, Origin.DERIVED)
    return defaults
