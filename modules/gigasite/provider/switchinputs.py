"""Inputs of `gigasite:network:SwitchConfig`: their schema, their defaults, and what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import is_sha256
from gigasite.provider.handler import UNKNOWN, Checked, Failure, Props
from gigasite.provider.location import project_root
from gigasite.provider.paths import clashes, why_unsafe
from gigasite.provider.switches.connecting import LIBRARIES, TRANSPORTS, library
from gigasite.provider.switches.model import Login, Target
from gigasite.provider.switches.rollout import OnFailure, Plan

FILES, PUSH = "files", "push"
_SUFFIXES: Final = {"eos": "cfg", "frr": "conf", "nvue": "yaml", "sonic": "json"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:-]{0,252}")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _words(description: str, words: Iterable[str]) -> dict[str, Any]:
    """An enumeration of the schema."""
    return {"type": "string", "description": description, "enum": [{"name": w.title(), "value": w} for w in words]}


DEVICE_SCHEMA: Final = {
    "type": "object",
    "description": "One switch.",
    "properties": {
        "os": {"$ref": "#/types/gigasite:network:SwitchOs", "description": "What it runs."},
        "address": {"type": "string", "description": "Host name or address of its management; needed to push."},
        "port": {"type": "integer", "description": "Port of SSH or HTTPS there, where it is not the usual one."},
        "sha256": {"type": "string", "description": "SHA-256 of the configuration's text."},
    },
    "required": ["os", "sha256"],
}
LOGIN_SCHEMA: Final = {
    "type": "object",
    "description": "How switches are entered, and what they must prove. Paths count from the folder of Pulumi.yaml.",
    "properties": {
        "user": {"type": "string", "description": "Who enters: root, or somebody who may become root without asking."},
        "keyFile": {"type": "string", "description": "Private key for SSH; else the agent and the user's own keys."},
        "knownHosts": {"type": "string", "description": "Host keys; where absent, the user's own known_hosts."},
        "caBundle": {
            "type": "string",
            "description": "Authorities of HTTPS certificates; where absent, those that the system trusts.",
        },
        "passwordVariable": {"type": "string", "description": "Environment variable that holds the password."},
    },
    "required": ["user"],
}
TYPES: Final = {
    "gigasite:network:Switch": DEVICE_SCHEMA,
    "gigasite:network:SwitchLogin": LOGIN_SCHEMA,
    "gigasite:network:SwitchOs": _words("What a switch runs.", sorted(TRANSPORTS)),
    "gigasite:network:SwitchApply": _words(
        "Where configurations go: below a folder, or to the switches.", (FILES, PUSH)
    ),
    "gigasite:network:OnFailure": _words("What becomes of canaries changed before one failed.", [*map(str, OnFailure)]),
}
PROPERTIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "devices": {
        "type": "object",
        "additionalProperties": {"$ref": "#/types/gigasite:network:Switch"},
        "description": "The switches by name.",
    },
    "apply": {
        "$ref": "#/types/gigasite:network:SwitchApply",
        "description": "`files` writes the configurations below `folder`, `push` brings them to the switches.",
        "default": FILES,
    },
    "folder": {"type": "string", "description": "Where `files` go, relative to the folder of Pulumi.yaml."},
    "login": {"$ref": "#/types/gigasite:network:SwitchLogin", "description": "How `push` enters the switches."},
    "confirmSeconds": {
        "type": "integer",
        "description": "Time after which a switch takes a change back that was not confirmed; 120 where absent.",
    },
    "patienceSeconds": {
        "type": "integer",
        "description": "Time for which a switch that does not answer is called; 20 where absent.",
    },
    "concurrency": {"type": "integer", "description": "Switches that are changed at once; 16 where absent."},
    "canaries": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Switches that are changed first, one by one; the others wait until all of them run.",
    },
    "onFailure": {
        "$ref": "#/types/gigasite:network:OnFailure",
        "description": "Canaries changed before one failed: `rollback` (the default) brings them back, `stop` not.",
    },
}
PASSWORD_SCHEMA: Final = {
    "type": "string",
    "secret": True,
    "description": "Password of the login; a Pulumi secret. It is no output.",
}
_PUSH_DEFAULTS: Final = {
    "confirmSeconds": 120,
    "patienceSeconds": 20,
    "concurrency": 16,
    "canaries": [],
    "onFailure": OnFailure.ROLLBACK.value,
}
_PUSH_ONLY = ("login", "password", *_PUSH_DEFAULTS)


def check(inputs: Props) -> Checked:
    """Fills in defaults and refuses what could not be carried out. Unknown values pass."""
    apply = inputs.get("apply")
    apply = FILES if apply is None else apply
    given = {name: value for name, value in inputs.items() if value is not None}
    filled = {**given, "apply": apply, **({**_PUSH_DEFAULTS, **_only(given, _PUSH_DEFAULTS)} if apply == PUSH else {})}
    failures = [
        Failure(name, "is no property of a switch configuration")
        for name in filled
        if name not in PROPERTIES and name != "password"
    ]
    if apply is not UNKNOWN:
        failures += _wrong_mode(filled)
    failures += _wrong_devices(filled.get("devices"), apply)
    return Checked(filled, tuple(failures))


def file_name(name: str, os_name: str) -> str:
    """`leaf1.conf`: the file of a switch below the folder."""
    return f"{name}.{_SUFFIXES[os_name]}"


def target_of(name: str, device: Mapping[str, Any]) -> Target:
    """Where a switch is reached."""
    return Target(name, device["os"], device.get("address", ""), device.get("port"))


def plan_of(inputs: Props) -> Plan:
    """How a group is changed. Raises GigasiteError where a password's variable is not set."""
    filled = {**_PUSH_DEFAULTS, **inputs}
    return Plan(
        login=_login(filled.get("login") or {}, filled.get("password")),
        patience_s=int(filled["patienceSeconds"]),
        confirm_s=int(filled["confirmSeconds"]),
        concurrency=int(filled["concurrency"]),
        canaries=tuple(filled["canaries"]),
        on_failure=OnFailure(filled["onFailure"]),
    )


