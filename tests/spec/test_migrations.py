"""Versions of site files: older ones are read as they were meant, and rewritten without losing a comment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.errors import FindingsError
from gigasite.spec import loader
from gigasite.spec.loader import load_text
from gigasite.spec.migrations import Kept, Migration, Renamed, Versions
from gigasite.spec.yamlmarks import parse

VERSIONS = Versions(
    (
        Migration(
            2,
            (Renamed("pools[].machines", "nodes"), Kept("power.blocks.ups_min", 5), Renamed("fabrics.*.os", "system")),
        ),
        Migration(
            3, (Renamed("power.blocks.ups_min", "ups_minutes"), Kept("halls.count", 1), Kept("power.grid", "it is"))
        ),
    )
)
OLD = """\
# Our first site.
name: demo   # short
pools:
  - {name: a, machines: 4, system: dgx-h100}
  - name: b
    "machines": 2  # two
    system: dgx-h100
fabrics:
  compute:
    os: sonic
"""


def test_a_file_is_rewritten_where_it_changed_and_keeps_its_comments() -> None:
    assert (
        VERSIONS.rewritten(OLD, "site.yaml")
        == """\
# Our first site.
schema_version: 3
power: {grid: 'it is', blocks: {ups_minutes: 5}}
halls: {count: 1}
name: demo   # short
pools:
  - {name: a, nodes: 4, system: dgx-h100}
  - name: b
    "nodes": 2  # two
    system: dgx-h100
fabrics:
  compute:
    system: sonic
""".replace(
            "power: {grid: 'it is', blocks: {ups_minutes: 5}}\nhalls: {count: 1}",
            "halls: {count: 1}\npower: {grid: 'it is', blocks: {ups_minutes: 5}}",
        )
    )


def test_what_a_file_says_itself_stays() -> None:
    text = "schema_version: 1\nname: demo\npower:\n  # ours\n  blocks:\n    ups_min: 9\nhalls:\n"
    assert VERSIONS.rewritten(text, "s") == (
        "schema_version: 3\nname: demo\npower:\n  # ours\n  grid: 'it is'\n  blocks:\n    ups_minutes: 9\n"
        "halls: {count: 1}\n"
    )


def test_a_file_of_the_second_version_takes_one_step() -> None:
    text = "schema_version: 2\nname: demo\npower: {blocks: {ups_min: 9}}\n"
    assert VERSIONS.rewritten(text, "s") == (
        "halls: {count: 1}\nschema_version: 3\nname: demo\npower: {grid: 'it is', blocks: {ups_minutes: 9}}\n"
    )


def test_a_current_file_stays_byte_for_byte() -> None:
    text = "{schema_version: 3, name: demo}"
    assert VERSIONS.rewritten(text, "s") == text
    assert not VERSIONS.is_old(parse(text.encode(), "s").root)


names = st.sampled_from(["a", "b", "machines", "system"])
sections = st.dictionaries(names, st.integers(0, 9), max_size=3)
files = st.fixed_dictionaries(
    {"name": st.just("demo")},
    optional={
        "schema_version": st.integers(1, 3),
        "pools": st.lists(sections, max_size=3),
        "fabrics": st.one_of(
            st.none(), st.dictionaries(names, st.fixed_dictionaries({}, optional={"os": st.just("x")}), max_size=2)
        ),
        "power": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {},
                optional={
                    "blocks": st.one_of(st.none(), st.fixed_dictionaries({}, optional={"ups_min": st.integers(0, 9)}))
                },
            ),
        ),
        "halls": st.one_of(st.none(), st.fixed_dictionaries({}, optional={"count": st.integers(1, 9)})),
    },
)


@given(files, st.booleans())
def test_reading_an_old_file_and_rewriting_it_first_say_the_same(file: dict[str, object], flow: bool) -> None:
    import yaml

    text = yaml.safe_dump(file, default_flow_style=True if flow else None, width=1000, sort_keys=False)
    if not flow:
        text = yaml.safe_dump(file, default_flow_style=False, sort_keys=False)
    rewritten = VERSIONS.rewritten(text, "s")
    understood = VERSIONS.understood(parse(text.encode(), "s").root).plain()
    again = parse(rewritten.encode(), "s").root
    assert {"schema_version": 1, **understood} == {"schema_version": 1, **again.plain()}
    assert VERSIONS.rewritten(rewritten, "s") == rewritten


def test_a_site_of_an_older_version_is_read_with_its_own_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "Versions", lambda: Versions((Migration(2, (Renamed("pools[].machines", "nodes"),)),)))
    text = "name: demo\npools:\n  - {name: a, system: dgx-h100, machines: 0}\n"
    with pytest.raises(FindingsError) as caught:
        load_text(text.replace("machines: 0", "machines: 0, purpose: fun"), "site.yaml")
    said = [str(finding) for finding in caught.value.findings]
    assert any(line.startswith("site.yaml:3:") and "nodes" in line for line in said), said


@pytest.mark.parametrize("version", [0, 2, 99, -1])
def test_an_unknown_version_is_told_and_nothing_else(version: int) -> None:
    with pytest.raises(FindingsError) as caught:
        load_text(f"schema_version: {version}\nname: demo\nnonsense: 1\n", "site.yaml")
    (finding,) = caught.value.findings
    assert finding.code == "SPC106"
    assert str(finding).startswith(f"site.yaml:1:17: SPC106 error: this file is of version {version}, ")
