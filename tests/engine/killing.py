"""Kills runs of the embedded engine at random moments, and looks at what each kill left behind.

Run as a program: `python -m tests.engine.killing ROOT KILLS SEED`. It forks a child for every run, so that neither
imports nor keys are paid for twice, and stays without threads itself. Ends with 1 and a report where anything was lost
or made twice.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from gigasite.engine import secrets
from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions
from gigasite.engine.project import Project
from gigasite.provider.handler import Created, Diff, DiffKind, Handler, Props, resource

KIND = "gigasite:test:Counted"
SIZES = (5, 8, 12, 20, 30, 60, 120, 500)
WEIGHTS = (20, 20, 20, 20, 15, 10, 4, 1)


class CountedWorld:
    """One file is one thing that exists, named by its id; a line of `made.log` is one that came into being."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "things").mkdir(parents=True, exist_ok=True)

    def make(self, id_: str, size: Any) -> None:
        """Makes a thing, or finds it; both are one step that no kill can part."""
        log = os.open(self.folder / "made.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        beside = self.folder / f"{id_}.{os.getpid()}"
        beside.write_text(json.dumps(size))
        try:
            os.link(beside, self.folder / "things" / id_)
        except FileExistsError:
            beside.replace(self.folder / "things" / id_)
        else:
            os.write(log, f"{id_}\n".encode())
            beside.unlink()
        os.close(log)

    def drop(self, id_: str) -> None:
        (self.folder / "things" / id_).unlink(missing_ok=True)

    def things(self) -> dict[str, Any]:
        return {file.name: json.loads(file.read_text()) for file in (self.folder / "things").iterdir()}


WORLD: list[CountedWorld] = []


@resource(KIND)
class CountedHandler(Handler):
    """Things of a size; another `kind` is another thing."""

    schema: Mapping[str, Any] = {"inputProperties": {"size": {}, "kind": {}}}

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        changed = [key for key in ("kind", "size") if old_inputs.get(key) != new_inputs.get(key)]
        replaces = DiffKind.UPDATE_REPLACE
        return Diff({key: replaces if key == "kind" else DiffKind.UPDATE for key in changed}, urn.endswith("7"))

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        id_ = f"{urn.rpartition('::')[2]}-{inputs['kind']}"
        if not preview:
            time.sleep(0.001)
            WORLD[0].make(id_, inputs["size"])
        return Created(id_, dict(inputs))

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        found = WORLD[0].things()
        return Created(id, {**outputs, "size": found[id]}) if id in found else None

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        if not preview:
            WORLD[0].make(id, new_inputs["size"])
        return dict(new_inputs)

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        WORLD[0].drop(id)


class Counted(pulumi.CustomResource):
    size: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions, **inputs: Any) -> None:
        super().__init__(KIND, name, inputs, opts)


@dataclass
class Wanted:
    """A program: size and kind of each resource, and which of those before it each depends on."""

    things: dict[str, tuple[int, int]] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def edit(self, chance: random.Random) -> None:
        """Another size of program, and some resources that are others."""
        count = chance.choices(SIZES, WEIGHTS)[0]
        old, self.things, self.needs = self.things, {}, {}
        for number in range(count):
            name = f"c{number:03}"
            size, kind = old.get(name, (0, 0))
            self.things[name] = (size + (chance.random() < 0.2), kind + (chance.random() < 0.1))
            before = [f"c{at:03}" for at in range(max(0, number - 5), number)]
            self.needs[name] = tuple(chance.sample(before, min(len(before), chance.choice((0, 0, 1, 2)))))

    def program(self) -> None:
        made: dict[str, Counted] = {}
        for name, (size, kind) in self.things.items():
            needed = pulumi.ResourceOptions(depends_on=[made[other] for other in self.needs[name]])
            made[name] = Counted(name, needed, size=size, kind=str(kind))