def _login(login: Mapping[str, Any], password: str | None) -> Login:
    variable = login.get("passwordVariable")
    if password is None and variable is not None:
        password = os.environ.get(variable)
        if not password:
            raise GigasiteError(
                "this environment variable, which should hold the switches' password, is not set", variable
            )
    return Login(
        user=login["user"],
        known_hosts=_path(login.get("knownHosts", "~/.ssh/known_hosts")),
        password=password,
        key_file=_path(login["keyFile"]) if "keyFile" in login else None,
        ca_bundle=_path(login["caBundle"]) if "caBundle" in login else None,
    )


def _path(text: str) -> Path:
    return project_root() / Path(text).expanduser()


def _wrong_mode(inputs: Props) -> Iterator[Failure]:
    if inputs["apply"] not in (FILES, PUSH):
        yield Failure("apply", "must be `files` or `push`")
        return
    if inputs["apply"] == FILES:
        if inputs.get("folder") is not UNKNOWN and (reason := why_unsafe(inputs.get("folder"))):
            yield Failure("folder", reason if "folder" in inputs else "is missing: where the files go")
        yield from (Failure(name, "has a meaning only with `apply: push`") for name in _PUSH_ONLY if name in inputs)
        return
    if "folder" in inputs:
        yield Failure("folder", "has a meaning only with `apply: files`")
    yield from _wrong_login(inputs.get("login"))
    yield from _wrong_options(inputs)


def _wrong_login(login: object) -> Iterator[Failure]:
    if login is UNKNOWN:
        return
    if not isinstance(login, Mapping):
        yield Failure("login", "is missing: pushing needs a user")
        return
    for name, value in login.items():
        if name not in LOGIN_SCHEMA["properties"]:
            yield Failure(f"login.{name}", "is no property of a login")
        elif value is not UNKNOWN and (not isinstance(value, str) or not value):
            yield Failure(f"login.{name}", "must be a text")
    user, variable = login.get("user"), login.get("passwordVariable")
    if user is None or (isinstance(user, str) and not _USER.fullmatch(user)):
        yield Failure("login.user", "must be a user's name")
    if isinstance(variable, str) and not _VARIABLE.fullmatch(variable):
        yield Failure("login.passwordVariable", "must be the name of an environment variable, not a password")


