"""What users see of a run."""

from __future__ import annotations

import io

import pulumi
import pytest

from gigasite.engine.display import LiveDisplay, PlainDisplay, counted, make_display, short
from gigasite.engine.model import Op
from gigasite.errors import ApplyError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(bench: Bench, stream: io.StringIO, **inputs: object) -> str:
    with make_display(stream) as display:
        bench.engine.up(bench.project, "dev", program=lambda: _make(**inputs), on_event=display)
    return stream.getvalue()


def _make(**inputs: object) -> None:
    Counter("a", **inputs)
    Counter("b")
    pulumi.log.info("hello")


def test_plain_lines_tell_each_change_and_the_summary(bench: Bench) -> None:
    text = run(bench, io.StringIO(), size=1)
    assert " + gigasite:test:Counter a (create)\n" in text
    assert "info: hello\n" in text
    assert "3 create in " in text
    text = run(bench, io.StringIO(), size=2)
    assert " ~ gigasite:test:Counter a (update)\n     size: 1 → 2\n" in text
    assert "1 update, 2 unchanged in " in text
    assert "Counter b" not in text


def test_a_terminal_gets_a_live_line_that_goes_away(bench: Bench) -> None:
    stream = Terminal()
    text = run(bench, stream, kind="x")
    assert isinstance(make_display(Terminal()), LiveDisplay)
    assert isinstance(make_display(io.StringIO()), PlainDisplay)
    assert "gigasite:test:Counter a (create)" in text
    assert "3 create in " in text


def test_failures_are_shown_where_they_happen(bench: Bench) -> None:
    stream = io.StringIO()
    with pytest.raises(ApplyError), make_display(stream) as display:
        bench.engine.up(bench.project, "dev", program=lambda: _make(fail="this"), on_event=display)
    assert "!! gigasite:test:Counter a failed: no room for this\n" in stream.getvalue()


def test_a_replacement_is_one_line_and_its_deletion_another(bench: Bench) -> None:
    run(bench, io.StringIO(), kind="x")
    text = run(bench, io.StringIO(), kind="y")
    assert text.count("Counter a (replace)") == 1
    assert text.count("Counter a (delete replaced)") == 1
    assert "create replacement" not in text


def test_values_fit_on_their_line() -> None:
    assert short("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert len(short("x" * 1000)) == 60
    assert short({"a": 1}) == "{'a': 1}"


def test_every_operation_has_a_word() -> None:
    assert counted({op.value: 1 for op in Op}).count("1 ") == len(Op)
    assert counted({"same": 0}) == ""
