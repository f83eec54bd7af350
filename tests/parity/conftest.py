"""Projects in which both engines run the same programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gigasite.engine import Project

REPOSITORY = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the CLI, and says so where it is missing."""
    without_cli = pytest.mark.skip(reason="the Pulumi CLI is not on PATH: parity with it was not checked")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.pulumi_cli)
            if shutil.which("pulumi") is None:
                item.add_marker(without_cli)


class Workplace:
    """A project of its own: Pulumi.yaml, a program, a file backend, the plugin."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "stacks").mkdir(parents=True)
        (root / "plugin").mkdir()
        (root / ".state").mkdir()
        shutil.copy(REPOSITORY / "stacks/plugin/__main__.py", root / "plugin")
        runtime = f"{{name: python, options: {{virtualenv: '{sys.prefix}'}}}}"
        (root / "plugin/PulumiPlugin.yaml").write_text(f"runtime: {runtime}\n")
        (root / "Pulumi.yaml").write_text(
            dedent(
                f"""\
                name: sites
                runtime: {runtime}
                main: stacks
                stackConfigDir: stacks
                backend: {{url: "file://.state"}}
                plugins: {{providers: [{{name: gigasite, path: plugin}}]}}
                """
            )
        )

    @classmethod
    def at(cls, root: Path) -> Workplace:
        """A project that is there already."""
        place = cls.__new__(cls)
        place.root = root
        return place

    @property
    def project(self) -> Project:
        return Project.load(self.root)

    def write(self, program: str) -> None:
        """Makes `program` the project's program."""
        imports = "import pulumi\nfrom gigasite.provider.resources import Tree\n"
        (self.root / "stacks/__main__.py").write_text(imports + dedent(program))

    def files(self) -> dict[str, str]:
        """What the program's trees put into the project."""
        folder = self.root / ".build"
        return {f.relative_to(folder).as_posix(): f.read_text() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Workplace]:
    """Makes projects by name, with a passphrase and a Pulumi home that nobody else uses."""
    set_up(monkeypatch, tmp_path)
    return lambda name: Workplace(tmp_path / name)


def set_up(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """The environment of both engines: a passphrase, and a Pulumi home in `folder`."""
    for variable in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "GIGASITE_BLOBS"):
        patch.delenv(variable, raising=False)
    patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    patch.setenv("PULUMI_HOME", str(folder / "home"))
    patch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
    patch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
