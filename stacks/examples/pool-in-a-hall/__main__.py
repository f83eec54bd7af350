"""A pool of nodes in somebody's existing hall: what its racks weigh on power and cooling, and how its hosts are set.

The hall's owner gives the power of a rack; nobody here designs the building. `hall:*` of the stack's configuration
says what the hall has left.
"""

import pulumi

from gigasite.components import CoolingPlant, NodePool, RackRow

hall = pulumi.Config("hall")
pool = {"name": "serve", "system": "dgx-h200", "nodes": 16, "nodes_per_rack": hall.get_int("nodes_per_rack") or 2}

nodes = NodePool("serve", {**pool, "purpose": "inference", "prefix": "row7", "supernets": {"compute": "10.96.0.0/14"}})
row = RackRow("row7", pool)
cooling = CoolingPlant("cooling", {"pools": [pool]})

pulumi.export("nodes", nodes.node_count)
pulumi.export("racks", nodes.racks)
pulumi.export("it_kw", nodes.it_kw)
pulumi.export("air_kw", cooling.air_kw)
pulumi.export("inventory", nodes.inventory)
pulumi.export("fits", nodes.it_kw.apply(lambda kw: kw is not None and kw <= (hall.get_float("left_kw") or 0.0)))
