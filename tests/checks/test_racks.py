"""Units of racks, and which facts a rack is measured by."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.catalog import load_catalog
from gigasite.checks.context import Context
from gigasite.checks.racks import equipment_units
from gigasite.design.model import Design

from .designs import GB300, H100, design_of, findings_of, found, set_where, with_table


def moved(design: Design, device: str, unit: int) -> Design:
    return with_table(design, "devices", lambda f: set_where(f, pl.col("device") == device, unit=unit))


@pytest.mark.parametrize(
    ("unit", "codes"),
    [(2, {"RCK109"}), (47, set()), (48, set()), (49, {"RCK109"}), (0, {"RCK109"})],
    ids=["taken", "free", "highest", "above the rack", "below the rack"],
)
def test_a_switch_has_a_unit_of_its_own_within_its_rack(unit: int, codes: set[str]) -> None:
    assert found(moved(design_of(H100), "demo-compute-spine001", unit), {"RCK109"}) == codes


@pytest.mark.parametrize(("unit", "codes"), [(2, {"RCK109"}), (8, {"RCK109"}), (9, set())])
def test_a_high_device_takes_all_its_units(unit: int, codes: set[str]) -> None:
    """A DGX H100 from unit 1 on takes eight; the node that stands on unit 9 is not in its way."""
    crowded = with_table(design_of(H100), "nodes", lambda f: set_where(f, pl.col("unit") == 9, unit=unit))
    assert found(crowded, {"RCK109"}) == codes


def test_equipment_without_units_is_no_neighbour() -> None:
    design = design_of(H100)
    floating = with_table(design, "devices", lambda f: f.with_columns(unit=pl.lit(None)))
    assert not found(floating, {"RCK109"})


def test_trays_of_a_rack_scale_system_have_no_units_of_the_rack() -> None:
    units = equipment_units(Context(design_of(GB300), load_catalog()))
    assert units.height
    assert not units.join(design_of(GB300).tables.nodes, left_on="device", right_on="node").height


def test_network_racks_of_a_rack_scale_pool_are_plain_racks() -> None:
    """The NVL72 racks are 2,236 mm high and the plain ones 2,300 mm; the door is between them."""
    text = f"{GB300}halls: {{door_mm: [1200, 2250]}}\nracks: {{height_mm: 2300}}\n"
    (message,) = [f.message for f in findings_of(text) if f.code == "RCK107" and "pool train" in f.message]
    network = design_of(text).tables.racks.filter(pl.col("kind") == "network")
    assert message.startswith(f"{network.height} racks of pool train: 2,300 mm")


def test_network_racks_of_a_rack_scale_pool_keep_what_is_reserved() -> None:
    design = design_of(GB300)
    full = with_table(design, "racks", lambda f: set_where(f, pl.col("kind") == "network", used_u=47))
    assert found(full, {"RCK101"}) == {"RCK101"}
    pool = with_table(design, "racks", lambda f: set_where(f, pl.col("kind") == "pool", used_u=48))
    assert not found(pool, {"RCK101"})
