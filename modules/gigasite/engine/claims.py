"""Which row of the state a registration is about: the one of its URN, or the one that an alias names."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from gigasite.engine.aliases import Alias, Named, alias_urns
from gigasite.engine.ledger import Row
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState
from gigasite.errors import GigasiteError


class Claims:
    """The rows that registrations found; safe to call from several threads.

    `was` maps URNs of this run to the URNs by which the state knew them, where those differ.
    """

    def __init__(self, rows: list[Row], seen: set[str], lock: threading.RLock, vault: Vault) -> None:
        self.was: dict[str, str] = {}
        self._rows = rows
        self._seen = seen
        self._lock = lock
        self._vault = vault
        self._index = {row["urn"]: i for i, row in enumerate(rows) if not row.get("delete")}
        self._taken: dict[str, str] = {}  # URNs of the state, by an alias, and who took them

    def claim(self, urn: str, now: Named, aliases: Iterable[Alias] = ()) -> tuple[int, ResourceState] | None:
        """The row of a resource as the state had it before this run, and its position.

        Its own URN is looked for first. Raises GigasiteError where two resources claim the same row.
        """
        with self._lock:
            if urn in self._taken:
                raise _claimed_twice(urn, urn, self._taken[urn])
            others = alias_urns(now, aliases, self.was) if aliases or now.parent in self.was else ()
            found = next((name for name in (urn, *others) if name in self._index), None)
            if found is None:
                return None
            if found != urn:
                if found in self._seen or found in self._taken:
                    raise _claimed_twice(urn, found, self._taken.get(found, found))
                self._taken[found] = urn
                self.was[urn] = found
        return self._at(found)

    def old(self, urn: str) -> tuple[int, ResourceState] | None:
        """The row that a resource of this run has claimed, or that has its URN."""
        name = self.was.get(urn, urn)
        return self._at(name) if name in self._index else None

    def settled(self) -> set[str]:
        """The state's URNs of everything that was registered so far."""
        return self._seen | self._taken.keys()

    def _at(self, name: str) -> tuple[int, ResourceState]:
        index = self._index[name]
        return index, ResourceState.from_json(self._rows[index], self._vault)


def _claimed_twice(urn: str, found: str, other: str) -> GigasiteError:
    return GigasiteError(
        f"two resources are what the state calls {found}: {urn} and {other}",
        path=urn,
        hint="take the alias away from one of them",
    )
