"""Checks of configurations as text, by name: what an `os.yaml` names and whoever pushes a configuration asks for.

A check takes the folder of its operating system and the text, and gives what is wrong, in words. A new one is a line in
`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from gigasite.render.switch.lines import line_model, line_problems
from gigasite.render.switch.members import read_members
from gigasite.render.switch.nvue_rules import nvue_problems
from gigasite.render.switch.sonic_rules import sonic_problems
from gigasite.render.switch.systems import OutputFile, folder_of, operating_system
from gigasite.render.switch.tables import table_model

Check: TypeAlias = Callable[[Path, str], Iterable[str]]
LINES: Final = "lines.yaml"
SCHEMA: Final = "schema.yaml"
TABLES: Final = "tables.yaml"


def problems(os: str, text: str) -> tuple[str, ...]:
    """What is wrong with the main file of an operating system, the first that it has; empty: nothing."""
    return tuple(file_problems(os, operating_system(os).files[0], text))


def file_problems(os: str, file: OutputFile, text: str) -> Iterable[str]:
    """What is wrong with one file of a switch."""
    return CHECKS[file.check](folder_of(os), text) if file.check else ()


def _lines(folder: Path, text: str) -> Iterable[str]:
    """Indented command lines against the folder's `lines.yaml`."""
    return line_problems(text, line_model(folder / LINES))


def _frr_lines(folder: Path, text: str) -> Iterable[str]:
    """Lines of FRRouting, wherever it runs, against the description beside its own templates."""
    return _lines(folder.parent / "frr", text)


def _tables(folder: Path, text: str) -> Iterable[str]:
    """Tables of SONiC against the folder's `tables.yaml`, and the rules that span rows."""
    try:
        members = read_members(text)
    except ValueError as error:
        return (f"no JSON: {error}",)
    return ("tables expected",) if members is None else sonic_problems(members, table_model(folder / TABLES))


def _nvue(folder: Path, text: str) -> Iterable[str]:
    """NVUE's startup.yaml against the folder's `schema.yaml`, and its references."""
    return nvue_problems(text, folder / SCHEMA)


CHECKS: Final[Mapping[str, Check]] = {"lines": _lines, "frr-lines": _frr_lines, "tables": _tables, "nvue": _nvue}
