"""Defaults of the utility connection, the power chain and its blocks."""

from __future__ import annotations

from collections.abc import Sequence

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form, ReferenceArchitecture
from gigasite.catalog.power_products import Bess, Generator, Ups
from gigasite.design.dynamics.caps import set_aside_kw
from gigasite.design.model import Origin
from gigasite.design.power import topology
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.power import PowerSpec, UtilitySpec
from gigasite.spec.site import Availability, Demarcation, SiteSpec, StandardsSpec

MEDIUM_VOLTAGE_KV = 36.0  # IEC 60038, NEC 490: distribution up to some 36 kV needs no main transformer


# Usual sizes of blocks. The largest is a common size of generators and large UPS.
BLOCK_KW = (100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 750.0, 1000.0, 1250.0, 1500.0, 2000.0, 2500.0)
NETWORK_ALLOWANCE_RATIO = 1.2  # switches, servers and storage beside the systems, before the racks are filled


def power(
    resolver: Resolver,
    spec: SiteSpec,
    standards: StandardsSpec,
    feed_count: int,
    architectures: Sequence[ReferenceArchitecture | None],
    catalog: Catalog,
) -> PowerSpec:
    """The power chain with its defaults; a landlord's utility connection has none."""
    given, electrical = spec.power, standards.electrical or "nec"
    basic = standards.availability is Availability.BASIC
    usual = _blocks(standards.availability, electrical, feed_count)
    usual["unit_kw"] = _unit_kw(given.blocks.topology or str(usual["topology"].value), spec, architectures, catalog)
    blocks = resolver.part("power.blocks", given.blocks, usual)
    utility = given.utility
    if spec.demarcation is Demarcation.OWN:
        utility = resolver.part("power.utility", utility, _utility(utility, basic=basic))
    generation = tuple(
        resolver.part(f"power.generation[{index}]", one, _generation(one.kind.value))
        for index, one in enumerate(given.generation)
    )
    bess = resolver.part("power.bess", given.bess, _bess(given.bess.product, catalog)) if given.bess else None
    return given.model_copy(
        update={
            "utility": utility,
            "generation": generation,
            "bess": bess,
            "transformers": resolver.part(
                "power.transformers", given.transformers, _transformers(utility.voltage_kv, electrical, basic=basic)
            ),
            "blocks": blocks,
            "generators": resolver.part(
                "power.generators", given.generators, _generators(given.generators.product, catalog)
            ),
            "ups": resolver.part("power.ups", given.ups, _ups(spec, catalog)),
            "distribution": resolver.part("power.distribution", given.distribution, _distribution(spec, catalog)),
            "mechanical": resolver.part("power.mechanical", given.mechanical, _mechanical(basic=basic)),
        }
    )


def _unit_kw(
    how: str, spec: SiteSpec, architectures: Sequence[ReferenceArchitecture | None], catalog: Catalog
) -> Default:
    """The smallest usual block of which one set carries a hall; the largest where none does."""
    hall_kw = _hall_kw(spec, architectures, catalog)
    if hall_kw is None:
        return Default(BLOCK_KW[-1], "a common size of UPS and generator blocks")
    set_of = topology(how)
    share_kw = hall_kw / (set_of.required_count or 1)
    fitting = next((kw for kw in BLOCK_KW if kw >= share_kw), None)
    if fitting is None:
        return Default(BLOCK_KW[-1], "a common size of UPS and generator blocks")
    return Default(fitting, f"the smallest usual block of which one set of {how} carries a hall")


