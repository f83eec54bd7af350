"""Words that tests of components share."""

from __future__ import annotations

import inspect

import pulumi


def outputs_of(component: pulumi.ComponentResource) -> None:
    """Exports every output that the component declares and has."""
    for name in inspect.get_annotations(type(component)):
        value = getattr(component, name)
        if value is not None:
            pulumi.export(name, value)
