"""Every resource kind of this provider; importing this module registers them all."""

from gigasite.provider import files

__all__ = ["files"]
