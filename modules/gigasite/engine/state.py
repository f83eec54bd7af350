"""A resource as the state records it (Pulumi's checkpoint version 3), and the URNs that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.values import from_json, to_json
from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from gigasite.engine.secrets import Vault

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"

# What a version 3 checkpoint may hold for a resource; anything else is from a later Pulumi.
_KNOWN_FIELDS: Final = frozenset(
    {
        "urn",
        "custom",
        "delete",
        "id",
        "type",
        "inputs",
        "outputs",
        "parent",
        "protect",
        "external",
        "dependencies",
        "initErrors",
        "provider",
        "propertyDependencies",
        "pendingReplacement",
        "additionalSecretOutputs",
        "aliases",
        "customTimeouts",
        "importID",
        "retainOnDelete",
        "deletedWith",
        "created",
        "modified",
        "sourcePosition",
        "stackTrace",
        "ignoreChanges",
        "hideDiff",
        "replaceOnChanges",
        "replacementTrigger",
    }
)


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; a parent other than the stack shows in the type (`Parent$Child`)."""
    qualified = type_
    if parent:
        parent_type = parent.split("::")[2]
        if parent_type != STACK_TYPE:
            qualified = f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def urn_name(urn: str) -> str:
    """The resource's own name; it may hold `::` itself."""
    return urn.split("::", 3)[3]


def provider_urn(reference: str) -> str:
    """The URN of a provider reference (`<urn>::<id>`)."""
    return reference.rpartition("::")[0]


def now() -> str:
    """The time in UTC as the state writes it (RFC 3339)."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class ResourceState:
    """One resource. `inputs` and `outputs` may hold Secret and UNKNOWN; dependencies are sorted URNs."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    additional_secret_outputs: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    retain_on_delete: bool = False
    deleted_with: str = ""
    created: str = ""
    modified: str = ""

    @property
    def name(self) -> str:
        return urn_name(self.urn)

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(PROVIDER_PREFIX)

    def references(self) -> Iterator[str]:
        """The URNs that must stand before this resource and go after it."""
        if self.parent:
            yield self.parent
        if self.provider:
            yield provider_urn(self.provider)
        if self.deleted_with:
            yield self.deleted_with
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns

    def to_json(self, vault: Vault, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The checkpoint's form: fields in Pulumi's order, empty ones left out, secrets encrypted.

        `kept` may hold `inputs` and `outputs` in that form already, so that what did not change keeps its
        ciphertexts.
        """
        kept = kept or {}
        row: dict[str, Any] = {"urn": self.urn, "custom": self.custom}
        optional = {
            "delete": self.delete,
            "id": self.id,
            "type": self.type,
            "inputs": kept["inputs"] if "inputs" in kept else to_json(self.inputs, vault),
            "outputs": kept["outputs"] if "outputs" in kept else to_json(self.outputs, vault),
            "parent": self.parent,
            "protect": self.protect,
            "external": self.external,
            "dependencies": list(self.dependencies),
            "initErrors": list(self.init_errors),
            "provider": self.provider,
            "propertyDependencies": {
                key: list(self.property_dependencies[key]) for key in sorted(self.property_dependencies)
            },
            "pendingReplacement": self.pending_replacement,
            "additionalSecretOutputs": list(self.additional_secret_outputs),
            "retainOnDelete": self.retain_on_delete,
            "deletedWith": self.deleted_with,
            "created": self.created,
            "modified": self.modified,
        }
        row.update((key, value) for key, value in optional.items() if value)
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any], vault: Vault) -> ResourceState:
        """Reads a resource of a checkpoint, decrypting its secrets with `vault`."""
        return cls(
            urn=row["urn"],
            type=row["type"],
            custom=bool(row.get("custom")),
            id=row.get("id", ""),
            inputs=from_json(row.get("inputs") or {}, vault),
            outputs=from_json(row.get("outputs") or {}, vault),
            parent=row.get("parent", ""),
            protect=bool(row.get("protect")),
            external=bool(row.get("external")),
            delete=bool(row.get("delete")),
            pending_replacement=bool(row.get("pendingReplacement")),
            dependencies=tuple(row.get("dependencies") or ()),
            property_dependencies={
                key: tuple(urns or ()) for key, urns in (row.get("propertyDependencies") or {}).items()
            },
            provider=row.get("provider", ""),
            additional_secret_outputs=tuple(row.get("additionalSecretOutputs") or ()),
            init_errors=tuple(row.get("initErrors") or ()),
            retain_on_delete=bool(row.get("retainOnDelete")),
            deleted_with=row.get("deletedWith", ""),
            created=row.get("created", ""),
            modified=row.get("modified", ""),
        )


def row_references(row: Mapping[str, Any]) -> Iterator[str]:
    """The URNs that a resource of a checkpoint needs, without decrypting anything."""
    if row.get("parent"):
        yield row["parent"]
    if row.get("provider"):
        yield provider_urn(row["provider"])
    if row.get("deletedWith"):
        yield row["deletedWith"]
    yield from row.get("dependencies") or ()
    for urns in (row.get("propertyDependencies") or {}).values():
        yield from urns or ()


def check_row(row: Any, path: str) -> None:
    """Raises GigasiteError where a resource of a checkpoint is not one that this engine can carry on with."""
    if not isinstance(row, dict) or not isinstance(row.get("urn"), str) or not isinstance(row.get("type"), str):
        raise GigasiteError("the state holds a resource without urn or type", path=path)
    if row["urn"].count("::") < 3:
        raise GigasiteError(f"the state holds the malformed URN {row['urn']!r}", path=path)
    unknown = sorted(row.keys() - _KNOWN_FIELDS)
    if unknown:
        raise GigasiteError(
            f"the embedded engine does not know {', '.join(unknown)} of {urn_name(row['urn'])} in the state",
            path=path,
            hint="a later Pulumi wrote it; use --engine pulumi",
        )
