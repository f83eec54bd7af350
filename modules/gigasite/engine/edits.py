"""Edits of a state's rows, as the CLI's `pulumi state` and `pulumi stack rename` make them. Nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gigasite.engine.aliases import renamed_row
from gigasite.engine.integrity import Row, problems, pruned
from gigasite.engine.ledger import ordered
from gigasite.engine.model import some
from gigasite.engine.secrets import Vault
from gigasite.engine.state import STACK_TYPE, provider_urn, qualified_type, row_references, urn_in, urn_name
from gigasite.engine.targets import complete_urn
from gigasite.engine.values import RESOURCE, SECRET, SIGNATURE
from gigasite.errors import GigasiteError, UsageError

NAMED_COUNT: Final = 10


def forgotten(
    rows: Sequence[Row], names: Iterable[str], *, target_dependents: bool, force: bool
) -> tuple[list[Row], tuple[str, ...]]:
    """Rows without those of these names, and the URNs that are gone; the resources themselves stay where they are.

    Raises GigasiteError where others depend on them (unless `target_dependents`) or one is protected (unless
    `force`).
    """
    urns = [row["urn"] for row in rows]
    chosen = {_only(rows, complete_urn(name, urns)) for name in names}
    gone: set[int] = set()
    for index in sorted(chosen, reverse=True):  # dependents stand after what they need
        dependents = [at for at in _dependents(rows, index) if at not in gone]
        if dependents and not target_dependents:
            raise GigasiteError(
                f"{urns[index]} is needed by {some((urns[at] for at in dependents), NAMED_COUNT)}",
                hint="name them too, or pass --target-dependents",
            )
        gone |= {index, *dependents}
    protected = [urns[at] for at in sorted(gone) if rows[at].get("protect")]
    if protected and not force:
        raise GigasiteError(
            f"{some(protected, NAMED_COUNT)} is protected", hint="pass --force to forget it all the same"
        )
    return [row for at, row in enumerate(rows) if at not in gone], tuple(sorted({urns[at] for at in gone}))


def _only(rows: Sequence[Row], urn: str) -> int:
    found = [at for at, row in enumerate(rows) if row["urn"] == urn]
    if len(found) > 1:
        ids = ", ".join(str(rows[at].get("id", "")) for at in found)
        raise GigasiteError(
            f"{urn} stands {len(found)} times in the state: {ids}",
            hint="a replacement is under way; let `up` finish it first",
        )
    return found[0]


def _dependents(rows: Sequence[Row], index: int) -> list[int]:
    """Positions of rows that need `rows[index]`, directly or not, and that no other row of its URN serves."""
    gone_urns, gone_ids = {rows[index]["urn"]}, {(rows[index]["urn"], rows[index].get("id", ""))}
    elsewhere = {row["urn"] for row in rows[:index]}
    found: list[int] = []
    for at in range(index + 1, len(rows)):
        row = rows[at]
        provider = row.get("provider", "")
        by_provider = bool(provider) and (provider_urn(provider), provider.rpartition("::")[2]) in gone_ids
        others = row_references({key: value for key, value in row.items() if key != "provider"})
        if by_provider or any(urn in gone_urns and urn not in elsewhere for urn in others):
            found.append(at)
            gone_urns.add(row["urn"])
            gone_ids.add((row["urn"], row.get("id", "")))
        else:
            elsewhere.add(row["urn"])
    return found


def guarded(
    rows: Sequence[Row], names: Collection[str], *, everything: bool, protect: bool
) -> tuple[list[Row], tuple[str, ...]]:
    """Rows with the protection of these resources, or of all, set or taken away, and whose it was."""
    live = [row["urn"] for row in rows if not row.get("delete")]
    urns = set(live) if everything else {complete_urn(name, live) for name in names}
    changed: list[str] = []
    result: list[Row] = []
    for row in rows:
        if row["urn"] in urns and not row.get("delete") and bool(row.get("protect")) != protect:
            changed.append(row["urn"])
            row = {key: value for key, value in row.items() if key != "protect"} | (
                {"protect": True} if protect else {}
            )
        result.append(row)
    return result, tuple(sorted(changed))


def renamed(rows: Sequence[Row], name: str, new_name: str) -> tuple[list[Row], str, str]:
    """Rows in which one resource has another name, and its URN before and after."""
    urns = [row["urn"] for row in rows]
    old = complete_urn(name, urns)
    _only(rows, old)
    if not new_name or qualified_type(old) == STACK_TYPE:
        raise UsageError(f"{name} cannot be called {new_name!r}", hint="the stack has `gigasite stack rename`")
    new = f"{old.removesuffix(urn_name(old))}{new_name}"
    if new in urns:
        raise UsageError(f"there is a resource {new} already", hint="choose another name")
    return [_renamed_row(row, old, new) for row in rows], old, new


def _renamed_row(row: Row, old: str, new: str) -> Row:
    """A row with the new name; like the CLI this drops the empty lists of the others' `propertyDependencies`."""
    fixed = renamed_row(row, {old: new})
    if row["urn"] != old and "propertyDependencies" in fixed:
        fixed["propertyDependencies"] = {key: urns for key, urns in fixed["propertyDependencies"].items() if urns}
        if not fixed["propertyDependencies"]:
            del fixed["propertyDependencies"]
    return fixed


