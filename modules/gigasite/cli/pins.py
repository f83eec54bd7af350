"""`gigasite pin` and `upgrade`: the catalog that a site stands on, and what a newer one changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gigasite.cli.output import format_option, plain_value, print_json, print_table, working
from gigasite.cli.sites import find_site
from gigasite.errors import FindingsError, GigasiteError, errors_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gigasite.catalog.pins import Pin, ProductChange
    from gigasite.preview.upgrade import Comparison

_SHOWN = 40


@click.command()
@click.argument("site")
@format_option()
def pin(site: str, style: str) -> None:
    """Pin SITE to the catalog that it is designed with now, so that no new Gigasite changes it by itself.

    Writes catalog.pin.json beside the site file; commit it. A site that is pinned already stays as it is: see
    `gigasite upgrade`. To unpin a site, remove the file.
    """
    from gigasite.catalog.pins import PIN_FILE, read_pin

    file = find_site(site)
    path = file.parent / PIN_FILE
    known = read_pin(path)
    if known is None:
        known = _write(file, path)
        said = f"pinned {site} to the catalog of Gigasite {known.gigasite}: {path}"
    else:
        said = f"{site} is pinned to the catalog of Gigasite {known.gigasite} already: {path}"
    if style == "json":
        print_json({"file": str(path), "gigasite": known.gigasite, "sha256": known.digest})
    else:
        print(said)


@click.command()
@click.argument("site")
@click.option("--write", is_flag=True, help="Take it over: rewrite an older site file, pin the installed catalog.")
@click.option("--all", "everything", is_flag=True, help="List every change; long lists are cut otherwise.")
@format_option()
def upgrade(site: str, write: bool, everything: bool, style: str) -> None:
    """Show what the installed Gigasite and its catalog change in SITE, which was pinned with another one.

    Products of the catalog, figures, settings and findings are compared with what the pin keeps. Operations are shown
    by `gigasite preview` once it is taken over.
    """
    from gigasite.catalog.pins import PIN_FILE, read_pin
    from gigasite.checks.site import design_site, installed_catalog_beside
    from gigasite.preview.upgrade import compare, record

    file = find_site(site)
    path = file.parent / PIN_FILE
    known = read_pin(path)
    old_format = _rewritten(file)
    if known is None and old_format is None:
        raise GigasiteError(
            "the site is not pinned, so that there is nothing to compare", str(path), "gigasite pin SITE"
        )
    comparison: Comparison | None = None
    products: tuple[ProductChange, ...] = ()
    if known is not None:
        with working("designing twice …"):
            after = design_site(file, installed_catalog_beside(file))
            products = _products(known, str(path))
            now = record(after)
            comparison = compare(_before(known, file, now), now)
    if write:
        if old_format is not None:
            _replace(file, old_format)
        if known is not None:
            known = _write(file, path)
    if style == "json":
        print_json(_document(known, products, comparison, old_format is not None, write))
    else:
        _show(site, known, products, comparison, everything=everything)
        if old_format is not None:
            print(f"{file}: {'rewritten in' if write else 'would be rewritten in'} the current version of site files")
        print(f"taken over: {path}" if write else "nothing was written; --write takes it over")


def _write(file: Path, path: Path) -> Pin:
    """Pins a site to the installed catalog."""
    from gigasite.catalog.pins import pin_now, write_pin
    from gigasite.checks.site import design_site, installed_catalog_beside
    from gigasite.preview.upgrade import record

    with working("designing …"):
        whole = design_site(file, installed_catalog_beside(file))
        if errors_of(whole.findings):
            raise FindingsError(errors_of(whole.findings))
        made = pin_now(record(whole))
    write_pin(path, made)
    return made


def _before(known: Pin, file: Path, after: dict[str, Any]) -> dict[str, Any]:
    """What the site was: as the pin keeps it, or, once the site file changed, what the pinned catalog makes of it."""
    from gigasite.checks.site import catalog_beside, design_site
    from gigasite.preview.upgrade import record

    if known.record.get("site_sha256") == after["site_sha256"]:
        return dict(known.record)
    return record(design_site(file, catalog_beside(file)))


def _products(known: Pin, path: str) -> tuple[ProductChange, ...]:
    from gigasite.catalog.load import load_catalog
    from gigasite.catalog.pins import product_changes

    try:
        return tuple(product_changes(known.catalog(path), load_catalog()))
    except GigasiteError:  # an older catalog that this Gigasite cannot read: figures tell what it changes
        return ()


def _rewritten(file: Path) -> str | None:
    """The site file in the current version; None where it is in that already."""
    from gigasite.spec.migrations import Versions
    from gigasite.spec.yamlmarks import read_document

    versions = Versions()
    root = read_document(file).root
    if versions.fault_of(root) or not versions.is_old(root):
        return None
    return versions.rewritten(file.read_text(encoding="utf-8-sig"), str(file))


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise GigasiteError(f"cannot be written: {error.strerror}", str(file), "check its folder") from None


def _document(
    known: Pin | None, products: tuple[ProductChange, ...], comparison: Comparison | None, old: bool, written: bool
) -> dict[str, Any]:
    from gigasite import __version__

    return {
        "from": known.gigasite if known else None,
        "to": __version__,
        "products": [asdict(change) for change in products],
        **(asdict(comparison) if comparison else {}),
        "site_file_is_of_an_older_version": old,
        "written": written,
    }


def _show(
    site: str,
    known: Pin | None,
    products: tuple[ProductChange, ...],
    comparison: Comparison | None,
    *,
    everything: bool,
) -> None:
    from gigasite import __version__

    if known is None or comparison is None:
        return
    print(f"{site}: from the catalog of Gigasite {known.gigasite} to that of {__version__}")
    rows: list[tuple[object, ...]] = []
    for change in products:
        rows += [
            (change.kind, change.key, name, plain_value(old), plain_value(new)) for name, old, new in change.fields
        ]
        rows += [] if change.fields else [(change.kind, change.key, change.what, "", "")]
    _cut("Products", ("kind", "key", "what", "before", "after"), rows, everything=everything)
    for title, changes in (("Figures", comparison.figures), ("Settings", comparison.settings)):
        cells = [(c.name, plain_value(c.before), plain_value(c.after)) for c in changes]
        _cut(title, (title.lower()[:-1], "before", "after"), cells, everything=everything)
    for title, found in (
        ("New findings", comparison.new_findings),
        ("Findings that are gone", comparison.gone_findings),
    ):
        _cut(title, ("finding",), [(text,) for text in found], everything=everything)
    if comparison.is_empty:
        print("the site stays as it is")


def _cut(title: str, header: tuple[str, ...], rows: Sequence[tuple[object, ...]], *, everything: bool) -> None:
    shown = rows if everything else rows[:_SHOWN]
    print_table(title, header, shown)
    if len(rows) > len(shown):
        print(f"  … {len(rows) - len(shown):,} more (--all lists them)")
