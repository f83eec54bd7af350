"""From files to what they tell: the reader is chosen by what stands in a file, never by its name.

A device's own output does not say whose it is: the file's name without its ending does (`leaf01.json`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from gigasite.errors import GigasiteError, UsageError
from gigasite.verify.found import Found
from gigasite.verify.readers.eos import is_eos, read_eos
from gigasite.verify.readers.ibnetdiscover import is_ibnetdiscover, read_ibnetdiscover
from gigasite.verify.readers.lldpd import is_lldpd, read_lldpd
from gigasite.verify.readers.nvue import is_nvue, is_nvue_table, read_nvue, read_nvue_table
from gigasite.verify.readers.sonic import is_sonic, read_sonic
from gigasite.verify.readers.table import is_table, read_table

LARGEST_BYTES: Final = 1 << 30
_KNOWN: Final = "ibnetdiscover, lldpctl (json, json0), EOS (json), NVUE (table, json), SONiC (table), CSV"


def read_path(path: Path) -> list[Found]:
    """What a file tells, or all files of a folder, in the order of their names. Raises UsageError, GigasiteError."""
    if path.is_dir():
        files = sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.name.startswith("."))
        if not files:
            raise UsageError("this folder has no files", path=str(path))
        return [read_file(file) for file in files]
    return [read_file(path)]


def read_file(path: Path) -> Found:
    """What a file tells. Raises UsageError where it cannot be read, GigasiteError where nobody knows its format."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise GigasiteError("larger than any output that we know", path=str(path))
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=str(path)) from None
    except UnicodeDecodeError:
        raise GigasiteError("is no text", path=str(path), hint=f"formats are {_KNOWN}") from None
    return read_text(text, path.name.split(".")[0] if path.suffix in _ENDINGS else path.name, str(path))


_ENDINGS: Final = {".json", ".txt", ".out", ".log", ".csv", ".lldp"}


def read_text(text: str, device: str, source: str) -> Found:
    """What a text tells of a device. Raises GigasiteError where nobody knows its format, or it breaks it."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except ValueError as error:
            raise GigasiteError(f"no JSON: {error}", path=source) from None
        try:
            if is_lldpd(document):
                return read_lldpd(document, device)
            if is_eos(document):
                return read_eos(document, device)
            if is_nvue(document):
                return read_nvue(document, device)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise GigasiteError("is not shaped like output of lldpd, EOS or NVUE", path=source) from None
    elif is_ibnetdiscover(text):
        return read_ibnetdiscover(text)
    elif is_nvue_table(text):
        return read_nvue_table(text, device)
    elif is_sonic(text):
        return read_sonic(text, device)
    elif is_table(text):
        return read_table(text, source)
    raise GigasiteError("nobody knows this format", path=source, hint=f"formats are {_KNOWN}")
