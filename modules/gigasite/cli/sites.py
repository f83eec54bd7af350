"""From the word SITE on the command line to a site file, and to the stack that it belongs to."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gigasite.errors import GigasiteError, UsageError

if TYPE_CHECKING:
    from gigasite.engine.project import Project

SITE_FILE: Final = "site.yaml"
SITE_KEY: Final = "site"
_STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_STACK_FILE = re.compile(r"Pulumi\.(.+)\.ya?ml")


@dataclass(frozen=True, slots=True)
class StackRef:
    """A stack of a project and its site file, whether or not either exists yet."""

    name: str
    project: Project
    site_file: Path


def find_site(word: str) -> Path:
    """The site file that SITE means, as short as it can be shown. Raises UsageError where there is none."""
    path = _as_path(word)
    if path is not None:
        return shown(path)
    return shown(find_stack(word).site_file)


def find_stack(word: str) -> StackRef:
    """The stack that SITE means: by its name, or by its site file. Raises UsageError where there is none."""
    path = _as_path(word)
    if path is not None:
        return _stack_of(path)
    project = _project(Path.cwd(), word)
    names = known_stacks(project)
    if word not in names:
        close = difflib.get_close_matches(word, names, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else _names_hint(names)
        message = "no stack, and no folder with a site.yaml, is called" if Path(word).is_dir() else "there is no site"
        raise UsageError(f"{message} {word!r:.80}", hint=hint)
    return StackRef(word, project, site_file_of(project, word))


def any_stack(word: str) -> StackRef:
    """The stack that SITE means, which may be one that has no files: new, or known to the backend alone."""
    path = _as_path(word)
    if path is not None:
        return _stack_of(path)
    if not _STACK_NAME.fullmatch(word):
        raise UsageError(f"{word!r:.80} is no name of a stack", hint="letters, digits, hyphens, dots and underscores")
    project = _project(Path.cwd(), word)
    return StackRef(word, project, site_file_of(project, word))


def known_stacks(project: Project) -> list[str]:
    """Names of the stacks that the project's files speak of, sorted."""
    names = set()
    if project.stack_config_dir.is_dir():
        for entry in project.stack_config_dir.iterdir():
            match = _STACK_FILE.fullmatch(entry.name)
            if match and entry.is_file():
                names.add(match.group(1))
    if project.main.is_dir():
        names.update(entry.name for entry in project.main.iterdir() if (entry / SITE_FILE).is_file())
    return sorted(names)


def site_file_of(project: Project, stack: str) -> Path:
    """The site file of a stack: `<project>:site` of its stack file, else `<stack>/site.yaml`."""
    config = stack_config(project.stack_file(stack))
    configured = config.get(f"{project.name}:{SITE_KEY}", config.get(SITE_KEY))
    return project.main / (configured if isinstance(configured, str) else f"{stack}/{SITE_FILE}")


def _as_path(word: str) -> Path | None:
    """The file that a word means as a path; None where it can only be a stack's name."""
    if not word or "\0" in word:
        raise UsageError(f"{word!r:.80} is no site", hint="give a stack's name, a site.yaml or its folder")
    path = Path(word)
    looks_like_path = os.sep in word or word.endswith((".yaml", ".yml")) or word in (".", "..")
    try:
        if path.is_dir():
            if (path / SITE_FILE).exists():
                return path / SITE_FILE
            if looks_like_path:
                raise UsageError("this folder has no site.yaml", path=word, hint="`gigasite init` writes one")
            return None
        if looks_like_path and not os.path.lexists(path):
            raise UsageError("there is no such file", path=word, hint="give a stack's name, a site.yaml or its folder")
    except OSError as error:
        raise UsageError(f"cannot be used: {error.strerror}", path=word[:80], hint="check the path") from None
    return path if looks_like_path or path.exists() else None


def _stack_of(file: Path) -> StackRef:
    """The stack whose site file this is."""
    from gigasite.engine.project import Project

    project = Project.load(file.parent)
    wanted = file.resolve()
    for name in known_stacks(project):
        if site_file_of(project, name).resolve() == wanted:
            return StackRef(name, project, file)
    hint = f"put `{project.name}:{SITE_KEY}: <path from {project.main.name}/>` into Pulumi.<stack>.yaml"
    raise UsageError("no stack has this site file", path=str(file), hint=hint)


def _project(start: Path, word: str) -> Project:
    from gigasite.engine.project import Project

    try:
        return Project.load(start)
    except GigasiteError as error:
        if "no Pulumi.yaml" not in error.message:
            raise
        message = f"{word!r:.80} is no file here, and there is no project whose stack it could be"
        raise UsageError(
            message, hint="give a site.yaml, or run this in a project (`gigasite init` makes one)"
        ) from None


def stack_config(file: Path) -> Mapping[str, Any]:
    """`config:` of a stack file; empty where there is none."""
    import yaml

    if not file.is_file():
        return {}
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise GigasiteError(f"cannot be read: {' '.join(str(error).split())}", path=str(shown(file))) from None
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        return {}
    return {str(key): value for key, value in config.items()}


def _names_hint(names: list[str]) -> str:
    if not names:
        return "this project has no site yet; `gigasite init NAME` writes one"
    return f"sites here: {', '.join(names[:12])}" + (", …" if len(names) > 12 else "")


def shown(path: Path) -> Path:
    """Relative to the working directory where it lies below it."""
    try:
        relative = Path(os.path.relpath(path))
    except ValueError:
        return path
    return path if relative.parts[:1] == ("..",) else relative
