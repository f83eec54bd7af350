"""Defaults of the heat rejection: its redundancy, its water, the heat capacity that rides through."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.cooling import AirSpec, LoopSpec
from gigasite.spec.outside import OutsideSpec
from gigasite.spec.site import Availability, SiteSpec


def outside(resolver: Resolver, spec: SiteSpec, loop: LoopSpec, air: AirSpec, catalog: Catalog) -> OutsideSpec:
    """The heat rejection with its defaults."""
    path, part = "cooling.outside", spec.cooling.outside
    whole: OutsideSpec = resolver.part(path, part, _outside(spec, loop, air, catalog))
    update = {"ride_through": resolver.part(f"{path}.ride_through", part.ride_through, _ride_through())}
    if part.reuse is not None:
        update["reuse"] = resolver.part(f"{path}.reuse", part.reuse, _reuse())
    return whole.model_copy(update=update)


def _outside(spec: SiteSpec, loop: LoopSpec, air: AirSpec, catalog: Catalog) -> dict[str, Default]:
    basic = spec.standards.availability is Availability.BASIC
    spare = (
        Default("N", "availability: basic promises no redundancy", Origin.DERIVED)
        if basic
        else Default("N+1", "one unit can be maintained on the hottest day")
    )
    cdu, unit = catalog.cdu(loop.cdu or ""), catalog.air_unit(air.unit or "")
    silent = [product.key for product in (cdu, unit) if product.approach_k is None]
    defaults = {
        "redundancy": spare,
        "cycles_of_concentration": Default(5.0, "usual with good make-up water and treatment"),
        "speed_min_ratio": Default(0.3, "usual lower end of variable-speed drives on pumps and fans"),
    }
    if silent:
        defaults["approach_k"] = Default(5.0, f"usual; the sheet of {' and '.join(silent)} gives none")
    if cdu.facility_flow_lpm is None and spec.cooling.facility.flow_lpm_per_kw is None:
        defaults["liquid_rise_k"] = Default(10.0, f"as at the OCP rating condition; {cdu.key} gives no facility flow")
    if unit.water_rise_k is None:
        defaults["air_rise_k"] = Default(6.0, f"usual of chilled-water coils; {unit.key} gives no water flow")
    return defaults


def _ride_through() -> dict[str, Default]:
    return {
        "water_l_per_kw": Default(3.0, "headers and branches of a hall's facility water"),
        "coolant_l_per_kw": Default(0.25, "about 30 l in cold plates, manifolds and hoses of a rack of 116 kW"),
        "room_m3_per_rack": Default(12.0, "3 m² of white space a rack, 4 m high"),
        "room_mass_ratio": Default(0.25, "steel near the air stream warms within minutes, the rest later"),
        "tank_usable_ratio": Default(0.85, "stratified tanks with diffusers; the rest is the mixed layer"),
    }


def _reuse() -> dict[str, Default]:
    return {
        "approach_k": Default(3.0, "plate heat exchanger"),
        "carnot_ratio": Default(0.5, "usual of large heat pumps"),
    }
