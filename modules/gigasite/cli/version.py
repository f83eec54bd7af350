"""`gigasite version`: what is installed."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

from gigasite import __version__
from gigasite.cli.output import format_option, print_json

_LIBRARIES = ("pulumi", "pydantic", "polars", "click")


@click.command()
@format_option()
def version(style: str) -> None:
    """Print the versions of Gigasite and of what it stands on."""
    found = {"gigasite": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    found["pulumi cli"] = shutil.which("pulumi") or "not on PATH: the embedded engine is used"
    if style == "json":
        print_json(found)
        return
    for name, text in found.items():
        print(f"{name:12} {text}")
