"""`pin` and `upgrade`: a site stands on the facts that it was pinned to until somebody takes over others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gigasite.catalog import pins
from gigasite.catalog.pins import PIN_FILE, Pin, pin_now, read_pin, write_pin
from gigasite.spec import migrations

from .conftest import Run

SYSTEM = "systems/dgx-h100.yaml"


@pytest.fixture
def pin_file(project: Path) -> Path:
    return project / "stacks" / "lab" / PIN_FILE


@pytest.fixture
def pinned_before(run: Run, pin_file: Path) -> Callable[[str, str], Pin]:
    """Pins the site to an older catalog, in which one text of the system's file was another."""

    def older(now: str, then: str) -> Pin:
        assert run("pin", "lab").exit_code == 0
        pin = read_pin(pin_file)
        assert pin is not None
        text = pin.texts[SYSTEM]
        assert text.count(now) == 1
        texts = {**pin.texts, SYSTEM: text.replace(now, then)}
        made = Pin("0.0.1", pins._digest(texts), texts, pin.record)
        write_pin(pin_file, made)
        return made

    return older


def figures(run: Run) -> dict[str, float]:
    found: dict[str, float] = json.loads(run("design", "lab", "--format", "json").stdout)["power"]
    return found


def test_a_pin_changes_nothing_and_says_what_it_holds(run: Run, pin_file: Path) -> None:
    before = run("design", "lab", "--format", "json").stdout
    done = run("pin", "lab", "--format", "json")
    told = json.loads(done.stdout)
    assert Path(told["file"]).name == PIN_FILE
    assert json.loads(pin_file.read_text())["sha256"] == told["sha256"]
    assert run("design", "lab", "--format", "json").stdout == before
    assert "SPC201" not in run("check", "lab").stdout
    assert "the site stays as it is" in run("upgrade", "lab").stdout
    again = pin_file.read_bytes()
    assert "already" in run("pin", "lab").stdout
    assert pin_file.read_bytes() == again


def test_a_site_stands_on_the_facts_of_its_pin(run: Run, pinned_before: Callable[[str, str], Pin]) -> None:
    now = figures(run)["it_kw"]
    pinned_before("max_kw: 10.2", "max_kw: 9.2")
    assert figures(run)["it_kw"] == pytest.approx(now - 31 * 1.0)
    said = run("check", "lab").stdout
    assert "SPC201 info" in said
    assert "pinned to the catalog of Gigasite 0.0.1" in said
    assert "1 product differs (system dgx-h100)" in said


def test_an_upgrade_shows_products_figures_and_findings_and_writes_nothing(
    run: Run, pin_file: Path, pinned_before: Callable[[str, str], Pin]
) -> None:
    pinned_before("max_kw: 10.2", "max_kw: 9.2")
    kept = pin_file.read_bytes()
    told = json.loads(run("upgrade", "lab", "--format", "json").stdout)
    assert told["products"] == [
        {"kind": "system", "key": "dgx-h100", "what": "changed", "fields": [["max_kw", 9.2, 10.2]]}
    ]
    # The pin keeps what the site was when it was pinned, which was with the present facts.
    assert told["figures"] == []
    assert pin_file.read_bytes() == kept
    assert "max_kw" in run("upgrade", "lab").stdout


def test_a_changed_site_file_is_compared_with_what_its_pin_makes_of_it(
    run: Run, project: Path, pin_file: Path, pinned_before: Callable[[str, str], Pin]
) -> None:
    pinned_before("max_kw: 10.2", "max_kw: 9.2")
    site = project / "stacks" / "lab" / "site.yaml"
    site.write_text(site.read_text() + "# a note\n")
    changed = {c["name"]: c for c in json.loads(run("upgrade", "lab", "--format", "json").stdout)["figures"]}
    assert changed["it_kw"]["after"] - changed["it_kw"]["before"] == pytest.approx(31.0)
    assert {"utility_kw", "margins.utility_margin_kw", "pools.train.it_kw"} <= set(changed)
    assert run("upgrade", "lab", "--write").exit_code == 0
    assert "SPC201" not in run("check", "lab").stdout
    assert "the site stays as it is" in run("upgrade", "lab").stdout
    assert json.loads(pin_file.read_text())["gigasite"] != "0.0.1"


def test_own_facts_lie_over_the_pinned_ones(run: Run, project: Path, pinned_before: Callable[[str, str], Pin]) -> None:
    pinned_before("max_kw: 10.2", "max_kw: 9.2")
    theirs = figures(run)["it_kw"]
    own = project / "stacks" / "lab" / "catalog" / SYSTEM
    own.parent.mkdir(parents=True)
    own.write_text(
        "key: dgx-h100\nkind: system\nfacts:\n"
        "  - values: {max_kw: 8.2}\n    source: {doc: Measured, tier: primary, confidence: verified}\n"
    )
    done = run("design", "lab", "--format", "json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["power"]["it_kw"] == pytest.approx(theirs - 31.0)


def test_a_pin_that_was_changed_by_hand_or_is_none_is_refused(run: Run, pin_file: Path) -> None:
    assert run("pin", "lab").exit_code == 0
    text = pin_file.read_text()
    for broken, said in (
        (text.replace("max_kw: 10.2", "max_kw: 1.2"), "changed by hand"),
        (text[:1000], "no pin of a catalog"),
        ("[]", "no pin of a catalog"),
        ("[" * 100_000, "no pin of a catalog"),
        (text.replace('"format": 1', '"format": 7'), "of format 7"),
        ("\x00", "no pin of a catalog"),
    ):
        pin_file.write_text(broken)
        done = run("check", "lab")
        assert done.exit_code == 1, broken[:80]
        assert said in done.stderr
        assert PIN_FILE in done.stderr
        assert "Traceback" not in done.stderr


def test_facts_that_this_version_cannot_read_are_told_and_can_be_left_behind(
    run: Run, pin_file: Path, pinned_before: Callable[[str, str], Pin]
) -> None:
    pinned_before("max_kw: 10.2", "peak_kw: 10.2")
    done = run("design", "lab")
    assert done.exit_code == 1
    assert "pinned to the catalog of Gigasite 0.0.1" in done.stderr
    assert "gigasite upgrade SITE" in done.stderr
    assert "the site stays as it is" in run("upgrade", "lab", "--write").stdout
    assert run("design", "lab").exit_code == 0


def test_a_folder_that_cannot_be_written_leaves_no_half_pin(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be written"):
        write_pin(tmp_path / "gone" / PIN_FILE, pin_now({}))
    assert list(tmp_path.iterdir()) == []


def test_an_upgrade_rewrites_an_older_site_file(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = (migrations.Migration(2, (migrations.Kept("halls.count", 1),)),)
    monkeypatch.setattr(migrations.Versions, "__init__", lambda self: object.__setattr__(self, "migrations", later))
    site = project / "stacks" / "lab" / "site.yaml"
    before = site.read_text()
    assert "would be rewritten" in run("upgrade", "lab").stdout
    assert site.read_text() == before
    assert "rewritten in" in run("upgrade", "lab", "--write").stdout
    assert site.read_text() == "halls: {count: 1}\n" + before.replace("schema_version: 1", "schema_version: 2")


def test_the_pin_of_another_catalog_has_another_digest() -> None:
    pin = pin_now({})
    other = replace(pin, texts={**pin.texts, SYSTEM: "x"})
    assert pins._digest(other.texts) != pin.digest
