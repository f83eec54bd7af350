"""`--target` and `--exclude`: which resources a run is about, in the CLI's own syntax and with its rules.

A name is a URN, a glob over URNs (`*` stands for anything but a colon, `**` for anything), or, as the CLI does not
know it, a resource's own name, which is completed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gigasite.engine.model import RunOptions, some
from gigasite.engine.state import PROVIDER_PREFIX, STACK_TYPE, qualified_type, row_references, urn_name
from gigasite.errors import GigasiteError, UsageError

_URN: Final = "urn:pulumi:"
_ANYWHERE: Final = "**::"  # before a short name: whatever its type and parents
_NAMED_COUNT: Final = 5
_EVERYTHING: Final = RunOptions()
_HINT: Final = "`gigasite stack export` has the names; a $ in a URN has to be quoted"


@dataclass(frozen=True, slots=True)
class Patterns:
    """URNs and globs; none of either matches nothing, and is false."""

    literals: frozenset[str] = frozenset()
    globs: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> Patterns:
        names = list(names)
        globs = {name: _glob(name) for name in names if "*" in name}
        return cls(frozenset(name for name in names if "*" not in name), globs)

    def __bool__(self) -> bool:
        return bool(self.literals or self.globs)

    def matches(self, urn: str) -> bool:
        return urn in self.literals or any(glob.fullmatch(urn) for glob in self.globs.values())

    def unmatched(self, urns: Iterable[str]) -> Iterator[str]:
        """Whole and short names that are none of `urns`; globs need not match anything."""
        urns = set(urns)
        yield from self.literals - urns
        for text, glob in self.globs.items():
            name = text.removeprefix(_ANYWHERE)
            if name != text and "*" not in name and not any(map(glob.fullmatch, urns)):
                yield name


def _glob(text: str) -> re.Pattern[str]:
    parts = ("[^:]*".join(map(re.escape, part.split("*"))) for part in text.split("**"))
    return re.compile(".*".join(parts), re.DOTALL)


def completed(options: RunOptions, rows: Iterable[Mapping[str, Any]], *, may_be_new: bool) -> RunOptions:
    """`options` with short names as URNs of `rows`.

    A name that no row has becomes a glob where the program may bring it (`may_be_new`). Raises UsageError for
    one that two rows have, and for one that nothing can have.
    """
    if not (options.targets or options.excludes):
        return options
    urns = list(dict.fromkeys(row["urn"] for row in rows))
    return replace(
        options,
        targets=tuple(_completed(name, urns, may_be_new) for name in options.targets),
        excludes=tuple(_completed(name, urns, may_be_new) for name in options.excludes),
    )


def complete_urn(name: str, urns: Sequence[str]) -> str:
    """The one of `urns` that a URN or a short name means. Raises UsageError where there is none, or more."""
    if name in urns:
        return name
    found = [] if name.startswith(_URN) else list(dict.fromkeys(urn for urn in urns if _is_called(urn, name)))
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} resources are called {name}: {some(found, _NAMED_COUNT)}", hint="give the whole URN"
        )
    if not found:
        raise _unknown(name, urns)
    return found[0]


def is_short(name: str) -> bool:
    """Whether a name is neither a URN nor a glob, so that it has to be completed."""
    return "*" not in name and not name.startswith(_URN)


def _completed(name: str, urns: Sequence[str], may_be_new: bool) -> str:
    if "*" in name or (name.startswith(_URN) and (may_be_new or name in urns)):
        return name
    if may_be_new and not any(_is_called(urn, name) for urn in urns):
        return _ANYWHERE + name
    return complete_urn(name, urns)


def _is_called(urn: str, name: str) -> bool:
    """Whether a name means a URN: the resource's own, or with its type before it (`gigasite:files:Tree::docs`)."""
    return urn_name(urn) == name or urn.endswith(f"::{name}")


