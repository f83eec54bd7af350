"""What failed or was killed on one engine looks the same to the other, and goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from gigasite.engine import Engine, RunOptions, select_engine
from gigasite.errors import ApplyError, GigasiteError

from .conftest import Workplace
from .normal import normal_export

MakeWorkplace = Callable[[str], Workplace]


def test_a_half_made_resource_is_the_same_in_both_states_and_is_completed(workplace: MakeWorkplace) -> None:
    engines = select_engine("pulumi"), select_engine("local")
    places = workplace("real"), workplace("local")
    for engine, place in zip(engines, places, strict=True):
        engine.init(place.project, "dev")
        (place.root / ".build/t/b/in-the-way").mkdir(parents=True)
        place.write('Tree("t", ".build/t", {"a": "1", "b": "2"})')
        with pytest.raises(ApplyError, match=r"t: .*a folder is in the way"):
            engine.up(place.project, "dev")
    real, local = (_export(engine, place) for engine, place in zip(engines, places, strict=True))
    assert local == real
    row = next(row for row in real["deployment"]["resources"] if row["type"] == "gigasite:files:Tree")
    assert "a folder is in the way" in row["initErrors"][0]
    for place in places:
        (place.root / ".build/t/b/in-the-way").rmdir()
        (place.root / ".build/t/b").rmdir()
    ends = [engine.up(place.project, "dev") for engine, place in zip(reversed(engines), places, strict=True)]
    assert ends[0].changes == ends[1].changes == {"same": 1, "update": 1}
    assert places[0].files() == places[1].files() == {"t/a": "1", "t/b": "2"}
    real, local = (_export(engine, place) for engine, place in zip(engines, places, strict=True))
    assert local == real


FAILING = {
    "half-an-update": (
        'Tree("t", ".build/t", {"a": "1"})',
        """
        import os
        os.makedirs("../.build/t/b/in-the-way", exist_ok=True)
        Tree("t", ".build/t", {"a": "2", "b": "2"})
        """,
    ),
    "renamed-and-broken": (
        """
        old = pulumi.ComponentResource("sites:index:Group", "old")
        t = Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(parent=old))
        Tree("u", t.folder.apply(lambda folder: f"{folder}-u"), {"a": "1"}, pulumi.ResourceOptions(parent=t))
        """,
        """
        aliased = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
        new = pulumi.ComponentResource("sites:index:Group", "new", None, aliased)
        Tree("t", ".build/t", {"a": "2", "missing/../b": "1"}, pulumi.ResourceOptions(parent=new))
        """,
    ),
    "import-of-nothing": (
        'Tree("t", ".build/t", {"a": "1"})',
        'Tree("i", ".build/i", {"a": "1"}, pulumi.ResourceOptions(import_=".build/i"))',
    ),
    "import-that-replaces": (
        'Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(retain_on_delete=True))',
        """
        Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(retain_on_delete=True))
        Tree("i", ".build/elsewhere", {"a": "1"}, pulumi.ResourceOptions(import_=".build/t"))
        """,
    ),
    "a-hook-that-fails-late": (
        "",
        """
        def fails(args):
            raise ValueError("too late")
        hooks = pulumi.ResourceHookBinding(after_create=[fails])
        t = Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(hooks=hooks))
        """,
    ),
    "protected-and-bound": (
        """
        a = Tree("a", ".build/a", {"a": "1"})
        Tree("b", ".build/b", {"a": "1"}, pulumi.ResourceOptions(replace_with=[a], protect=True))
        """,
        """
        a = Tree("a", ".build/a2", {"a": "1"})
        Tree("b", ".build/b", {"a": "1"}, pulumi.ResourceOptions(replace_with=[a], protect=True))
        """,
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_leaves_the_same_behind(name: str, workplace: MakeWorkplace) -> None:
    engines = select_engine("pulumi"), select_engine("local")
    places = workplace("real"), workplace("local")
    for engine, place in zip(engines, places, strict=True):
        engine.init(place.project, "dev")
        good, bad = FAILING[name]
        place.write(good)
        engine.up(place.project, "dev")
        place.write(bad)
        with pytest.raises(ApplyError):
            engine.up(place.project, "dev")
    real, local = (_export(engine, place) for engine, place in zip(engines, places, strict=True))
    assert local == real
    assert places[1].files() == places[0].files()


def test_the_embedded_engine_goes_on_where_a_killed_cli_left_off(workplace: MakeWorkplace) -> None:
    place = workplace("project")
    real, local = select_engine("pulumi"), select_engine("local")
    real.init(place.project, "dev")
    place.write(
        """
        import asyncio
        t = Tree("t", ".build/t", {"a": "1"})
        t.digest.apply(lambda _: asyncio.sleep(60))
        """
    )
    environment = {**os.environ, "PULUMI_BACKEND_URL": place.project.backend_url}
    cli = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"],
        cwd=place.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    deadline_s = time.monotonic() + 30
    while not place.files() and time.monotonic() < deadline_s:
        time.sleep(0.05)
    time.sleep(0.5)
    os.killpg(cli.pid, signal.SIGKILL)
    cli.wait()
    place.write('Tree("t", ".build/t", {"a": "2"})')
    with pytest.raises(GigasiteError, match="holds the lock"):
        real.up(place.project, "dev")
    local.up(place.project, "dev")
    assert place.files() == {"t/a": "2"}
    real.preview(place.project, "dev", options=RunOptions(expect_no_changes=True))


def _export(engine: Engine, place: Workplace) -> dict[str, Any]:
    return normal_export(engine.export(place.project, "dev"))
