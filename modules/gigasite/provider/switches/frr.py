"""FRR on Linux over SSH: vtysh judges, FRR's own frr-reload.py tells differences and applies them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gigasite.provider.switches.guarded import GuardedSwitch
from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Login, Refused, Target
from gigasite.provider.switches.ssh import open_shell

_RELOAD = "/usr/lib/frr/frr-reload.py"
_OF_THE_SYSTEM = re.compile(r"(no )?(hostname|frr version) \S+")  # printed as the system has it, whatever is configured
_PRINT = "vtysh -c 'show running-config' | sed -e '1,/^Current configuration:/d'"
_RECORD = "/var/lib/gigasite/frr"

# FRR prints many lines in other words than it takes them. Comparing a text with what it prints would take sessions down
# to bring them up again; so a text that was confirmed is known by what FRR made of it then.
_RECALL = f"""
cp {{folder}}/wanted {{folder}}/given || exit 1
if cmp -s {{folder}}/given {_RECORD}/given; then cp {_RECORD}/running {{folder}}/wanted; fi
"""
_REMEMBER = f"""
umask 077
mkdir -p {_RECORD} && rm -f {_RECORD}/given && {_PRINT} >{_RECORD}/running && cp {{folder}}/given {_RECORD}/given
"""

_SECTIONS = {"Lines To Delete": "-", "Lines To Add": "+"}


async def open_switch(target: Target, login: Login) -> FrrSwitch:
    """Logs in to a switch that runs FRR."""
    return FrrSwitch(await open_shell(target, login))


class FrrSwitch(GuardedSwitch):
    """One integrated configuration of all daemons, as `show running-config` of vtysh prints it."""

    async def fetch(self) -> str:
        return await self._shell.demand(_PRINT, "cannot read what runs")

    async def judge(self, folder: str) -> None:
        await self._shell.demand(_RECALL.format(folder=folder), "cannot prepare the configuration")
        answer = await self._shell.run(f"vtysh -C -f {folder}/wanted 2>&1")
        if answer.status:
            raise Refused(f"does not accept the configuration: {told(answer.out)}", self._shell.target.name)

    async def differences(self, folder: str, text: str) -> tuple[str, ...]:
        """Lines with the sign of what happens to them; those of one context follow it, indented."""
        out = await self._shell.demand(f"{_RELOAD} --test {folder}/wanted", "cannot compare")
        return tuple(_signed(out.splitlines()))

    async def untaken(self, folder: str, text: str) -> tuple[str, ...]:
        """None: frr-reload.py tells of every line that a daemon refused; others may be printed in other words."""
        return ()

    def scripts(self, folder: str, handle: str) -> dict[str, str]:
        """frr-reload.py writes the start-up configuration unless the file is the one of its `--confdir`."""
        before, after = f"{folder}/before", f"{folder}/after"
        return {
            "save": f"mkdir -p {before} {after} && {_PRINT} >{before}/frr.conf && [ -s {before}/frr.conf ] && "
            f"cp {folder}/wanted {after}/frr.conf",
            "do": f"{_RELOAD} --reload --stdout --confdir {after} {after}/frr.conf",
            "undo": f"{_RELOAD} --reload --stdout --confdir {before} {before}/frr.conf",
            "keep": f"vtysh -c 'write memory' || exit 1\n{_REMEMBER.format(folder=folder)}",
        }


def _signed(lines: list[str]) -> Iterator[str]:
    """The lines of both sections with their signs; the context that lines share stands once before them."""
    sign, context = "", dict[int, str]()
    for line in lines:
        words = line.strip()
        if words in _SECTIONS:
            sign, context = _SECTIONS[words], {}
        elif sign and words and set(words) != {"="} and not _OF_THE_SYSTEM.fullmatch(words):
            depth = len(line) - len(line.lstrip())
            if context.get(depth) != words:
                context = {above: of for above, of in context.items() if above < depth} | {depth: words}
                yield f"{sign}{line}"
