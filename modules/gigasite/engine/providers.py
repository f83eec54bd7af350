"""Who serves a resource kind in the embedded engine: registered handlers, and what Pulumi has built in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from gigasite.engine.state import PROVIDER_PREFIX
from gigasite.engine.values import same
from gigasite.errors import GigasiteError
from gigasite.provider.functions import Function, function_for, functions
from gigasite.provider.handler import Checked, Created, Diff, DiffKind, Handler, Props, handler_for, tokens
from gigasite.provider.settings import check_settings

STACK_REFERENCE = "pulumi:pulumi:StackReference"
_INTERNAL = "__internal"


class ProviderHandler(Handler):
    """A provider as a resource (`pulumi:providers:gigasite`): an identity and its configuration."""

    def check(self, urn: str, old_inputs: Props | None, new_inputs: Props) -> Checked:
        own = urn.split("::")[2].endswith(f"{PROVIDER_PREFIX}gigasite")
        return check_settings(new_inputs) if own else Checked(new_inputs)

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        return Diff(property_diffs(old_inputs, new_inputs))

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        return Created("" if preview else str(uuid.uuid4()), _public(inputs))

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        return Created(id, outputs)

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        return _public(new_inputs)

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        """A provider is nothing outside of the state."""


_PROVIDER_HANDLER = ProviderHandler()


def handler_of(type_: str) -> Handler:
    """The handler of a custom resource's type. Raises GigasiteError, by name, for foreign plugins."""
    if type_.startswith(PROVIDER_PREFIX):
        check_package(type_.removeprefix(PROVIDER_PREFIX), type_)
        return _PROVIDER_HANDLER
    check_package(type_.partition(":")[0], type_)
    handler = handler_for(type_)
    if handler is None:
        raise GigasiteError(
            f"the provider {type_.partition(':')[0]} has no resource kind {type_}",
            hint=f"it has {', '.join(tokens())}",
        )
    return handler


def function_of(token: str) -> Function:
    """The function of a token. Raises GigasiteError, by name, for foreign plugins and for what is no function."""
    check_package(token.partition(":")[0], f"the function {token}")
    function = function_for(token)
    if function is None:
        known = ", ".join(functions()) or "none"
        raise GigasiteError(f"the provider has no function {token}", hint=f"functions: {known}")
    return function


def check_package(package: str, type_: str) -> None:
    """Raises GigasiteError where a package is not one whose handlers live in this process."""
    known = {token.partition(":")[0] for token in tokens()} | {"pulumi", "gigasite"}
    if package not in known:
        raise GigasiteError(
            f"the embedded engine does not run the plugin {package} that {type_} needs",
            hint="use --engine pulumi, with the plugin installed",
        )


def default_provider_name(version: str) -> str:
    """`default`, or `default_1_2_3` where the program asks for a version."""
    return "default_" + "".join(c if c.isalnum() else "_" for c in version) if version else "default"


def default_provider_inputs(
    package: str, version: str, config: Mapping[str, str], secret_keys: frozenset[str]
) -> dict[str, Any]:
    """The configuration of a package's namespace as the inputs of its default provider."""
    from gigasite.engine.values import Secret

    inputs: dict[str, Any] = {
        key.partition(":")[2]: Secret(value) if key in secret_keys else value
        for key, value in config.items()
        if key.partition(":")[0] == package
    }
    return {**inputs, "version": version, _INTERNAL: {}} if version else inputs


def property_diffs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, DiffKind]:
    """Which top-level properties differ, and how."""
    diffs: dict[str, DiffKind] = {}
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            diffs[key] = DiffKind.DELETE
        elif key not in old:
            diffs[key] = DiffKind.ADD
        elif not same(old[key], new[key]):
            diffs[key] = DiffKind.UPDATE
    return diffs


def _public(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != _INTERNAL}
