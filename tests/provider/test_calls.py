"""What handlers know of the call that they serve, and that roll-outs mind it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gigasite.provider.calls import current_call, serving
from gigasite.provider.functions import function, functions
from gigasite.provider.schema import package_schema
from gigasite.provider.switches.model import Login, Target
from gigasite.provider.switches.rollout import Plan, roll_out


def test_a_call_counts_down_to_its_time_out() -> None:
    assert current_call().remaining_s is None
    with serving(0.05, threading.Event()) as call:
        assert current_call() is call
        assert call.remaining_s is not None
        assert not call.should_end
        assert call.wait(60)
        assert call.remaining_s == 0.0
    assert current_call().timeout_s is None


def test_a_roll_out_that_is_stopped_begins_with_no_other_switch() -> None:
    cancelled = threading.Event()
    cancelled.set()
    login = Login("root", Path("known_hosts"))
    plan = Plan(login, patience_s=1, confirm_s=60, concurrency=2, canaries=("leaf1",))
    wanted = {name: (Target(name, "frr", "192.0.2.1"), "") for name in ("leaf1", "leaf2")}
    with serving(None, cancelled):
        outcomes = roll_out(plan, wanted)
    assert {outcome.failure for outcome in outcomes.values()} == {
        "not begun, since the run was stopped or its time was over"
    }


def test_functions_are_in_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigasite.provider.functions._FUNCTIONS", {})

    @function("gigasite:probe:echo", {"description": "Says it again."})
    def echo(args: object) -> dict[str, object]:
        return {"said": args}

    assert "gigasite:probe:echo" in functions()
    assert package_schema()["functions"]["gigasite:probe:echo"] == {"description": "Says it again."}
