"""Tables of hours beside the site file: read with limits, confined to the site's folder, every fault with its line."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.errors import GigasiteError, Place

HOURS: Final = (8760, 8784)
"""Hours of a year, and of a leap year."""
MAX_BYTES: Final = 16 * 1024 * 1024
_SHOWN: Final = 5

Hourly = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of hours, and where."""

    place: Place
    message: str
    hint: str = ""


class TableError(GigasiteError):
    """A file of hours that can't be used; carries every fault that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        first, *more = faults
        message = "; ".join([first.message, *(f"{fault.place}: {fault.message}" for fault in more)])
        super().__init__(message, path=str(first.place), hint=first.hint)
        self.faults = tuple(faults)

    @classmethod
    def of(cls, name: str, message: str, hint: str = "") -> TableError:
        """One fault of a whole file."""
        return cls([Fault(Place(name), message, hint)])


@dataclass(frozen=True, slots=True)
class HourTable:
    """Columns of one value an hour, and what the lines before the header state (`# latitude_deg: 30.3`)."""

    columns: dict[str, Hourly]
    stated: dict[str, str]
    hours: int
    first_line: int
    """Line of the first hour, from 1."""


@dataclass(slots=True)
class _Faults:
    """Collects faults of one file; of the same fault the first few lines are named."""

    name: str
    found: list[Fault] = field(default_factory=list)

    def add(self, message: str, hint: str = "", line: int = 0) -> None:
        self.found.append(Fault(Place(self.name, line), message, hint))

    def lines(self, numbers: list[int], message: str, hint: str = "") -> None:
        for number in numbers[:_SHOWN]:
            self.add(message, hint, number)
        if len(numbers) > _SHOWN:
            self.add(f"{len(numbers) - _SHOWN} more lines: {message}", hint, numbers[_SHOWN])


def read_bytes(folder: Path, name: str) -> bytes:
    """The bytes of a file in the folder or below it. Raises TableError: outside, absent, no file, too large."""
    faults = _Faults(name)
    root, path = folder.resolve(), (folder / name).resolve()
    if not path.is_relative_to(root):
        faults.add("lies outside the site's folder", "copy the file beside the site file")
    elif not path.is_file():
        faults.add("there is no such file" if not path.exists() else "this is not a file")
    if faults.found:
        raise TableError(faults.found)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise TableError([Fault(Place(name), f"cannot be read: {error.strerror}")]) from None
    if len(data) > MAX_BYTES:
        raise TableError([Fault(Place(name), "is larger than 16 MiB", "keep one year of hours in it")])
    return data


def unpacked(data: bytes, name: str) -> bytes:
    """The content of a gzip file, as it is otherwise. Raises TableError where it is broken or grows too large."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise TableError([Fault(Place(name), "is no whole gzip file")]) from None
    if len(content) > MAX_BYTES:
        raise TableError([Fault(Place(name), "is larger than 16 MiB", "keep one year of hours in it")])
    return content


def hour_table(data: bytes, name: str, known: tuple[str, ...], required: tuple[str, ...] = ()) -> HourTable:
    """A CSV of hours: comment lines (`# key: value`), a header whose names carry their unit, a row an hour.

    Columns outside `known` are left unread, so that a file may keep a column of times. Raises TableError with
    every fault: missing columns, rows with too few or unreadable values, and a number of rows that is no year.
    """
    lines = _lines(data, name)
    stated: dict[str, str] = {}
    first = 0
    while first < len(lines) and (not lines[first].strip() or lines[first].lstrip().startswith("#")):
        key, colon, value = lines[first].lstrip("# \t").partition(":")
        if colon:
            stated[key.strip()] = value.strip()
        first += 1
    faults = _Faults(name)
    if first >= len(lines):
        faults.add("has no header", f"the first row names its columns: {', '.join(known)}", 1)
        raise TableError(faults.found)
    header = [title.strip().strip('"') for title in lines[first].split(",")]
    twice = sorted({title for title in header if header.count(title) > 1})
    missing = [title for title in required if title not in header]
    if twice:
        faults.add(f"the column {twice[0]} stands there twice", line=first + 1)
    if missing:
        faults.add(f"the column {missing[0]} is missing", f"columns are {', '.join(known)}", first + 1)
    wanted = [title for title in header if title in known]
    if not wanted and not missing:
        faults.add("no column is known", f"columns are {', '.join(known)}", first + 1)
    if faults.found:
        raise TableError(faults.found)
    columns = number_table(lines[first + 1 :], header, tuple(wanted), name, first + 2)
    return HourTable(columns, stated, len(next(iter(columns.values()))), first + 2)


def number_table(
    rows: list[str], header: list[str], wanted: tuple[str, ...], name: str, first_line: int
) -> dict[str, Hourly]:
    """The wanted columns of comma-separated rows, a row an hour of a year. Raises TableError with every fault."""
    faults = _Faults(name)
    rows = list(rows)
    while rows and not rows[-1].strip():
        rows.pop()
    columns = _numbers(rows, header, wanted, first_line, faults)
    _length(len(rows), first_line - 1 + len(rows), faults)
    if faults.found:
        raise TableError(faults.found)
    return columns


def refuse(name: str, wrong: NDArray[np.bool_], first_line: int, message: str, hint: str = "") -> None:
    """Raises TableError with the lines of the hours that are wrong, where there are any."""
    if wrong.any():
        faults = _Faults(name)
        faults.lines([first_line + int(row) for row in np.flatnonzero(wrong)], message, hint)
        raise TableError(faults.found)


def _numbers(
    rows: list[str], header: list[str], wanted: tuple[str, ...], line: int, faults: _Faults
) -> dict[str, Hourly]:
    """The wanted columns as numbers; each row that does not hold them is a fault."""
    parts = pl.Series(rows, dtype=pl.String).str.split(",")
    short = (parts.list.len() < len(header)).arg_true().to_list()
    known_short = set(short)
    faults.lines([line + row for row in short], f"fewer values than the header's {len(header)} columns")
    columns = {}
    for title in wanted:
        texts = parts.list.get(header.index(title), null_on_oob=True).str.strip_chars()
        values = texts.cast(pl.Float64, strict=False)
        bad = (values.is_null() | ~values.is_finite().fill_null(False)).arg_true().to_list()
        gaps = [row for row in bad if row not in known_short]
        faults.lines([line + row for row in gaps], f"{title} has no number", "fill the gap: every hour needs a value")
        columns[title] = values.to_numpy().astype(np.float64)
    return columns


def _length(rows: int, line: int, faults: _Faults) -> None:
    if rows not in HOURS:
        hint = "a year has 8,760 hours, a leap year 8,784, one a row"
        faults.add(f"{rows:,} hours are no year", hint, line)


def _lines(data: bytes, name: str) -> list[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableError([Fault(Place(name, line), "is not UTF-8 text")]) from None
    return text.replace("\r\n", "\n").split("\n")
