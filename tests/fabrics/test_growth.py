"""Sites with any choices of their compute fabric: what checks promise holds, and growth moves nothing that exists."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from gigasite import checks
from gigasite.design.model import Design

from .choices import catalog, design_of

GROWTH = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
CABLE = ["fabric", "tier", "plane", "rail", "a_device", "a_port", "b_device", "b_port", "gbps"]
PORT = ["device", "port", "cage", "lane", "fabric", "plane", "gbps"]
SOUND = {"FAB103", "FAB104", "FAB105", "FAB107", "FAB108", "FAB109", "FAB111", "FAB112", "FAB141", "ADR104"}
DEVICE = ["device", "kind", "model", "fabric", "tier", "plane", "rail", "pool", "pod", "asn"]
SYSTEMS = ("dgx-h100", "dgx-b200", "dgx-b300", "gb200-nvl72", "gb300-nvl72", "instinct-mi300x", "gpu8-2x200g")
SWITCHES = ("sn5600", "qm9700", "q3400-ra", "fixed-64x400g", "fixed-48x400g-8x800g")


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.none(), values)


CHOICES = st.fixed_dictionaries(
    {
        "topology": maybe(st.just("rail-only")),
        "switch": maybe(st.sampled_from(SWITCHES)),
        "planes": maybe(st.sampled_from([1, 2, 4])),
        "dual_tor": maybe(st.booleans()),
        "rail_optimised": maybe(st.booleans()),
        "leaf_scope": maybe(st.sampled_from(["rack", "scalable-unit"])),
        "spine_scope": maybe(st.sampled_from(["shared", "rail"])),
        "nodes_per_leaf": maybe(st.integers(4, 40)),
        "spines_per_pod": maybe(st.sampled_from([2, 4, 8])),
        "scalable_units_per_pod": maybe(st.integers(1, 3)),
        "oversubscription": maybe(st.sampled_from([0.5, 1.0, 2.0, 3.0, 7.0])),
        "spine_oversubscription": maybe(st.sampled_from([1.0, 2.0, 7.0])),
    }
)


@st.composite
def sites(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A smaller and a larger pool with one size to build to, and the choices of their compute fabric."""
    units = draw(st.integers(1, 5))
    per_unit = draw(maybe(st.sampled_from([4, 9, 16, 36])))
    pool = {"system": draw(st.sampled_from(SYSTEMS)), "build_to_scalable_units": units}
    if per_unit:
        pool["nodes_per_scalable_unit"] = per_unit
    larger = draw(st.integers(1, units))
    compute = {key: value for key, value in draw(CHOICES).items() if value is not None}
    return (
        {**pool, "scalable_units": draw(st.integers(1, larger))},
        {**pool, "scalable_units": larger},
        compute,
    )


@GROWTH
@given(sites())
@example(
    (
        {"system": "gpu8-2x200g", "build_to_scalable_units": 4, "nodes": 20, "nodes_per_scalable_unit": 16},
        {"system": "gpu8-2x200g", "build_to_scalable_units": 4, "nodes": 64, "nodes_per_scalable_unit": 16},
        {"switch": "sn5600", "dual_tor": True, "rail_optimised": False, "trunk_gbps": 400, "scalable_units_per_pod": 2},
    )
)
@example(
    (
        {"system": "gpu8-2x200g", "build_to_scalable_units": 3, "scalable_units": 1},
        {"system": "gpu8-2x200g", "build_to_scalable_units": 3, "scalable_units": 3},
        {"switch": "sn5600", "planes": 2, "trunk_gbps": 400, "topology": "rail-only"},
    )
)
def test_growth_moves_nothing(site: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> None:
    smaller, larger, compute = site
    try:
        before, after = design_of(smaller, compute), design_of(larger, compute)
    except ValueError:  # the site file refuses the choices
        assume(False)
        raise
    assume("compute" in before.fabrics)
    assert "compute" in after.fabrics
    assert lost(before, after, "cables", CABLE).is_empty()
    assert lost(before, after, "ports", PORT).is_empty()
    assert lost(before, after, "devices", DEVICE).is_empty()


@GROWTH
@given(sites())
def test_every_site_that_can_be_laid_out_is_sound(
    site: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    """No port twice or missing, even trunks, every NIC port connected once, nothing shared; the bandwidth as asked."""
    _, pool, compute = site
    try:
        design = design_of(pool, compute)
    except ValueError:
        assume(False)
        raise
    assume("compute" in design.fabrics)
    assert [f"{f.code} {f.message}" for f in checks.run(design, catalog(), only=SOUND)] == []


def lost(before: Design, after: Design, table: str, columns: list[str]) -> pl.DataFrame:
    """Rows of the smaller design that the larger one does not have."""
    old, new = (getattr(design.tables, table).select(columns) for design in (before, after))
    return old.join(new, on=columns, how="anti", nulls_equal=True)
