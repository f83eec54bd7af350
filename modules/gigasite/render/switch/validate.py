"""Checks of configurations as text, by name: what an `os.yaml` names and whoever pushes a configuration asks for.

A check takes the folder of its operating system and the text, and gives what is wrong, in words. A new one is a line in
`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from gigasite.render.switch.lines import line_model, line_problems, read_lines
from gigasite.render.switch.systems import OutputFile, folder_of, operating_system

Check: TypeAlias = Callable[[Path, str], Iterable[str]]
LINES: Final = "lines.yaml"


def problems(os: str, text: str) -> tuple[str, ...]:
    """What is wrong with the main file of an operating system, the first that it has; empty: nothing."""
    return tuple(file_problems(os, operating_system(os).files[0], text))


def file_problems(os: str, file: OutputFile, text: str) -> Iterable[str]:
    """What is wrong with one file of a switch."""
    return CHECKS[file.check](folder_of(os), text) if file.check else ()


def _lines(folder: Path, text: str) -> Iterable[str]:
    """Indented command lines against the folder's `lines.yaml`."""
    return line_problems(read_lines(text), line_model(folder / LINES))


CHECKS: Final[Mapping[str, Check]] = {"lines": _lines}
