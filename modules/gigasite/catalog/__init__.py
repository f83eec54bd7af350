"""What exists to build with: products as data, every fact with its source."""

from gigasite.catalog.load import Catalog, UnknownProduct, load_catalog, unknown_facts

__all__ = ["Catalog", "UnknownProduct", "load_catalog", "unknown_facts"]
