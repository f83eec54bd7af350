"""Secrets: ciphertext wherever they rest, "[secret]" wherever they are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.engine.config import StackConfig
from gigasite.engine.project import Project
from gigasite.engine.secrets import Vault
from gigasite.errors import ApplyError, GigasiteError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter

WORD = "hunter2-is-secret"


def everything_on_disk(root: Path) -> str:
    return "".join(p.read_text(errors="replace") for p in (root / ".state").rglob("*") if p.is_file())


def program() -> None:
    made = Counter("a", token=pulumi.Output.secret(WORD), nested={"list": [1, pulumi.Output.secret(WORD)]})
    pulumi.export("token", made.token)
    pulumi.export("inside", {"deep": pulumi.Output.secret(WORD)})


def test_secrets_rest_as_ciphertext_and_reach_the_provider_as_they_are(bench: Bench) -> None:
    journals: list[str] = []
    bench.world.hooks.clear()

    def watching() -> None:
        bench.world.hooks["create", "a"] = lambda: journals.append(bench.journal_file.read_text())
        program()

    bench.up(watching)
    assert json.loads((bench.world.folder / "a.json").read_text())["token"] == WORD
    assert WORD not in everything_on_disk(bench.root)
    assert journals
    assert WORD not in journals[0]
    row = bench.rows()["a"]
    assert "ciphertext" in row["inputs"]["token"]
    assert "ciphertext" in row["outputs"]["token"]
    assert "ciphertext" in row["inputs"]["nested"]["list"]  # a list that holds a secret is one
    assert "ciphertext" in row["outputs"]["nested"]["list"]


def test_secrets_never_show_in_events_or_results(bench: Bench) -> None:
    for result in (bench.preview(program), bench.up(program)):
        assert WORD not in repr(result)
        assert WORD not in repr(bench.events)
        assert result.outputs == {"token": "[secret]", "inside": {"deep": "[secret]"}}
    shown = bench.engine.outputs(bench.project, "dev", show_secrets=True)
    assert shown == {"token": WORD, "inside": {"deep": WORD}}


def test_a_secret_in_a_providers_error_is_not_shown(bench: Bench) -> None:
    with pytest.raises(ApplyError) as caught:
        bench.up(lambda: Counter("a", fail=pulumi.Output.secret(WORD)) and None)
    assert WORD not in str(caught.value)
    assert "[secret]" in str(caught.value)
    assert WORD not in repr(bench.events)


def test_named_outputs_are_secret_too(bench: Bench) -> None:
    options = pulumi.ResourceOptions(additional_secret_outputs=["address"])
    bench.up(lambda: pulumi.export("address", Counter("a", options).address))
    assert "ciphertext" in bench.rows()["a"]["outputs"]["address"]
    assert bench.engine.outputs(bench.project, "dev") == {"address": "[secret]"}


def test_an_unchanged_secret_keeps_its_ciphertext(bench: Bench) -> None:
    bench.up(program)
    before = bench.rows()["a"]
    assert bench.up(program).changes == {"same": 2}
    assert bench.rows()["a"] == before


def test_a_changed_secret_is_a_change(bench: Bench) -> None:
    bench.up(lambda: Counter("a", token=pulumi.Output.secret("one")) and None)
    result = bench.up(lambda: Counter("a", token=pulumi.Output.secret("two")) and None)
    assert result.changes == {"same": 1, "update": 1}
    assert [(d.old, d.new) for s in result.steps for d in s.diffs] == [("[secret]", "[secret]")]


def test_a_wrong_passphrase_is_named_and_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.up(program)
    before = bench.state_file.read_bytes()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    for run in (bench.up, bench.preview):
        with pytest.raises(GigasiteError, match="incorrect passphrase"):
            run(program)
    assert bench.state_file.read_bytes() == before
    assert bench.world.calls == []


def test_a_wrong_passphrase_is_noticed_without_any_secret(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(GigasiteError, match="incorrect passphrase"):
        bench.up(lambda: Counter("a") and None)
    assert bench.world.calls == []


def test_no_passphrase_at_all_says_which_variables(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    with pytest.raises(GigasiteError, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        bench.up(program)


def test_an_empty_passphrase_works(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    from tests.engine.world import WORLD

    bench = Bench(project_root, Project.load(project_root), WORLD)
    bench.engine.init(bench.project, "dev")
    bench.up(program)
    assert bench.engine.outputs(bench.project, "dev", show_secrets=True)["token"] == WORD


def test_a_passphrase_file_is_read_without_its_newline(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "phrase").write_text("correct horse\n")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "phrase"))
    assert bench.up(program).changes == {"create": 2}
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "nothing"))
    with pytest.raises(GigasiteError, match="passphrase file cannot be read"):
        bench.up(program)


def test_a_new_salt_in_the_stack_file_takes_over_the_state(bench: Bench) -> None:
    bench.up(program)
    old_salt = bench.latest()["secrets_providers"]["state"]["salt"]
    file = bench.root / "stacks" / "Pulumi.dev.yaml"
    new_salt = Vault.new("correct horse").salt_text
    file.write_text(f"encryptionsalt: {new_salt}\n")
    assert bench.up(program).changes == {"same": 2}
    assert bench.latest()["secrets_providers"]["state"]["salt"] == new_salt != old_salt
    assert bench.engine.outputs(bench.project, "dev", show_secrets=True)["token"] == WORD


def test_a_missing_salt_in_the_stack_file_is_taken_from_the_state(bench: Bench) -> None:
    bench.up(program)
    file = bench.root / "stacks" / "Pulumi.dev.yaml"
    file.unlink()
    assert bench.up(program).changes == {"same": 2}
    assert StackConfig.load(bench.project, "dev").salt_text == bench.latest()["secrets_providers"]["state"]["salt"]


def test_secret_configuration_is_a_secret_in_the_program(bench: Bench) -> None:
    config = StackConfig.load(bench.project, "dev")
    config.set_secret("password", WORD)
    config.set("region", "west")
    config.save()

    def reading() -> None:
        own = pulumi.Config()
        pulumi.export("password", own.require_secret("password"))
        pulumi.export("region", own.require("region"))
        pulumi.export("is_secret", pulumi.runtime.config.is_config_secret("sites:password"))

    assert bench.up(reading).outputs == {"password": "[secret]", "region": "west", "is_secret": True}
    assert WORD not in (bench.root / "stacks" / "Pulumi.dev.yaml").read_text()
    assert WORD not in everything_on_disk(bench.root)


VAULT = Vault.new("a phrase")


@given(st.text())
@settings(deadline=None)
def test_what_is_encrypted_decrypts_to_the_same(text: str) -> None:
    sealed: Any = VAULT.encrypt(text)
    assert VAULT.decrypt(sealed) == text
    assert VAULT.encrypt(text) != sealed
    assert len(text) < 4 or text not in sealed


def test_a_ciphertext_of_another_key_is_refused() -> None:
    with pytest.raises(GigasiteError, match="cannot be decrypted"):
        VAULT.decrypt(Vault.new("a phrase").encrypt("x"))


def test_the_clis_own_ciphertexts_are_read() -> None:
    """A salt and ciphertext in the CLI's layout, made here from its parts by hand."""
    import base64
    import hashlib

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = b"12345678", b"123456789012"
    key = hashlib.pbkdf2_hmac("sha256", b"pw", salt, 1_000_000, 32)

    def seal(text: bytes) -> str:
        data = AESGCM(key).encrypt(nonce, text, None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(data).decode()}"

    vault = Vault(f"v1:{base64.b64encode(salt).decode()}:{seal(b'pulumi')}", "pw")
    assert vault.decrypt(seal(b"hello")) == "hello"


@pytest.mark.parametrize("salt", ["", "v1:", "v2:AAAA:v1:x:y", "nonsense", "v1:***:v1:a:b"])
def test_a_salt_of_another_kind_is_refused(salt: str) -> None:
    with pytest.raises(GigasiteError, match="encryption salt"):
        Vault(salt, "pw")
