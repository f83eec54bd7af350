"""A site's pin: the built-in catalog as it was when the site was pinned, and what the site came to with it.

A pinned site is designed with the facts of its pin, whatever Gigasite is installed: a corrected fact changes a site
when its owner takes it over, not when a tool is updated. The site's own catalog folder lies over the pin.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gigasite import __version__
from gigasite.catalog.kinds import FOLDERS
from gigasite.catalog.load import Catalog, built_in_texts, catalog_of_texts
from gigasite.errors import FindingsError, GigasiteError

PIN_FILE: Final = "catalog.pin.json"
FORMAT: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024
_HINT: Final = "restore it from version control, or write it anew: gigasite pin SITE"


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin. `texts`: the catalog's files by `folder/key.yaml`; `record`: what the site came to, as plain data."""

    gigasite: str
    digest: str
    texts: Mapping[str, str]
    record: Mapping[str, Any]

    def catalog(self, path: str) -> Catalog:
        """The pinned catalog. Raises GigasiteError where this Gigasite cannot read the facts of that one."""
        catalog = _catalog(self.digest, tuple(self.texts.items()), self.gigasite)
        if self.gigasite != __version__:
            try:
                for kind in FOLDERS:
                    catalog.products(kind)
            except FindingsError as error:
                count = len(error.findings)
                raise GigasiteError(
                    f"the site is pinned to the catalog of Gigasite {self.gigasite}, of which {__version__} cannot "
                    f"read {count} {'statement' if count == 1 else 'statements'} ({error.findings[0].message})",
                    path,
                    "see what a new catalog changes: gigasite upgrade SITE; or install the Gigasite that pinned it",
                ) from None
        return catalog


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product whose statements differ. `fields`: name, value before, value after; empty: it is new, or gone."""

    kind: str
    key: str
    what: str
    """`new`, `gone` or `changed`."""
    fields: tuple[tuple[str, Any, Any], ...] = ()

    def __str__(self) -> str:
        said = ", ".join(f"{name} {before} -> {after}" for name, before, after in self.fields)
        return f"{self.kind} {self.key}: {said or self.what}"


def pin_now(record: Mapping[str, Any]) -> Pin:
    """A pin of the built-in catalog."""
    texts = built_in_texts()
    return Pin(__version__, _digest(texts), texts, record)


def write_pin(path: Path, pin: Pin) -> None:
    """Writes a pin, whole or not at all. Raises GigasiteError where the folder cannot be written."""
    document = {
        "format": FORMAT,
        "gigasite": pin.gigasite,
        "sha256": pin.digest,
        "record": pin.record,
        "catalog": dict(sorted(pin.texts.items())),
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        hint = "give yourself the right to write there"
        raise GigasiteError(f"cannot be written: {error.strerror}", str(path), hint) from None


def read_pin(path: Path) -> Pin | None:
    """The pin of a file; None where there is none. Raises GigasiteError for one that cannot be used."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GigasiteError(f"cannot be read: {error.strerror}", str(path), _HINT) from None
    try:
        document = json.loads(data[: MAX_BYTES + 1])
        given = document["format"]
        pin = Pin(document["gigasite"], document["sha256"], document["catalog"], document["record"])
        sound = len(data) <= MAX_BYTES and all(isinstance(text, str) for text in pin.texts.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise GigasiteError("this is no pin of a catalog", str(path), _HINT) from None
    if given != FORMAT:
        hint = "install the Gigasite that wrote it, or write it anew: gigasite pin SITE"
        raise GigasiteError(f"this pin is of format {given!r:.20}, and this Gigasite reads {FORMAT}", str(path), hint)
    if not sound or _digest(pin.texts) != pin.digest:
        raise GigasiteError(
            "this pin was changed by hand",
            str(path),
            f"{_HINT}. Facts of your own belong into a folder `catalog` beside the site file",
        )
    return pin


def product_changes(before: Catalog, after: Catalog) -> Iterator[ProductChange]:
    """What differs between two catalogs, by kind and key; sources and notes do not count."""
    for kind in FOLDERS:
        old, new = ({item.key: item for item in catalog.products(kind)} for catalog in (before, after))
        for key in sorted({*old, *new}):
            if key not in old or key not in new:
                yield ProductChange(kind, key, "new" if key in new else "gone")
            elif old[key] != new[key]:
                sides = [item.model_dump(mode="json", exclude={"origins"}) for item in (old[key], new[key])]
                names = sorted(name for name in {**sides[0], **sides[1]} if sides[0].get(name) != sides[1].get(name))
                if names:
                    fields = tuple((name, sides[0].get(name), sides[1].get(name)) for name in names)
                    yield ProductChange(kind, key, "changed", fields)


def _digest(texts: Mapping[str, str]) -> str:
    total = hashlib.sha256()
    for name in sorted(texts):
        total.update(f"{name}\0{hashlib.sha256(texts[name].encode()).hexdigest()}\n".encode())
    return total.hexdigest()


@lru_cache(maxsize=4)
def _catalog(digest: str, texts: tuple[tuple[str, str], ...], version: str) -> Catalog:
    return catalog_of_texts(dict(texts), PIN_FILE, version)
