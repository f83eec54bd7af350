"""Ignored changes: whatever the inputs, what a path names ends as it was or is named as impossible."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.engine.durations import duration_text, seconds_of
from gigasite.engine.ignoring import with_replacements, without_ignored
from gigasite.engine.paths import parts
from gigasite.engine.values import Secret
from gigasite.provider.handler import Diff, DiffKind

KEYS = st.sampled_from("ab")
LEAVES = st.integers(0, 3) | st.none() | st.text("xy", max_size=1)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner), max_leaves=6)
OBJECTS = st.dictionaries(KEYS, VALUES)
PATHS = st.lists(KEYS | st.integers(0, 2), max_size=2)
NOTHING = object()


def at(value: Any, path: list[str | int]) -> Any:
    """What stands at a path, NOTHING where nothing does."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part, NOTHING)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return NOTHING
    return value


def written(first: str, path: list[str | int]) -> str:
    return first + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


@given(OBJECTS, OBJECTS, KEYS, PATHS)
def test_an_ignored_path_ends_as_it_was_or_is_named(old: Any, new: Any, first: str, path: list[str | int]) -> None:
    text = written(first, path)
    whole: list[str | int] = [first, *path]
    assert list(parts(text)) == whole
    kept, bad = without_ignored(new, old, [text])
    if not bad:
        assert at(kept, whole) == at(old, whole)
    else:
        assert bad == (text,)
        assert kept == new
    others = kept.keys() ^ {first}
    assert all(kept.get(key) == new.get(key) for key in others - {first})


@given(OBJECTS, OBJECTS)
def test_ignoring_everything_keeps_everything(old: Any, new: Any) -> None:
    assert without_ignored(new, old, ["*"]) == (old, ())


def test_what_was_secret_is_put_back_as_a_secret() -> None:
    old, new = {"a": Secret({"b": 1, "c": [1]})}, {"a": {"b": 2, "c": [2]}}
    assert without_ignored(new, old, ["a.b", "a.c[*]"])[0] == {"a": {"b": Secret(1), "c": [Secret(1)]}}
    assert without_ignored({"a": Secret({"b": 2})}, {"a": {"b": 1}}, ["a.b"])[0] == {"a": Secret({"b": 1})}


def test_only_changes_below_a_path_replace() -> None:
    diff = Diff({"a.b[0].c": DiffKind.ADD, "a.d": DiffKind.UPDATE, "e": DiffKind.DELETE})
    forced = with_replacements(diff, ["a.b[*].c", "e"], half_done=False)
    assert forced.details == {
        "a.b[0].c": DiffKind.ADD_REPLACE,
        "a.d": DiffKind.UPDATE,
        "e": DiffKind.DELETE_REPLACE,
    }
    assert with_replacements(Diff(), ["*"], half_done=False) == Diff()


@pytest.mark.parametrize(
    ("text", "seconds", "again"),
    [
        ("5m", 300, "5m0s"),
        ("1h30m", 5400, "1h30m0s"),
        ("1.5s", 1.5, "1.5s"),
        ("250ms", 0.25, "250ms"),
        ("2us", 2e-6, "2µs"),
        ("0", 0, ""),
    ],
)
def test_durations_are_seconds(text: str, seconds: float, again: str) -> None:
    assert seconds_of(text) == seconds
    assert duration_text(seconds) == again
