"""Pulumi's host of components, with a user's mistakes told as messages instead of tracebacks."""

from __future__ import annotations

from typing import Any

from pulumi import ResourceOptions
from pulumi.errors import RunError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from gigasite.errors import GigasiteError


class ComponentHost(ComponentProvider):
    """Serves components by the type annotations of their arguments."""

    @property
    def component_names(self) -> tuple[str, ...]:
        """The names of its components, sorted."""
        return tuple(sorted(self._components))

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: ResourceOptions | None = None
    ) -> ConstructResult:
        """Raises RunError, which carries its message alone, for what is wrong in the arguments."""
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, RunError | GigasiteError):
                raise RunError(str(error.inner)) from None
            raise
