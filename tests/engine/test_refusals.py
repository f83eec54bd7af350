"""What the embedded engine does not do it refuses by name; nothing is ignored in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gigasite.engine import select_engine
from gigasite.engine.backend import FileBackend
from gigasite.engine.project import Project
from gigasite.errors import ApplyError, GigasiteError, UsageError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter

Options = pulumi.ResourceOptions


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (lambda: Options(plugin_download_url="https://x"), "plugin_download_url"),
        (lambda: Options(state_migrations=[lambda args: None]), "state_migrations"),
    ],
)
def test_resource_options(bench: Bench, options: Callable[[], Options], named: str) -> None:
    with pytest.raises(GigasiteError, match=f"does not do .*{named}") as caught:
        bench.up(lambda: Counter("a", options()) and None)
    assert "pulumi" in caught.value.hint
    assert "a" not in bench.rows()


def foreign() -> None:
    pulumi.CustomResource("aws:s3/bucket:Bucket", "b", {})


def unknown_kind() -> None:
    pulumi.CustomResource("gigasite:test:Nothing", "b", {})


def remote() -> None:
    pulumi.ComponentResource("awsx:ec2:Vpc", "v", {}, None, True)


def invoke() -> None:
    pulumi.runtime.invoke("aws:index:getRegion", {})


def asset() -> None:
    Counter("a", file=pulumi.FileAsset(__file__))


def method() -> None:
    pulumi.runtime.call("gigasite:test:Counter/grow", {}, Counter("a"))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (foreign, "plugin aws"),
        (unknown_kind, "no resource kind gigasite:test:Nothing"),
        (remote, "remote components"),
        (invoke, "plugin aws that the function aws:index:getRegion needs"),
        (lambda: pulumi.runtime.invoke("gigasite:test:nothing", {}), "has no function gigasite:test:nothing"),
        (asset, "assets and archives"),
        (method, "methods of resources"),
    ],
)
def test_parts_of_pulumi(bench: Bench, program: Callable[[], None], message: str) -> None:
    with pytest.raises(GigasiteError, match=message):
        bench.up(program)


@pytest.mark.parametrize(
    ("url", "named"),
    [("s3://bucket", "s3://"), ("https://api.pulumi.com", "https://"), ("", "without a backend")],
)
def test_remote_backends(project_root: Path, monkeypatch: pytest.MonkeyPatch, url: str, named: str) -> None:
    file = project_root / "Pulumi.yaml"
    file.write_text(file.read_text().replace("file://.state?create_dir=true", url or "''"))
    with pytest.raises(GigasiteError, match=f"does not do .*{named}"):
        FileBackend(Project.load(project_root))


def test_a_backend_folder_that_is_not_there_is_named_unless_it_may_be_made(
    project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file://elsewhere")
    with pytest.raises(GigasiteError, match="does not exist") as caught:
        FileBackend(Project.load(project_root))
    assert caught.value.path == str(project_root / "elsewhere")


def edited(bench: Bench, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(bench.state_file.read_text())
    change(document)
    bench.state_file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d.update(version=4, features=["taint", "hooks"]),
            r"version 4 \(taint, hooks\), this engine knows 3",
        ),
        (lambda d: d.update(version=4), "version 4"),
        (lambda d: d.update(version=2), "version 2"),
        (lambda d: d["checkpoint"]["latest"]["resources"][0].update(viewOf="x"), "does not know viewOf"),
        (lambda d: d["checkpoint"]["latest"]["resources"][0].pop("urn"), "without urn"),
        (lambda d: d["checkpoint"]["latest"]["resources"][0].update(urn="x"), "malformed URN"),
        (lambda d: d["checkpoint"]["latest"].update(snippets=[1]), "snippets"),
        (
            lambda d: d["checkpoint"]["latest"].update(secrets_providers={"type": "cloud", "state": {}}),
            "secrets provider cloud",
        ),
    ],
)
def test_states_of_a_later_pulumi(bench: Bench, change: Callable[[dict[str, Any]], None], message: str) -> None:
    bench.up(lambda: Counter("a") and None)
    edited(bench, change)
    for run in (bench.preview, bench.up):
        with pytest.raises(GigasiteError, match=message) as caught:
            run(lambda: Counter("a") and None)
        assert caught.value.path == str(bench.state_file)
    assert list(bench.lock_folder.iterdir()) == []


def test_a_damaged_state_is_named_with_its_backup(bench: Bench) -> None:
    bench.up(lambda: Counter("a") and None)
    bench.state_file.write_text("{half")
    with pytest.raises(GigasiteError, match="the state is damaged") as caught:
        bench.up(lambda: None)
    assert "dev.json.bak" in caught.value.hint


def test_a_backend_of_another_version(bench: Bench) -> None:
    (bench.root / ".state" / ".pulumi" / "meta.yaml").write_text("version: 2\n")
    with pytest.raises(GigasiteError, match="backend is of version 2"):
        bench.up(lambda: None)


def test_a_state_in_the_old_layout(project_root: Path) -> None:
    old = project_root / ".state" / ".pulumi" / "stacks"
    old.mkdir(parents=True)
    (old / "dev.json").write_text("{}")
    with pytest.raises(GigasiteError, match="old layout"):
        FileBackend(Project.load(project_root))


def test_a_state_compressed_with_zstd(bench: Bench) -> None:
    bench.state_file.with_name("dev.json.zst").write_bytes(b"x")
    with pytest.raises(GigasiteError, match="zstd"):
        bench.up(lambda: None)


def test_a_stack_that_does_not_exist_is_told_how_to_make_it(bench: Bench) -> None:
    for run in (bench.engine.up, bench.engine.preview):
        with pytest.raises(GigasiteError, match="no stack nope") as caught:
            run(bench.project, "nope", program=lambda: None)
        assert caught.value.hint == "make it with `gigasite stack init nope`"
    with pytest.raises(GigasiteError, match="no stack nope"):
        bench.engine.outputs(bench.project, "nope")


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "a\nb", "x" * 101])
def test_names_that_no_stack_can_have(bench: Bench, name: str) -> None:
    with pytest.raises(UsageError):
        bench.engine.init(bench.project, name)


def test_an_unknown_engine() -> None:
    with pytest.raises(UsageError, match="no engine called 'x'"):
        select_engine("x")
    assert select_engine("local").name == "local"


def test_deleting_what_a_foreign_plugin_made_is_refused_before_anything_is_deleted(bench: Bench) -> None:
    bench.up(lambda: Counter("a") and None)

    def foreign_row(document: dict[str, Any]) -> None:
        rows = document["checkpoint"]["latest"]["resources"]
        rows.append({**rows[-1], "urn": rows[-1]["urn"].replace("test:Counter::a", "x:Y::z"), "type": "aws:x:Y"})

    edited(bench, foreign_row)
    with pytest.raises(ApplyError, match="plugin aws"):
        bench.destroy()
    assert bench.world.calls == []
