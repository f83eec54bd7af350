"""The plugin as Pulumi meets it: a process that prints its port, and answers over gRPC."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from gigasite.provider.location import working_in
from gigasite.provider.resources import store_contents
from gigasite.provider.wire import Properties, encode

REPOSITORY = Path(__file__).resolve().parents[2]
TREE = "urn:pulumi:dev::sites::gigasite:index:Site$gigasite:files:Tree::inventory"
PROBE = "urn:pulumi:dev::sites::gigasite:test:Probe::probe"
SECRET = "hunter2hunter2"


class Engine:
    """Stands in for the engine's own server, which the plugin watches."""

    def __init__(self) -> None:
        self.server = grpc.server(ThreadPoolExecutor(1))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()


def start(program: Path, engine: Engine, folder: Path) -> tuple[subprocess.Popen[str], Any]:
    """Starts a plugin in `folder` as Pulumi does, and connects to the port that it prints."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PULUMI_BACKEND_URL", "GIGASITE_BLOBS")
    }
    environment["PYTHONPATH"] = str(REPOSITORY / "modules")
    process = subprocess.Popen(
        [sys.executable, str(program), engine.address, "--logtostderr"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    return process, provider_pb2_grpc.ResourceProviderStub(channel)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "Pulumi.yaml").write_text("name: sites\nruntime: python\nmain: stacks\nbackend: {url: 'file://.state'}\n")
    (root / "stacks").mkdir()
    return root


@pytest.fixture(scope="module")
def plugin(home: Path) -> Iterator[Any]:
    engine = Engine()  # the plugin ends when it goes
    process, stub = start(REPOSITORY / "tests/provider/probe_plugin.py", engine, home / "stacks")
    stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    stub.Configure(provider_pb2.ConfigureRequest())
    yield stub
    process.kill()
    process.wait()
    engine.server.stop(0)


def secret(value: Any) -> dict[str, Any]:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def struct(**values: Any) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    return Properties(message).values


def create(plugin: Any, *, preview: bool = False, **inputs: Any) -> Any:
    return plugin.Create(provider_pb2.CreateRequest(urn=PROBE, properties=struct(**inputs), preview=preview))


def test_a_tree_lives_and_dies_over_the_wire(plugin: Any, home: Path) -> None:
    with working_in(home):
        first, second = (store_contents(files) for files in ({"a.csv": "1", "b.csv": "2"}, {"a.csv": "3"}))
    inputs, changed = ({"folder": ".build/dev", "files": files} for files in (first, second))

    checked = plugin.Check(provider_pb2.CheckRequest(urn=TREE, news=struct(**inputs)))
    assert not checked.failures
    assert plain(checked.inputs) == inputs

    created = plugin.Create(provider_pb2.CreateRequest(urn=TREE, properties=struct(**inputs)))
    assert created.id == ".build/dev"
    assert (home / ".build/dev/b.csv").read_text() == "2"

    diff = plugin.Diff(
        provider_pb2.DiffRequest(
            urn=TREE,
            id=created.id,
            old_inputs=struct(**inputs),
            olds=created.properties,
            news=struct(**changed),
        )
    )
    kinds = provider_pb2.PropertyDiff.Kind
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: kinds.Name(item.kind) for path, item in diff.detailedDiff.items()} == {
        'files["a.csv"]': "UPDATE",
        'files["b.csv"]': "DELETE",
    }
    assert list(diff.diffs) == ["files"]
    assert not diff.replaces

    request = provider_pb2.UpdateRequest(
        urn=TREE, id=created.id, old_inputs=struct(**inputs), olds=created.properties, news=struct(**changed)
    )
    updated = plugin.Update(request)
    assert sorted(path.name for path in (home / ".build/dev").iterdir()) == ["a.csv"]

    (home / ".build/dev/a.csv").write_text("edited")
    seen = plugin.Read(
        provider_pb2.ReadRequest(urn=TREE, id=created.id, inputs=struct(**changed), properties=updated.properties)
    )
    assert plain(seen.inputs) == changed
    assert plain(seen.properties)["files"] != second
    imported = plugin.Read(provider_pb2.ReadRequest(urn=TREE, id=created.id))
    assert plain(imported.inputs) == {name: plain(seen.properties)[name] for name in ("folder", "files")}

    plugin.Delete(
        provider_pb2.DeleteRequest(urn=TREE, id=created.id, old_inputs=struct(**changed), properties=updated.properties)
    )
    assert not (home / ".build").exists()
    gone = plugin.Read(
        provider_pb2.ReadRequest(urn=TREE, id=created.id, inputs=struct(**changed), properties=updated.properties)
    )
    assert gone.id == ""


def test_another_folder_is_a_replacement(plugin: Any) -> None:
    old, new = ({"folder": folder, "files": {}} for folder in ("a", "b"))
    request = provider_pb2.DiffRequest(
        urn=TREE, id="a", old_inputs=struct(**old), olds=struct(**old), news=struct(**new)
    )
    assert list(plugin.Diff(request).replaces) == ["folder"]


def test_wrong_inputs_are_failures_of_the_check(plugin: Any) -> None:
    checked = plugin.Check(provider_pb2.CheckRequest(urn=TREE, news=struct(folder="../x", files={"a": "b"})))
    assert [failure.property for failure in checked.failures] == ["folder", 'files["a"]']


def test_unknown_values_pass_through_a_preview(plugin: Any) -> None:
    inputs = struct(folder=rpc.UNKNOWN, files={"a.csv": rpc.UNKNOWN})
    assert not plugin.Check(provider_pb2.CheckRequest(urn=TREE, news=inputs)).failures
    created = plugin.Create(provider_pb2.CreateRequest(urn=TREE, properties=inputs, preview=True))
    assert created.properties.fields["folder"].string_value == rpc.UNKNOWN
    assert created.properties.fields["digest"].string_value == rpc.UNKNOWN


def test_secrets_reach_the_handler_plain_and_come_back_marked(plugin: Any) -> None:
    created = create(plugin, token=secret("abc"), nested={"deep": secret(1), "open": 2}, items=[secret("x"), "y"])
    outputs = Properties(created.properties)
    assert outputs.values["length"] == 3
    assert outputs.values["nested"] == {"deep": 1, "open": 2}
    assert outputs.marks == {"token": True, "nested": {"deep": True}, "items": True}
    checked = plugin.Check(provider_pb2.CheckRequest(urn=PROBE, news=struct(token=secret("abc"))))
    assert Properties(checked.inputs).marks == {"token": True}


def test_the_old_inputs_reach_an_update(plugin: Any) -> None:
    updated = plugin.Update(
        provider_pb2.UpdateRequest(urn=PROBE, id="probe", old_inputs=struct(token="old"), news=struct(token="new"))
    )
    assert plain(updated.properties) == {"token": "new", "was": "old"}


def test_a_half_made_resource_is_an_init_failure_with_its_state(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        create(plugin, fail="partial", token=secret(SECRET))
    packed = dict(raised.value.trailing_metadata())["grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(detail)
    assert detail.id == "probe"
    assert list(detail.reasons) == ["no answer to [secret]"]
    assert detail.properties.fields["half"].bool_value
    assert Properties(detail.properties).marks == {"token": True}


def test_a_refusal_is_the_message_alone_and_leaves_the_resource_as_it_was(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        create(plugin, fail="refuse", token=secret(SECRET))
    assert raised.value.details() == "probe: the token [secret] is refused (hint: ask for another)"
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_fault_of_the_provider_asks_for_a_report_and_hides_secrets(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError, match="please report") as raised:
        create(plugin, fail="fault", token=secret(SECRET))
    assert SECRET not in raised.value.details()


def test_an_asset_is_refused_by_name(plugin: Any) -> None:
    asset = {rpc._special_sig_key: rpc._special_asset_sig, "text": "x"}
    with pytest.raises(grpc.RpcError, match=r"token: an asset cannot be a property here"):
        create(plugin, token=asset)


def test_a_kind_that_does_not_exist_is_refused_by_name(plugin: Any) -> None:
    urn = "urn:pulumi:dev::sites::gigasite:files:Forest::x"
    with pytest.raises(
        grpc.RpcError, match=r"no resource kind gigasite:files:Forest; this package has gigasite:files:Tree"
    ):
        plugin.Create(provider_pb2.CreateRequest(urn=urn))


def test_a_component_that_does_not_exist_is_refused_by_name(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError, match="no component gigasite:index:Moonbase"):
        plugin.Construct(provider_pb2.ConstructRequest(type="gigasite:index:Moonbase", name="x"))


def test_calls_that_wait_run_side_by_side(plugin: Any) -> None:
    begin = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: create(plugin, seconds=0.5), range(10)))
    assert time.monotonic() - begin < 2.5


def test_a_setting_that_nobody_reads_is_refused(plugin: Any) -> None:
    urn = "urn:pulumi:dev::sites::pulumi:providers:gigasite::default"
    checked = plugin.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=struct(colour="red", version="0.1.0")))
    assert [failure.property for failure in checked.failures] == ["colour"]
    assert not plugin.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=struct(version="0.1.0"))).failures
    assert plain(checked.inputs) == {"colour": "red", "version": "0.1.0"}


def test_settings_update_the_provider_and_never_replace_it(plugin: Any) -> None:
    request = provider_pb2.DiffRequest(old_inputs=struct(a="1"), news=struct(a="2"))
    diff = plugin.DiffConfig(request)
    assert diff.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert not diff.replaces


def test_the_schema_has_every_kind_with_its_properties(plugin: Any) -> None:
    schema = json.loads(plugin.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert schema["name"] == "gigasite"
    tree = schema["resources"]["gigasite:files:Tree"]
    assert sorted(tree["inputProperties"]) == ["files", "folder"]
    assert sorted(tree["properties"]) == ["digest", "files", "folder"]


def test_the_plugin_says_its_version_and_bears_a_cancel(home: Path) -> None:
    engine = Engine()
    process, stub = start(
        REPOSITORY / "stacks/plugin", engine, home / "stacks"
    )  # its own: it begins nothing from then on
    assert stub.GetPluginInfo(empty_pb2.Empty()).version
    stub.Cancel(empty_pb2.Empty())
    engine.server.stop(0)
    process.terminate()
    process.wait(timeout=20)


def test_a_killed_engine_leaves_no_plugin_behind(home: Path) -> None:
    engine = Engine()
    process, stub = start(REPOSITORY / "stacks/plugin", engine, home / "stacks")
    stub.GetPluginInfo(empty_pb2.Empty())
    time.sleep(0.5)  # the watch connects a moment after the port is printed
    engine.server.stop(0)
    assert process.wait(timeout=20) == 0


def test_without_an_engine_the_plugin_says_what_it_is() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "gigasite.provider.plugin"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "started by Pulumi" in run.stderr


def test_values_survive_the_wire() -> None:
    values = {
        "text": "ü",
        "number": 1.5,
        "flag": True,
        "nothing": None,
        "list": [1.0, {"a": "b"}],
        "map": {"x": []},
    }
    decoded = Properties(encode(values))
    assert decoded.values == values
    assert decoded.marks == {}


def test_output_values_are_taken_apart() -> None:
    output = {rpc._special_sig_key: rpc._special_output_value_sig}
    decoded = Properties(struct(known={**output, "value": "v"}, hidden={**output, "value": "s", "secret": True}))
    assert decoded.values == {"known": "v", "hidden": "s"}
    assert decoded.marks == {"hidden": True}


def test_a_switch_that_is_not_there_leaves_a_resource_to_complete_and_tells_no_password(
    plugin: Any, home: Path
) -> None:
    (home / "known_hosts").write_text("")
    with working_in(home):
        sha = store_contents({"leaf1": "hostname leaf1\n"})["leaf1"]
    device = {"os": "frr", "address": "127.0.0.1", "port": 9, "sha256": sha}
    login = {"user": "admin", "knownHosts": "known_hosts"}
    inputs = {"devices": {"leaf1": device}, "apply": "push", "login": login, "patienceSeconds": 1}
    news = struct(**inputs, password=secret(SECRET))
    urn = "urn:pulumi:dev::sites::gigasite:network:SwitchConfig::leaves"
    checked = plugin.Check(provider_pb2.CheckRequest(urn=urn, news=news))
    assert not checked.failures
    assert checked.inputs.fields["password"].struct_value.fields[rpc._special_sig_key]
    with pytest.raises(grpc.RpcError) as failed:
        plugin.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
    (packed,) = [of for key, of in failed.value.trailing_metadata() if key == "grpc-status-details-bin"]
    detail = provider_pb2.ErrorResourceInitFailed()
    status_pb2.Status.FromString(packed).details[0].Unpack(detail)
    assert detail.id == "leaves"
    assert next(iter(detail.reasons)).startswith("leaf1: no connection")
    assert plain(detail.properties)["arrived"] == {}
    assert SECRET not in str(detail)
    schema = json.loads(plugin.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert schema["resources"]["gigasite:network:SwitchConfig"]["inputProperties"]["password"]["secret"] is True
    assert "gigasite:network:SwitchLogin" in schema["types"]
