"""Each part of a site can be used alone in another stack, and says in words what is wrong with its arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from components_bench import outputs_of

from gigasite.components import CoolingPlant, Fabric, NodePool, PowerSystem, RackRow
from gigasite.errors import GigasiteError

H100_POOL: Any = {"name": "train", "system": "dgx-h100", "scalable_units": 1}


def test_a_fabric_alone_makes_the_published_switches_and_nothing_else(bench: Any) -> None:
    def program() -> None:
        fabric = Fabric("f", {"name": "compute", "system": "dgx-h100", "scalable_units": 4, "switch": "qm9700"})
        outputs_of(fabric)

    result = bench.up(program)
    assert result.outputs["figures"]["leaf_count"] == 32
    assert result.outputs["figures"]["spine_count"] == 16
    assert result.outputs["switch_count"] == 48
    assert result.outputs["endpoint_count"] == 127 * 8
    built = bench.built()
    assert "f/fabrics/compute/leaf-nodes-su-004/devices.json" in built
    assert all(path.startswith(("f/fabrics/compute/", "f/inventory/fabrics/compute/")) for path in built)


def test_an_infiniband_fabric_has_files_for_its_subnet_managers(bench: Any) -> None:
    guids = bench.root / "stacks" / "guids.csv"
    guids.write_text("device,port,guid\ncompute-spine001,,0xfc6a1c0300c4d8e0\n")
    args: Any = {"system": "dgx-h100", "scalable_units": 1, "switch": "qm9700"}

    def program() -> None:
        Fabric("f", {"name": "compute", "guids_csv": str(guids), **args})

    bench.up(program)
    subnet = "f/fabrics/compute/subnet-plane-1"
    assert {f"{subnet}/partitions.conf", f"{subnet}/topology.topo", f"{subnet}/missing-guids.csv"} <= bench.built()


def test_a_fabric_alone_takes_the_choices_of_its_layout(bench: Any) -> None:
    """Two planes of a split port, a chosen unit, pods of one unit, and more bandwidth below than above them."""

    def program() -> None:
        chosen: Any = {
            "planes": 2,
            "nodes_per_scalable_unit": 16,
            "nodes_per_leaf": 16,
            "trunk_gbps": 400,
            "spines_per_pod": 4,
            "scalable_units_per_pod": 1,
            "spine_oversubscription": 3,
        }
        args: Any = {"system": "dgx-b300", "scalable_units": 2, "switch": "sn5600", **chosen}
        outputs_of(Fabric("f", {"name": "compute", **args}))

    figures = bench.up(program).outputs["figures"]
    assert (figures["tiers"], figures["planes"], figures["leaf_count"]) == (3, 2, 32)
    assert (figures["spine_count"], figures["rails_meet"], figures["diameter_switches"]) == (16, True, 5)


def test_the_same_program_again_changes_nothing(bench: Any) -> None:
    def program() -> None:
        Fabric("f", {"system": "dgx-h100", "scalable_units": 1})

    bench.up(program)
    assert not bench.up(program, expect_no_changes=True).changed_steps


def test_growth_creates_and_updates_and_replaces_nothing(bench: Any) -> None:
    def program(units: int) -> Any:
        return lambda: Fabric(
            "f", {"name": "c", "system": "dgx-h100", "scalable_units": units, "build_to_scalable_units": 4}
        )

    bench.up(program(2))
    steps = bench.preview(program(3)).changed_steps
    assert {str(step.op) for step in steps} <= {"create", "update"}
    names = {step.name for step in steps}
    assert "f-leaf-nodes-su-003" in names
    assert "f-leaf-nodes-su-001" not in names


def test_a_node_pool_alone_has_inventory_tables_and_addresses(bench: Any) -> None:
    def program() -> None:
        outputs_of(NodePool("p", {"name": "train", "system": "gb200-nvl72", "nodes": 36}))

    outputs = bench.up(program).outputs
    assert (outputs["node_count"], outputs["gpu_count"]) == (36, 144)
    assert len(outputs["racks"]) == 2
    assert "inband" in outputs["networks"]
    assert outputs["inventory"] == ".build/dev/p/inventory/pools/train"
    assert "p/inventory/pools/train/su-001.yml" in bench.built()


def test_a_rack_row_alone_lists_its_racks(bench: Any) -> None:
    def program() -> None:
        outputs_of(RackRow("r", {"system": "dgx-h100", "nodes": 8, "nodes_per_rack": 4}))

    outputs = bench.up(program).outputs
    assert outputs["rack_count"] == len(outputs["racks"]) >= 2
    assert bench.built() == {"r/rows/hall-01-row-01/racks.csv", "r/rows/hall-01-row-01/elevations.csv"}


def test_a_power_system_alone_knows_its_load_and_its_margin(bench: Any) -> None:
    def program() -> None:
        args: Any = {"pools": [H100_POOL], "utility": {"available_mw": 2}, "blocks": {"unit_kw": 500}}
        outputs_of(PowerSystem("w", args))

    outputs = bench.up(program).outputs
    assert outputs["it_kw"] > 31 * 10.2
    assert outputs["utility_margin_kw"] == pytest.approx(2000 - outputs["utility_kw"])
    in_hall = {f"w/power/hall-01/{name}.csv" for name in ("blocks", "feeds", "elements", "connections")}
    assert bench.built() == in_hall | {"w/power/site/elements.csv", "w/power/site/connections.csv"}


def test_a_cooling_plant_alone_has_flow_and_cdus(bench: Any) -> None:
    def program() -> None:
        pool: Any = {"name": "train", "system": "gb300-nvl72", "nodes": 36}
        outputs_of(CoolingPlant("k", {"pools": [pool], "loop": {"supply_c": 35.0, "redundancy": "N+1"}}))

    outputs = bench.up(program).outputs
    assert outputs["liquid_kw"] > outputs["air_kw"] > 0
    assert outputs["cdu_installed"] >= 2
    assert "k/cooling/hall-01/plant.csv" in bench.built()


def test_two_parts_of_one_stack_do_not_share_a_folder(bench: Any) -> None:
    def program() -> None:
        for name in ("one", "two"):
            Fabric(name, {"name": "compute", "system": "dgx-h100", "scalable_units": 1})

    bench.up(program)
    assert {path.split("/")[0] for path in bench.built()} == {"one", "two"}


def test_states_hold_no_contents_and_components_have_the_package_types(bench: Any) -> None:
    bench.up(lambda: Fabric("f", {"system": "dgx-h100", "scalable_units": 1}) and None)
    state = json.dumps(bench.engine.export(bench.project, "dev"))
    assert "gigasite:index:Fabric" in state
    assert "peer_port" not in state


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"system": "dgx-h1000", "nodes": 8}, "dgx-h100"),
        ({"system": "dgx-h100"}, "scalable_units or nodes"),
        ({"system": "dgx-h100", "nodes": 8, "scalable_units": 1}, "scalable_units or nodes"),
        ({"system": "dgx-h100", "nodes": 0}, "nodes"),
        ({"system": "tpu-v5p", "nodes": 8}, "cloud"),
        ({"nodes": 8}, "system"),
        ({"system": "dgx-h100", "nodes": 8, "switch": "nothing"}, "nothing"),
        ({"system": "dgx-h100", "nodes": 8, "name": "a/b"}, "a/b"),
    ],
)
def test_wrong_arguments_are_told_in_words_and_nothing_is_made(bench: Any, args: Any, said: str) -> None:
    with pytest.raises(GigasiteError) as caught:
        bench.up(lambda: Fabric("f", args) and None)
    assert said in str(caught.value)
    assert isinstance(caught.value, pulumi.RunError)
    assert bench.built() == set()


def test_an_output_as_argument_is_refused_with_what_to_do(bench: Any) -> None:
    with pytest.raises(GigasiteError, match="plain value"):
        bench.up(lambda: Fabric("f", {"system": pulumi.Output.from_input("dgx-h100"), "nodes": 8}) and None)  # type: ignore[typeddict-item]


def test_a_fabric_of_another_role_leaves_the_compute_fabric_out(bench: Any) -> None:
    def program() -> None:
        args: Any = {"name": "fast", "roles": ["storage", "inband"], "system": "gb200-nvl72", "nodes": 36}
        outputs_of(Fabric("f", {**args, "switch": "sn5600", "supernet": "10.80.0.0/14"}))

    outputs = bench.up(program).outputs
    assert sorted(outputs["figures"]["roles"]) == ["inband", "storage"]
    assert all(network.startswith("10.8") for network in outputs["networks"].values())
    assert all("fabrics/fast" in path for path in bench.built())


def test_the_configurations_of_a_fabric_lie_beside_its_device_data(bench: Any) -> None:
    def program() -> None:
        args: Any = {"system": "dgx-h100", "scalable_units": 1, "switch": "sn5600", "os": "nvue"}
        Fabric("f", {"name": "compute", **args})

    bench.up(program)
    group = "f/fabrics/compute/leaf-nodes-su-001"
    leaves = [path for path in bench.built() if path.startswith(group) and path.endswith("/startup.yaml")]
    assert len(leaves) == 8
    known = json.loads((bench.root / ".build" / "dev" / group / "dhcp.json").read_text())
    assert known["ztp_option"] == 239
    assert {Path(leaf).parent.name for leaf in leaves} == {host["hostname"] for host in known["hosts"]}
