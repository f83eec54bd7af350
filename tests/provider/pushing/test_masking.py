"""Secrets out of what switches say."""

from __future__ import annotations

import pytest

from gigasite.provider.switches.masking import told


@pytest.mark.parametrize(
    "line",
    [
        " neighbor 10.0.0.9 password hunter2",
        "username admin secret sha512 hunter2",
        "snmp-server community hunter2 ro",
        "ntp authentication-key 1 md5 7 hunter2",
        "ip ospf message-digest-key 1 md5 hunter2",
        "   key 7 hunter2",
        '"hashed-password": "hunter2",',
        "auth-key=hunter2",
        "% Invalid input: enable password hunter2 hunter2",
    ],
)
def test_what_follows_a_word_for_a_secret_is_left_out(line: str) -> None:
    assert "hunter2" not in told(line)
    assert told(line).endswith("[secret]")


@pytest.mark.parametrize("line", ["Host key is not trusted for host 10.0.0.1", "neighbor 10.0.0.9 remote-as 65009"])
def test_other_lines_are_told_as_they_are(line: str) -> None:
    assert told(line) == line


def test_a_given_secret_is_left_out_wherever_it_stands() -> None:
    assert told("hello hunter2!", "hunter2") == "hello [secret]!"


def test_lines_become_one_without_control_characters_and_of_bearable_length() -> None:
    assert told("a\n\n b\x1b[2J") == "a; b?[2J"
    assert len(told("x" * 10_000)) == 2_000
