"""The state while a run changes it: what stood before, what this run made, what is under way.

Every change is an `Entry`, a small JSON object. A run applies entries and journals them; recovery applies the
journalled ones to the same base and so arrives at the same state. Resources are rows of the checkpoint here,
their secrets already encrypted.

| entry | meaning |
|---|---|
| `{"e": "intent", "n": 7, "op": "creating", "row": {...}}` | a provider is about to be called |
| `{"e": "end", "n": 7, "row": {...}?, "old": 3?, "mark": {"3": "delete"}?}` | it answered; `row` is new |
| `{"e": "fail", "n": 7}` | it refused; nothing changed |
| `{"e": "same", "old": 3, "row": {...}?}` | a resource that stays, with its new row where that differs |
| `{"e": "outputs", "urn": ..., "outputs": {...}}` | outputs of a component |
| `{"e": "refresh", "old": 3, "row": {...}?}` | a resource as it was read again; none: it is gone |
| `{"e": "rebuild", "read": [...]}` | the refresh is through, its result is the base; what it `read` is certain |
| `{"e": "commit", "sha256": ...}` | the checkpoint with this content replaces the base |
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gigasite.engine.aliases import renamed_row, with_children
from gigasite.engine.integrity import without_dangling
from gigasite.engine.state import row_references
from gigasite.errors import GigasiteError

Row: TypeAlias = dict[str, Any]
Entry: TypeAlias = Mapping[str, Any]


@dataclass
class Ledger:
    """The base rows by position, the rows of this run by URN, and intents by number."""

    base: list[Row]
    pending: list[Row] = field(default_factory=list)  # pending_operations of the base
    news: dict[str, Row] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    intents: dict[int, tuple[str, Row]] = field(default_factory=dict)
    refreshing: bool = False  # between the first `refresh` and `rebuild`
    renamed: dict[str, str] = field(default_factory=dict)  # URNs of the base that this run found by an alias

    def apply(self, entry: Entry) -> None:
        """Makes one change. Raises GigasiteError for an entry that this engine does not know."""
        kind = entry["e"]
        if kind == "intent":
            self.intents[entry["n"]] = (entry["op"], entry["row"])
        elif kind in ("end", "fail"):
            self.intents.pop(entry.get("n", -1), None)
            if kind == "end":
                self._end(entry)
        elif kind == "same":
            row = entry.get("row", self.base[entry["old"]])
            self._rename(self.base[entry["old"]]["urn"], row["urn"])
            self.news[row["urn"]] = row
            self.done.add(entry["old"])
        elif kind == "outputs":
            row = {key: value for key, value in self.news[entry["urn"]].items() if key != "outputs"}
            self.news[entry["urn"]] = with_outputs(row, entry["outputs"])
        elif kind == "refresh":
            self._refresh(entry)
        elif kind == "rebuild":
            self.base = without_dangling(row for at, row in enumerate(self.base) if at not in self.done)
            self.done.clear()
            self.refreshing = False
            self.pending = [
                operation
                for operation in self.pending
                if operation.get("type") == "creating" or operation["resource"]["urn"] not in entry["read"]
            ]
        elif kind != "commit":
            raise GigasiteError(f"the journal holds an entry {kind!r} that this version does not know")

    def _end(self, entry: Entry) -> None:
        row = entry.get("row")
        if row is not None:
            self.news[row["urn"]] = row
            for index in (entry["old"],) if "old" in entry else map(int, entry.get("mark", {})):
                self._rename(self.base[index]["urn"], row["urn"])
        if "old" in entry:
            self.done.add(entry["old"])
        for index, mark in entry.get("mark", {}).items():
            self.base[int(index)] = _marked(self.base[int(index)], mark)

    def _refresh(self, entry: Entry) -> None:
        self.refreshing = True
        if "row" in entry:
            self.base[entry["old"]] = entry["row"]
        else:
            self.done.add(entry["old"])

    def _rename(self, old: str, new: str) -> None:
        if old != new:
            self.renamed[old] = new

    def rows(self) -> list[Row]:
        """Every resource, dependencies before dependents, in an order that only the rows decide.

        What this run did not come to refers to the others by their new names.
        """
        left = [row for index, row in enumerate(self.base) if index not in self.done]
        if self.refreshing:
            left = without_dangling(left)
        if self.renamed:
            names = with_children(left, self.renamed)
            left = [renamed_row(row, names) for row in left]
        return ordered([*self.news.values(), *left])

    def pending_operations(self) -> list[Row]:
        """Unfinished intents, and what of the base's nothing has settled since, sorted by URN.

        Only of creations and deletions nobody can tell from the state what became of them.
        """
        unfinished = [{"resource": row, "type": op} for op, row in self.intents.values()]
        begun = {(op, row["urn"]) for op, row in self.intents.values()}
        begun_urns = {urn for _, urn in begun}
        left = {row["urn"] for index, row in enumerate(self.base) if index not in self.done}

        def is_open(operation: Row) -> bool:
            kind, urn = operation.get("type"), operation["resource"]["urn"]
            if urn in self.news:
                return False
            # A creation in place of what may be gone settles the deletion only once it has ended.
            return urn not in begun_urns if kind == "creating" else urn in left and (kind, urn) not in begun

        kept = [item for item in self.pending if item.get("type") in ("creating", "deleting") and is_open(item)]
        return sorted([*kept, *unfinished], key=lambda operation: str(operation["resource"]["urn"]))


def _marked(row: Row, mark: str) -> Row:
    """A base row with `delete` or `pendingReplacement` set, at its place among the fields."""
    if mark == "delete":
        return {"urn": row["urn"], "custom": row["custom"], "delete": True} | {
            key: value for key, value in row.items() if key not in ("urn", "custom", "delete")
        }
    return {**row, mark: True}


def with_outputs(row: Row, outputs: Mapping[str, Any]) -> Row:
    """`row` with outputs behind its inputs, as Pulumi orders the fields; none where they are empty."""
    if not outputs:
        return row
    head = [key for key in ("urn", "custom", "delete", "id", "type", "inputs") if key in row]
    return {
        **{key: row[key] for key in head},
        "outputs": dict(outputs),
        **{key: value for key, value in row.items() if key not in head},
    }


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Rows with dependencies first; among those that are free to go, the smallest URN first.

    A URN may stand twice while a replacement is under way; both copies go before what refers to it. A circle,
    which no engine writes, keeps the order that it came in.
    """
    items = list(rows)
    at: dict[str, list[int]] = {}
    for index, row in enumerate(items):
        at.setdefault(row["urn"], []).append(index)
    needs = [
        {i for urn in row_references(row) for i in at.get(urn, ()) if i != index} for index, row in enumerate(items)
    ]
    dependents: list[list[int]] = [[] for _ in items]
    for index, need in enumerate(needs):
        for other in need:
            dependents[other].append(index)
    waiting = [len(need) for need in needs]
    ready = [(row["urn"], index) for index, row in enumerate(items) if not waiting[index]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _, index = heapq.heappop(ready)
        order.append(index)
        for dependent in dependents[index]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                heapq.heappush(ready, (items[dependent]["urn"], dependent))
    if len(order) < len(items):
        placed = set(order)
        order += [index for index in range(len(items)) if index not in placed]
    return [items[index] for index in order]
