"""Arista EOS over eAPI: configuration sessions replace the whole configuration, commit timers take it back.

Requests are JSON-RPC 2.0, method `runCmds`, on `/command-api`. Sessions are named `gigasite-…`, so that one that was
left behind is known as ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from gigasite.provider.switches.https import JsonClient
from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Login, Refused, Staged, Switch, SwitchError, Target

_PORT = 443
_PREFIX = "gigasite-"


async def open_switch(target: Target, login: Login) -> EosSwitch:
    """Asks for the version, which proves that eAPI answers and lets the user in."""
    switch = EosSwitch(JsonClient(target, login, _PORT))
    try:
        await switch.run("show version")
    except BaseException:
        await switch.close()
        raise
    return switch


class EosSwitch(Switch):
    """The configuration as `show running-config` prints it."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    async def run(self, *commands: str | dict[str, str], form: str = "json") -> list[Any]:
        """The results of commands in privileged mode. Raises Refused with the command's error."""
        params = {"version": 1, "cmds": ["enable", *commands], "format": form}
        request = {"jsonrpc": "2.0", "id": "gigasite", "method": "runCmds", "params": params}
        reply = await self._client.ask("POST", "/command-api", body=request)
        if not isinstance(reply.content, dict) or not {"result", "error"} & reply.content.keys():
            raise SwitchError("what answers there is no eAPI", self._client.target.name, "see its port")
        if "error" in reply.content:
            raise Refused(f"does not accept this: {told(_errors(reply.content['error']))}", self._client.target.name)
        result: list[Any] = reply.content["result"][1:]
        return result

    async def close(self) -> None:
        await self._client.close()

    async def fetch(self) -> str:
        (shown,) = await self.run("show running-config", form="text")
        lines = [line for line in shown["output"].splitlines() if not line.startswith("! Command:")]
        return "\n".join([*lines, ""])

    async def stage(self, text: str) -> Staged:
        await self._settle()
        session = f"{_PREFIX}{secrets.token_hex(6)}"
        staged = Staged(session, ())
        try:
            await self.run(f"configure session {session}", "rollback clean-config", *_commands(text))
            return Staged(session, await self._differences(session))
        except Refused:
            await self.discard(staged)
            raise

    async def discard(self, staged: Staged) -> None:
        await self.run(f"configure session {staged.handle} abort")

    async def apply(self, staged: Staged, confirm_s: int) -> None:
        minutes, seconds = divmod(confirm_s, 60)
        hours, minutes = divmod(minutes, 60)
        timer = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
        try:
            await self.run(f"configure session {staged.handle} commit timer {timer}")
        except Refused:
            await self.discard(staged)
            raise

    async def missing(self, staged: Staged, text: str) -> tuple[str, ...]:
        """A commit is all or nothing: the state of the session is EOS's own word."""
        state = (await self._states()).get(staged.handle, "gone")
        return () if state == "pendingCommitTimer" else (f"session {staged.handle} is {state}",)

    async def confirm(self, staged: Staged) -> None:
        if (await self._states()).get(staged.handle) != "pendingCommitTimer":
            raise Refused("the time to confirm was over", self._client.target.name)
        await self.run(f"configure session {staged.handle} commit", "write memory")

    async def rollback(self, staged: Staged) -> None:
        if (await self._states()).get(staged.handle) == "pendingCommitTimer":
            await self.run(f"configure session {staged.handle} abort")

    async def _settle(self) -> None:
        """Ends sessions of ours that an earlier run left, a change under its timer included."""
        for session, state in (await self._states()).items():
            if session.startswith(_PREFIX) and state in ("pending", "pendingCommitTimer"):
                await self.run(f"configure session {session} abort")

    async def _states(self) -> dict[str, str]:
        (shown,) = await self.run("show configuration sessions")
        return {name: session.get("state", "") for name, session in shown.get("sessions", {}).items()}

    async def _differences(self, session: str) -> tuple[str, ...]:
        (shown,) = await self.run(f"show session-config named {session} diffs", form="text")
        lines = shown["output"].splitlines()
        return tuple(line for line in lines if line.strip() and not line.startswith(("--- ", "+++ ", "@@")))


def _commands(text: str) -> Iterator[str | dict[str, str]]:
    """The lines as commands; a banner is one command whose text comes as its input, up to the line `EOF`."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("banner "):
            yield {"cmd": line.strip(), "input": "\n".join([*takewhile(lambda of: of.strip() != "EOF", lines), "EOF"])}
        elif line.strip() not in ("", "!", "end"):
            yield line.rstrip()


def _errors(error: dict[str, Any]) -> str:
    """The message of a JSON-RPC error, and what each command said, without the commands themselves."""
    said = [text for entry in error.get("data", []) if isinstance(entry, dict) for text in entry.get("errors", [])]
    return "\n".join([*(str(text) for text in said)] or [str(error.get("message", "unknown error"))])
