"""Every resource kind of this provider; importing this module registers them all."""

from __future__ import annotations

from gigasite.provider import files, switchconfig

__all__ = ["files", "switchconfig"]
