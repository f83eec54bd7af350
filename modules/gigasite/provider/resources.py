"""The provider's resources as a Pulumi program writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi.runtime import config

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import BlobStore
from gigasite.provider.files import TREE_KIND
from gigasite.provider.location import blob_folder, project_root
from gigasite.provider.switchargs import PushArgs, SwitchArgs
from gigasite.provider.switchconfig import SWITCH_CONFIG_KIND

_SHORTEST_TOLD_LENGTH: Final = 8  # a shorter secret may stand in a file by chance


class Stored(dict[str, str]):
    """SHA-256 by path, sorted: of contents that are in the store."""


class Tree(pulumi.CustomResource):
    """Files below `folder`, which is relative to the folder of Pulumi.yaml.

    `contents` maps relative paths to text (stored as UTF-8) or bytes. They are plain values, known when the
    program runs, and no secrets: they are stored readable beside the state, which holds their SHA-256. What
    `store_contents` returned stands for contents too.
    """

    folder: pulumi.Output[str]
    files: pulumi.Output[Mapping[str, str]]
    digest: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        folder: pulumi.Input[str],
        contents: Mapping[str, str | bytes] | Stored,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        files = contents if isinstance(contents, Stored) else store_contents(contents)
        # a forced replacement keeps the folder: filled first and emptied then, it would end without files
        emptied_first = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(delete_before_replace=True), opts)
        super().__init__(TREE_KIND, name, {"folder": folder, "files": files, "digest": None}, emptied_first)


def store_contents(contents: Mapping[str, str | bytes]) -> Stored:
    """Stores contents where the provider will look for them, and returns their SHA-256 by path.

    Raises GigasiteError for what is neither text nor bytes, such as an Output, and for what holds a secret of
    the stack's configuration.
    """
    encoded = [(path, _encoded(path, contents[path])) for path in sorted(contents)]
    _refuse_secrets(encoded)
    hashes = BlobStore(blob_folder(project_root())).put_all(content for _, content in encoded)
    return Stored(zip((path for path, _ in encoded), hashes, strict=True))


def _encoded(path: str, content: object) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes):
        return content
    raise GigasiteError(
        f"a file's content must be text or bytes, not {type(content).__name__}",
        path=str(path),
        hint="contents are known when the program runs; put what is known later, and secrets, elsewhere",
    )


def _refuse_secrets(contents: Sequence[tuple[str, bytes]]) -> None:
    secrets = [(key, value.encode()) for key, value in _secret_config() if len(value) >= _SHORTEST_TOLD_LENGTH]
    for key, value in secrets:
        for path, content in contents:
            if value in content:
                raise GigasiteError(
                    f"this file would hold the secret {key} in clear",
                    path=path,
                    hint="contents are stored readable; let what reads the file fetch the secret from elsewhere",
                )


def _secret_config() -> list[tuple[str, str]]:
    """The secret keys of the running program's configuration, with their values."""
    keys = sorted({*config.CONFIG.get(), *config.get_config_env()})
    values = [(key, config.get_config(key)) for key in keys if config.is_config_secret(key)]
    return [(key, value) for key, value in values if isinstance(value, str)]


class SwitchConfig(pulumi.CustomResource):
    """The configurations of a group of switches: below `folder`, or on the switches where `push` says how.

    What is pushed is protected unless the program says otherwise: switches carry traffic, so that nothing forgets or
    replaces their group by accident.
    """

    arrived: pulumi.Output[Mapping[str, str]]
    remarks: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        name: str,
        switches: Mapping[str, SwitchArgs],
        *,
        folder: pulumi.Input[str] | None = None,
        push: PushArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        hashes = store_contents({switch: of["text"] for switch, of in switches.items()})
        devices = {switch: _device(switches[switch], sha) for switch, sha in hashes.items()}
        inputs = {"devices": devices, "apply": "files", "folder": folder}
        if push is not None:
            inputs = {"devices": devices, "apply": "push", "folder": folder, **_push_inputs(push, tuple(devices))}
        # a forced replacement keeps the folder: filled first and emptied then, it would end without files
        usual = pulumi.ResourceOptions(delete_before_replace=True, protect=True if push is not None else None)
        emptied_first = pulumi.ResourceOptions.merge(usual, opts)
        outputs = {"arrived": None, "remarks": None}
        super().__init__(SWITCH_CONFIG_KIND, name, {**inputs, **outputs}, emptied_first)


def _device(switch: SwitchArgs, sha: str) -> dict[str, Any]:
    place = {key: value for key, value in switch.items() if key in ("os", "address", "port")}
    return {**place, "sha256": sha}


_LOGIN_KEYS: Final = {
    "user": "user",
    "password_variable": "passwordVariable",
    "key_file": "keyFile",
    "known_hosts": "knownHosts",
    "ca_bundle": "caBundle",
}
_OPTION_KEYS: Final = {
    "confirm_s": "confirmSeconds",
    "patience_s": "patienceSeconds",
    "concurrency": "concurrency",
    "on_failure": "onFailure",
}


def _push_inputs(push: PushArgs, names: tuple[str, ...]) -> dict[str, Any]:
    unknown = sorted({*push} - {*_LOGIN_KEYS, *_OPTION_KEYS, "password", "canary_count"})
    if unknown:
        raise GigasiteError(f"there is no such setting: {', '.join(unknown)}", "push")
    values: dict[str, Any] = {**push}
    inputs: dict[str, Any] = {
        "login": {ours: values[key] for key, ours in _LOGIN_KEYS.items() if key in values},
        **{ours: values[key] for key, ours in _OPTION_KEYS.items() if key in values},
    }
    if "canary_count" in values:
        inputs["canaries"] = list(names[: int(values["canary_count"])])
    if "password" in values:
        inputs["password"] = pulumi.Output.secret(values["password"])
    return inputs
