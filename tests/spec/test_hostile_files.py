"""Whatever is given as a site file: it is refused in words, at once, or it is a site."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.errors import FindingsError
from gigasite.spec.loader import load_site
from gigasite.spec.yamlmarks import MAX_BYTES

from .sites import GOOD, findings, load

LIMIT_S = 2.0

HOSTILE = {
    "aliases of aliases": "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c]\n",
    "an alias of itself": "a: &a [*a]\n",
    "deep lists": "[" * 500_000,
    "deep mappings": "{a: " * 200_000,
    "deep keys": "? " * 400_000,
    "deep blocks": "".join(" " * depth + "a:\n" for depth in range(1000)),
    "deep dashes": "- " * 400_000,
    "many keys": "".join(f"k{index}: 1\n" for index in range(45_000)),
    "many long keys": "".join(f"{'k' * 200}{index}: 1\n" for index in range(4500)),
    "a long key": "a" * 1_000_000 + ": 1",
    "a long text": f"name: {'b' * 1_000_000}",
    "an open quote": '"' + "a" * 1_000_000,
    "many items": "pools: [" + "1," * 24_000 + "]",
    "many pools": "pools:\n" + "".join("- {name: p, system: x, nodes: 1, fabric: z}\n" for _ in range(4000)),
    "many pools and fabrics": "pools:\n"
    + "".join("- {name: p, fabric: zzzz}\n" for _ in range(3000))
    + "fabrics:\n"
    + "".join(f"  f{index}: {{roles: [compute]}}\n" for index in range(3000)),
    "commas": "[" + "," * 1_000_000,
    "colons": ":" * 1_000_000,
    "comments": "#" * 1_000_000,
    "directives": "%" * 1_000_000,
    "anchors": "&a " * 300_000,
    "tags": "!a " * 300_000,
    "python objects": "a: !!python/object/apply:os.system [true]\n",
    "digits": "schema_version: " + "9" * 500_000,
    "exponents": "location: {altitude_m: 1e9999}",
    "tabs": "\t" * 100_000,
    "a NUL": "name: a\0b",
    "a bell": "name: a\ab",
    "half a pair": 'name: "\\uD800"',
    "infinity with a unit": "power: {blocks: {unit_kw: 1e999 MW}}",
    "a long wrong network": f"network: {{ipv6: {'1' * 100_000}}}",
    "a long wrong topology": f"power: {{blocks: {{topology: {'N' * 100_000}}}}}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    found = findings(text)
    assert time.process_time() - began < LIMIT_S
    assert found
    assert all(len(str(finding)) < 1000 for finding in found)


def test_a_file_of_10_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    with file.open("wb") as stream:
        stream.truncate(10_000_000)
    assert _refusal(file) == "the file has 9.5 MiB; a site file has at most 1 MiB"


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD + "#" * (MAX_BYTES - len(GOOD)))
    assert load_site(file).spec.name == "lab"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"name: caf\xe9\n", "1:10"),
        (GOOD.encode("utf-16"), "1:1"),
        (b"name: a\n# \xff", "2:3"),
    ],
)
def test_what_is_no_utf8_is_refused_at_its_place(data: bytes, place: str) -> None:
    (finding,) = findings(data)
    assert finding.message == "the file is not UTF-8"
    assert str(finding.place) == f"site.yaml:{place}"


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert load(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).spec.name == "lab"


def test_a_directory_is_no_site_file(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == "this is a directory"


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "no.yaml") == "there is no such file"


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "site.yaml"
    os.mkfifo(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert _refusal(pipe) == "this is a pipe or a device, not a file"


def test_an_endless_device_is_refused() -> None:
    assert _refusal(Path("/dev/zero")) == "this is a pipe or a device, not a file"


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert _refusal(tmp_path / "a").startswith("the file cannot be read")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD)
    file.chmod(0)
    assert _refusal(file) == "you may not read this file"


def test_a_path_with_a_nul_or_beyond_the_limit_is_refused() -> None:
    assert _refusal(Path("a\0b")).startswith("the file cannot be read")
    assert _refusal(Path("a" * 5000)).startswith("the file cannot be read")


FRAGMENTS = st.sampled_from(
    [
        *"[]{},:#&*!|>-?%@'\"\n\t \\",
        "name: lab\n",
        "pools:\n",
        "  - ",
        "{name: a, system: dgx-h100, nodes: 8}",
        "power: ",
        "utility:\n  voltage_kv: 138\n",
        "available_mw: {2027-03: 40 MW}",
        "&a",
        "*a",
        "!!int ",
        "<<: ",
        "---\n",
        "1e5",
        "true",
        "null",
        "\x85",
        "\ufeff",
        "é",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_any_yaml_like_text_is_a_site_or_a_list_of_findings(text: str) -> None:
    _loads_or_refuses(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_site_or_a_list_of_findings(text: str) -> None:
    _loads_or_refuses(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_site_or_a_list_of_findings(data: bytes) -> None:
    _loads_or_refuses(data)


KEYS = st.sampled_from(
    (
        *("name", "pools", "power", "utility", "blocks", "voltage_kv", "unit_kw", "topology", "halls", "count"),
        *("fabrics", "roles", "network", "supernets", "reserved", "tenants", "pool", "share", "system", "nodes"),
        *("cooling", "loop", "fluid", "location", "grid", "door_mm", "storage", "2027-03"),
    )
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet="abkNR20+.-/: ", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_values_at_known_keys_are_a_site_or_a_list_of_findings(site: dict[str, object]) -> None:
    import json

    _loads_or_refuses(json.dumps(site))


def _loads_or_refuses(text: str | bytes) -> None:
    found = findings(text)
    assert all(finding.place is not None and finding.message for finding in found)
    assert found or load(text).spec.pools


def _refusal(path: Path) -> str:
    with pytest.raises(FindingsError) as caught:
        load_site(path)
    (finding,) = caught.value.findings
    assert finding.code == "SPC100"
    return finding.message
