"""What changes inside a file, as a reviewer reads it."""

from __future__ import annotations

import difflib

from gigasite.provider.blobs import BlobStore

_CONTEXT_LINES = 3
_DIFF_LIMIT_BYTES = 1_000_000  # comparing lines takes quadratic time at worst
_DIFF_LIMIT_LINES = 20_000


def file_diff(store: BlobStore, name: str, old_sha: str | None, new_sha: str | None, *, limit_lines: int = 200) -> str:
    """A unified diff from one stored content to another; None stands for "no such file".

    Contents that are not text, or too large to compare, are described by their sizes. At most `limit_lines`
    lines come back, the last of which says how many were left out. A missing blob is named, not guessed.
    """
    if old_sha == new_sha:
        return ""
    sides = [_content(store, sha) for sha in (old_sha, new_sha)]
    if None in sides:
        absent = [sha for sha, side in zip((old_sha, new_sha), sides, strict=True) if side is None]
        return f"{name}: content {' and '.join(f'{sha:.12}…' for sha in absent)} is not stored here\n"
    old, new = (side or b"" for side in sides)
    texts = [_as_lines(side) for side in (old, new)]
    if texts[0] is None or texts[1] is None:
        return f"{name}: {_size(old_sha, old)} -> {_size(new_sha, new)}\n"
    lines = list(
        difflib.unified_diff(
            texts[0],
            texts[1],
            fromfile=name if old_sha else "/dev/null",
            tofile=name if new_sha else "/dev/null",
            n=_CONTEXT_LINES,
            lineterm="",
        )
    )
    if len(lines) > limit_lines:
        left_out_count = len(lines) - limit_lines + 1
        lines = [*lines[: limit_lines - 1], f"… {left_out_count} more lines"]
    return "".join(f"{line}\n" for line in lines)


def _content(store: BlobStore, sha: str | None) -> bytes | None:
    return b"" if sha is None else store.get(sha)


def _as_lines(content: bytes) -> list[str] | None:
    """The lines of a text, or None for what is not worth comparing line by line."""
    if len(content) > _DIFF_LIMIT_BYTES or b"\0" in content:
        return None
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError:
        return None
    if lines and lines[-1] == "":
        lines.pop()
    elif lines:
        lines[-1] += "\n\\ No newline at end of file"
    return lines if len(lines) <= _DIFF_LIMIT_LINES else None


def _size(sha: str | None, content: bytes) -> str:
    return "absent" if sha is None else f"{len(content)} bytes"
