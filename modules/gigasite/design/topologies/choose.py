"""Fabrics by their topology: `lay_out_fabric` lays out whichever a fabric declares."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from gigasite.design.attachments import FabricPlan
from gigasite.design.fabrics import FabricLayout, lay_out
from gigasite.design.topologies.lay_out_dragonfly import lay_out_dragonfly
from gigasite.design.topologies.lay_out_optical import lay_out_optical
from gigasite.spec.pools import Topology


def lay_out_fabric(plan: FabricPlan, prefix: str, endpoints: Mapping[str, pl.DataFrame], asn_base: int) -> FabricLayout:
    """Switches and links of a fabric.

    `endpoints` gives for each owner its devices by place: columns su, slot (from 1) and node.
    Raises FabricTooLarge where the switches are too small, GigasiteError where they don't suit the topology.
    """
    if plan.spec.topology is Topology.DRAGONFLY:
        return lay_out_dragonfly(plan, prefix, endpoints, asn_base)
    if plan.spec.topology is Topology.OPTICAL:
        return lay_out_optical(plan, prefix, endpoints, asn_base)
    return lay_out(plan, prefix, endpoints, asn_base)
