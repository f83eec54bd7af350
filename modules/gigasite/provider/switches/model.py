"""What is said with every switch, whatever it runs: fetch, stage, apply, confirm, roll back.

A change goes in steps that leave the switch as it was unless the last one comes:

1. `stage` hands the wanted configuration over, lets the switch judge it, and tells the difference;
2. `apply` makes it run for a number of seconds, after which the switch takes it back by itself;
3. a second connection proves that the switch can still be reached, and `missing` that the change took;
4. `confirm` keeps it, also over a restart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from gigasite.errors import GigasiteError


class SwitchError(GigasiteError):
    """A switch did not do what it was asked; the message holds no secret."""


class Unreachable(SwitchError):  # noqa: N818  (a state of the switch, and worth another try)
    """No connection, or one that broke."""


class Refused(SwitchError):  # noqa: N818  (a state of the switch)
    """The switch said no, and runs what it ran before."""


@dataclass(frozen=True, slots=True)
class Target:
    """One switch: its name in the site, what it runs, where it is managed from. No port: the transport's own."""

    name: str
    os: str
    address: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """How switches are entered, and what they must prove.

    SSH takes the key file, else the agent and the user's default keys, else the password; its host key must stand
    in `known_hosts`. HTTPS takes the password; its certificate must come from `ca_bundle`, else from an authority
    that this machine trusts.
    """

    user: str
    known_hosts: Path
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    ca_bundle: Path | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """A candidate that a switch holds but does not run: its handle there, and how it differs from what runs."""

    handle: str
    diff: tuple[str, ...]


class Switch(ABC):
    """One open connection to one switch. Methods raise Unreachable where it breaks, and Refused on a no."""

    @abstractmethod
    async def close(self) -> None:
        """Ends the connection; what is applied and not confirmed stays under its timer."""

    @abstractmethod
    async def fetch(self) -> str:
        """The configuration that runs, in the form that `stage` takes."""

    @abstractmethod
    async def stage(self, text: str) -> Staged:
        """Hands over a whole configuration, and takes back a change of ours that nobody confirmed."""

    @abstractmethod
    async def discard(self, staged: Staged) -> None:
        """Forgets a candidate that was not applied."""

    @abstractmethod
    async def apply(self, staged: Staged, confirm_s: int) -> None:
        """Runs the candidate; `confirm_s` seconds later the switch takes it back unless it was confirmed."""

    @abstractmethod
    async def missing(self, staged: Staged, text: str) -> tuple[str, ...]:
        """Lines of the applied candidate that do not run; none where all took."""

    @abstractmethod
    async def confirm(self, staged: Staged) -> None:
        """Keeps the applied candidate, also over a restart. Raises Refused where it was taken back already."""

    @abstractmethod
    async def rollback(self, staged: Staged) -> None:
        """Takes the applied candidate back now."""
