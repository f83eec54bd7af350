"""Pulumi resources for test programs."""

from __future__ import annotations

from typing import Any

import pulumi


class Counter(pulumi.CustomResource):
    address: pulumi.Output[str]
    size: pulumi.Output[Any]
    token: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        outputs = {"address": None, "size": None, "token": None}
        super().__init__("gigasite:test:Counter", name, {**outputs, **inputs}, opts)


class Thing(pulumi.CustomResource):
    size: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("gigasite:test:Thing", name, {"size": None, **inputs}, opts)


class Unique(pulumi.CustomResource):
    address: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("gigasite:test:Unique", name, {"address": None, **inputs}, opts)


class Follower(pulumi.CustomResource):
    address: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("gigasite:test:Follower", name, {"address": None, **inputs}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("gigasite:test:Group", name, inputs, opts)
