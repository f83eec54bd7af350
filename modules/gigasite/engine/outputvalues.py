"""Pulumi's output values on the wire: a value with what is secret, what is unknown and what it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from gigasite.engine.values import OUTPUT, SECRET, SIGNATURE, UNKNOWN_TOKEN


def upgraded(struct: struct_pb2.Struct) -> struct_pb2.Struct:
    """Properties with every secret and unknown value as an output value."""
    return struct_pb2.Struct(fields={key: _upgraded(value) for key, value in struct.fields.items()})


def with_dependencies(struct: struct_pb2.Struct, dependencies: Mapping[str, Sequence[str]]) -> struct_pb2.Struct:
    """Properties as output values that name what they depend on, where they do not yet."""
    changed = struct_pb2.Struct()
    changed.CopyFrom(struct)
    for key, urns in dependencies.items():
        if key in changed.fields and not _of_value(changed.fields[key]).issuperset(urns):
            value = struct_pb2.Value()
            value.CopyFrom(changed.fields[key])
            if _signature(value) != OUTPUT:
                value = _output(value)
            known = _of_value(value) if _signature(value) == OUTPUT else set()
            listed = value.struct_value.fields["dependencies"].list_value
            listed.Clear()
            listed.extend(sorted({*known, *urns}))
            changed.fields[key].CopyFrom(value)
    return changed


def dependencies_of(struct: struct_pb2.Struct) -> dict[str, set[str]]:
    """What each property depends on, by its output values."""
    return {key: _of_value(value) for key, value in struct.fields.items()}


def _upgraded(value: struct_pb2.Value) -> struct_pb2.Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value" and value.string_value == UNKNOWN_TOKEN:
        return _output(None)
    if kind == "list_value":
        items = struct_pb2.ListValue(values=[_upgraded(item) for item in value.list_value.values])
        return struct_pb2.Value(list_value=items)
    if kind != "struct_value":
        return value
    if _signature(value) != SECRET:
        return struct_pb2.Value(struct_value=upgraded(value.struct_value))
    inner = _upgraded(value.struct_value.fields["value"])
    output = inner if _signature(inner) == OUTPUT else _output(inner)
    output.struct_value.fields["secret"].bool_value = True
    return output


def _output(value: struct_pb2.Value | None) -> struct_pb2.Value:
    """An output value; None for one that is not known."""
    output = struct_pb2.Value()
    output.struct_value.fields[SIGNATURE].string_value = OUTPUT
    if value is not None:
        output.struct_value.fields["value"].CopyFrom(value)
    return output


def _signature(value: struct_pb2.Value) -> str:
    """The signature of a special object, "" for any other value."""
    if value.WhichOneof("kind") != "struct_value" or SIGNATURE not in value.struct_value.fields:
        return ""
    return str(value.struct_value.fields[SIGNATURE].string_value)


def _of_value(value: struct_pb2.Value) -> set[str]:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return {urn for item in value.list_value.values for urn in _of_value(item)}
    if kind != "struct_value":
        return set()
    fields = value.struct_value.fields
    if _signature(value) != OUTPUT:
        return {urn for item in fields.values() for urn in _of_value(item)}
    own = (
        {item.string_value for item in fields["dependencies"].list_value.values} if "dependencies" in fields else set()
    )
    return own | (_of_value(fields["value"]) if "value" in fields else set())
