"""Networks as few blocks, beside the standard library."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from gigasite.render.switch.blocks import blocks


@given(st.lists(st.tuples(st.integers(0, 2**12 - 1), st.integers(20, 32)), max_size=40))
def test_ipv4_blocks_are_those_of_the_standard_library(pairs):
    texts = [f"{ipaddress.IPv4Address(0x0A000000 + number)}/{length}" for number, length in pairs]
    networks = [ipaddress.IPv4Network(text, strict=False) for text in texts]
    wanted = [(str(block), block not in set(networks)) for block in ipaddress.collapse_addresses(networks)]
    assert blocks(texts, 4) == wanted


@given(st.lists(st.tuples(st.integers(0, 2**8 - 1), st.integers(120, 128)), max_size=40))
def test_ipv6_blocks_are_those_of_the_standard_library(pairs):
    texts = [f"{ipaddress.IPv6Address((0x20010DB8 << 96) + number)}/{length}" for number, length in pairs]
    networks = [ipaddress.IPv6Network(text, strict=False) for text in texts]
    wanted = [(str(block), block not in set(networks)) for block in ipaddress.collapse_addresses(networks)]
    assert blocks(texts, 6) == wanted


def test_everything_is_one_block():
    assert blocks(["0.0.0.0/1", "128.0.0.0/1"], 4) == [("0.0.0.0/0", True)]
    assert blocks([], 4) == []
