"""A resource as the state records it (Pulumi's checkpoint version 3), and the URNs that name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.values import from_json, number, to_json
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
        "replaceWith",
        "created",
        "modified",
        "sourcePosition",
        "stackTrace",
        "ignoreChanges",
        "hideDiff",
        "replaceOnChanges",
        "replacementTrigger",
        "resourceHooks",
    }
)

# What a checkpoint must be of version 4 for, by field of a resource: the features that older Pulumis lack.
_FEATURES: Final = {"replaceWith": "replaceWith", "resourceHooks": "hooks"}
FEATURES: Final = frozenset(_FEATURES.values())


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; a parent other than the stack shows in the type (`Parent$Child`)."""
    return urn_in(stack, project, qualified_type(parent) if parent else "", type_, name)


def urn_in(stack: str, project: str, parent_type: str, type_: str, name: str) -> str:
    """The URN below a parent of the (qualified) type `parent_type`, "" for none."""
    qualified = f"{parent_type}${type_}" if parent_type and parent_type != STACK_TYPE else type_
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    """The type that a URN shows, with its parents' types before it."""
    return urn.split("::")[2]


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
    replace_with: tuple[str, ...] = ()
    import_id: str = ""
    custom_timeouts_s: Mapping[str, float] = field(default_factory=dict)  # by `create`, `update`, `delete`, `read`
    ignore_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Any = None
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # names by Pulumi's types of hooks
    created: str = ""
    modified: str = ""

    @property
    def name(self) -> str:
        return urn_name(self.urn)

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(PROVIDER_PREFIX)

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
            "customTimeouts": {key: number(self.custom_timeouts_s[key]) for key in sorted(self.custom_timeouts_s)},
            "importID": self.import_id,
            "retainOnDelete": self.retain_on_delete,
            "deletedWith": self.deleted_with,
            "replaceWith": list(self.replace_with),
            "created": self.created,
            "modified": self.modified,
            "ignoreChanges": list(self.ignore_changes),
            "hideDiff": list(self.hide_diff),
            "replaceOnChanges": list(self.replace_on_changes),
            "resourceHooks": {kind: list(names) for kind, names in self.hooks.items()},
        }
        row.update((key, value) for key, value in optional.items() if value)
        if self.replacement_trigger is not None:
            row["replacementTrigger"] = kept.get("replacementTrigger") or to_json(self.replacement_trigger, vault)
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
            replace_with=tuple(row.get("replaceWith") or ()),
            import_id=row.get("importID", ""),
            custom_timeouts_s=dict(row.get("customTimeouts") or {}),
            ignore_changes=tuple(row.get("ignoreChanges") or ()),
            hide_diff=tuple(row.get("hideDiff") or ()),
            replace_on_changes=tuple(row.get("replaceOnChanges") or ()),
            replacement_trigger=from_json(row.get("replacementTrigger"), vault),
            hooks={kind: tuple(names or ()) for kind, names in (row.get("resourceHooks") or {}).items()},
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
    yield from row.get("replaceWith") or ()
    yield from row.get("dependencies") or ()
    for urns in (row.get("propertyDependencies") or {}).values():
        yield from urns or ()


def features_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The features that a checkpoint of these rows names, sorted; none makes it one of version 3."""
    return sorted({feature for row in rows for key, feature in _FEATURES.items() if key in row})


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
