"""Durations as `custom_timeouts` writes them (`5m`, `1h30m`, `1.5s`), in seconds."""

from __future__ import annotations

import re
from typing import Final

from gigasite.errors import GigasiteError

_UNITS_S: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def seconds_of(text: str) -> float:
    """The seconds of a duration. Raises GigasiteError for what is none."""
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    if unsigned == "0":
        return 0.0
    total_s, end = 0.0, 0
    for match in _PART.finditer(unsigned):
        if match.start() != end:
            break
        end = match.end()
        total_s += float(match[1]) * _UNITS_S[match[2]]
    if not unsigned or end < len(unsigned):
        raise GigasiteError(f"{text!r} is no duration", hint="write custom_timeouts like 90s, 5m or 1h30m")
    return -total_s if text[0] == "-" else total_s


def duration_text(seconds: float) -> str:
    """A duration as Pulumi writes it in requests: `1h30m0s`, `1.5s`, `250ms`; "" for none."""
    sign, rest = "-" if seconds < 0 else "", round(abs(seconds), 9)
    if not rest:
        return ""
    if rest < 1:
        unit = next(unit for unit in ("ms", "µs", "ns") if rest >= _UNITS_S[unit])
        return f"{sign}{_digits(rest / _UNITS_S[unit])}{unit}"
    hours, minutes = int(rest // 3600), int(rest % 3600 // 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_digits(rest - hours * 3600 - minutes * 60)}s"


def _digits(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")
