"""The catalog that a site is pinned to, beside the one that is installed."""

from __future__ import annotations

from collections.abc import Iterator

from gigasite.catalog.load import load_catalog
from gigasite.catalog.pins import product_changes
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.errors import Severity


@check("SPC201", Severity.INFO, "The catalog that the site is pinned to is the installed one")
def pinned_catalog_is_the_installed_one(context: Context) -> Iterator[Hit]:
    pinned = context.catalog.pinned
    if pinned is None:
        return
    changes = list(product_changes(context.catalog.base, load_catalog()))
    if changes:
        named = some([f"{change.kind} {change.key}" for change in changes])
        yield Hit(
            f"the site is pinned to the catalog of Gigasite {pinned}; in the installed one "
            f"{count(len(changes), 'product')} {'differs' if len(changes) == 1 else 'differ'} ({named})",
            "see what taking it over changes: gigasite upgrade SITE",
        )
