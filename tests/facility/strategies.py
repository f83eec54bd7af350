"""Random sites: every system of the catalog that can be bought, every topology, code, voltage and promise."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gigasite.catalog.models import Form

from .sites import Site, catalog

TOPOLOGIES = ("N", "N+1", "N+2", "2N", "3N2R", "4N3R", "5N4R", "5N3R", "2+1C", "4+1C", "3+2C")
FREE = ("dry-cooler", "adiabatic-cooler", "cooling-tower", "closed-tower")
FORCED = ("trim-chiller", "chiller", "water-cooled-chiller")


def _laid_out() -> tuple[str, ...]:
    """Systems that can be bought and that a reference architecture lays out."""
    covered = {s for key in catalog().keys("reference-architecture") for s in _systems_of(key)}
    own = [catalog().system(key) for key in catalog().keys("system")]
    return tuple(s.key for s in own if s.form in (Form.NODE, Form.RACK) and s.key in covered)


def _systems_of(architecture: str) -> tuple[str, ...]:
    return tuple(catalog().system(key).key for key in catalog().reference_architecture(architecture).systems)


SYSTEMS = _laid_out()


@st.composite
def sites(draw: st.DrawFn, *, known: bool = False, plain: bool = False) -> Site:
    """A valid site. `known`: of a system whose power and heat are published; `plain`: without rare choices."""
    keys = [s for s in SYSTEMS if not known or _is_known(s)]
    pool: dict[str, Any] = {"name": "train", "system": draw(st.sampled_from(keys)), "nodes": draw(st.integers(1, 40))}
    made: Site = {"name": "demo", "pools": [pool]}
    blocks: dict[str, Any] = {"topology": draw(st.sampled_from(TOPOLOGIES))}
    blocks["rack_voltage_v"] = draw(st.sampled_from((208, 240, 400, 415, 480)))
    blocks["unit_kw"] = draw(st.sampled_from((250, 1000, 2500)))
    made["power"] = {"blocks": blocks}
    made["standards"] = {
        "electrical": draw(st.sampled_from(("nec", "iec"))),
        "availability": draw(st.sampled_from(("basic", "concurrently-maintainable", "fault-tolerant"))),
    }
    made["demarcation"] = draw(st.sampled_from(("own", "own", "colocation")))
    dry_c = draw(st.integers(15, 46))
    made["location"] = {
        "extreme_dry_bulb_c": dry_c,
        "extreme_wet_bulb_c": draw(st.integers(max(10, dry_c - 20), min(dry_c, 30))),
        "altitude_m": draw(st.sampled_from((-50, 0, 300, 1200, 2500))),
    }
    free, forced = draw(st.sampled_from(FREE)), draw(st.sampled_from(FORCED))
    made["cooling"] = {
        "rejection": draw(st.sampled_from(([free], [free, forced], [forced]))),
        "loop": {"supply_c": draw(st.sampled_from((22, 30, 40)))},
    }
    if not plain:
        _rare(draw, made)
    return made


def _rare(draw: st.DrawFn, made: Site) -> None:
    power, pool = made["power"], made["pools"][0]
    if draw(st.booleans()):
        made["racks"] = {"feeds": draw(st.integers(1, 4))}
    if draw(st.booleans()):
        power["utility"] = {
            "voltage_kv": draw(st.sampled_from((11, 34.5, 138, 345))),
            "circuits": draw(st.integers(1, 3)),
        }
    if draw(st.booleans()):
        power["generators"] = {"location": draw(st.sampled_from(("site", "block")))}
    choice = draw(st.integers(0, 7))
    if choice == 0:
        power["mechanical"] = {"redundancy": "N", "on_generators": draw(st.booleans())}
    elif choice == 1:
        pool["cooling"] = {"rear_door": draw(st.sampled_from(catalog().keys("rear-door")))}
    elif choice == 2:
        made["cooling"]["air"] = {"unit": draw(st.sampled_from(catalog().keys("air-unit")))}
    elif choice == 3:
        made["cooling"]["loop"]["cdu"] = draw(st.sampled_from(catalog().keys("cdu")))
    elif choice == 4:
        pool["cooling"] = {"immersion": draw(st.sampled_from(catalog().keys("immersion-tank")))}
    elif choice == 5:
        power["bess"] = {"power_kw": 200, "energy_kwh": 400, "grid_forming": draw(st.booleans())}
    elif choice == 6:
        kind = draw(st.sampled_from(("solar", "gas-turbine", "reciprocating-engine", "nuclear")))
        power["generation"] = [{"name": "own", "kind": kind, "unit_count": 2, "unit_kw": 300}]
    else:
        made["halls"] = {"count": draw(st.integers(1, 3))}


def _is_known(key: str) -> bool:
    system = catalog().system(key)
    return None not in (system.max_kw, system.height_u or system.form is Form.RACK or None)
