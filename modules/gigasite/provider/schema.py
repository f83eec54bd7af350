"""The package's schema: resource kinds from their handlers, components from their Python types."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import gigasite
from gigasite.provider.functions import functions
from gigasite.provider.handler import handler_for, tokens
from gigasite.provider.switchinputs import TYPES

if TYPE_CHECKING:
    from pulumi import ComponentResource

    from gigasite.provider.componenthost import ComponentHost

PACKAGE = "gigasite"
COMPONENTS_MODULE = "gigasite.components"  # by name: resource kinds know nothing of the design


def component_classes() -> list[type[ComponentResource]]:
    """The components that the package publishes, sorted by name; none where it is installed without them."""
    from pulumi import ComponentResource

    try:
        module = importlib.import_module(COMPONENTS_MODULE)
    except ModuleNotFoundError as error:
        if error.name != COMPONENTS_MODULE:
            raise
        return []
    public: Sequence[str] = getattr(module, "__all__", [])
    found = [getattr(module, name) for name in sorted(public)]
    return [item for item in found if isinstance(item, type) and issubclass(item, ComponentResource)]


@cache
def component_provider() -> ComponentHost | None:
    """The host of this package's components, or None where there are none.

    Their analysis imports the design and takes a second: ask late.
    """
    from gigasite.provider.componenthost import ComponentHost

    classes = component_classes()
    return ComponentHost(classes, PACKAGE, version=gigasite.__version__) if classes else None


def package_schema() -> dict[str, Any]:
    """The schema of resource kinds, functions and components together, as Pulumi's package tools read it."""
    provider = component_provider()
    components: Mapping[str, Any] = json.loads(provider.schema or "{}") if provider else {}
    schema = {
        "language": {},
        **components,
        "name": PACKAGE,
        "version": gigasite.__version__,
        "description": "AI factories: the physical design as Pulumi components and resources",
        "license": "Apache-2.0",
        "resources": {**components.get("resources", {}), **_resource_kinds()},
        "types": {**components.get("types", {}), **TYPES},
    }
    offered = {token: dict(function.schema) for token, function in functions().items()}
    return {**schema, "functions": offered} if offered else schema


def _resource_kinds() -> dict[str, Any]:
    handlers = {token: handler_for(token) for token in tokens()}
    return {token: dict(handler.schema) for token, handler in handlers.items() if handler is not None}
