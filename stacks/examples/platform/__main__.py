"""What runs on a site, in a stack of its own: it takes the site's figures by a stack reference.

`platform:site` names the site's stack, `organization/sites/llano`; both stacks lie in one backend.
"""

import json

import pulumi

from gigasite.provider.resources import Tree


async def platform(site: pulumi.StackReference) -> int:
    """Writes a file of values for the platform's charts, from what the site publishes. Returns its GPUs."""
    pools = (await site.get_output_details("pools")).value or {}
    fabrics = (await site.get_output_details("fabrics")).value or {}
    values = {
        "nodePools": [
            {"name": name, "system": pool["system"], "nodes": int(pool["node_count"]), "gpus": int(pool["gpu_count"])}
            for name, pool in sorted(pools.items())
        ],
        "computeFabrics": sorted(name for name, fabric in fabrics.items() if "compute" in fabric["roles"]),
    }
    text = json.dumps(values, indent=2) + "\n"
    Tree("values", f".build/{pulumi.get_stack()}/platform", {"values.json": text})
    return sum(pool["gpus"] for pool in values["nodePools"])


reference = pulumi.StackReference(pulumi.Config("platform").require("site"))
pulumi.export("gpus", pulumi.Output.from_input(platform(reference)))
