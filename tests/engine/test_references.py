"""Stack references, resource references, and programs as files."""

from __future__ import annotations

import pulumi
import pytest

from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions
from gigasite.engine.secrets import Vault
from gigasite.errors import ApplyError, GigasiteError, UsageError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter


def other_stack(bench: Bench) -> None:
    bench.engine.init(bench.project, "other")

    def program() -> None:
        pulumi.export("plain", 7)
        pulumi.export("hidden", pulumi.Output.secret("hush"))

    LocalEngine().up(bench.project, "other", program=program)


def test_a_stack_reference_gives_the_outputs_of_another_stack(bench: Bench) -> None:
    other_stack(bench)

    def program() -> None:
        ref = pulumi.StackReference("organization/sites/other")
        pulumi.export("plain", ref.get_output("plain"))
        pulumi.export("hidden", ref.get_output("hidden"))
        pulumi.export("missing", ref.get_output("missing"))

    assert bench.preview(program).outputs == {"plain": 7, "hidden": "[secret]"}
    assert bench.up(program).outputs == {"plain": 7, "hidden": "[secret]"}
    assert bench.engine.outputs(bench.project, "dev", show_secrets=True)["hidden"] == "hush"
    row = bench.rows()["organization/sites/other"]
    assert row["external"] is True
    assert row["id"] == "organization/sites/other"
    assert row["type"] == "pulumi:pulumi:StackReference"
    assert row["outputs"]["secretOutputNames"] == ["hidden"]
    assert "ciphertext" in row["outputs"]["outputs"]["hidden"]
    assert row["provider"].startswith("urn:pulumi:dev::sites::pulumi:providers:pulumi::default::")
    assert bench.destroy().failed is False


def test_a_reference_may_name_a_stack_of_the_same_project(bench: Bench) -> None:
    other_stack(bench)
    result = bench.up(lambda: pulumi.export("x", pulumi.StackReference("r", "other").get_output("plain")))
    assert result.outputs == {"x": 7}


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no stack nowhere"), ("a/b", "names no stack")])
def test_a_reference_to_nothing_is_named(bench: Bench, name: str, message: str) -> None:
    with pytest.raises(ApplyError, match=message):
        bench.up(lambda: pulumi.StackReference(name) and None)


def test_secrets_of_another_passphrase_are_left_out_with_a_warning(bench: Bench) -> None:
    other_stack(bench)
    file = bench.state_file.with_name("other.json")
    salt = bench.latest().get("secrets_providers", {}).get("state", {}).get("salt")
    text = file.read_text()
    old = text.split('"salt":"')[1].split('"')[0]
    file.write_text(text.replace(old, Vault.new("something else").salt_text))
    assert salt is None

    result = bench.up(lambda: pulumi.export("p", pulumi.StackReference("other").get_output("plain")))
    assert result.outputs == {"p": 7}
    assert any("another passphrase" in d.message for d in result.diagnostics)


def test_a_resource_as_an_input_becomes_a_reference(bench: Bench) -> None:
    def program() -> None:
        first = Counter("first")
        Counter("second", peer=first)

    bench.up(program)
    peer = bench.rows()["second"]["inputs"]["peer"]
    assert peer["urn"] == bench.rows()["first"]["urn"]
    assert peer["id"] == "id-first"
    assert bench.up(program).changes == {"same": 3}


def test_a_program_in_the_projects_main_folder_runs_from_there(bench: Bench) -> None:
    (bench.root / "stacks" / "helper.py").write_text("NAME = 'from-helper'\n")
    (bench.root / "stacks" / "__main__.py").write_text(
        "import os, sys, pulumi, helper\n"
        "pulumi.export('cwd', os.path.basename(os.getcwd()))\n"
        "pulumi.export('name', helper.NAME)\n"
        "pulumi.export('root', os.path.basename(pulumi.get_root_directory()))\n"
        "pulumi.export('stack', pulumi.get_stack())\n"
    )
    expected = {"cwd": "stacks", "name": "from-helper", "root": "project", "stack": "dev"}
    assert bench.up().outputs == expected
    (bench.root / "stacks" / "helper.py").write_text("NAME = 'changed-helper'\n")
    assert bench.up().outputs == {**expected, "name": "changed-helper"}


def test_a_programs_own_error_is_shown_with_its_line(bench: Bench) -> None:
    (bench.root / "stacks" / "__main__.py").write_text("import pulumi\n\nraise KeyError('no such rack')\n")
    with pytest.raises(GigasiteError, match="KeyError: 'no such rack'") as caught:
        bench.up()
    assert caught.value.path == "stacks/__main__.py:3"


def test_a_syntax_error_is_shown_with_its_line(bench: Bench) -> None:
    (bench.root / "stacks" / "__main__.py").write_text("x = 1\ndef (\n")
    with pytest.raises(GigasiteError) as caught:
        bench.preview()
    assert caught.value.path == "stacks/__main__.py:2"


def test_an_error_in_an_apply_ends_the_run(bench: Bench) -> None:
    def program() -> None:
        Counter("a").address.apply(lambda _: 1 / 0)

    with pytest.raises(GigasiteError, match="ZeroDivisionError"):
        bench.up(program)
    assert "a" in bench.rows()


def test_a_gigasite_error_of_the_program_passes_as_it_is(bench: Bench) -> None:
    error = UsageError("no such site")

    def program() -> None:
        raise error

    with pytest.raises(UsageError) as caught:
        bench.up(program)
    assert caught.value is error


def test_a_project_without_a_program_is_told_where_it_belongs(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no program"):
        bench.up()


def test_messages_of_the_program_become_diagnostics(bench: Bench) -> None:
    def program() -> None:
        pulumi.log.warn("mind the gap", Counter("a"))
        pulumi.log.debug("not this")

    assert [str(d) for d in bench.up(program).diagnostics] == ["warning: a: mind the gap"]


def test_no_parallel_steps_at_all_are_refused(bench: Bench) -> None:
    with pytest.raises(UsageError, match="one step"):
        bench.engine.up(bench.project, "dev", program=lambda: None, options=RunOptions(parallel=0))
