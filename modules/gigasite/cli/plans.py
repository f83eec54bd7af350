"""Saved plans: the operations that a reviewer saw, bound to everything that they rest on.

A plan is bound to contents, not to a commit: the same site, program, configuration, catalog and state give the same
operations, whether or not a merge gave them another commit. The commit is kept for those who read the plan.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gigasite import __version__
from gigasite.engine.model import some
from gigasite.errors import GigasiteError, UnexpectedChanges

if TYPE_CHECKING:
    from gigasite.cli.sites import StackRef
    from gigasite.engine import Engine, RunResult, Step

FORMAT: Final = 1
_NAMED_COUNT: Final = 5
_GROUNDS: Final[Mapping[str, str]] = {
    "gigasite": "Gigasite",
    "catalog": "the catalog",
    "site": "the site's files",
    "program": "the program",
    "configuration": "the stack's configuration",
    "state": "the state",
}


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """An operation; `sha256` is of what it would set, secrets left out."""

    op: str
    urn: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.op} {self.urn.rpartition('::')[2]}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What was previewed. `grounds`: digests of what it rests on, by the keys of `_GROUNDS`."""

    stack: str
    made: str
    commit: str
    grounds: Mapping[str, str]
    steps: tuple[PlannedStep, ...]


def plan_of(stack: StackRef, engine: Engine, result: RunResult, catalog_digest: str) -> Plan:
    """The plan of a preview that was just made."""
    steps = (step for step in result.changed_steps if not step.is_default_provider)
    return Plan(
        stack=stack.name,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(stack.project.root),
        grounds=grounds_of(stack, engine, catalog_digest),
        steps=tuple(sorted(map(_planned, steps), key=lambda step: (step.urn, step.op))),
    )


def grounds_of(stack: StackRef, engine: Engine, catalog_digest: str) -> dict[str, str]:
    """Digests of what a plan of a stack rests on."""
    project = stack.project
    deployment = engine.export(project, stack.name).get("deployment") or {}
    state = [deployment.get("resources") or [], deployment.get("pending_operations") or []]
    programs = sorted(project.main.glob("*.py"))
    return {
        "gigasite": __version__,
        "catalog": catalog_digest,
        "site": _digest_of_files(stack.site_file.parent.rglob("*"), stack.site_file.parent),
        "program": _digest_of_files([*programs, project.root / "Pulumi.yaml"], project.root),
        "configuration": _digest_of_files([project.stack_file(stack.name)], project.root),
        "state": _digest(state),
    }


def save_plan(path: Path, plan: Plan) -> None:
    """Writes a plan. Raises GigasiteError where the file cannot be written."""
    try:
        path.write_text(json.dumps({"format": FORMAT, **asdict(plan)}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise GigasiteError(f"cannot be written: {error.strerror}", str(path), "choose another file") from None


def read_plan(path: Path) -> Plan:
    """The plan of a file. Raises GigasiteError for what is none."""
    hint = "gigasite preview SITE --save-plan FILE writes one"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = document.pop("format")
        if found != FORMAT:
            raise GigasiteError(
                f"this plan is of format {found!r:.20}, and this Gigasite reads {FORMAT}", str(path), hint
            )
        steps = tuple(PlannedStep(**step) for step in document.pop("steps"))
        return Plan(**document, steps=steps)
    except OSError as error:
        raise GigasiteError(f"cannot be read: {error.strerror}", str(path), hint) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise GigasiteError("this is no plan", str(path), hint) from None


def refuse_other_grounds(plan: Plan, stack: StackRef, engine: Engine, catalog_digest: str) -> None:
    """Raises UnexpectedChanges where anything that the plan rests on is another one now."""
    if plan.stack != stack.name:
        raise GigasiteError(
            f"this plan is of the stack {plan.stack}, not of {stack.name}", hint="give that stack's plan"
        )
    now = grounds_of(stack, engine, catalog_digest)
    moved = [what for key, what in _GROUNDS.items() if plan.grounds.get(key) != now[key]]
    if moved:
        raise UnexpectedChanges(
            f"the plan of {plan.made} no longer holds: since then {some(moved, _NAMED_COUNT)} changed",
            hint="look at what would happen now, and save a new plan: gigasite preview SITE --save-plan FILE",
        )


def refuse_other_steps(plan: Plan, result: RunResult) -> None:
    """Raises UnexpectedChanges where a preview of now has other operations than the plan."""
    now = {_planned(step) for step in result.changed_steps if not step.is_default_provider}
    before = set(plan.steps)
    if now != before:
        told = [f"{step} is new or another" for step in sorted(now - before, key=str)]
        told += [
            f"{step} is missing" for step in sorted(before - now, key=str) if (step.op, step.urn) not in _names(now)
        ]
        raise UnexpectedChanges(
            f"other operations than the plan of {plan.made} has: {some(told, _NAMED_COUNT)}",
            hint="look at what would happen now, and save a new plan: gigasite preview SITE --save-plan FILE",
        )


def _names(steps: Iterable[PlannedStep]) -> set[tuple[str, str]]:
    return {(step.op, step.urn) for step in steps}


def _planned(step: Step) -> PlannedStep:
    said = [step.new, [[diff.path, diff.kind] for diff in step.diffs]]
    return PlannedStep(step.op.value, step.urn, _digest(said))


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of_files(files: Iterable[Path], root: Path) -> str:
    """Of names and contents of regular files, hidden ones and caches left out."""
    total = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(root)
        if not path.is_file() or any(part.startswith(".") or part == "__pycache__" for part in name.parts):
            continue
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise GigasiteError(f"cannot be read: {error.strerror}", str(path), "give yourself the right") from None
        total.update(f"{name.as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def _commit(folder: Path) -> str:
    """The commit that is checked out; nothing where there is no git, or no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        command = [git, "-C", str(folder), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
