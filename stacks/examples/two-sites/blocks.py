"""A module of one's own: the block that every site of ours repeats, a fabric and the pool on it."""

from dataclasses import dataclass

import pulumi

from gigasite.components import Fabric, NodePool


@dataclass(frozen=True)
class Block:
    """The choices in which sites differ."""

    scalable_units: int
    build_to_scalable_units: int
    supernet: str
    prefix: str


class TrainingBlock(pulumi.ComponentResource):
    """DGX B300 on Spectrum-4 Ethernet, SONiC on every switch."""

    def __init__(self, name: str, block: Block, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ours:index:TrainingBlock", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        size = {"scalable_units": block.scalable_units, "build_to_scalable_units": block.build_to_scalable_units}
        self.fabric = Fabric(
            f"{name}-fabric",
            {
                "name": "compute",
                "system": "dgx-b300",
                "switch": "sn5600",
                "os": "sonic",
                "supernet": block.supernet,
                "prefix": block.prefix,
                **size,
            },
            mine,
        )
        self.pool = NodePool(
            f"{name}-pool",
            {
                "name": "train",
                "system": "dgx-b300",
                "supernets": {"compute": block.supernet},
                "prefix": block.prefix,
                **size,
            },
            mine,
        )
        self.register_outputs({"gpuCount": self.pool.gpu_count})
