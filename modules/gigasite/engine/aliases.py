"""Aliases: the names that a resource may have had in the state, and the rows that follow a renamed parent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gigasite.engine.state import STACK_TYPE, provider_urn, qualified_type, urn_in, urn_name

if TYPE_CHECKING:
    from pulumi.runtime.proto.alias_pb2 import Alias as AliasMessage


@dataclass(frozen=True, slots=True)
class Alias:
    """A former name: a whole `urn`, or those of its parts that were different ("" for as it is now)."""

    urn: str = ""
    name: str = ""
    type: str = ""
    project: str = ""
    stack: str = ""
    parent: str = ""
    no_parent: bool = False


def alias_from(message: AliasMessage) -> Alias:
    """The alias of a request."""
    if message.WhichOneof("alias") == "urn":
        return Alias(urn=message.urn)
    spec = message.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        project=spec.project,
        stack=spec.stack,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What a resource is called now."""

    name: str
    type: str
    parent: str
    project: str
    stack: str


def alias_urns(now: Named, aliases: Iterable[Alias], was: Mapping[str, str]) -> list[str]:
    """The URNs to look for beside the resource's own, in Pulumi's order.

    `was` maps the URNs of resources that were found by an alias to what the state called them: an alias of a
    parent is one of its children too, and a child whose name begins with its parent's name follows that name.
    """
    own = [_collapsed(now, alias, was) for alias in aliases]
    found = dict.fromkeys(own)
    old_parent = was.get(now.parent)
    if old_parent is not None:
        for type_, name in [(now.type, now.name), *((_simple_type(urn), urn_name(urn)) for urn in own)]:
            found.setdefault(_inherited(now, type_, name, old_parent))
    return list(found)


def _collapsed(now: Named, alias: Alias, was: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    parent = was.get(alias.parent, alias.parent) if alias.parent else now.parent
    above = "" if alias.no_parent or not parent else qualified_type(parent)
    return urn_in(
        alias.stack or now.stack, alias.project or now.project, above, alias.type or now.type, alias.name or now.name
    )


def _inherited(now: Named, type_: str, name: str, old_parent: str) -> str:
    parent_name = urn_name(now.parent)
    if name.startswith(parent_name):
        name = urn_name(old_parent) + name.removeprefix(parent_name)
    return urn_in(now.stack, now.project, qualified_type(old_parent), type_, name)


def _simple_type(urn: str) -> str:
    return qualified_type(urn).rpartition("$")[2]


def with_children(rows: Iterable[Mapping[str, Any]], renamed: Mapping[str, str]) -> dict[str, str]:
    """`renamed` and the URNs of rows below renamed parents, which follow them; rows with parents first."""
    names = dict(renamed)
    for row in rows:
        parent = names.get(row.get("parent", ""))
        if parent is not None and qualified_type(parent) != STACK_TYPE and row["urn"] not in names:
            _, _, stack, rest = row["urn"].split(":", 3)
            project = rest[1:].partition("::")[0]
            now = urn_in(stack, project, qualified_type(parent), row["type"], urn_name(row["urn"]))
            if now != row["urn"]:
                names[row["urn"]] = now
    return names


def renamed_row(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A row that is called, and refers to others, by their new names."""
    fixed = dict(row)
    for key in ("urn", "parent", "deletedWith"):
        if key in fixed:
            fixed[key] = names.get(fixed[key], fixed[key])
    for key in ("dependencies", "replaceWith"):
        if fixed.get(key):
            fixed[key] = [names.get(urn, urn) for urn in fixed[key]]
    if fixed.get("provider"):
        urn = provider_urn(fixed["provider"])
        fixed["provider"] = names.get(urn, urn) + fixed["provider"][len(urn) :]
    if fixed.get("propertyDependencies"):
        fixed["propertyDependencies"] = {
            key: [names.get(urn, urn) for urn in urns or ()] for key, urns in fixed["propertyDependencies"].items()
        }
    return fixed
