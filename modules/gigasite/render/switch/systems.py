"""The operating systems of switches that have templates: each is a folder of templates/switch (docs/switches.md)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gigasite.assets import asset_folder
from gigasite.errors import GigasiteError

DESCRIPTION = "os.yaml"
PLATFORMS = "platforms.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InterfaceNames(_Model):
    """Patterns of names: `{cage}`, `{lane}` (from 1), `{lane0}` (from 0), `{serdes}` and `{index}`.

    Both are the first electrical lane: `{serdes}` of those of its cage, from 1; `{index}` as the platform counts all of
    them. They need a `platforms.yaml` in the folder.
    """

    whole: str
    """Of a port that is not split."""
    split: str
    """Of a part of a split port."""
    single: str | None = None
    """Of a port that has one electrical lane, where that differs."""


class OutputFile(_Model):
    """A file that a switch of this system reads."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    template: str
    """In the system's folder."""
    check: str | None = None
    """Name of the check that it has to pass (`gigasite.render.switch.validate`)."""


class OperatingSystem(_Model):
    """What a folder says about its operating system."""

    key: str
    """The folder's name."""
    title: str
    interfaces: InterfaceNames
    vrf: Annotated[str, Field(pattern=r"\{name\}")] = "{name}"
    """Pattern of the names of VRFs."""
    management: str
    """Name of the management port."""
    files: Annotated[tuple[OutputFile, ...], Field(min_length=1)]
    ztp: tuple[OutputFile, ...] = ()
    """Files with which a new switch finds its configuration, one set for all switches."""
    ztp_option: int | None = None
    """DHCP option that tells a new switch where the first of them is; None: it has no such start."""

    def vrf_name(self, name: str | None) -> str | None:
        """What it calls a VRF."""
        return None if name is None else self.vrf.format(name=name)


def folder_of(os: str) -> Path:
    """The folder of an operating system. Raises GigasiteError where there is none."""
    folder = asset_folder("templates") / "switch" / os
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", os) or not (folder / DESCRIPTION).is_file():
        known = ", ".join(operating_systems())
        raise GigasiteError(f"no switch operating system {os!r}", hint=f"known are {known}")
    return folder


@cache
def operating_system(os: str) -> OperatingSystem:
    """The description of an operating system. Raises GigasiteError where its folder is missing or wrong."""
    file = folder_of(os) / DESCRIPTION
    try:
        return OperatingSystem.model_validate({"key": os, **yaml.safe_load(file.read_text(encoding="utf-8"))})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise GigasiteError(f"{where}: {first['msg']}", path=str(file)) from None


@cache
def operating_systems() -> tuple[str, ...]:
    """Keys of all operating systems, sorted."""
    return tuple(sorted(file.parent.name for file in (asset_folder("templates") / "switch").glob(f"*/{DESCRIPTION}")))
