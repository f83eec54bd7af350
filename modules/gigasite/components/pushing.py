"""A fabric's configurations on its switches: one resource for each group."""

from collections.abc import Mapping

import pulumi

from gigasite.components.configuring import Texts
from gigasite.components.planning import Plan
from gigasite.errors import GigasiteError
from gigasite.exports.switches import group_members
from gigasite.provider.resources import SwitchConfig
from gigasite.provider.switchargs import PushArgs, SwitchArgs
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Switch
from gigasite.render.switch.systems import operating_system


def push_groups(owner: pulumi.ComponentResource, plan: Plan, fabric: str, texts: Texts, push: PushArgs) -> None:
    """Registers what brings each switch its configuration. Raises GigasiteError for a fabric that has none."""
    if not texts:
        raise GigasiteError(
            f"nobody says what the switches of fabric {fabric} run, so there is nothing to push",
            "push",
            "say which operating system they run, with the key os of the fabric",
        )
    switches = {switch.name: switch for switch in build_switches(plan.design, plan.catalog, fabric)}
    for group, members in group_members(plan.design, fabric).items():
        told = {name: _told(switches[name], texts[name]) for name in members}
        mine = pulumi.ResourceOptions(parent=owner)
        SwitchConfig(f"{owner.pulumi_resource_name}-{group}-config", told, push=push, opts=mine)


def _told(switch: Switch, files: Mapping[str, str]) -> SwitchArgs:
    """What one switch gets, and where: the main file of its operating system, over its management address."""
    if switch.management.address is None:
        raise GigasiteError(
            f"{switch.name} has no management address to push to", "push", "give the site an out-of-band fabric"
        )
    main = operating_system(switch.os).files[0].name
    return {"os": switch.os, "text": files[main], "address": switch.management.address.partition("/")[0]}
