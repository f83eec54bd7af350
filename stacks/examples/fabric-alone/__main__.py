"""A compute fabric alone: 127 nodes of a reference architecture, its switches, cables and subnet manager's files."""

import pulumi

from gigasite.components import Fabric

fabric = Fabric(
    "compute",
    {"system": "dgx-h100", "scalable_units": 4, "switch": "qm9700", "supernet": "10.64.0.0/14"},
)

pulumi.export("switches", fabric.switch_count)
pulumi.export("cables", fabric.cable_count)
pulumi.export("networks", fabric.networks)
