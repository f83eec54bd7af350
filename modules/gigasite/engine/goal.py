"""What a program asks for: registrations and reads, taken from Pulumi's requests.

Every option that the embedded engine does not do is refused here by name; none is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.aliases import Alias, alias_from
from gigasite.engine.durations import seconds_of
from gigasite.engine.state import PROVIDER_PREFIX, STACK_TYPE
from gigasite.engine.values import from_proto, from_struct
from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from pulumi.runtime.proto.resource_pb2 import ReadResourceRequest, RegisterResourceRequest

_HINT = "leave it out, or use --engine pulumi"

# Request field -> what the user calls it.
_REFUSED_OPTIONS: Final = {
    "state_migrations": "state_migrations",
    "envVarMappings": "env_var_mappings",
    "pluginDownloadURL": "plugin_download_url",
    "pluginChecksums": "plugin checksums",
    "packageRef": "parameterized packages",
}

# Request field of a kind of hook -> Pulumi's name for it in the state.
HOOK_TYPES: Final = {
    "before_create": "BeforeCreate",
    "after_create": "AfterCreate",
    "before_update": "BeforeUpdate",
    "after_update": "AfterUpdate",
    "before_delete": "BeforeDelete",
    "after_delete": "AfterDelete",
    "on_error": "OnError",
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
    replace_with: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    import_id: str = ""
    custom_timeouts_s: Mapping[str, float] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Any = None
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
        **_rarer_options(request),
    )


def _rarer_options(request: RegisterResourceRequest) -> dict[str, Any]:
    """What few programs ask for, only where this one does."""
    options: dict[str, Any] = {
        "import_id": request.importId,
        "replace_with": tuple(request.replace_with),
        "ignore_changes": tuple(request.ignoreChanges),
        "hide_diff": tuple(request.hideDiffs),
        "replace_on_changes": tuple(request.replaceOnChanges),
        "aliases": (
            *(Alias(urn=urn) for urn in request.aliasURNs),
            *(alias_from(alias) for alias in request.aliases),
        ),
    }
    if request.HasField("customTimeouts"):
        texts = {name: getattr(request.customTimeouts, name) for name in ("create", "update", "delete", "read")}
        seconds = {name: seconds_of(text) for name, text in texts.items() if text}
        options["custom_timeouts_s"] = {name: value for name, value in seconds.items() if value}
    if request.HasField("replacement_trigger"):
        options["replacement_trigger"] = from_proto(request.replacement_trigger)
    if request.HasField("hooks"):
        named = {kind: tuple(getattr(request.hooks, name)) for name, kind in HOOK_TYPES.items()}
        options["hooks"] = {kind: names for kind, names in named.items() if names}
    return options


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


def _refused(what: str, request: RegisterResourceRequest | ReadResourceRequest) -> GigasiteError:
    return GigasiteError(f"the embedded engine does not do {what}", path=f"{request.type} {request.name}", hint=_HINT)