def _unknown(name: str, urns: Sequence[str]) -> UsageError:
    sought = urn_name(name) if name.startswith(_URN) and name.count("::") >= 3 else name
    close = difflib.get_close_matches(sought, {urn_name(urn) for urn in urns}, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else _HINT
    return UsageError(f"no resource of the stack is called {name}", hint=hint)


class Selection:
    """What a run is about; it grows with the dependents that `options` ask for. Not safe for several threads."""

    def __init__(self, options: RunOptions = _EVERYTHING, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self._targets = Patterns.of(options.targets)
        self._excludes = Patterns.of(options.excludes)
        self._with_dependents = options.target_dependents
        self._without_dependents = options.exclude_dependents
        self._rows = rows
        self._taken: set[str] = set()  # targets, and what depends on them
        self._left_out: set[str] = set()  # excluded, and what depends on them
        self._skipped: set[str] = set()  # new, and not to be made
        self._kept: set[str] = set()  # stays as it is, with what it depends on
        self._seen: set[str] = {row["urn"] for row in rows}
        if self._targets and self._excludes:
            raise UsageError("a run has targets or exclusions, not both", hint="leave --target or --exclude out")

    @property
    def constrained(self) -> bool:
        return bool(self._targets or self._excludes)

    # registrations -----------------------------------------------------------------------------------------

    def takes(self, urn: str, references: Iterable[str]) -> bool:
        """Whether a registration is carried out; what it refers to was registered before.

        Providers and the stack itself always are.
        """
        self._seen.add(urn)
        if not self.constrained:
            return True
        implied = _is_implied(urn)
        if self._targets:
            chosen = self._is_target(urn, references)
            if chosen:
                self._taken.add(urn)
            return chosen or implied
        left_out = not implied and self._is_excluded(urn, references)
        if left_out:
            self._left_out.add(urn)
        return not left_out

    def skip(self, urn: str) -> None:
        """Notes that a new resource is not made."""
        self._skipped.add(urn)

    def is_skipped(self, urn: str) -> bool:
        return urn in self._skipped

    def keep(self, urn: str) -> None:
        """Notes that a resource stays as the state has it, and so must all that it depends on."""
        self._kept.add(urn)

    def missing(self, references: Iterable[str]) -> str:
        """What a step needs and this run does not make, "" for nothing."""
        return next((urn for urn in references if urn in self._skipped), "")

    def unmatched(self) -> tuple[str, ...]:
        """Targets and exclusions by whole or short name that neither the state nor the program has."""
        return tuple(sorted([*self._targets.unmatched(self._seen), *self._excludes.unmatched(self._seen)]))

    # the state -----------------------------------------------------------------------------------------------

    def to_refresh(self) -> list[int]:
        """Positions of the rows to read again, dependents as the options ask."""
        if not self.constrained:
            return list(range(len(self._rows)))
        chosen: list[int] = []
        grown: set[str] = set()
        for index, row in enumerate(self._rows):
            urn, needs = row["urn"], list(_without_provider(row))
            if self._targets:
                dependent = self._with_dependents and any(u in grown or self._targets.matches(u) for u in needs)
                take = self._targets.matches(urn) or urn in grown or dependent
            else:
                dependent = self._without_dependents and any(u in grown or self._excludes.matches(u) for u in needs)
                take = not (self._excludes.matches(urn) or urn in grown or dependent)
            if dependent:
                grown.add(urn)
            if take:
                chosen.append(index)
        return chosen

    def to_delete(self) -> set[str] | None:
        """URNs of the state that a run may delete; None for all."""
        if not self.constrained:
            return None
        protected = self._needed_by_kept()
        if self._targets:
            return self._dependents(self._targets.matches) - protected
        excluded = {row["urn"] for row in self._rows if self._excludes.matches(row["urn"])}
        stay = self._dependencies(excluded, dependents_too=self._without_dependents)
        return {row["urn"] for row in self._rows} - stay - protected

    def named(self, urn: str) -> bool:
        """Whether a resource may be deleted without having been named: it was, or dependents may go too."""
        return not self._targets or self._with_dependents or self._targets.matches(urn)

    # inside --------------------------------------------------------------------------------------------------

    def _is_target(self, urn: str, references: Iterable[str]) -> bool:
        if self._targets.matches(urn):
            return True
        return self._with_dependents and any(u in self._taken or self._targets.matches(u) for u in references)

    def _is_excluded(self, urn: str, references: Iterable[str]) -> bool:
        if self._excludes.matches(urn):
            return True
        return self._without_dependents and any(u in self._left_out or self._excludes.matches(u) for u in references)

    def _dependents(self, chosen: Any) -> set[str]:
        """Chosen URNs of the state, and all that depend on them; rows stand after what they need."""
        found: set[str] = set()
        for row in self._rows:
            if chosen(row["urn"]) or found.intersection(row_references(row)):
                found.add(row["urn"])
        return found

    def _dependencies(self, urns: set[str], *, dependents_too: bool = False) -> set[str]:
        """URNs of the state with all that they depend on, and, where asked, with what depends on any of those."""
        next_to: dict[str, set[str]] = {}
        for row in self._rows:
            for other in row_references(row):
                next_to.setdefault(row["urn"], set()).add(other)
                if dependents_too:
                    next_to.setdefault(other, set()).add(row["urn"])
        found: set[str] = set()
        waiting = list(urns)
        while waiting:
            urn = waiting.pop()
            if urn not in found:
                found.add(urn)
                waiting += next_to.get(urn, ())
        return found

    def _needed_by_kept(self) -> set[str]:
        return self._dependencies(self._kept) if self._kept else set()


def refuse_unmatched(selection: Selection) -> None:
    """Raises GigasiteError where a target was found neither in the state nor in the program."""
    names = selection.unmatched()
    if names:
        raise GigasiteError(
            f"neither the stack nor its program has {some(names, _NAMED_COUNT)}",
            hint=_HINT,
        )


def references_of(goal: Any, provider: str) -> Iterator[str]:
    """The URNs that a registration refers to, its provider's among them."""
    yield from filter(None, (goal.parent, goal.deleted_with, provider.rpartition("::")[0]))
    yield from goal.dependencies
    yield from goal.replace_with
    for urns in goal.property_dependencies.values():
        yield from urns


def _is_implied(urn: str) -> bool:
    type_ = qualified_type(urn)
    return type_ == STACK_TYPE or type_.rpartition("$")[2].startswith(PROVIDER_PREFIX)


def _without_provider(row: Mapping[str, Any]) -> Iterator[str]:
    return row_references({key: value for key, value in row.items() if key != "provider"})
