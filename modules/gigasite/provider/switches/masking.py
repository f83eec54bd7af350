"""Secrets out of lines of configurations, which switches quote in errors and differences."""

from __future__ import annotations

import re

_WORDS = (
    "passw(?:or)?d|secret|passphrase|passkey|community|md5|sha512|token"
    r"|key-string|(?:private|api|auth|authentication|md5|digest)-key|key \d+"
)
_SECRET = re.compile(rf"(?im)(\b[\w-]*(?:{_WORDS})\b[\"']?\s*[:=]?\s+|\b[\w-]*(?:{_WORDS})[\"']?[:=]\s*)\S.*$")
_TOLD_LENGTH = 2_000


def masked(text: str, *secrets: str | None) -> str:
    """The text with `[secret]` for whatever follows a word such as `password`, and for the given secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    return _SECRET.sub(r"\1[secret]", text)


def told(text: str, *secrets: str | None) -> str:
    """What a switch said, in one line of bearable length and without secrets."""
    return one_line(masked(text, *secrets))


def one_line(text: str) -> str:
    """A text in one line of bearable length, without control characters."""
    line = "; ".join(part.strip() for part in text.splitlines() if part.strip())
    printable = "".join(character if character.isprintable() else "?" for character in line)
    return printable if len(printable) <= _TOLD_LENGTH else f"{printable[: _TOLD_LENGTH - 1]}…"
