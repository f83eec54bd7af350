"""Values, rows and stacks as they are kept."""

from __future__ import annotations

import copy
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.engine import paths, values
from gigasite.engine.ledger import Ledger, ordered
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState, make_urn, row_references, urn_name
from gigasite.errors import GigasiteError
from gigasite.provider.handler import UNKNOWN
from tests.engine.conftest import Bench
from tests.engine.resources import Counter

VAULT = Vault.new("x")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.just(UNKNOWN),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3), inner.map(values.Secret)
    ),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4)


@given(PROPERTIES)
@settings(deadline=None)
def test_properties_survive_the_state_and_the_wire(properties: dict[str, Any]) -> None:
    recorded = json.loads(json.dumps(values.to_json(properties, VAULT)))
    assert values.same(values.from_json(recorded, VAULT), properties)
    assert values.same(values.from_struct(values.to_struct(properties)), properties)


@given(PROPERTIES)
def test_what_is_shown_holds_no_secret_and_what_is_told_to_providers_no_mark(properties: dict[str, Any]) -> None:
    assert not values.contains_secret(values.redact(properties))
    assert not values.contains_secret(values.plain(properties))
    carried = values.carry_secrets(values.plain(properties), properties)
    assert values.contains_secret(carried) == values.contains_secret(properties)


def test_true_is_not_one_and_a_secret_is_not_its_content() -> None:
    assert not values.same(True, 1)
    assert values.same(1, 1.0)
    assert not values.same(values.Secret(1), 1)
    assert not values.same({"a": None}, {})


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(GigasiteError, match="not a finite number"):
        values.to_json({"a": float("inf")}, VAULT)


def test_a_state_reads_back_as_it_was_written() -> None:
    state = ResourceState(
        urn=make_urn("dev", "sites", "", "a:b:C", "x::y"),
        type="a:b:C",
        custom=True,
        id="1",
        inputs={"b": 1, "a": values.Secret({"z": [1]})},
        outputs={"c": 1.5},
        protect=True,
        dependencies=("urn:1",),
        property_dependencies={"a": (), "b": ("urn:1",)},
        provider="urn:p::7",
        init_errors=("half",),
    )
    row = state.to_json(VAULT)
    assert list(row) == [
        *("urn", "custom", "id", "type", "inputs", "outputs", "protect", "dependencies", "initErrors"),
        *("provider", "propertyDependencies"),
    ]
    assert ResourceState.from_json(row, VAULT) == state
    assert urn_name(state.urn) == "x::y"
    assert set(row_references(row)) == {"urn:1", "urn:p"}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", ["a"]),
        ("a.b[2].c", ["a", "b", 2, "c"]),
        ('files["racks.csv"]', ["files", "racks.csv"]),
        (r'files["a\"b"]', ["files", 'a"b']),
        ("odd[", ["odd["]),
    ],
)
def test_property_paths_are_read_as_pulumi_writes_them(path: str, parts: list[str | int]) -> None:
    assert list(paths.parts(path)) == parts


def test_a_path_into_a_secret_shows_only_that_it_is_one() -> None:
    assert paths.lookup({"a": "[secret]"}, "a.b") == "[secret]"
    assert paths.lookup({"a": [{"b": 1}]}, "a[0].b") == 1
    assert paths.lookup({"a": 1}, "a.b.c") is None


# ledgers ---------------------------------------------------------------------------------------------------


def row(number: int, needs: list[int] | None = None) -> dict[str, Any]:
    urns = [f"urn:pulumi:s::p::t::{other}" for other in needs or []]
    return {"urn": f"urn:pulumi:s::p::t::{number}", "custom": True, "type": "t", "dependencies": urns}


@st.composite
def graphs(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(0, 12))
    rows = [row(i, draw(st.lists(st.integers(0, i - 1), max_size=3)) if i else []) for i in range(count)]
    return draw(st.permutations(rows))


@given(graphs(), st.randoms())
def test_rows_stand_after_what_they_need_whatever_order_they_came_in(rows: list[dict[str, Any]], chance: Any) -> None:
    result = ordered(rows)
    place = {item["urn"]: at for at, item in enumerate(result)}
    assert len(place) == len(rows)
    assert all(place[need] < place[item["urn"]] for item in rows for need in row_references(item))
    chance.shuffle(rows)
    assert ordered(rows) == result


ENTRIES = st.lists(
    st.one_of(
        st.builds(
            lambda n, i: {"e": "intent", "n": n, "op": "creating", "row": row(i)}, st.integers(1, 5), st.integers(0, 9)
        ),
        st.builds(lambda n, i: {"e": "end", "n": n, "row": row(i)}, st.integers(1, 5), st.integers(0, 9)),
        st.builds(lambda n, i: {"e": "end", "n": n, "old": i}, st.integers(1, 5), st.integers(0, 4)),
        st.builds(lambda i: {"e": "end", "mark": {str(i): "delete"}, "row": row(i + 5)}, st.integers(0, 4)),
        st.builds(lambda i: {"e": "end", "mark": {str(i): "pendingReplacement"}}, st.integers(0, 4)),
        st.builds(lambda n: {"e": "fail", "n": n}, st.integers(1, 5)),
        st.builds(lambda i: {"e": "same", "old": i}, st.integers(0, 4)),
    ),
    max_size=25,
)


