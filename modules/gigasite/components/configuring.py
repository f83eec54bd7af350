"""The configurations of a fabric's switches as files, beside the device data of their groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gigasite.components.planning import Plan
from gigasite.exports.folders import Folder
from gigasite.exports.switches import group_members, switch_groups
from gigasite.render.switch.build import ManagementAddresses, management_addresses
from gigasite.render.switch.render import configurations, is_configured
from gigasite.render.switch.ztp import management_hosts

Texts = Mapping[str, Mapping[str, str]]
"""Files by switch and name."""


def configuration_texts(plan: Plan, fabric: str) -> Texts:
    """The configurations of a fabric's switches; empty where nobody says what they run.

    Raises GigasiteError where one of them fails its check.
    """
    if not is_configured(plan.design.fabrics[fabric]):
        return {}
    return configurations(plan.design, plan.catalog, fabric)


def configured_groups(plan: Plan, fabric: str, texts: Texts) -> tuple[Folder, ...]:
    """The folders of a fabric's switch groups, each with a folder a switch for what that switch reads."""
    folders = switch_groups(plan.design, fabric)
    if not texts:
        return folders
    members = group_members(plan.design, fabric)
    managed = management_addresses(plan.design)
    return tuple(
        replace(
            folder,
            files={
                **folder.files,
                **_files(members[folder.name], texts),
                **_hosts(plan, fabric, managed, members[folder.name]),
            },
        )
        for folder in folders
    )


def _files(members: tuple[str, ...], texts: Texts) -> dict[str, str]:
    return {f"{device}/{name}": text for device in members for name, text in texts[device].items()}


def _hosts(plan: Plan, fabric: str, managed: ManagementAddresses, members: tuple[str, ...]) -> dict[str, str]:
    """What a DHCP server will need to know of them."""
    policy = plan.design.fabrics[fabric].policy
    assert policy is not None
    assert policy.os is not None
    return {"dhcp.json": management_hosts(managed, policy.os, frozenset(members))}
