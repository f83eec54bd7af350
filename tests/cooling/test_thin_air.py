"""What thin air allows."""

from __future__ import annotations

import pytest

from gigasite.design.cooling.classes import inlet_derate_k


def test_thin_air_allows_less_warm_inlets() -> None:
    assert inlet_derate_k(0) == inlet_derate_k(900) == 0
    assert inlet_derate_k(2000) == pytest.approx(11 / 3)