def repaired(rows: Sequence[Row]) -> tuple[list[Row], tuple[str, ...]]:
    """Rows put right: in order, without references to what is missing; and what was done.

    Raises GigasiteError where they are not sound even then.
    """
    if not problems(rows):
        return list(rows), ()
    result, done = pruned(ordered(rows))
    left = problems(result)
    if left:
        raise GigasiteError(
            f"this state cannot be repaired by itself: {some(left, NAMED_COUNT)}",
            hint="edit what `gigasite stack export` prints, and bring it back with `gigasite stack import`",
        )
    moved = [row["urn"] for row in rows] != [row["urn"] for row in ordered(rows)]
    return result, (*(["its resources stand in order"] if moved else []), *done)


# a stack's name --------------------------------------------------------------------------------------------


def of_other_stacks(rows: Iterable[Mapping[str, Any]], stack: str) -> tuple[str, ...]:
    """URNs of rows that are of other stacks."""
    return tuple(row["urn"] for row in rows if _stack_of(row["urn"]) != stack)


def with_stack_name(rows: Iterable[Row], project: str, old: str, new: str) -> list[Row]:
    """Rows whose URNs, references and resource references in properties are of the stack `new`."""
    rows = list(rows)
    names = {urn: _in_stack(urn, project, old, new) for row in rows for urn in _urns_of(row)}
    return [_renamed_values(renamed_row(row, names), names, project, old, new) for row in rows]


def _renamed_values(row: Row, names: Mapping[str, str], project: str, old: str, new: str) -> Row:
    fixed: dict[str, Any] = {}
    fixed |= {key: _with_references(row[key], project, old, new) for key in ("inputs", "outputs") if key in row}
    if row.get("aliases"):
        fixed["aliases"] = [names.get(urn, urn) for urn in row["aliases"]]
    return {**row, **fixed}


def _urns_of(row: Mapping[str, Any]) -> Iterator[str]:
    yield row["urn"]
    yield from row_references(row)
    yield from row.get("aliases") or ()


def _in_stack(urn: str, project: str, old: str, new: str) -> str:
    if not urn.startswith(f"urn:pulumi:{old}::{project}::"):
        return urn
    type_ = qualified_type(urn)
    return urn_in(new, project, "", type_, f"{project}-{new}" if type_ == STACK_TYPE else urn_name(urn))


def _with_references(value: Any, project: str, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [_with_references(item, project, old, new) for item in value]
    if not isinstance(value, dict) or value.get(SIGNATURE) == SECRET:
        return value
    if value.get(SIGNATURE) == RESOURCE:
        return {**value, "urn": _in_stack(str(value.get("urn", "")), project, old, new)}
    return {key: _with_references(item, project, old, new) for key, item in value.items()}


def _stack_of(urn: str) -> str:
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


# secrets in clear ------------------------------------------------------------------------------------------


def sealed(value: Any, vault: Vault) -> Any:
    """`value` with secrets that an export shows in clear encrypted."""
    if isinstance(value, list):
        return [sealed(item, vault) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET and "plaintext" in value:
        kept = {key: item for key, item in value.items() if key != "plaintext"}
        return {**kept, "ciphertext": vault.encrypt(value["plaintext"])}
    return {key: sealed(item, vault) for key, item in value.items()}
