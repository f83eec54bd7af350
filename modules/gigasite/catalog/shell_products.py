"""Rules for halls, as catalog products."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Count, Positive, Product


class HallLayout(Product):
    """Rules by which a publisher lays out the rows of a hall."""

    kind: Literal["hall-layout"] = "hall-layout"
    row_rack_count_max: Annotated[int, Field(gt=0)] | None = None
    """Racks of compute in one row."""
    cabinet_kw_min: Positive | None = None
    cabinet_kw_max: Positive | None = None
    """Power of one cabinet that the rules are made for."""
    compute_containments_per_su: Count | None = None
    support_containments_per_su: Count | None = None
