"""NVIDIA Cumulus Linux over NVUE's REST service: revisions that are applied, confirmed and saved.

A revision is begun with POST `/revision`, emptied with DELETE and filled with PATCH on `/?rev=…`; its state goes
`pending`, `apply`, then `confirm` while the switch waits for a confirmation, and `applied` in the end.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import quote

import yaml

from gigasite.provider.switches.https import JsonClient
from gigasite.provider.switches.masking import told
from gigasite.provider.switches.model import Login, Refused, Staged, Switch, SwitchError, Target

_PORT = 8765
_ROOT = "/nvue_v1/"
_WAITING = "confirm"
_KEPT = ("applied", "applied_and_saved", "saved")
_FAILED = (
    *("invalid", "ays_fail", "ays_no", "apply_fail", "apply_error", "ignore_fail", "verify_error", "verify_fail"),
    *("confirm_fail", "confirm_no", "rolled_back"),
)
_YES = {"ays": "ays_yes"}
_POLL_S = 0.2
_SETTLE_S = 120


async def open_switch(target: Target, login: Login) -> NvueSwitch:
    """Asks for the revisions, which proves that NVUE answers and lets the user in."""
    switch = NvueSwitch(JsonClient(target, login, _PORT))
    try:
        await switch.revisions()
    except BaseException:
        await switch.close()
        raise
    return switch


class NvueSwitch(Switch):
    """The configuration as `nv config show` prints it: YAML, a list with one `set`."""

    def __init__(self, client: JsonClient) -> None:
        self._client = client

    async def close(self) -> None:
        await self._client.close()

    async def fetch(self) -> str:
        return yaml.safe_dump([{"set": await self._tree("applied")}], sort_keys=True, allow_unicode=True)

    async def stage(self, text: str) -> Staged:
        wanted = wanted_tree(text, self._client.target.name)
        for revision, state in (await self.revisions()).items():
            if state == _WAITING:
                await self.rollback(Staged(revision, ()))
        begun = await self._ask("POST", f"{_ROOT}revision", body={})
        if not isinstance(begun, dict) or len(begun) != 1:
            raise SwitchError("what answers there is no NVUE", self._client.target.name, "see its port")
        staged = Staged(next(iter(begun)), ())
        try:
            await self._ask("DELETE", _ROOT, params={"rev": staged.handle})
            await self._ask("PATCH", _ROOT, body=wanted, params={"rev": staged.handle})
            old, new = await self._tree("applied"), await self._tree(staged.handle)
        except Refused:
            await self.discard(staged)
            raise
        return Staged(staged.handle, _differences(old, new))

    async def discard(self, staged: Staged) -> None:
        await self._client.ask("DELETE", _revision(staged.handle))  # some releases keep what was never applied

    async def apply(self, staged: Staged, confirm_s: int) -> None:
        await self._set(staged, {"state": "apply", "auto-prompt": _YES, "state-controls": {"confirm": confirm_s}})
        state = await self._wait(staged, (_WAITING, *_KEPT), confirm_s)
        if state in _KEPT:
            raise SwitchError(
                "ran the change without waiting for a confirmation",
                self._client.target.name,
                "this release of NVUE knows no confirmation over REST; it runs the wanted configuration",
            )

    async def missing(self, staged: Staged, text: str) -> tuple[str, ...]:
        state = (await self.revisions()).get(staged.handle, "gone")
        return () if state in (_WAITING, *_KEPT) else (f"revision {staged.handle} is {state}",)

    async def confirm(self, staged: Staged) -> None:
        if (await self.revisions()).get(staged.handle) != _WAITING:
            raise Refused("the time to confirm was over", self._client.target.name)
        await self._set(staged, {"state": "confirm_yes", "auto-prompt": _YES})
        await self._wait(staged, _KEPT, _SETTLE_S)
        await self._ask("PATCH", _revision("applied"), body={"state": "save", "auto-prompt": _YES})

    async def rollback(self, staged: Staged) -> None:
        if (await self.revisions()).get(staged.handle) != _WAITING:
            return
        await self._set(staged, {"state": "confirm_no", "auto-prompt": _YES})
        end = time.monotonic() + _SETTLE_S
        while (state := (await self.revisions()).get(staged.handle)) in (_WAITING, "confirm_no"):
            if time.monotonic() > end:
                raise Refused(f"does not take the change back: its state is {state}", self._client.target.name)
            await asyncio.sleep(_POLL_S)

    async def revisions(self) -> dict[str, str]:
        """The state of each revision."""
        shown = await self._ask("GET", f"{_ROOT}revision")
        if not isinstance(shown, dict):
            raise SwitchError("what answers there is no NVUE", self._client.target.name, "see its port")
        return {name: str(body.get("state", "")) for name, body in shown.items() if isinstance(body, dict)}

    async def _tree(self, revision: str) -> dict[str, Any]:
        params = {"rev": revision, "filled": "false"}
        shown: dict[str, Any] = await self._ask("GET", _ROOT, params=params)
        return shown

    async def _set(self, staged: Staged, body: dict[str, Any]) -> None:
        await self._ask("PATCH", _revision(staged.handle), body=body)

    async def _wait(self, staged: Staged, wanted: tuple[str, ...], limit_s: float) -> str:
        end = time.monotonic() + limit_s
        while True:
            shown = await self._ask("GET", _revision(staged.handle))
            state = str(shown.get("state", ""))
            if state in wanted:
                return state
            if state in _FAILED:
                said = told(_issues(shown)) or state
                raise Refused(f"refused while it was applied: {said}", self._client.target.name)
            if time.monotonic() > end:
                raise Refused(f"did not come to an end: its state is {state}", self._client.target.name)
            await asyncio.sleep(_POLL_S)

    async def _ask(self, method: str, path: str, *, body: Any = None, params: dict[str, str] | None = None) -> Any:
        reply = await self._client.ask(method, path, body=body, params=params)
        if reply.status >= 400:
            content = reply.content if isinstance(reply.content, dict) else {}
            said = told(str(content.get("detail") or content.get("title") or f"status {reply.status}"))
            raise Refused(f"does not accept this: {said}", self._client.target.name)
        return reply.content


def wanted_tree(text: str, name: str) -> dict[str, Any]:
    """What a start-up file sets, as one tree. Raises SwitchError for a text that is no such file."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SwitchError(f"the configuration is no YAML: {told(str(error))}", name) from error
    parts = document if isinstance(document, list) else []
    trees = [part["set"] for part in parts if isinstance(part, dict) and isinstance(part.get("set"), dict)]
    if len(trees) != 1:
        raise SwitchError("the configuration is no start-up file of NVUE: a list with one `set`", name)
    tree: dict[str, Any] = trees[0]
    return tree


def _revision(handle: str) -> str:
    return f"{_ROOT}revision/{quote(handle, safe='')}"


def _issues(shown: dict[str, Any]) -> str:
    transition = shown.get("transition") or {}
    issues = transition.get("issue") or {}
    said = [str(issue.get("message", "")) for issue in issues.values() if isinstance(issue, dict)]
    return "\n".join(said) or str(transition.get("progress", ""))


def _differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    """Leaves that go and come, as `nv` would name them."""
    before, after = set(_leaves(old)), set(_leaves(new))
    gone = [f"-nv set {leaf}" for leaf in sorted(before - after)]
    return (*gone, *(f"+nv set {leaf}" for leaf in sorted(after - before)))


def _leaves(tree: Any, path: str = "") -> list[str]:
    if isinstance(tree, dict) and tree:
        return [leaf for key, value in tree.items() for leaf in _leaves(value, f"{path} {key}")]
    return [path.strip() if tree in ({}, None) else f"{path} {tree}".strip()]
