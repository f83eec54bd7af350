"""Outputs of stacks: of this one for display, of others for stack references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gigasite.engine.backend import ORGANIZATION, Checkpoint, FileBackend
from gigasite.engine.model import SECRET_TEXT, UNKNOWN_TEXT
from gigasite.engine.secrets import Vault, passphrase_from_environment
from gigasite.engine.state import STACK_TYPE
from gigasite.engine.values import SECRET, SIGNATURE, UNKNOWN_TOKEN, Secret, contains_secret, from_json, plain
from gigasite.errors import GigasiteError


def stack_outputs_row(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The outputs of a state's stack as they are recorded, {} where it has none."""
    for row in rows:
        if row["type"] == STACK_TYPE and not row.get("parent"):
            return row.get("outputs") or {}
    return {}


def recorded_outputs(rows: Iterable[Mapping[str, Any]], vault: Vault) -> dict[str, Any]:
    """The outputs of a state's stack as values."""
    return from_json(stack_outputs_row(rows), vault)  # type: ignore[no-any-return]


def shown_outputs(checkpoint: Checkpoint, *, show_secrets: bool) -> dict[str, Any]:
    """Outputs as plain values; secrets decrypted, or as "[secret]"."""
    recorded = stack_outputs_row(checkpoint.rows)
    if not show_secrets:
        return blinded_outputs(checkpoint.rows)
    vault = Vault(checkpoint.salt_text, passphrase_from_environment()) if checkpoint.salt_text else None
    return {key: plain(from_json(value, vault)) for key, value in recorded.items()} if vault else dict(recorded)


def blinded_outputs(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The outputs of a state's stack, secrets as "[secret]"."""
    return {key: _without_secrets(value) for key, value in stack_outputs_row(rows).items()}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return SECRET_TEXT
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return UNKNOWN_TEXT if value == UNKNOWN_TOKEN else value


def referenced(
    inputs: Mapping[str, Any], id_: str, stack_outputs: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    """The outputs of another stack, as `pulumi.StackReference` wants them."""
    name = plain(inputs.get("name", id_))
    outputs = stack_outputs(str(name))
    secret_names = sorted(key for key, value in outputs.items() if contains_secret(value))
    return {"name": name, "outputs": dict(outputs), "secretOutputNames": secret_names}


class StackOutputs:
    """Reads the outputs of other stacks of the same backend, by `stack` or `organization/project/stack`."""

    def __init__(self, backend: FileBackend, vault: Vault, say: Callable[[str, str], None]) -> None:
        self._backend = backend
        self._vault = vault
        self._say = say

    def read(self, name: str) -> Mapping[str, Any]:
        """The outputs, secrets marked. Raises GigasiteError where there is no such stack."""
        project, stack = self._parse(name)
        checkpoint = self._backend.read(stack, project)
        recorded = stack_outputs_row(checkpoint.rows)
        vault = self._vault
        if checkpoint.salt_text and checkpoint.salt_text != vault.salt_text:
            vault = Vault(checkpoint.salt_text, passphrase_from_environment())
        outputs: dict[str, Any] = {}
        for key, value in recorded.items():
            try:
                outputs[key] = from_json(value, vault)
            except GigasiteError:
                self._say("warning", f"the secret output {key} of the stack {name} has another passphrase; left out")
                outputs[key] = Secret(None)
        return outputs

    def _parse(self, name: str) -> tuple[str, str]:
        parts = name.split("/")
        if len(parts) == 1:
            return self._backend.project, parts[0]
        if len(parts) == 3 and parts[0] == ORGANIZATION and all(parts):
            return parts[1], parts[2]
        raise GigasiteError(
            f"{name!r} names no stack of this backend", hint=f"write it as {ORGANIZATION}/<project>/<stack>"
        )