@given(ENTRIES)
def test_a_journal_read_back_comes_to_the_same_state(entries: list[dict[str, Any]]) -> None:
    base = [row(i) for i in range(5)]
    live, again = Ledger(copy.deepcopy(base)), Ledger(copy.deepcopy(base))
    for entry in entries:
        live.apply(entry)
    for line in [json.dumps(entry) for entry in entries]:
        again.apply(json.loads(line))
    assert again.rows() == live.rows()
    assert again.pending_operations() == live.pending_operations()


def test_an_entry_of_a_later_version_is_refused() -> None:
    with pytest.raises(GigasiteError, match="'weather'"):
        Ledger([]).apply({"e": "weather"})


def test_a_pending_creation_stays_until_something_settles_it() -> None:
    pending = [{"type": "creating", "resource": row(1)}, {"type": "updating", "resource": row(2)}]
    ledger = Ledger([], pending)
    assert [op["type"] for op in ledger.pending_operations()] == ["creating"]
    ledger.apply({"e": "end", "n": 1, "row": row(1)})
    assert ledger.pending_operations() == []


def test_a_pending_deletion_stays_until_what_takes_its_place_is_there() -> None:
    ledger = Ledger([row(1)], [{"type": "deleting", "resource": row(1)}])
    assert [op["type"] for op in ledger.pending_operations()] == ["deleting"]
    ledger.apply({"e": "intent", "n": 1, "op": "creating", "row": row(1)})
    assert [op["type"] for op in ledger.pending_operations()] == ["deleting", "creating"]
    ledger.apply({"e": "end", "n": 1, "row": row(1), "old": 0})
    assert ledger.pending_operations() == []


def test_a_pending_deletion_that_is_begun_anew_is_told_once() -> None:
    ledger = Ledger([row(1)], [{"type": "deleting", "resource": row(1)}])
    ledger.apply({"e": "intent", "n": 1, "op": "deleting", "row": row(1)})
    assert [op["type"] for op in ledger.pending_operations()] == ["deleting"]
    ledger.apply({"e": "end", "n": 1, "old": 0})
    assert ledger.pending_operations() == []


# stacks ----------------------------------------------------------------------------------------------------


def test_stacks_are_made_listed_exported_and_removed(bench: Bench) -> None:
    bench.engine.init(bench.project, "other")
    assert [s.name for s in bench.engine.stacks(bench.project)] == ["dev", "other"]
    with pytest.raises(GigasiteError, match="exists already"):
        bench.engine.init(bench.project, "other")
    bench.up(lambda: pulumi.export("a", 1))
    info = bench.engine.stacks(bench.project)[0]
    assert info.resource_count == 1
    assert info.last_update
    export = bench.engine.export(bench.project, "dev")
    assert export["version"] == 3
    assert export["deployment"] == bench.latest()
    with pytest.raises(GigasiteError, match="still has 1 resources"):
        bench.engine.remove(bench.project, "dev")
    bench.engine.remove(bench.project, "dev", force=True)
    bench.engine.remove(bench.project, "other")
    assert bench.engine.stacks(bench.project) == ()


def test_a_new_stack_has_no_outputs(bench: Bench) -> None:
    assert bench.engine.outputs(bench.project, "dev") == {}


def test_history_and_backups_are_kept_as_the_cli_does(bench: Bench) -> None:
    bench.up(lambda: None, message="first light")
    pulumi_folder = bench.root / ".state" / ".pulumi"
    assert (pulumi_folder / "meta.yaml").read_text() == "version: 1\n"
    [record] = (pulumi_folder / "history" / "sites" / "dev").glob("dev-*.history.json")
    content = json.loads(record.read_text())
    assert content["kind"] == "update"
    assert content["result"] == "succeeded"
    assert content["message"] == "first light"
    assert content["resourceChanges"] == {"create": 1}
    copy_of_state = record.with_name(record.name.replace(".history.", ".checkpoint."))
    assert copy_of_state.read_bytes() == bench.state_file.read_bytes()
    assert len(list((pulumi_folder / "backups" / "sites" / "dev").glob("dev.*.json"))) == 1
    assert Path(f"{bench.state_file}.bak").exists()


def test_a_compressed_state_stays_compressed(bench: Bench) -> None:
    bench.up(lambda: Counter("a") and None)  # type: ignore[func-returns-value]
    compressed = Path(f"{bench.state_file}.gz")
    compressed.write_bytes(gzip.compress(bench.state_file.read_bytes()))
    bench.state_file.unlink()
    assert bench.up(lambda: pulumi.export("x", Counter("a").size)).changes == {"same": 2}
    assert not bench.state_file.exists()
    document = json.loads(gzip.decompress(compressed.read_bytes()))
    assert len(document["checkpoint"]["latest"]["resources"]) == 3
    assert [s.name for s in bench.engine.stacks(bench.project)] == ["dev"]


def test_importing_the_engine_imports_neither_pulumi_nor_grpc() -> None:
    code = "import sys, gigasite.engine; print([m for m in ('pulumi', 'grpc', 'yaml', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
