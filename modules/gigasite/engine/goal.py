"""What a program asks for: registrations and reads, taken from Pulumi's requests.

Every option that the embedded engine does not do is refused here by name; none is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gigasite.engine.state import PROVIDER_PREFIX, STACK_TYPE
from gigasite.engine.values import from_struct
from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from pulumi.runtime.proto.resource_pb2 import ReadResourceRequest, RegisterResourceRequest

_HINT = "leave it out, or use --engine pulumi"

# Request field -> what the user calls it.
_REFUSED_OPTIONS = {
    "aliases": "aliases",
    "aliasURNs": "aliases",
    "importId": "import_",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "replace_with": "replace_with",
    "hideDiffs": "hide_diffs",
    "transforms": "transforms",
    "state_migrations": "state_migrations",
    "envVarMappings": "env_var_mappings",
    "pluginDownloadURL": "plugin_download_url",
    "pluginChecksums": "plugin checksums",
    "packageRef": "parameterized packages",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A registration; None means that the program did not say, so that the parent's choice counts."""

    type: str
    name: str
    custom: bool
    parent: str
    inputs: Mapping[str, Any]
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    protect: bool | None = None
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    retain_on_delete: bool | None = None
    deleted_with: str = ""

    @property
    def package(self) -> str:
        return self.type.partition(":")[0]

    @property
    def is_stack(self) -> bool:
        return self.type == STACK_TYPE

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(PROVIDER_PREFIX)


@dataclass(frozen=True, slots=True)
class ReadGoal:
    """A read of a resource that somebody else manages."""

    type: str
    name: str
    id: str
    parent: str
    inputs: Mapping[str, Any]
    dependencies: tuple[str, ...] = ()
    provider: str = ""
    version: str = ""
    additional_secret_outputs: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        return self.type.partition(":")[0]


def goal_from(request: RegisterResourceRequest) -> Goal:
    """The goal of a registration. Raises GigasiteError for what the embedded engine does not do."""
    _refuse(request)
    inputs = from_struct(request.object)
    dependencies = tuple(sorted(set(request.dependencies)))
    if request.propertyDependencies:
        given = {key: tuple(sorted(set(deps.urns))) for key, deps in request.propertyDependencies.items()}
        property_dependencies = {**dict.fromkeys(inputs, ()), **given}
    else:
        property_dependencies = dict.fromkeys(inputs, dependencies)
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=inputs,
        dependencies=dependencies,
        property_dependencies=property_dependencies,
        provider=request.provider,
        providers=dict(request.providers),
        version=request.version,
        protect=request.protect if request.HasField("protect") else None,
        delete_before_replace=(
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace else None
        ),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
    )


def read_goal_from(request: ReadResourceRequest) -> ReadGoal:
    """The goal of a read. Raises GigasiteError for what the embedded engine does not do."""
    if request.pluginDownloadURL or request.packageRef:
        raise _refused("plugin_download_url" if request.pluginDownloadURL else "parameterized packages", request)
    return ReadGoal(
        type=request.type,
        name=request.name,
        id=request.id,
        parent=request.parent,
        inputs=from_struct(request.properties),
        dependencies=tuple(sorted(set(request.dependencies))),
        provider=request.provider,
        version=request.version,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
    )


def _refuse(request: RegisterResourceRequest) -> None:
    for field_name, option in _REFUSED_OPTIONS.items():
        if getattr(request, field_name):
            raise _refused(f"the resource option {option}", request)
    if request.remote:
        raise _refused("remote components", request)
    timeouts = request.customTimeouts
    if timeouts.create or timeouts.update or timeouts.delete or timeouts.read:
        raise _refused("the resource option custom_timeouts", request)
    if request.HasField("replacement_trigger") and request.replacement_trigger.WhichOneof("kind") != "null_value":
        raise _refused("the resource option replacement_trigger", request)
    if request.HasField("hooks") and any(values for _, values in request.hooks.ListFields()):
        raise _refused("resource hooks", request)


def _refused(what: str, request: RegisterResourceRequest | ReadResourceRequest) -> GigasiteError:
    return GigasiteError(f"the embedded engine does not do {what}", path=f"{request.type} {request.name}", hint=_HINT)
