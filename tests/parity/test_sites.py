"""The program of every site, and components served to other programs, on the real CLI."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from gigasite.engine import RunOptions, select_engine
from gigasite.errors import GigasiteError

from .conftest import REPOSITORY, Workplace
from .normal import normal_export

MakeWorkplace = Callable[[str], Workplace]
NO_CHANGES = RunOptions(expect_no_changes=True)
SITE = "superpod-h100"

REMOTE_FABRIC = """
class Fabric(pulumi.ComponentResource):
    def __init__(self, name, arguments):
        outputs = {"switchCount": None, "inventory": None}
        super().__init__("gigasite:index:Fabric", name, {**arguments, **outputs}, remote=True)

fabric = Fabric("compute", ARGUMENTS)
pulumi.export("switches", fabric.switchCount)
"""


@pytest.fixture
def place(workplace: MakeWorkplace) -> Workplace:
    return workplace("project")


def test_a_site_comes_to_the_same_on_both_engines(place: Workplace) -> None:
    shutil.copytree(REPOSITORY / "stacks" / SITE, place.root / "stacks" / SITE)
    shutil.copy(REPOSITORY / "stacks/__main__.py", place.root / "stacks")
    (place.root / f"stacks/Pulumi.{SITE}.yaml").write_text(f"config: {{'sites:site': {SITE}/site.yaml}}\n")
    real, local = select_engine("pulumi"), select_engine("local")
    local.init(place.project, SITE)

    first = local.up(place.project, SITE)
    files, export = place.files(), normal_export(local.export(place.project, SITE))
    assert files
    real.preview(place.project, SITE, options=NO_CHANGES)
    real.destroy(place.project, SITE)
    assert place.files() == {}

    second = real.up(place.project, SITE)
    assert place.files() == files
    assert normal_export(real.export(place.project, SITE)) == export
    assert second.outputs == first.outputs
    assert [(step.op, step.urn, step.new) for step in second.steps] == [
        (step.op, step.urn, step.new) for step in first.steps
    ]
    local.preview(place.project, SITE, options=NO_CHANGES)


def test_a_component_is_served_to_programs_that_do_not_import_it(place: Workplace) -> None:
    engine = select_engine("pulumi")
    engine.init(place.project, "dev")
    place.write(REMOTE_FABRIC.replace("ARGUMENTS", '{"system": "dgx-h100", "scalableUnits": 1}'))
    result = engine.up(place.project, "dev")
    assert result.outputs["switches"] > 0
    assert any(path.endswith("cables.csv") for path in place.files())
    engine.preview(place.project, "dev", options=NO_CHANGES)


def test_a_mistake_in_a_served_component_is_told_without_a_traceback(place: Workplace) -> None:
    engine = select_engine("pulumi")
    engine.init(place.project, "dev")
    place.write(REMOTE_FABRIC.replace("ARGUMENTS", '{"system": "no-such-system", "scalableUnits": 1}'))
    with pytest.raises(GigasiteError, match="no-such-system") as raised:
        engine.preview(place.project, "dev")
    assert "Traceback" not in str(raised.value)
