"""Property values: between Pulumi's protobuf structs, its state's JSON, and plain Python.

In the engine a value is None, bool, int, float, str, list or dict, with two additions: `UNKNOWN`, and
`Secret` around a value of any kind. Whole numbers are ints, whichever way they came.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.model import SECRET_TEXT, UNKNOWN_TEXT
from gigasite.errors import GigasiteError
from gigasite.provider.handler import UNKNOWN

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]
    from google.protobuf.struct_pb2 import Value as ProtoValue

    from gigasite.engine.secrets import Vault

# Pulumi's signatures of special objects, and its stand-in for values that are not known yet.
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_TOKEN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # noqa: S105

_LARGEST_EXACT: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown; it prints as "[secret]"."""

    value: Any

    def __repr__(self) -> str:
        return SECRET_TEXT


def number(value: float) -> int | float:
    """Whole numbers as ints, as far as a float is exact."""
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_EXACT else value


# protobuf ------------------------------------------------------------------------------------------------


def from_struct(struct: Struct) -> dict[str, Any]:
    """The properties of a protobuf struct."""
    return {key: from_proto(value) for key, value in struct.fields.items()}


def from_proto(value: ProtoValue) -> Any:
    """One protobuf value."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text == UNKNOWN_TOKEN else text
    if kind == "number_value":
        return number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return _from_object({key: from_proto(item) for key, item in value.struct_value.fields.items()})
    if kind == "list_value":
        return [from_proto(item) for item in value.list_value.values]
    return None


def _from_object(value: dict[str, Any]) -> Any:
    """An object, or what its signature says that it stands for."""
    signature = value.get(SIGNATURE)
    if signature is None:
        return value
    if signature == RESOURCE:
        return {key: item for key, item in value.items() if key != "packageVersion" or item}
    if signature == SECRET:
        return Secret(value.get("value"))
    if signature == OUTPUT:
        inner = value.get("value", UNKNOWN)
        return Secret(inner) if value.get("secret") else inner
    if signature in (ASSET, ARCHIVE):
        raise GigasiteError(
            "the embedded engine does not do assets and archives",
            hint="use gigasite:files:Tree for files, or --engine pulumi",
        )
    raise GigasiteError(f"the embedded engine does not know the value signature {signature}")


def to_struct(properties: Mapping[str, Any]) -> Struct:
    """The protobuf struct of properties; secrets keep their signature."""
    from google.protobuf import struct_pb2  # type: ignore[import-untyped]

    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value)
    return struct


def _fill(target: ProtoValue, value: Any) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif value is None:
        target.null_value = 0
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, Mapping):
        fields = target.struct_value.fields
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill(fields[str(key)], item)
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item)
    elif value is UNKNOWN:
        target.string_value = UNKNOWN_TOKEN
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[SIGNATURE].string_value = SECRET
        _fill(fields["value"], value.value)
    else:
        raise GigasiteError(f"a property cannot hold a {type(value).__name__}")


# the state's JSON ----------------------------------------------------------------------------------------


def to_json(value: Any, vault: Vault) -> Any:
    """A value as the state keeps it: secrets encrypted with `vault`, objects sorted by key."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return _float_json(value)
    if isinstance(value, Mapping):
        items = {str(key): to_json(value[key], vault) for key in sorted(value)}
        if items.get(SIGNATURE) == RESOURCE:
            items.setdefault("packageVersion", "")
        return items
    if isinstance(value, list | tuple):
        return [to_json(item, vault) for item in value]
    if isinstance(value, Secret):
        text = json.dumps(_open_json(value.value), separators=(",", ":"), ensure_ascii=False)
        return {SIGNATURE: SECRET, "ciphertext": vault.encrypt(text)}
    if value is UNKNOWN:
        return UNKNOWN_TOKEN
    raise GigasiteError(f"the state cannot hold a {type(value).__name__}")


def _open_json(value: Any) -> Any:
    """What a secret encrypts: secrets inside it keep their mark and are not encrypted twice."""
    if isinstance(value, Secret):
        text = json.dumps(_open_json(value.value), separators=(",", ":"), ensure_ascii=False)
        return {SIGNATURE: SECRET, "ciphertext": text}
    if isinstance(value, Mapping):
        return {str(key): _open_json(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_open_json(item) for item in value]
    if isinstance(value, float):
        return _float_json(value)
    return UNKNOWN_TOKEN if value is UNKNOWN else value


def _float_json(value: float) -> Any:
    if math.isfinite(value):
        return number(value)
    raise GigasiteError("a property is not a finite number")


def from_json(value: Any, vault: Vault) -> Any:
    """A value of the state; ciphertexts are decrypted with `vault`."""
    if isinstance(value, dict):
        signature = value.get(SIGNATURE)
        if signature == SECRET:
            return Secret(_secret_content(value, vault))
        if signature is not None:
            return _from_object(value)
        return {key: from_json(item, vault) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item, vault) for item in value]
    if isinstance(value, float):
        return number(value)
    return UNKNOWN if value == UNKNOWN_TOKEN else value


def _secret_content(value: Mapping[str, Any], vault: Vault) -> Any:
    if "plaintext" in value:
        return _inner(json.loads(value["plaintext"]))
    return _inner(json.loads(vault.decrypt(value["ciphertext"])))


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(_inner(json.loads(value["ciphertext"])))
        return {key: _inner(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_inner(item) for item in value]
    if value == UNKNOWN_TOKEN:
        return UNKNOWN
    return number(value) if isinstance(value, float) else value


# what is secret, what is unknown -------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """The value without its secret marks: what a provider is told."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def redact(value: Any) -> Any:
    """The value as it may be shown."""
    if isinstance(value, Secret):
        return SECRET_TEXT
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {key: redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value


def contains_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(contains_secret(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(contains_secret(item) for item in value)
    return isinstance(value, Secret)


def contains_unknown(value: Any) -> bool:
    if isinstance(value, Secret):
        return contains_unknown(value.value)
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def carry_secrets(values: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with every key secret that holds secrets in `source`; objects are followed into their keys.

    Handlers see no marks, so what went in as a secret is a secret wherever the same key comes out.
    """
    marked = dict(values)
    for key, origin in source.items():
        if key not in marked:
            continue
        value = marked[key]
        if isinstance(value, Mapping) and isinstance(origin, Mapping):
            marked[key] = carry_secrets(value, origin)
        elif not isinstance(value, Secret) and contains_secret(origin):
            marked[key] = Secret(value)
    return marked


def make_secret(values: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """`values` with the named keys secret, as `additionalSecretOutputs` asks."""
    named = set(keys)
    return {
        key: Secret(value) if key in named and not isinstance(value, Secret) else value for key, value in values.items()
    }


def same(one: Any, other: Any) -> bool:
    """Equality that tells true from 1 and a secret from its content."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Secret) or isinstance(other, Secret):
        return isinstance(one, Secret) and isinstance(other, Secret) and same(one.value, other.value)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
