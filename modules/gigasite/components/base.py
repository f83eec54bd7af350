"""What all components share: registering folders of files, and publishing figures as outputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pulumi

from gigasite.components.planning import Plan
from gigasite.exports.folders import Folder
from gigasite.provider.resources import Stored, Tree, store_contents
from gigasite.provider.schema import camel_case


class Part(pulumi.ComponentResource):
    """A component of the package `gigasite`; its type is `gigasite:index:<Class>`."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"gigasite:index:{type(self).__name__}", name, None, opts)

    def _register(self, plan: Plan, folders: Iterable[Folder]) -> None:
        """A tree of files for each folder; their contents are stored as one group."""
        kept = tuple(folders)
        stored = store_contents(
            {f"{folder.path}/{path}": text for folder in kept for path, text in folder.files.items()}
        )
        for folder in kept:
            Tree(
                f"{self.pulumi_resource_name}-{folder.name}",
                f"{plan.folder}/{folder.path}",
                Stored((path, stored[f"{folder.path}/{path}"]) for path in sorted(folder.files)),
                pulumi.ResourceOptions(parent=self),
            )

    def _publish(self, **outputs: Any) -> None:
        """Sets each output and registers it; what is unknown is left out."""
        known = {name: value for name, value in outputs.items() if value is not None}
        for name, value in outputs.items():
            setattr(self, name, None if value is None else pulumi.Output.from_input(value))
        self.register_outputs({camel_case(name): value for name, value in known.items()})
