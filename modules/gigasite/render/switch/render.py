"""Configurations as text: one model a switch into the templates of its operating system, held against its checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import jinja2

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design, FabricDesign
from gigasite.errors import GigasiteError
from gigasite.render.environment import environment
from gigasite.render.switch.build import switches_in_turn
from gigasite.render.switch.model import Switch
from gigasite.render.switch.platforms import platform_of
from gigasite.render.switch.systems import OutputFile, operating_system
from gigasite.render.switch.validate import file_problems

_TOLD_COUNT: Final = 5


def is_configured(fabric: FabricDesign) -> bool:
    """Whether somebody says what its switches run, and its switches are routers of ours."""
    return fabric.technology == "ethernet" and fabric.policy is not None and fabric.policy.os is not None


def configurations(design: Design, catalog: Catalog, fabric: str) -> Mapping[str, Mapping[str, str]]:
    """The files of each switch of a fabric, by switch and file name.

    Raises GigasiteError where a file fails its check: nothing of a fabric is better than a broken part of it.
    """
    found: dict[str, Mapping[str, str]] = {}
    problems: list[str] = []
    for switch in switches_in_turn(design, catalog, fabric):
        found[switch.name] = files = rendered(switch)
        problems += validate(switch, files)
    if problems:
        told = "; ".join(problems[:_TOLD_COUNT])
        raise GigasiteError(f"{len(problems)} faults in the configurations of fabric {fabric}: {told}")
    return found


def rendered(switch: Switch) -> Mapping[str, str]:
    """The files of one switch by name."""
    platform = platform_of(switch.os, switch.model)
    return {
        file.name: _template(switch.os, file.template).render(switch=switch, platform=platform)
        for file in operating_system(switch.os).files
    }


def validate(switch: Switch, files: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the files of a switch, each with the switch and the file."""
    described: dict[str, OutputFile] = {file.name: file for file in operating_system(switch.os).files}
    for name, text in files.items():
        for problem in file_problems(switch.os, described[name], text):
            yield f"{switch.name}/{name}: {problem}"


@cache
def _template(os: str, name: str) -> jinja2.Template:
    return environment().get_template(f"switch/{os}/{name}")
