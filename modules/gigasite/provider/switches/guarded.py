"""Commit-confirm on a Linux switch that has none of its own: a timer on the switch takes a change back.

Each change has a folder below `/run`, which a restart empties: what runs then is the last that was confirmed. The
timer is a process of its own, so that it runs however the connection ends. Whoever makes the folder `decided` first
decides, timer or confirmation; making a folder happens once.
"""

from __future__ import annotations

import secrets
from abc import abstractmethod

from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Refused, Staged, Switch
from gigasite.provider.switches.ssh import Shell

_BASE = "/run/gigasite"
_APPLY_S = 600

# $1: the folder of the change; $2: seconds. A change that is still being applied stops first.
_TIMER = """
sleep "$2"
mkdir "$1/decided" 2>/dev/null || exit 0
sh "$1/halt"
sh "$1/undo" >"$1/undo.log" 2>&1
echo $? >"$1/undone"
"""

_HALT = """
[ -e {folder}/done ] || [ ! -e {folder}/do.pid ] || kill -- -"$(cat {folder}/do.pid)"
"""

_DO = """
echo $$ >{folder}/do.pid
sh {folder}/do >{folder}/do.log 2>&1
echo $? >{folder}/done.part
mv {folder}/done.part {folder}/done
"""

_START = """
cd {folder}
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
  systemd-run --quiet --collect --unit=gigasite-{handle} sh {folder}/timer {folder} {seconds} || exit 1
else
  setsid sh {folder}/timer {folder} {seconds} </dev/null >/dev/null 2>&1 &
fi
touch armed
setsid sh {folder}/doing </dev/null >/dev/null 2>&1 &
while [ ! -e done ]; do sleep 0.1; done
cat do.log
exit "$(cat done)"
"""

# every change that runs under a timer and has no decision is taken back; then all is forgotten
_SETTLE = f"""
for folder in {_BASE}/*/; do
  [ -d "$folder" ] || continue
  if [ -e "$folder/armed" ] && mkdir "$folder/decided" 2>/dev/null; then
    sh "$folder/halt"
    sh "$folder/undo" || exit 1
  fi
  while [ -e "$folder/undo.log" ] && [ ! -e "$folder/undone" ]; do sleep 0.1; done
  rm -rf "$folder"
done
"""

_END = "END OF A FILE"

_TOO_LATE = 9

_CONFIRM = f"""
mkdir {{folder}}/decided || exit {_TOO_LATE}
sh {{folder}}/keep || {{{{ sh {{folder}}/undo; exit 1; }}}}
"""


class GuardedSwitch(Switch):
    """A switch on which commands replace the whole configuration; subclasses say which."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    @abstractmethod
    async def judge(self, folder: str) -> None:
        """Lets the switch judge `wanted` in a folder. Raises Refused where it is not accepted."""

    @abstractmethod
    async def differences(self, folder: str, text: str) -> tuple[str, ...]:
        """How `wanted`, whose text is given, differs from what runs."""

    async def untaken(self, folder: str, text: str) -> tuple[str, ...]:
        """How what runs differs from `wanted` after it was applied to its end."""
        return await self.differences(folder, text)

    @abstractmethod
    def scripts(self, folder: str, handle: str) -> dict[str, str]:
        """Shell scripts by name: `save` keeps what runs, `do` applies `wanted`, `undo` brings back, `keep` stores."""

    async def close(self) -> None:
        await self._shell.close()

    async def stage(self, text: str) -> Staged:
        await self._shell.demand(_SETTLE, "a change that nobody confirmed cannot be taken back", limit_s=_APPLY_S)
        handle = secrets.token_hex(6)
        folder = _folder(handle)
        script = f"umask 077; mkdir -p {folder} && cat >{folder}/wanted"
        await self._shell.demand(script, "cannot take the configuration over", stdin=text)
        try:
            await self.judge(folder)
            return Staged(handle, await self.differences(folder, text))
        except Refused:
            await self.discard(Staged(handle, ()))
            raise

    async def discard(self, staged: Staged) -> None:
        await self._shell.demand(f"rm -rf {_folder(staged.handle)}", "cannot clean up")

    async def apply(self, staged: Staged, confirm_s: int) -> None:
        folder = _folder(staged.handle)
        scripts = {
            **self.scripts(folder, staged.handle),
            "timer": _TIMER,
            "halt": _HALT.format(folder=folder),
            "doing": _DO.format(folder=folder),
        }
        writing = "".join(f"cat >{folder}/{name} <<'{_END}'\n{script}\n{_END}\n" for name, script in scripts.items())
        await self._shell.demand("sh", "cannot keep what runs now", stdin=f"{writing}sh {folder}/save\n")
        start = _START.format(folder=folder, handle=staged.handle, seconds=confirm_s)
        answer = await self._shell.run(start, limit_s=min(confirm_s, _APPLY_S))
        if answer.status:
            await self.rollback(staged)
            raise Refused(f"refused while it was applied: {told(answer.out + answer.error)}", self._shell.target.name)

    async def missing(self, staged: Staged, text: str) -> tuple[str, ...]:
        folder = _folder(staged.handle)
        if (await self._shell.run(f"cat {folder}/done")).out.strip() != "0":
            return ("the change was not applied to its end",)
        return await self.untaken(folder, text)

    async def confirm(self, staged: Staged) -> None:
        answer = await self._shell.run(_CONFIRM.format(folder=_folder(staged.handle)))
        if answer.status == _TOO_LATE:
            raise Refused("the time to confirm was over", self._shell.target.name)
        if answer.status:
            said = told(answer.out + answer.error)
            raise Refused(f"could not store the change and took it back: {said}", self._shell.target.name)
        await self.discard(staged)

    async def rollback(self, staged: Staged) -> None:
        folder = _folder(staged.handle)
        undecided = f"[ -d {folder} ] && mkdir {folder}/decided 2>/dev/null"
        decide = f"if {undecided}; then sh {folder}/halt; sh {folder}/undo; fi"
        await self._shell.demand(decide, "the change cannot be taken back", limit_s=_APPLY_S)
        wait = f"while [ -e {folder}/undo.log ] && [ ! -e {folder}/undone ]; do sleep 0.1; done"
        await self._shell.run(wait)
        await self.discard(staged)


def _folder(handle: str) -> str:
    return f"{_BASE}/{handle}"