def _hall_kw(spec: SiteSpec, architectures: Sequence[ReferenceArchitecture | None], catalog: Catalog) -> float | None:
    """What a hall is planned for, or may come to with all pools at the size that they build to; None: unknown."""
    if spec.halls.it_mw:
        return spec.halls.it_mw * 1000
    total_kw = 0.0
    for pool, architecture in zip(spec.pools, architectures, strict=True):
        system = catalog.system(pool.system)
        draw_kw = set_aside_kw(pool, system)
        units = max(pool.scalable_units or 0, pool.build_to_scalable_units or 0)
        of_units = units * architecture.su_node_count if architecture else 0
        nodes = max(pool.nodes or 0, of_units)
        if draw_kw is None or not nodes:
            return None
        total_kw += draw_kw * -(-nodes // system.node_count)
    return total_kw * NETWORK_ALLOWANCE_RATIO / (spec.halls.count or 1)


_SIZED = "sized by the design to carry what hangs on it"


def _utility(given: UtilitySpec, *, basic: bool) -> dict[str, Default]:
    circuits = given.circuits or 2
    spare = 0 if basic or circuits == 1 else 1
    why = "all circuits together" if not spare else "one circuit may be lost or maintained"
    return {
        "voltage_kv": Default(34.5, "a medium-voltage connection", decisive=True),
        "circuits": Default(2, "one circuit can be maintained while the other carries the site"),
        "circuits_required": Default(circuits - spare, why),
        "available_mw": Default(None, "taken as what the design needs", decisive=True),
    }


def _transformers(grid_kv: float | None, electrical: str, *, basic: bool) -> dict[str, Default]:
    usual = 34.5 if electrical == "nec" else 33.0
    if grid_kv is None or grid_kv <= MEDIUM_VOLTAGE_KV:
        mv = Default(grid_kv or usual, "the grid connection is of medium voltage", Origin.DERIVED)
    else:
        mv = Default(usual, f"a usual medium voltage where {electrical} holds")
    product = "liquid-2500kva-eu" if electrical == "iec" else "liquid-2500kva-doe"
    return {
        "mv_kv": mv,
        "main_count": Default(None, _SIZED, Origin.DERIVED),
        "main_mva": Default(None, _SIZED, Origin.DERIVED),
        "main_redundancy": Default("N" if basic else "N+1", "one main transformer may be lost or maintained"),
        "main_product": Default("power-100mva", "losses at the minimum efficiency, in proportion to the rating"),
        "block_product": Default(product, "losses at the minimum efficiency, in proportion to the rating"),
        "block_mva": Default(None, _SIZED, Origin.DERIVED),
        "transfer_s": Default(5.0, "an automatic transfer between two medium-voltage feeders"),
    }


def _generation(kind: str) -> dict[str, Default]:
    return {"product": Default(kind, "the catalog's own of that kind", Origin.CATALOG)}


def _bess(product: str | None, catalog: Catalog) -> dict[str, Default]:
    key = product or "lithium-iron-phosphate"
    return {
        "product": Default(key, "the usual cells of large storage"),
        "response_s": Default(catalog.of(Bess, key).response_s, f"as {key}", Origin.CATALOG),
    }


def _generators(product: str | None, catalog: Catalog) -> dict[str, Default]:
    key = product or "diesel-standby"
    unit = catalog.of(Generator, key)
    return {
        "product": Default(key, "usual standby generators"),
        "location": Default("block", "a generator behind each block keeps faults apart"),
        "unit_kw": Default(None, _SIZED, Origin.DERIVED),
        "count": Default(None, _SIZED, Origin.DERIVED),
        "redundancy": Default("N+1", "one generator of a common plant may fail to start"),
        "start_s": Default(unit.start_s, f"as {key}", Origin.CATALOG),
        "step_ratio": Default(unit.step_ratio, f"as {key}", Origin.CATALOG),
        "ramp_ratio_per_s": Default(unit.ramp_ratio_per_s, f"as {key}", Origin.CATALOG),
    }


def _ups(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    systems = [catalog.system(pool.system) for pool in spec.pools]
    direct = all(system.power_input == "dc-busbar" and system.form is Form.RACK for system in systems)
    usual = Default("double-conversion", "the usual UPS of a data hall")
    if direct:
        usual = Default("rectifier-800vdc", "the racks take DC from the room")
    key = spec.power.ups.product or str(usual.value)
    module_kw = catalog.of(Ups, key).module_kw
    module = Default(250.0, "a usual power module of large UPS")
    if module_kw is not None:
        module = Default(module_kw, f"as {key}", Origin.CATALOG)
    return {
        "product": usual,
        "module_kw": module,
        "redundancy": Default("N", "the blocks back each other up"),
    }


def _distribution(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    systems = [catalog.system(pool.system) for pool in spec.pools]
    direct = [system for system in systems if system.power_input == "dc-busbar"]
    rack_dc = Default(None, "every system brings power supplies of its own", Origin.DERIVED)
    shelf = Default(None, "every system brings power supplies of its own", Origin.DERIVED)
    if direct:
        from_room = any(system.form is Form.RACK for system in direct)
        rack_dc = Default(
            800.0 if from_room else 50.0,
            "announced for 800 V DC from the room" if from_room else "a busbar of the OCP ORV3 class",
        )
        if not from_room:
            shelf = Default("gb300-33kw", "33 kW shelves, as racks of this class have them, feed the rack's busbar")
    return {
        "product": Default("busway-copper", "busways over the rows"),
        "rating_a": Default(None, _SIZED, Origin.DERIVED),
        "voltage_drop_max_ratio": Default(
            0.05, "feeder and branch together (NEC 215.2(A) informational note; IEC 60364-5-52 annex G)"
        ),
        "short_circuit_ka": Default(None, "switchgear is bought for the fault level that it stands in", Origin.DERIVED),
        "phase_unbalance_max_ratio": Default(0.1, "a usual limit for UPS outputs and neutral currents"),
        "run_m": Default(30.0, "electrical rooms stand beside their hall"),
        "feed_m": Default(5.0, "from the busway over a rack down to its inlet"),
        "rack_dc_v": rack_dc,
        "shelf_product": shelf,
    }


def _mechanical(*, basic: bool) -> dict[str, Default]:
    return {
        "redundancy": Default("N" if basic else "2N", "either board carries all when the other is maintained"),
        "on_generators": Default(True, "without cooling the racks stop within minutes"),
        "power_factor": Default(0.9, "motors on drives, with some direct on line"),
        "chillers_restart_s": Default(120.0, "chillers bought with a fast restart"),
        "pumps_restart_s": Default(20.0, "drives restart and ramp up"),
    }


def _blocks(availability: Availability, electrical: str, feeds: int) -> dict[str, Default]:
    if availability is Availability.BASIC:
        topology = Default("N", "availability: basic promises no redundancy", Origin.DERIVED)
    elif feeds > 2:
        topology = Default(f"{feeds}N{feeds - 1}R", f"the racks have {feeds} feeds, any {feeds - 1} carry them")
    else:
        topology = Default("2N", f"availability: {availability} with two feeds a rack")
    volts = 400.0 if electrical == "iec" else 415.0
    return {
        "topology": topology,
        "power_factor": Default(1.0, "supplies of servers correct their power factor to nearly one"),
        "rack_voltage_v": Default(volts, f"three-phase distribution to racks where {electrical} holds", decisive=True),
        "ups_min": Default(5.0, "time to start generators, with margin"),
        "generator_h": Default(24.0, "fuel for a day"),
    }
