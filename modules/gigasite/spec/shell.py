"""Land, building and the way in: what the halls stand in."""

from __future__ import annotations

from gigasite.spec.base import Model


class ShellSpec(Model):
    """Land, building and delivery path of an own building, or what a landlord gives."""
