"""Pulumi components: a site and its parts. Each can be used alone in another stack.

They plan nothing themselves: arguments become a site description, `design` expands it, and the files of each
unit of work (a row, a group of switches, a pool) become one resource.
"""

from gigasite.components.cooling_plant import CoolingPlant, CoolingPlantArgs
from gigasite.components.fabric import Fabric, FabricArgs
from gigasite.components.node_pool import NodePool, NodePoolArgs
from gigasite.components.power_system import PowerSystem, PowerSystemArgs
from gigasite.components.rack_row import RackRow, RackRowArgs
from gigasite.components.site import Site, SiteArgs

__all__ = [
    "CoolingPlant",
    "CoolingPlantArgs",
    "Fabric",
    "FabricArgs",
    "NodePool",
    "NodePoolArgs",
    "PowerSystem",
    "PowerSystemArgs",
    "RackRow",
    "RackRowArgs",
    "Site",
    "SiteArgs",
]
