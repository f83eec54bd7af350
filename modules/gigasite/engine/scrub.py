"""Secrets out of texts that are shown: messages, errors, and what a program prints."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, Final, TextIO

from gigasite.engine.model import SECRET_TEXT
from gigasite.engine.values import Secret

_SHORTEST_LENGTH: Final = 3  # shorter ones would blot out half of every text; the CLI leaves them too

Scrub = Callable[[str], str]


def scrubber(secrets: Iterable[str]) -> Scrub:
    """A function that puts "[secret]" in place of every one of `secrets`, the longest first."""
    hidden = sorted({text for text in secrets if len(text) >= _SHORTEST_LENGTH}, key=lambda text: (-len(text), text))

    def scrub(text: str) -> str:
        for secret in hidden:
            text = text.replace(secret, SECRET_TEXT)
        return text

    return scrub


def secret_texts(value: Any, *, inside: bool = False) -> Iterator[str]:
    """The texts of a property value that are secret; `inside` says that all of it is."""
    if isinstance(value, Secret):
        yield from secret_texts(value.value, inside=True)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secret_texts(item, inside=inside)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from secret_texts(item, inside=inside)
    elif inside and isinstance(value, str):
        yield value


class ScrubbedStream(io.TextIOBase):
    """A text stream that writes through to another one, without secrets.

    After `end` it is nothing but `instead`, the stream whose place it took: whoever kept it, as a live display
    that redirects output does, does no harm by putting it back.
    """

    def __init__(self, stream: TextIO, scrub: Scrub, instead: TextIO) -> None:
        self._stream = stream
        self._scrub = scrub
        self._instead = instead

    def end(self) -> None:
        self._stream, self._scrub = self._instead, str

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def write(self, text: str) -> int:
        with suppress(BrokenPipeError):  # a program does not fail because nobody reads what it prints
            self._stream.write(self._scrub(text))
        return len(text)

    def flush(self) -> None:
        with suppress(BrokenPipeError):
            self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def writable(self) -> bool:
        return True


@contextmanager
def scrubbed_output(scrub: Scrub) -> Iterator[None]:
    """What is printed until the block ends goes to stderr, without secrets."""
    out, err = (ScrubbedStream(sys.stderr, scrub, instead) for instead in (sys.stdout, sys.stderr))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield
    finally:
        out.end()
        err.end()
