"""Engines: the real Pulumi where its CLI is, and the embedded one where it is not.

Importing this package is cheap: pulumi and grpc are imported when an engine runs.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from gigasite.engine.model import (
    Diagnostic,
    Engine,
    Event,
    EventKind,
    OnEvent,
    Op,
    Program,
    PropertyDiff,
    RunOptions,
    RunResult,
    StackInfo,
    Step,
)

if TYPE_CHECKING:
    from gigasite.engine.config import StackConfig
    from gigasite.engine.local import LocalEngine
    from gigasite.engine.project import Project

__all__ = [
    "Diagnostic",
    "Engine",
    "Event",
    "EventKind",
    "LocalEngine",
    "OnEvent",
    "Op",
    "Program",
    "Project",
    "PropertyDiff",
    "RunOptions",
    "RunResult",
    "StackConfig",
    "StackInfo",
    "Step",
    "select_engine",
]

_LAZY = {
    "LocalEngine": "gigasite.engine.local",
    "Project": "gigasite.engine.project",
    "StackConfig": "gigasite.engine.config",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def select_engine(kind: str = "auto") -> Engine:
    """The engine by name: `pulumi`, `local`, or `auto` (the Pulumi CLI where it is on PATH, else local).

    Raises UsageError for another name.
    """
    from gigasite.errors import UsageError

    if kind not in ("auto", "pulumi", "local"):
        raise UsageError(f"no engine called {kind!r}", hint="one of auto, pulumi, local")
    if kind == "pulumi" or (kind == "auto" and shutil.which("pulumi") is not None):
        from gigasite.engine.pulumi_cli import PulumiEngine

        return PulumiEngine()
    from gigasite.engine.local import LocalEngine

    return LocalEngine()
