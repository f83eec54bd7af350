"""Whatever a catalog file holds: a message with file and line, all of them at once, and no traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.errors import FindingsError

from .conftest import Faults, Write

GOOD = """\
kind: cdu
key: ours
title: Our CDU
facts:
  - source: {doc: data sheet of the maker, tier: primary, confidence: verified}
    values:
      capacity_kw: 900
      approach_k: 4
"""

SOURCE = "source: {doc: data sheet of the maker, tier: primary, confidence: verified}"
GUESS = "assumptions:\n  - why: so\n    values: {approach_k: 5}\n"

CASES = {
    "no YAML": (GOOD + "  - [", None, ""),
    "an empty file": ("", 1, "empty"),
    "a list": ("- a\n- b\n", 1, "mapping"),
    "a text": ("hello\n", 1, "mapping"),
    "a tag": (GOOD.replace("900", "!!python/object:os.system 900"), 7, "tag"),
    "an anchor": (GOOD.replace("900", "&x 900"), 7, "anchor"),
    "an alias": (GOOD.replace("capacity_kw: 900", "capacity_kw: &x 900").replace(": 4", ": *x"), 7, "anchor"),
    "a merge key": (GOOD.replace("approach_k: 4", "<<: {approach_k: 4}"), 8, "<<"),
    "a repeated key": (GOOD.replace("approach_k", "capacity_kw"), 8, "twice"),
    "a second document": (GOOD + "---\nkind: cdu\n", 9, "second document"),
    "no UTF-8": (GOOD.encode() + b"# \xff\n", 9, "UTF-8"),
    "a NUL": (GOOD.encode() + b"# \x00\n", None, ""),
    "an unknown key": (GOOD.replace("facts:", "fakts:"), 4, "fakts"),
    "an unknown fact": (GOOD.replace("approach_k", "aproach_k"), 8, "aproach_k"),
    "another kind": (GOOD.replace("kind: cdu", "kind: fluid"), 1, "belong"),
    "another key": (GOOD.replace("key: ours", "key: theirs"), 2, "file's name"),
    "no key": (GOOD.replace("key: ours\n", ""), 1, "'key' is missing"),
    "a text for a number": (GOOD.replace("900", "'900'"), 7, "capacity_kw"),
    "a negative capacity": (GOOD.replace("900", "-900"), 7, "greater than 0"),
    "an endless capacity": (GOOD.replace("900", "1e999"), 7, "too large"),
    "not a number": (GOOD.replace("900", ".nan"), 7, "capacity_kw"),
    "facts without a source": (GOOD.replace(f"{SOURCE}\n    values", "values"), 5, "source"),
    "an unknown confidence": (GOOD.replace("verified", "sure"), 5, "source.confidence"),
    "an assumption among facts": (GOOD.replace("verified", "assumed"), 5, "assumption"),
    "facts as a mapping": (GOOD.split("facts:")[0] + "facts: {capacity_kw: 900}\n", 4, "list of groups"),
    "a group without values": (GOOD.split("    values:")[0], 5, "values"),
    "an assumption without why": (GOOD + GUESS.replace("why: so\n    ", ""), 10, "'why' is missing"),
    "a fact stated twice": (GOOD + GUESS, 11, "stated twice"),
    "a bad key": (GOOD.replace("key: ours", "key: Our CDU"), 2, "key"),
    "aliases that are no list": (GOOD.replace("facts:", "aliases: a\nfacts:"), 4, "aliases"),
    "a title that is a number": (GOOD.replace("Our CDU", "7"), 3, "title"),
    "deep nesting": (GOOD.replace("900", "[" * 200 + "]" * 200), 7, "nested"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line", "says"), CASES.values(), ids=CASES.keys())
def test_a_bad_file_is_told_by_file_and_line(
    content: str | bytes, line: int | None, says: str, write: Write, faults: Faults
) -> None:
    write("cdus/ours.yaml", content)
    findings = faults()
    assert all(f.code == "SPC190" and f.place is not None for f in findings)
    assert all(f.place.file.endswith("cdus/ours.yaml") for f in findings)
    assert any(says in f"{f.message} {f.hint}" and line in (None, f.place.line) for f in findings), findings


def test_the_good_file_is_good(folder: Path, write: Write) -> None:
    write("cdus/ours.yaml", GOOD)
    assert load_catalog(folder).cdu("ours").capacity_kw == 900


def test_everything_that_is_wrong_is_said_at_once(write: Write, faults: Faults) -> None:
    write("cdus/ours.yaml", GOOD.replace("900", "-1").replace("4\n", "hot\n"))
    write("cdus/theirs.yaml", GOOD)
    write("fluids/oil.yaml", "")
    assert {(f.place.file.rsplit("/", 1)[-1], f.place.line) for f in faults()} == {
        ("ours.yaml", 7),
        ("ours.yaml", 8),
        ("theirs.yaml", 2),
        ("oil.yaml", 1),
    }


def test_two_files_cannot_state_one_product(write: Write, faults: Faults) -> None:
    write("cdus/ours.yaml", GOOD)
    write("cdus/ours.yml", GOOD)
    (finding,) = faults()
    assert "two files" in finding.message


def test_asking_again_gives_the_same_faults(write: Write, faults: Faults) -> None:
    write("cdus/ours.yaml", GOOD.replace("900", "!!int 900"))
    assert faults() == faults()


def test_a_misspelt_fact_gets_the_right_name_as_a_hint(write: Write, faults: Faults) -> None:
    write("cdus/ours.yaml", GOOD.replace("approach_k", "aproach_k"))
    (finding,) = faults()
    assert "approach_k" in finding.hint
    assert (finding.place.line, finding.place.column) == (8, 7)


def test_words_and_times_stay_texts(folder: Path, write: Write) -> None:
    write("cdus/ours.yaml", GOOD.replace("Our CDU", "on").replace("data sheet of the maker", "1:30"))
    cdu = load_catalog(folder).cdu("ours")
    assert cdu.title == "on"
    assert cdu.origins["capacity_kw"].doc == "1:30"


def test_a_folder_in_place_of_a_file_is_said(folder: Path, faults: Faults) -> None:
    (folder / "cdus" / "ours.yaml").mkdir(parents=True)
    (finding,) = faults()
    assert "not a file" in finding.message


def test_a_huge_file_is_refused_unread(write: Write, faults: Faults) -> None:
    write("cdus/ours.yaml", GOOD + "# " + "x" * (10 * 1024 * 1024))
    started = time.monotonic()
    (finding,) = faults()
    assert "1 MiB" in finding.message
    assert time.monotonic() - started < 2


def test_a_yaml_bomb_does_not_expand(write: Write, faults: Faults) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    write("cdus/ours.yaml", bomb)
    started = time.monotonic()
    assert any("anchor" in f.message for f in faults())
    assert time.monotonic() - started < 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(GOOD)), junk=st.text(max_size=12))
def test_no_content_ends_in_a_traceback(cut: int, junk: str, folder: Path, write: Write) -> None:
    write("cdus/ours.yaml", (GOOD[:cut] + junk + GOOD[cut:]).encode("utf-8", "surrogatepass"))
    try:
        load_catalog(folder)
    except FindingsError as error:
        said = error.findings
        if not said:
            pytest.fail("an error without a finding")
