"""What the engine `pulumi` passes to the CLI, and in which words it tells what the CLI refuses; no CLI is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions
from gigasite.engine.project import Project
from gigasite.engine.pulumi_cli import PulumiEngine
from gigasite.errors import GigasiteError

Install = Callable[[str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a `pulumi` on PATH that notes how it is called and then does as the script says; returns the notes."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    notes = tmp_path / "notes"

    def put(script: str) -> Path:
        (folder / "pulumi").write_text(
            '#!/bin/sh\nif [ "$1" = version ]; then echo v3.260.0; exit; fi\n'
            f'echo "$PULUMI_BACKEND_URL $*" >> {notes}\n{script}\n'
        )
        (folder / "pulumi").chmod(0o755)
        return notes

    return put


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Project]:
    """Makes the project `sites` with a backend."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)

    def make(url: str) -> Project:
        (tmp_path / "Pulumi.yaml").write_text(f"name: sites\nruntime: python\nbackend: {{url: '{url}'}}\n")
        return Project.load(tmp_path)

    return make


BACKENDS = [
    "s3://states?region=eu-west-1",
    "https://api.pulumi.com",
    "gs://states",
    "azblob://states",
    "postgres://h/d",
]


@pytest.mark.parametrize("url", BACKENDS)
def test_every_backend_is_passed_on_untouched(url: str, install: Install, project: Callable[[str], Project]) -> None:
    notes = install("echo '[]'")
    assert PulumiEngine().stacks(project(url)) == ()
    assert notes.read_text().startswith(f"{url} ")


@pytest.mark.parametrize("url", BACKENDS)
def test_the_embedded_engine_refuses_them_by_name(url: str, project: Callable[[str], Project]) -> None:
    with pytest.raises(GigasiteError, match=f"does not do the backend {url.partition('://')[0]}://"):
        LocalEngine().history(project(url), "dev")


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "wants a login",
            "pulumi login",
        ),
        (
            "could not create secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE",
            "no passphrase for the secrets",
            "PULUMI_CONFIG_PASSPHRASE",
        ),
        ("constructing secrets manager: incorrect passphrase", "incorrect passphrase", "PULUMI_CONFIG_PASSPHRASE"),
        ("no stack named 'dev' found", "there is no stack dev", "stack init dev"),
        ("the stack is currently locked by 1 lock(s)", "another run holds the lock of dev", "cancel"),
        ("operation error S3: GetObject, Invalid region", "Pulumi: operation error S3", ""),
    ],
)
def test_what_the_cli_refuses_is_told_with_what_to_do(
    said: str, message: str, hint: str, install: Install, project: Callable[[str], Project]
) -> None:
    install(f"echo 'error: {said}' >&2; exit 255".replace("'dev'", "dev"))
    with pytest.raises(GigasiteError, match=message) as caught:
        PulumiEngine().export(project("https://api.pulumi.com"), "dev")
    assert hint in caught.value.hint


def test_a_passphrase_is_asked_for_only_where_secrets_are_under_one(
    install: Install, project: Callable[[str], Project], tmp_path: Path
) -> None:
    install("exit 1")
    with pytest.raises(GigasiteError, match="no passphrase"):
        PulumiEngine().init(project("s3://states"), "dev")
    (tmp_path / "Pulumi.dev.yaml").write_text("secretsprovider: awskms://alias/key\nencryptedkey: abc\n")
    with pytest.raises(GigasiteError, match="the CLI failed"):
        PulumiEngine().init(project("s3://states"), "dev")
    (tmp_path / "Pulumi.dev.yaml").unlink()
    with pytest.raises(GigasiteError, match="the CLI failed"):
        PulumiEngine().init(project("https://api.pulumi.com"), "dev")


def test_what_a_run_is_about_reaches_the_cli(install: Install, project: Callable[[str], Project]) -> None:
    notes = install("exit 1")
    urn = "urn:pulumi:dev::sites::a:b:C$d:e:F::g"
    options = RunOptions(targets=(urn, "**::x"), target_dependents=True, refresh=True)
    for verb in (PulumiEngine().preview, PulumiEngine().up, PulumiEngine().destroy, PulumiEngine().refresh):
        notes.unlink(missing_ok=True)
        with pytest.raises(GigasiteError):
            verb(project("https://api.pulumi.com"), "dev", options=options)  # type: ignore[operator]
        *_, run = notes.read_text().splitlines()
        assert f"--target {urn} --target **::x --target-dependents" in run
        assert ("--refresh" in run) == ("refresh" not in run.split()[2])
