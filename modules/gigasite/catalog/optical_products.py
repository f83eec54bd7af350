"""Optical circuit switches, as catalog products: mirrors that join fibres, whatever runs over them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product


class OpticalSwitch(Product):
    """An optical circuit switch: any port of its first side to any one port of its second."""

    kind: Literal["optical-switch"] = "optical-switch"
    side_port_count: Annotated[int, Field(gt=0)]
    """Ports of one side."""
    insertion_loss_db: Positive | None = None
    """From port to port, connectors included."""
    height_u: Annotated[int, Field(gt=0)] | None = None
    max_kw: Positive | None = None
    weight_kg: Positive | None = None
