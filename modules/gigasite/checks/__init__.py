"""Checks of a design: one function a check, with its code and its page; one module a domain."""

from __future__ import annotations

from gigasite.checks.pagebook import index, page
from gigasite.checks.registry import Check, all_checks, ordered, run

__all__ = ["Check", "all_checks", "index", "ordered", "page", "run"]