def _wrong_options(inputs: Props) -> Iterator[Failure]:
    ranges: Mapping[str, tuple[int, int]] = {
        "confirmSeconds": (10, 3600),
        "patienceSeconds": (1, 3600),
        "concurrency": (1, 256),
    }
    for name, (low, high) in ranges.items():
        value = inputs[name]
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not UNKNOWN and not (whole and low <= value <= high):
            yield Failure(name, f"must be a whole number from {low} to {high}")
    if inputs["onFailure"] is not UNKNOWN and inputs["onFailure"] not in tuple(OnFailure):
        yield Failure("onFailure", "must be `rollback` or `stop`")
    if "password" in inputs and not isinstance(inputs["password"], str) and inputs["password"] is not UNKNOWN:
        yield Failure("password", "must be a text")
    canaries, devices = inputs["canaries"], inputs.get("devices")
    if canaries is UNKNOWN or not isinstance(devices, Mapping):
        return
    if not isinstance(canaries, list):
        yield Failure("canaries", "must be a list of switches' names")
        return
    for number, name in enumerate(canaries):
        if name is not UNKNOWN and name not in devices:
            yield Failure(f"canaries[{number}]", "is none of the switches")


def _wrong_devices(devices: object, apply: object) -> list[Failure]:
    if devices is UNKNOWN:
        return []
    if not isinstance(devices, Mapping):
        return [Failure("devices", "is missing" if devices is None else "must map names to switches")]
    failures: list[Failure] = []
    systems: set[str] = set()
    for name, device in devices.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            failures.append(Failure("devices", f"{name!r:.80} is no name of a switch: letters, digits, dots, hyphens"))
        elif device is not UNKNOWN:
            failures += _wrong_device(f'devices["{name}"]', device, apply)
            if isinstance(device, Mapping) and device.get("os") in TRANSPORTS:
                systems.add(device["os"])
    if not failures:
        names = {file_name(name, device["os"]): "" for name, device in devices.items() if _knows_os(device)}
        failures = [Failure("devices", f"{path}: {reason}") for path, reason in clashes(names)]
    return failures + (_missing_libraries(systems) if apply == PUSH else [])


def _knows_os(device: object) -> bool:
    return isinstance(device, Mapping) and device.get("os") in TRANSPORTS


def _wrong_device(path: str, device: object, apply: object) -> Iterator[Failure]:
    if not isinstance(device, Mapping):
        yield Failure(path, "must be an object")
        return
    tests: Mapping[str, tuple[Callable[[Any], bool], str]] = {
        "os": (lambda value: value in TRANSPORTS, f"must be one of {', '.join(sorted(TRANSPORTS))}"),
        "address": (_is_address, "must be a host name or an address"),
        "port": (_is_port, "must be a port from 1 to 65535"),
        "sha256": (is_sha256, "must be a SHA-256 of 64 lower-case hexadecimal digits"),
    }
    needed = ("os", "sha256", *(("address",) if apply == PUSH else ()))
    for name in needed:
        if device.get(name) is None:
            yield Failure(f"{path}.{name}", "is missing")
    for name, value in device.items():
        if name not in tests:
            yield Failure(f"{path}.{name}", "is no property of a switch")
        elif value is not None and value is not UNKNOWN and not tests[name][0](value):
            yield Failure(f"{path}.{name}", tests[name][1])


def _is_address(value: object) -> bool:
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def _missing_libraries(systems: set[str]) -> list[Failure]:
    failures = []
    for name in sorted({"tenacity", *(LIBRARIES[TRANSPORTS[system]] for system in systems)}):
        try:
            library(name)
        except GigasiteError as error:
            failures.append(Failure("apply", str(error)))
    return failures


def _only(values: Props, names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}
