"""What else has to go when a resource is deleted before its replacement is made."""

from __future__ import annotations

from collections.abc import Set

from gigasite.engine.ignoring import with_replacements
from gigasite.engine.ledger import Row
from gigasite.engine.providers import handler_of
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState, provider_urn
from gigasite.engine.values import plain
from gigasite.provider.handler import UNKNOWN


def dependents_to_replace(
    rows: list[Row], index: int, settled: Set[str], vault: Vault
) -> list[tuple[ResourceState, int]]:
    """Resources with their positions that a replacement of `rows[index]` replaces in turn, in order of dependency.

    URNs in `settled` are left out: the run has dealt with them, so that they cannot depend on it any more.
    """
    replaced = {rows[index]["urn"]}
    found: list[tuple[ResourceState, int]] = []
    for at in range(index + 1, len(rows)):
        row = rows[at]
        if row["urn"] not in settled and _is_live(row) and _would_be_replaced(row, replaced, vault):
            replaced.add(row["urn"])
            found.append((ResourceState.from_json(row, vault), at))
    return found


def cascading(rows: list[Row], urn: str, settled: Set[str], vault: Vault) -> list[tuple[ResourceState, int]]:
    """Resources with their positions that `replace_with` or `deleted_with` binds to `urn`, sorted by URN."""
    bound = [
        (ResourceState.from_json(row, vault), at)
        for at, row in enumerate(rows)
        if row["urn"] not in settled
        and not (row.get("delete") or row.get("pendingReplacement"))
        and (row.get("deletedWith") == urn or urn in (row.get("replaceWith") or ()))
    ]
    return sorted(bound, key=lambda item: item[0].urn)


def _is_live(row: Row) -> bool:
    gone = row.get("external") or row.get("delete") or row.get("pendingReplacement")
    return bool(row.get("custom") and not gone)


def _would_be_replaced(row: Row, replaced: set[str], vault: Vault) -> bool:
    """Whether the provider would replace a resource if what it takes from `replaced` became unknown."""
    if row.get("deletedWith") in replaced or provider_urn(row.get("provider", "")) in replaced:
        return True
    dependencies = row.get("propertyDependencies") or {}
    touched = {key for key, urns in dependencies.items() if replaced.intersection(urns or ())}
    if not touched:
        return False
    state = ResourceState.from_json(row, vault)
    inputs = plain(state.inputs)
    changed = {key: UNKNOWN if key in touched else value for key, value in inputs.items()}
    diff = handler_of(state.type).diff(state.urn, state.id, inputs, plain(state.outputs), changed)
    return bool(with_replacements(diff, state.replace_on_changes, half_done=False).replaces)
