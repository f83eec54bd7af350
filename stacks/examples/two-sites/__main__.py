"""One program for two sites: the stacks `north` and `south` differ in their configuration alone."""

import pulumi
from blocks import Block, TrainingBlock

config = pulumi.Config("site")
site = pulumi.get_stack()
block = TrainingBlock(
    site,
    Block(
        scalable_units=config.require_int("scalable_units"),
        build_to_scalable_units=config.require_int("build_to_scalable_units"),
        supernet=config.require("supernet"),
        prefix=config.require("prefix"),
    ),
)

pulumi.export("gpus", block.pool.gpu_count)
pulumi.export("switches", block.fabric.switch_count)
