"""The design document names what was decided, assumed and found; no name that it holds breaks it."""

from __future__ import annotations

from dataclasses import replace

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.model import Design, Origin, Setting
from gigasite.errors import Finding, Severity
from gigasite.render.environment import cell, environment, quantity
from gigasite.render.report import design_document


def test_document_lists_pools_fabrics_and_unknown_figures_as_unknown(design: Design) -> None:
    text = design_document(design)
    assert "| train | training | dgx-h100 |" in text
    assert "| compute | compute | train | qm9700 | 400 Gb/s |" in text
    assert "| IT load | unknown |" in text


def test_assumptions_say_which_of_them_decide_the_site(design: Design) -> None:
    assumed = Setting("power.utility.voltage_kv", 138.0, Origin.ASSUMPTION, "usual at this size", decisive=True)
    text = design_document(replace(design, settings=(assumed,)))
    assert "| power.utility.voltage\\_kv | 138.0 | usual at this size | yes |" in text


def test_findings_come_errors_first(design: Design) -> None:
    findings = (
        Finding("FAB100", Severity.INFO, "a remark"),
        Finding("PWR101", Severity.ERROR, "one feed is too small", hint="raise it", at="racks.feeds"),
    )
    text = design_document(design, findings)
    assert text.index("PWR101") < text.index("FAB100")


def test_halls_that_are_alike_are_one_line(design: Design) -> None:
    first = design.halls[0]
    halls = (first, *(replace(first, name=f"hall-{n}", index=n) for n in (2, 3)), design.halls[1])
    assert "| hall-1 to hall-3 |" in design_document(replace(design, halls=halls))


def test_every_row_of_a_table_has_as_many_cells_as_its_head(design: Design) -> None:
    hostile = Finding("PWR101", Severity.ERROR, "a | b\nc <script>", hint="`x` | *y*", at="pools[0]")
    lines = design_document(design, [hostile]).splitlines()
    width = 0
    for line in lines:
        if not line.startswith("|"):
            width = 0
            continue
        bars = line.replace("\\|", "").count("|")
        width = width or bars
        assert bars == width, line


def test_a_name_that_a_template_does_not_get_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody }}").render()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "kW", "unknown"),
        (0, "", "0"),
        (1234.56, "kW", "1,235 kW"),
        (10.25, "kW", "10.2 kW"),
        (0.9175, "", "0.917"),
        (1000000, "", "1,000,000"),
        (100, "V", "100 V"),
    ],
)
def test_quantities_read_like_quantities(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@given(st.text())
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    assert "\n" not in cell(text)
    assert "|" not in cell(text).replace("\\\\", "").replace("\\|", "")
