"""SONiC over SSH: `config replace` of a config_db.json, with checkpoints to come back to."""

from __future__ import annotations

import difflib
import json

from gigasite.provider.switches.guarded import GuardedSwitch
from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Login, Refused, SwitchError, Target
from gigasite.provider.switches.ssh import open_shell


async def open_switch(target: Target, login: Login) -> SonicSwitch:
    """Logs in to a switch that runs SONiC."""
    return SonicSwitch(await open_shell(target, login))


class SonicSwitch(GuardedSwitch):
    """The whole ConfigDB as JSON: tables, their keys, their fields."""

    async def fetch(self) -> str:
        return _ordered(await self._shell.demand("show runningconfiguration all", "cannot read what runs"))

    async def judge(self, folder: str) -> None:
        answer = await self._shell.run(f"config replace --dry-run {folder}/wanted 2>&1")
        if answer.status:
            raise Refused(f"does not accept the configuration: {told(answer.out)}", self._shell.target.name)

    async def differences(self, folder: str, text: str) -> tuple[str, ...]:
        try:
            runs, wanted = (_ordered(side).splitlines() for side in (await self.fetch(), text))
        except ValueError as error:
            raise SwitchError(f"a configuration is no JSON: {error}", self._shell.target.name) from error
        return tuple(list(difflib.unified_diff(runs, wanted, n=0, lineterm=""))[2:])

    def scripts(self, folder: str, handle: str) -> dict[str, str]:
        checkpoint = f"gigasite-{handle}"
        return {
            "save": f"config checkpoint {checkpoint}",
            "do": f"config replace {folder}/wanted",
            "undo": f"config rollback {checkpoint} && config delete-checkpoint {checkpoint}",
            "keep": f"config save -y && config delete-checkpoint {checkpoint}",
        }


def _ordered(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False)
