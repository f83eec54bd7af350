"""Pulumi's values on the wire, and the plain values that handlers see.

Secrets are unwrapped for handlers; where they were is kept as marks: a mapping from property to `True`
(secret as a whole) or to the marks of its own properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, Union

from google.protobuf import struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import rpc

from gigasite.errors import GigasiteError
from gigasite.provider.handler import UNKNOWN

Marks: TypeAlias = Mapping[str, Union[bool, "Marks"]]

_SIGNATURE = rpc._special_sig_key
_SECRET = rpc._special_secret_sig
_OUTPUT = rpc._special_output_value_sig
_UNSUPPORTED = {
    rpc._special_asset_sig: "an asset",
    rpc._special_archive_sig: "an archive",
    rpc._special_resource_sig: "a resource",
}
_SECRET_TEXT = "[secret]"  # noqa: S105  (what stands in place of one)
_EXACT_LIMIT = 2**53  # beyond it a float does not hold every whole number
_SHORTEST_REDACTED_LENGTH = 3  # shorter secrets would blot out half of a message


class Properties:
    """Decoded properties: plain `values`, the `marks` of what is secret, and the secret texts themselves."""

    def __init__(self, struct: struct_pb2.Struct) -> None:
        self._secret_texts: set[str] = set()
        self.values: dict[str, Any] = {}
        self.marks: dict[str, bool | Marks] = {}
        for name, value in struct.fields.items():
            self.values[name], mark = self._decode(value, name)
            if mark:
                self.marks[name] = mark

    def redact(self, message: str) -> str:
        """The message without any secret text of these properties."""
        for text in sorted(self._secret_texts, key=len, reverse=True):
            message = message.replace(text, _SECRET_TEXT)
        return message

    def _decode(self, value: struct_pb2.Value, path: str) -> tuple[Any, bool | Marks]:
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            return (UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value), False
        if kind == "list_value":
            items = [self._decode(item, f"{path}[{n}]") for n, item in enumerate(value.list_value.values)]
            return [item for item, _ in items], any(mark for _, mark in items)
        if kind == "struct_value":
            return self._decode_struct(value.struct_value, path)
        if kind == "number_value":
            return _number(value.number_value), False
        return (value.bool_value if kind == "bool_value" else None), False

    def _decode_struct(self, struct: struct_pb2.Struct, path: str) -> tuple[Any, bool | Marks]:
        signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else ""
        if not signature:
            items = {name: self._decode(item, f"{path}.{name}") for name, item in struct.fields.items()}
            values = {name: item for name, (item, _) in items.items()}
            return values, {name: mark for name, (_, mark) in items.items() if mark}
        if signature == _SECRET:
            plain, _ = self._decode(struct.fields["value"], path)
            self._remember(plain)
            return plain, True
        if signature == _OUTPUT:
            return self._decode_output(struct, path)
        what = _UNSUPPORTED.get(signature, "a value of unknown kind")
        raise GigasiteError(f"{what} cannot be a property here", path=path, hint="pass plain values")

    def _decode_output(self, struct: struct_pb2.Struct, path: str) -> tuple[Any, bool | Marks]:
        absent: tuple[Any, bool | Marks] = (UNKNOWN, False)
        plain, mark = self._decode(struct.fields["value"], path) if "value" in struct.fields else absent
        if "secret" in struct.fields and struct.fields["secret"].bool_value:
            self._remember(plain)
            return plain, True
        return plain, mark

    def _remember(self, plain: Any) -> None:
        if isinstance(plain, str) and len(plain) >= _SHORTEST_REDACTED_LENGTH:
            self._secret_texts.add(plain)
        elif isinstance(plain, Mapping):
            for item in plain.values():
                self._remember(item)
        elif isinstance(plain, list):
            for item in plain:
                self._remember(item)


def _number(value: float) -> int | float:
    """Every number is a float on the wire; whole ones are counts again, as the embedded engine has them."""
    return int(value) if value.is_integer() and abs(value) < _EXACT_LIMIT else value


def encode(values: Mapping[str, Any], *marks: Marks) -> struct_pb2.Struct:
    """Plain values as Pulumi's, secret wherever one of the `marks` says so."""
    struct = struct_pb2.Struct()
    for name, value in values.items():
        of_value = [mark[name] for mark in marks if name in mark]
        struct.fields[name].CopyFrom(_encode(value, of_value))
    return struct


def _encode(value: Any, marks: list[bool | Marks]) -> struct_pb2.Value:
    """One value; a mark that does not fit its shape makes the whole of it secret."""
    nested = [mark for mark in marks if isinstance(mark, Mapping)]
    if True in marks or (nested and not isinstance(value, Mapping)):
        wrapped = struct_pb2.Struct()
        wrapped.fields[_SIGNATURE].string_value = _SECRET
        wrapped.fields["value"].CopyFrom(_encode(value, []))
        return struct_pb2.Value(struct_value=wrapped)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode(value, *nested))
    if isinstance(value, list | tuple):
        items = [_encode(item, []) for item in value]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=rpc.UNKNOWN)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    raise TypeError(f"a handler returned {type(value).__name__}, which is no plain value")
