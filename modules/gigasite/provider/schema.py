"""The package's schema: resource kinds from their handlers, components from their Python types.

It is kept in `schema.json`, which plugins answer with; `python -m gigasite.provider.schema` prints what it should be.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gigasite
from gigasite.provider.functions import functions
from gigasite.provider.handler import handler_for, tokens
from gigasite.provider.switchinputs import TYPES

if TYPE_CHECKING:
    from pulumi import ComponentResource

    from gigasite.provider.componenthost import ComponentHost

PACKAGE = "gigasite"
SCHEMA_FILE = Path(__file__).with_name("schema.json")
_NODEJS = {"packageName": "@gigasite/gigasite", "respectSchemaVersion": True}
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
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return _with_functions(schema)


def computed_schema() -> dict[str, Any]:
    """What `schema.json` should hold."""
    provider = component_provider()
    components: Mapping[str, Any] = json.loads(provider.schema or "{}") if provider else {}
    schema = {
        **components,
        "name": PACKAGE,
        "displayName": "Gigasite",
        "version": gigasite.__version__,
        "description": "AI factories: the physical design as Pulumi components and resources",
        "keywords": ["category/infrastructure", "kind/component", "datacenter", "gpu", "network"],
        "license": "Apache-2.0",
        "language": {**components.get("language", {}), "nodejs": _NODEJS},
        "resources": {**components.get("resources", {}), **_resource_kinds()},
        "types": {**components.get("types", {}), **TYPES},
    }
    schema.pop("dependencies", None)
    schema["config"] = {}
    if provider:
        _give_choices(schema)
    for resource in schema["resources"].values():
        if not resource.get("requiredInputs", True):
            del resource["requiredInputs"]
        for side in ("inputProperties", "properties"):
            _describe_once(resource.get(side, {}))
    for item in schema["types"].values():
        _describe_once(item.get("properties", {}))
    return _with_functions(schema)


def _with_functions(schema: dict[str, Any]) -> dict[str, Any]:
    offered = {token: dict(function.schema) for token, function in functions().items()}
    return {**schema, "functions": offered} if offered else schema


def _describe_once(properties: Mapping[str, Any]) -> None:
    """A list or map is described itself, not again in its items: Pulumi's tools read it so."""
    for item in properties.values():
        for below in ("items", "additionalProperties"):
            item.get(below, {}).pop("description", None)


def _give_choices(schema: dict[str, Any]) -> None:
    """Arguments that take one of few words get an enumeration as their type."""
    module = importlib.import_module(f"{COMPONENTS_MODULE}.choices")
    for choice in module.choices():
        owner = f"{PACKAGE}:index:{choice.owner}"
        holder = schema["resources"][owner]["inputProperties"] if choice.is_component else schema["types"][owner]
        properties = holder if choice.is_component else holder["properties"]
        argument = camel_case(choice.argument)
        if argument not in properties:
            continue
        token = f"{PACKAGE}:index:{choice.name}"
        words = [{"name": module.word_name(word), "value": word} for word in choice.words]
        description = choice.why or properties[argument].get("description", "")
        schema["types"].setdefault(token, {"type": "string", "description": description, "enum": words})
        if [word["value"] for word in schema["types"][token]["enum"]] != list(choice.words):
            raise ValueError(f"two enumerations are called {choice.name}")
        target = properties[argument]
        if target.get("type") == "array":
            target["items"] = {"$ref": f"#/types/{token}", "plain": True}
        else:
            target.pop("type")
            target["$ref"] = f"#/types/{token}"


def camel_case(name: str) -> str:
    """A name as Pulumi's schema and other languages have it: `scalable_units` is `scalableUnits`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _resource_kinds() -> dict[str, Any]:
    handlers = {token: handler_for(token) for token in tokens()}
    return {token: dict(handler.schema) for token, handler in handlers.items() if handler is not None}


if __name__ == "__main__":
    print(json.dumps(computed_schema(), indent=1, ensure_ascii=False))
