"""Connections to switches: which module speaks with which system, and how long an absent switch is called."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Final

from gigasite.errors import GigasiteError
from gigasite.provider.switches.model import Login, Switch, Target, Unreachable

TRANSPORTS: Final = {"eos": "https", "frr": "ssh", "nvue": "https", "sonic": "ssh"}
LIBRARIES: Final = {"https": "httpx", "ssh": "asyncssh"}
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8


def library(name: str) -> ModuleType:
    """A library of the extra `switches`. Raises GigasiteError, which says what to install."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise GigasiteError(
            f"pushing to switches needs {name}, which is not installed",
            hint="install it with: pip install 'gigasite[switches]'",
        ) from error


@asynccontextmanager
async def connection(target: Target, login: Login, *, patience_s: float) -> AsyncIterator[Switch]:
    """An open connection. An absent switch is called again, ever more slowly, for `patience_s` seconds."""
    tenacity = library("tenacity")
    opened: Switch | None = None
    async for attempt in tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(Unreachable),
        stop=tenacity.stop_after_delay(patience_s),
        wait=tenacity.wait_exponential(_FIRST_WAIT_S, max=_LONGEST_WAIT_S) + tenacity.wait_random(0, _FIRST_WAIT_S),
        reraise=True,
    ):
        with attempt:
            opened = await _open(target, login)
    assert opened is not None
    try:
        yield opened
    finally:
        await opened.close()


async def _open(target: Target, login: Login) -> Switch:
    module = importlib.import_module(f"gigasite.provider.switches.{target.os}")
    opened: Switch = await module.open_switch(target, login)
    return opened