@dataclass
class Place:
    """A project, its world, and what the program wants."""

    root: Path
    chance: random.Random
    world: CountedWorld
    wanted: Wanted = field(default_factory=Wanted)
    seconds: dict[str, float] = field(default_factory=lambda: {"up": 0.3, "destroy": 0.1, "refresh": 0.2})
    kills: Tally[str] = field(default_factory=Tally)

    def run(self, verb: str) -> None:
        """One run in this process."""
        engine, project = LocalEngine(), Project.load(self.root)
        if verb == "up":
            engine.up(project, "dev", program=self.wanted.program, options=RunOptions(parallel=8))
        elif verb == "recover":
            engine.recover(project, "dev")
        elif verb == "refresh":
            engine.refresh(project, "dev", options=RunOptions(parallel=8))  # type: ignore[attr-defined]
        else:
            engine.destroy(project, "dev", options=RunOptions(parallel=8))

    def in_child(self, verb: str, *, kill_after_s: float | None = None) -> bool:
        """A run in a child that is killed after a while; whether it was."""
        child = os.fork()
        if not child:
            code = 1
            try:
                said = os.open(self.root / "child.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(said, 1)
                os.dup2(said, 2)
                self.run(verb)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return True
        if os.WEXITSTATUS(status):
            raise AssertionError(f"{verb} failed:\n{(self.root / 'child.log').read_text()[-3000:]}")
        return False

    def killed(self, verb: str) -> None:
        """Kills a run at a random moment; what exists is known, and nothing exists that nobody knows."""
        started_s = time.monotonic()
        was_killed = self.in_child(verb, kill_after_s=self.chance.random() * self.seconds[verb] * 1.2)
        if was_killed:
            self.kills[verb] += 1
        else:
            self.seconds[verb] = 0.7 * self.seconds[verb] + 0.3 * (time.monotonic() - started_s)
        if self.chance.random() < 0.5:
            self.in_child("recover")
            self.look()

    def look(self) -> None:
        """After a recovery: every thing that exists is in the state, or known to be under way."""
        latest = self.latest()
        rows = latest.get("resources", [])
        known = {row["id"] for row in rows if row.get("id")}
        pending = {op["resource"]["urn"].rpartition("::")[2] for op in latest.get("pending_operations", [])}
        lost = [
            thing for thing in self.world.things() if thing not in known and thing.rpartition("-")[0] not in pending
        ]
        if lost:
            raise AssertionError(f"exists, and nobody knows of it: {lost[:5]}")
        live = Tally(row["urn"] for row in rows if not row.get("delete"))
        if any(count > 1 for count in live.values()):
            raise AssertionError(f"twice in the state: {live.most_common(3)}")

    def settled(self) -> None:
        """A run to its end: what exists is what the program wants, made once, and nothing is left open."""
        started_s = time.monotonic()
        self.in_child("up")
        self.seconds["up"] = 0.5 * self.seconds["up"] + 0.5 * (time.monotonic() - started_s)
        wanted = {f"{name}-{kind}": size for name, (size, kind) in self.wanted.things.items()}
        found = self.world.things()
        if found != wanted:
            more, less = ({*a.items()} - {*b.items()} for a, b in ((found, wanted), (wanted, found)))
            raise AssertionError(f"exists and should not: {sorted(more)[:5]}; is missing: {sorted(less)[:5]}")
        latest = self.latest()
        rows = {row["id"]: row for row in latest["resources"] if row["type"] == KIND}
        if set(rows) != set(wanted) or latest.get("pending_operations"):
            raise AssertionError(f"the state holds {len(rows)} for {len(wanted)}, {latest.get('pending_operations')}")
        state = self.root / ".state"
        left = [*state.glob(".gigasite/journal/**/*.jsonl"), *state.glob(".pulumi/locks/**/*.json")]
        if left:
            raise AssertionError(f"left behind: {left}")

    def latest(self) -> dict[str, Any]:
        file = self.root / ".state/.pulumi/stacks/sites/dev.json"
        latest: dict[str, Any] = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        return latest


def main(root: Path, kills: int, seed: int) -> None:
    """Kills so many runs, with a run to its end after every few."""
    chance = random.Random(seed)
    os.environ |= {"PULUMI_CONFIG_PASSPHRASE": "correct horse", "PULUMI_BACKEND_URL": ""}
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text(
        "name: sites\nruntime: python\nmain: stacks\nstackConfigDir: stacks\n"
        "backend:\n  url: file://.state?create_dir=true\n"
    )
    vault = secrets.Vault.new("correct horse")
    (root / "stacks/Pulumi.dev.yaml").write_text(f"encryptionsalt: {vault.salt_text}\n")
    WORLD[:] = [CountedWorld(root / "world")]
    place = Place(root, chance, WORLD[0])
    vault.check()  # derived once: children inherit it
    LocalEngine().init(Project.load(root), "dev")
    can_refresh = hasattr(LocalEngine, "refresh")
    weights = (8, 1, 2 if can_refresh else 0)
    while place.kills.total() < kills:
        place.wanted.edit(chance)
        for _ in range(chance.randrange(1, 9)):
            place.killed(chance.choices(("up", "destroy", "refresh"), weights)[0])
        place.settled()
    print(json.dumps({"kills": place.kills, "made": (root / "world/made.log").read_text().count("\n")}))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    except AssertionError as wrong:
        sys.exit(str(wrong))
