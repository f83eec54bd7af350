"""`gigasite init`: a first site file, and a project around it where there is none."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gigasite.cli import starter
from gigasite.cli.output import format_option, print_json
from gigasite.cli.sites import shown
from gigasite.errors import GigasiteError, UsageError

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")


@click.command()
@click.argument("name")
@click.option("--system", default="dgx-h100", show_default=True, help="The catalog's system of the first pool.")
@click.option("--scalable-units", type=click.IntRange(1, 20_000), default=1, show_default=True, help="Its size.")
@format_option()
def init(name: str, system: str, scalable_units: int, style: str) -> None:
    """Write a site file for the new site NAME, into the project here or into a new one."""
    from gigasite.catalog.load import load_catalog

    if not _NAME.fullmatch(name):
        hint = "lower-case letters, digits and hyphens, beginning with a letter, at most 32"
        raise UsageError(f"{name!r:.80} is no name of a site", hint=hint)
    text = starter.site_file(name, system, scalable_units)
    _refuse_unknown(text, name, load_catalog())
    root, files = _project_files(Path.cwd(), name)
    main, stack_folder = _folders(root)
    files[main / name / "site.yaml"] = text
    files[stack_folder / f"Pulumi.{name}.yaml"] = starter.stack_file(_project_name(root), name)
    _write(files)
    written = [str(shown(path)) for path in files]
    if style == "json":
        print_json({"site": name, "files": written})
        return
    for path in written:
        print(f"wrote {path}")
    print(f"next: gigasite design {name}")


def _refuse_unknown(text: str, name: str, catalog: object) -> None:
    """Raises FindingsError where the new file would not be accepted: a system that is not in the catalog."""
    from gigasite.catalog.load import Catalog
    from gigasite.spec.loader import load_text

    assert isinstance(catalog, Catalog)
    load_text(text, f"{name}/site.yaml", catalog)


def _project_files(start: Path, name: str) -> tuple[Path, dict[Path, str]]:
    """The project's folder, and what has to be written to make it one."""
    from gigasite.engine.project import Project

    try:
        return Project.load(start).root, {}
    except GigasiteError as error:
        if "no Pulumi.yaml" not in error.message:
            raise
    root = start.resolve()
    return root, {
        root / "Pulumi.yaml": starter.PROJECT_FILE,
        root / "stacks" / "__main__.py": starter.PROGRAM,
        root / ".gitignore": starter.IGNORED,
    }


def _folders(root: Path) -> tuple[Path, Path]:
    from gigasite.engine.project import Project

    if not (root / "Pulumi.yaml").exists():
        return root / "stacks", root / "stacks"
    project = Project.load(root)
    return project.main, project.stack_config_dir


def _project_name(root: Path) -> str:
    from gigasite.engine.project import Project

    return Project.load(root).name if (root / "Pulumi.yaml").exists() else starter.PROJECT_NAME


def _write(files: dict[Path, str]) -> None:
    """Writes new files; nothing that is there is touched."""
    there = [path for path in files if path.exists() and path.name != ".gitignore"]
    if there:
        raise UsageError(
            "this is there already", path=str(shown(there[0])), hint="choose another name, or edit the file"
        )
    for path, text in list(files.items()):
        if path.exists():
            del files[path]
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", path=str(path), hint="check the folder") from None
