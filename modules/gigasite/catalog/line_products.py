"""Optics between sites, as catalog products: what a pluggable module carries how far."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product, Technology


class LineOptic(Product):
    """A pluggable optic for circuits between sites, on a pair of single-mode fibres."""

    kind: Literal["line-optic"] = "line-optic"
    technologies: tuple[Technology, ...]
    gbps: tuple[Positive, ...]
    reach_km: Annotated[float, Field(gt=0)] | None = None
    """On dark fibre, without amplifiers."""
    amplified_km: Annotated[float, Field(gt=0)] | None = None
    """Through a line system with amplifiers; None: it has no wavelength of a grid."""
    coherent: bool = False
    """Whether it is coherent: phase and polarisation carry bits."""
