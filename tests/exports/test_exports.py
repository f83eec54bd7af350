"""What is written for installers, Ansible and other tools says what the design decided, each thing once."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import polars as pl
import pytest
import yaml

from gigasite.design.model import Design
from gigasite.exports import facility, figures, inventory, nodes, racks, switches


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _merged(texts: list[str]) -> dict:
    """Inventory files as Ansible merges them: groups by name, wherever they stand."""
    groups: dict[str, dict] = {}

    def walk(name: str, group: dict) -> None:
        known = groups.setdefault(name, {"hosts": {}, "children": set()})
        known["hosts"].update(group.get("hosts") or {})
        for child, inner in (group.get("children") or {}).items():
            known["children"].add(child)
            walk(child, inner)

    for text in texts:
        for name, group in yaml.safe_load(text).items():
            walk(name, group)
    return groups


def test_leaves_of_a_scalable_unit_and_spines_are_groups_named_by_position(design: Design) -> None:
    groups = switches.switch_groups(design, "compute")
    assert [group.name for group in groups] == [
        "leaf-train-su-001",
        "leaf-train-su-002",
        "spine-plane-1-pod-001",
    ]
    assert groups[0].path == "fabrics/compute/leaf-train-su-001"


def test_device_data_gives_each_port_its_peer_from_both_ends(design: Design) -> None:
    groups = switches.switch_groups(design, "compute")
    data = [device for group in groups for device in json.loads(group.files["devices.json"])["devices"]]
    peers = {
        (device["device"], port["port"]): (port["peer"], port["peer_port"])
        for device in data
        for port in device["ports"]
    }
    assert peers["s1-c-leaf-su1", 1] == ("s1-train-su1-n1", 1)
    assert peers["s1-c-leaf-su2", 33] == ("s1-c-spine-1", 2)
    assert peers["s1-c-spine-1", 2] == ("s1-c-leaf-su2", 33)


def test_device_data_keeps_a_port_a_line_so_that_a_diff_shows_single_ports(design: Design) -> None:
    text = switches.switch_groups(design, "compute")[0].files["devices.json"]
    assert sum('"peer":' in line for line in text.splitlines()) == text.count('"peer":') == 3


def test_every_cable_stands_in_exactly_one_schedule_with_both_ends_placed(design: Design) -> None:
    rows = [row for group in switches.switch_groups(design, "compute") for row in _rows(group.files["cables.csv"])]
    assert len(rows) == len({row["cable"] for row in rows}) == 6
    first = next(row for row in rows if row["cable"] == "s1-train-su1-n1:1")
    assert (first["a_rack"], first["a_unit"], first["b_rack"], first["b_cage"]) == (
        "s1-train-su1-r1",
        "1",
        "s1-net-r1",
        "1",
    )
    assert (first["media"], first["length_m"]) == ("dac-400g", "2.5")


def test_unknown_lengths_are_empty_cells_and_never_zero(design: Design) -> None:
    rows = [row for group in switches.switch_groups(design, "compute") for row in _rows(group.files["cables.csv"])]
    assert {row["length_m"] for row in rows if row["tier"] == "leaf-spine"} == {""}


def test_a_fabric_without_switches_has_no_groups(design: Design) -> None:
    assert switches.switch_groups(design, "inband") == ()


def test_inventory_groups_nodes_by_pool_unit_rack_system_and_role(design: Design) -> None:
    groups = _merged(list(inventory.node_inventory(design, "train").files.values()))
    assert groups["nodes"]["children"] == {"pool_train"}
    assert groups["pool_train"]["children"] == {"pool_train_su_001", "pool_train_su_002"}
    assert set(groups["rack_s1_train_su1_r1"]["hosts"]) == {"s1-train-su1-n1", "s1-train-su1-n2"}
    for roof in ("system_dgx_h100", "purpose_training", "fabric_compute", "role_inband"):
        assert groups[roof]["children"] == {"pool_train"}


def test_a_node_is_reached_inband_and_knows_what_was_decided(design: Design) -> None:
    groups = _merged(list(inventory.node_inventory(design, "train").files.values()))
    host = groups["rack_s1_train_su1_r1"]["hosts"]["s1-train-su1-n2"]
    assert host["ansible_host"] == "10.1.0.11"
    assert host["gigasite"]["gpu_count"] == 8
    assert host["gigasite"]["ports"] == {"compute": 1}
    assert (host["gigasite"]["rack"], host["gigasite"]["position"]) == ("s1-train-su1-r1", 1)
    assert {address["interface"] for address in host["gigasite"]["addresses"]} == {"bmc", "bond0"}


def test_a_host_without_an_inband_address_gets_no_ansible_host(design: Design) -> None:
    tables = replace(design.tables, addresses=design.tables.addresses.clear())
    groups = _merged(list(inventory.node_inventory(replace(design, tables=tables), "train").files.values()))
    host = groups["rack_s1_train_su1_r1"]["hosts"]["s1-train-su1-n1"]
    assert "ansible_host" not in host
    assert host["gigasite"]["addresses"] == []


def test_switches_are_reached_by_their_management_address(design: Design) -> None:
    groups = _merged(list(inventory.switch_inventory(design, "compute").files.values()))
    leaf = groups["switches_compute_leaf"]["hosts"]["s1-c-leaf-su1"]
    assert leaf["ansible_host"] == "10.0.0.200"
    assert leaf["gigasite"]["asn"] == 4210000001
    assert set(groups["switches_compute_spine"]["hosts"]) == {"s1-c-spine-1"}


def test_growth_adds_files_and_leaves_those_of_existing_units_alone(design: Design) -> None:
    smaller = replace(design, tables=replace(design.tables, nodes=design.tables.nodes.filter(pl.col("su") == 1)))
    for export in (inventory.node_inventory, nodes.pool_folder):
        before, after = export(smaller, "train").files, export(design, "train").files
        assert {path: after[path] for path in before} == before
        assert set(after) - set(before)


def test_a_row_lists_its_racks_in_order_and_what_they_hold(design: Design) -> None:
    rows = {row.name: row for row in racks.rack_rows(design)}
    assert set(rows) == {"hall-01-row-01", "hall-02-row-01"}
    first = rows["hall-01-row-01"]
    assert first.racks == ("s1-train-su1-r1", "s1-train-su2-r1")
    assert first.it_kw == pytest.approx(40.8)
    assert rows["hall-02-row-01"].it_kw is None
    assert [row["rack"] for row in _rows(first.folder.files["racks.csv"])] == [
        "s1-train-su1-r1",
        "s1-train-su2-r1",
    ]
    held = _rows(first.folder.files["elevations.csv"])
    assert [(row["rack"], row["unit"], row["model"]) for row in held][:2] == [
        ("s1-train-su1-r1", "1", "dgx-h100"),
        ("s1-train-su1-r1", "9", "dgx-h100"),
    ]


def test_racks_that_found_no_place_are_listed_and_not_lost(design: Design) -> None:
    homeless = design.tables.racks.with_columns(
        *(pl.when(pl.col("rack") == "s1-net-r1").then(None).otherwise(name).alias(name) for name in ("hall", "row"))
    )
    rows = racks.rack_rows(replace(design, tables=replace(design.tables, racks=homeless)))
    assert {row.name for row in rows} == {"hall-01-row-01", "unplaced"}


def test_feeds_stand_with_the_hall_of_their_rack(design: Design) -> None:
    folders = {folder.name: folder for folder in facility.power_folders(design)}
    assert [row["feed"] for row in _rows(folders["hall-02"].files["feeds.csv"])] == [
        "s1-net-r1-A",
        "s1-net-r1-B",
    ]
    assert len(_rows(folders["hall-01"].files["blocks.csv"])) == 2


def test_cooling_lists_the_heat_of_each_rack_and_the_plant_of_each_hall(design: Design) -> None:
    folders = {folder.name: folder for folder in facility.cooling_folders(design)}
    assert [row["air_kw"] for row in _rows(folders["hall-01"].files["racks.csv"])] == ["20.4", "20.4"]
    assert _rows(folders["hall-01"].files["plant.csv"])[0]["air_unit_count"] == "2"


def test_unknown_figures_are_left_out(design: Design) -> None:
    capacity = figures.site_capacity(design)
    assert capacity == {"gpu_count": 32, "node_count": 4, "rack_count": 3}
    margins = figures.site_margins(design)
    assert "utility_margin_kw" not in margins
    assert margins["halls"]["hall-1"] == {
        "it_margin_kw": pytest.approx(59.2),
        "position_margin": 8,
        "cdu_spare_count": 0,
        "air_unit_spare_count": 1,
    }
    assert "it_margin_kw" not in margins["halls"]["hall-2"]


def test_known_figures_become_margins(design: Design) -> None:
    known = replace(design, power=replace(design.power, it_kw=700.0, utility_kw=900.0))
    assert figures.site_margins(known)["utility_margin_kw"] == pytest.approx(100.0)
    assert figures.power_figures(known)["utility_margin_kw"] == pytest.approx(100.0)


def test_links_of_a_split_port_share_a_cable_that_keeps_its_name_when_others_are_numbered_anew(design: Design) -> None:
    split = design.tables.cables.with_columns(pl.when(pl.col("cable") <= 2).then(7).otherwise("cable").alias("cable"))
    for numbers in (split, split.with_columns(pl.col("cable") + 100)):
        other = replace(design, tables=replace(design.tables, cables=numbers))
        rows = _rows(switches.switch_groups(other, "compute")[0].files["cables.csv"])
        assert [row["cable"] for row in rows] == ["s1-train-su1-n1:1", "s1-train-su1-n1:1", "s1-c-leaf-su1:33"]
