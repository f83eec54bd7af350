"""What is wrong with a configuration before any switch sees it.

Each system has a check of the form here; whoever renders configurations adds strict ones, as a function from text to
reasons, under the entry point group `gigasite.switch_validators`, named for the system.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import Final, TypeAlias

import yaml

from gigasite.provider.switches.masking import told

Validator: TypeAlias = Callable[[str], Iterable[str]]

GROUP: Final = "gigasite.switch_validators"
_WHITESPACE = "\n\t"


def faults(os: str, text: str) -> tuple[str, ...]:
    """Reasons to refuse a text, none where it may be pushed; they quote no secrets."""
    found = [*_form(text)]
    for validator in (_OWN[os], *_added(os)):
        if not found:
            found.extend(validator(text))
    return tuple(told(fault) for fault in found)


def _form(text: str) -> Iterable[str]:
    if not text.strip():
        yield "is empty"
    for number, line in enumerate(text.splitlines(), 1):
        if any(ord(character) < ord(" ") and character not in _WHITESPACE for character in line):
            yield f"line {number} holds a control character"


def _no_fault(_text: str) -> Iterable[str]:
    return ()


def _nvue(text: str) -> Iterable[str]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"is no YAML: {error}"
        return
    parts = document if isinstance(document, list) else []
    if len([part for part in parts if isinstance(part, dict) and isinstance(part.get("set"), dict)]) != 1:
        yield "is no start-up file of NVUE: a list with one `set`"


def _sonic(text: str) -> Iterable[str]:
    try:
        document = json.loads(text)
    except ValueError as error:
        yield f"is no JSON: {error}"
        return
    if not isinstance(document, dict) or not all(isinstance(table, dict) for table in document.values()):
        yield "is no config_db.json: tables by their names"


_OWN: Final[dict[str, Validator]] = {"eos": _no_fault, "frr": _no_fault, "nvue": _nvue, "sonic": _sonic}


@cache
def _added(os: str) -> tuple[Validator, ...]:
    return tuple(found.load() for found in entry_points(group=GROUP, name=os))
