"""Transforms: what a program makes of registrations and invokes before the engine sees them.

A resource's own transforms come first, then those of its parents from the nearest on, then those of the stack,
in the order of their registration. They see secrets and unknown values as Pulumi's output values.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import alias_pb2, resource_pb2
from pulumi.runtime.proto.callback_pb2 import Callback

from gigasite.engine.callbacks import Call
from gigasite.engine.outputvalues import dependencies_of, upgraded, with_dependencies
from gigasite.engine.state import ResourceState

# Field of a registration -> field of a transform's options, where they are alike.
_SCALARS = {
    "version": "version",
    "provider": "provider",
    "pluginDownloadURL": "plugin_download_url",
    "deletedWith": "deleted_with",
    "importId": "import",
}
_OPTIONALS = {"protect": "protect", "retainOnDelete": "retain_on_delete"}
_LISTS = {
    "dependencies": "depends_on",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "additionalSecretOutputs": "additional_secret_outputs",
    "replace_with": "replace_with",
    "hideDiffs": "hide_diff",
    "aliases": "aliases",
}
_MESSAGES = {"customTimeouts": "custom_timeouts", "hooks": "hooks", "replacement_trigger": "replacement_trigger"}


class Transforms:
    """The transforms of a run; safe to call from several threads."""

    def __init__(self, call: Call, states: Mapping[str, ResourceState]) -> None:
        self._call = call
        self._states = states
        self._lock = threading.Lock()
        self._of_stack: list[Callback] = []
        self._of_invokes: list[Callback] = []
        self._of_resource: dict[str, list[Callback]] = {}

    def add_stack_transform(self, callback: Callback) -> None:
        with self._lock:
            self._of_stack.append(callback)

    def add_invoke_transform(self, callback: Callback) -> None:
        with self._lock:
            self._of_invokes.append(callback)

    def remember(self, urn: str, request: resource_pb2.RegisterResourceRequest) -> None:
        """Notes a resource's own transforms, which count for its children."""
        if request.transforms:
            with self._lock:
                self._of_resource[urn] = list(request.transforms)

    def registration(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceRequest:
        """A registration as its transforms leave it. Raises GigasiteError where one fails."""
        transforms = [*request.transforms, *self._inherited(request.parent)]
        if not transforms:
            return request
        options = self._options(request)
        properties = upgraded(request.object)
        if request.transforms:
            properties = with_dependencies(
                properties, {key: list(deps.urns) for key, deps in request.propertyDependencies.items()}
            )
        for callback in transforms:
            asked = resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=properties,
                options=options,
            )
            answer = resource_pb2.TransformResponse.FromString(
                self._call(callback, asked, f"a transform of {request.name}")
            )
            options = answer.options if answer.HasField("options") else options
            properties = answer.properties if answer.HasField("properties") else properties
        return _registration(request, options, properties)

    def invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeRequest:
        """An invoke as the stack's invoke transforms leave it."""
        with self._lock:
            transforms = list(self._of_invokes)
        for callback in transforms:
            options = resource_pb2.TransformInvokeOptions(
                provider=request.provider, version=request.version, plugin_download_url=request.pluginDownloadURL
            )
            asked = resource_pb2.TransformInvokeRequest(token=request.tok, args=request.args, options=options)
            answer = resource_pb2.TransformInvokeResponse.FromString(
                self._call(callback, asked, f"a transform of {request.tok}")
            )
            changed = resource_pb2.ResourceInvokeRequest()
            changed.CopyFrom(request)
            if answer.HasField("args"):
                changed.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                changed.provider = answer.options.provider
                changed.version = answer.options.version
                changed.pluginDownloadURL = answer.options.plugin_download_url
            request = changed
        return request

    def _inherited(self, parent: str) -> Iterator[Callback]:
        with self._lock:
            of_resource, of_stack = dict(self._of_resource), list(self._of_stack)
        while parent and of_resource:
            yield from of_resource.get(parent, ())
            parent = self._states[parent].parent if parent in self._states else ""
        yield from of_stack

    def _options(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
        """The options that transforms see: those of the request, and what it inherits from its parent."""
        options = resource_pb2.TransformResourceOptions()
        _copy(request, options, {**_SCALARS, **_LISTS, **_MESSAGES, **_OPTIONALS})
        options.providers.update(request.providers)
        for urn in reversed(request.aliasURNs):
            options.aliases.insert(0, alias_pb2.Alias(urn=urn))
        if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
            options.delete_before_replace = request.deleteBeforeReplace
        parent = self._states.get(request.parent)
        if parent is not None:
            options.deleted_with = options.deleted_with or parent.deleted_with
            if parent.protect and not options.HasField("protect"):
                options.protect = True
            if parent.retain_on_delete and not options.HasField("retain_on_delete"):
                options.retain_on_delete = True
        return options


def _registration(
    request: resource_pb2.RegisterResourceRequest,
    options: resource_pb2.TransformResourceOptions,
    properties: struct_pb2.Struct,
) -> resource_pb2.RegisterResourceRequest:
    """The request with the options and properties that transforms left."""
    changed = resource_pb2.RegisterResourceRequest()
    changed.CopyFrom(request)
    names = {**_SCALARS, **_LISTS, **_MESSAGES, **_OPTIONALS}
    _clear(changed, *names, "transforms", "aliasURNs", "providers", "deleteBeforeReplace", "deleteBeforeReplaceDefined")
    _copy(options, changed, {theirs: ours for ours, theirs in names.items()})
    changed.providers.update(options.providers)
    if options.HasField("delete_before_replace"):
        changed.deleteBeforeReplace = options.delete_before_replace
        changed.deleteBeforeReplaceDefined = True
    changed.object.CopyFrom(properties)
    found = dependencies_of(properties)
    if request.transforms:
        changed.ClearField("propertyDependencies")
        everything = sorted({*changed.dependencies, *(urn for urns in found.values() for urn in urns)})
        changed.ClearField("dependencies")
        changed.dependencies.extend(everything)
    elif not request.propertyDependencies:
        found = {key: {*urns, *changed.dependencies} for key, urns in found.items()}
    for key, urns in found.items():
        known = changed.propertyDependencies[key].urns
        known.extend(sorted(urns.difference(known)))
    return changed


def _clear(message: Any, *names: str) -> None:
    for name in names:
        message.ClearField(name)


def _copy(source: Any, target: Any, names: Mapping[str, str]) -> None:
    """Copies the fields of `source` that are set to those of `target`."""
    given = {field.name: value for field, value in source.ListFields()}
    for name, theirs in names.items():
        if name not in given:
            continue
        value = given[name]
        if isinstance(value, str | bool | int | float):
            setattr(target, theirs, value)
        elif hasattr(value, "CopyFrom"):
            getattr(target, theirs).CopyFrom(value)
        else:
            getattr(target, theirs).extend(value)
