"""Commands on a switch over SSH: asyncssh, with the host key verified and without the user's ssh configuration."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gigasite.errors import GigasiteError
from gigasite.provider.switches.connecting import library
from gigasite.provider.switches.masking import one_line, told
from gigasite.provider.switches.model import Login, Refused, SwitchError, Target, Unreachable

if TYPE_CHECKING:
    import asyncssh

_CONNECT_S = 15
_COMMAND_S = 120
_KEEPALIVE_S = 3  # three of them unanswered end a connection that a change has cut


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left."""

    status: int
    out: str
    error: str


class Shell:
    """One SSH connection on which every command runs with the rights of root."""

    def __init__(self, target: Target, login: Login, connected: asyncssh.SSHClientConnection) -> None:
        self.target = target
        self._login = login
        self._connection = connected
        self._prefix = ""

    async def run(self, script: str, *, stdin: str = "", limit_s: float = _COMMAND_S) -> Answer:
        """Runs a shell script. Raises Unreachable where the connection breaks or the time is over.

        Contents go through `stdin`: a script may be read by everybody in the switch's list of processes.
        """
        asyncssh = library("asyncssh")
        command = f"{self._prefix}sh -c {shlex.quote(script)}"
        try:
            done = await self._connection.run(command, input=stdin, timeout=limit_s, encoding="utf-8", errors="replace")
        except asyncssh.TimeoutError as error:
            raise Unreachable(f"no answer within {limit_s:.0f} s", self.target.name) from error
        except (OSError, asyncssh.Error) as error:
            raise Unreachable(f"the connection broke: {one_line(str(error))}", self.target.name) from error
        if done.exit_status is None:
            raise Unreachable("the connection broke", self.target.name)
        return Answer(done.exit_status, str(done.stdout or ""), str(done.stderr or ""))

    async def demand(self, script: str, what: str, *, stdin: str = "", limit_s: float = _COMMAND_S) -> str:
        """The output of a script that must succeed. Raises Refused with what the switch said."""
        answer = await self.run(script, stdin=stdin, limit_s=limit_s)
        if answer.status:
            said = told(f"{answer.out}\n{answer.error}", self._login.password) or f"exit status {answer.status}"
            raise Refused(f"{what}: {said}", self.target.name)
        return answer.out

    async def become_root(self) -> None:
        """Finds out whether commands need sudo. Raises SwitchError where that asks for a password."""
        if (await self.demand("id -u", "cannot run commands")).strip() == "0":
            return
        if (await self.run("sudo -n true")).status:
            raise SwitchError(
                f"the user {self._login.user} may not become root without a password",
                self.target.name,
                "give the user a rule of sudoers with NOPASSWD, or log in as root",
            )
        self._prefix = "sudo -n "

    async def close(self) -> None:
        self._connection.close()
        try:
            await asyncio.wait_for(self._connection.wait_closed(), _KEEPALIVE_S)
        except (TimeoutError, OSError):
            self._connection.abort()


async def open_shell(target: Target, login: Login) -> Shell:
    """Logs in. Raises Unreachable, or SwitchError for a host key or a login that is not accepted."""
    asyncssh = library("asyncssh")
    if not login.known_hosts.is_file():
        raise GigasiteError(
            "there is no file of known hosts, so no switch can prove who it is",
            str(login.known_hosts),
            "collect the host keys over a path that you trust; see login.knownHosts",
        )
    options: dict[str, Any] = {
        "known_hosts": str(login.known_hosts),
        "username": login.user,
        "config": None,  # what is in the user's file may weaken the checks of host keys
        "connect_timeout": _CONNECT_S,
        "login_timeout": _CONNECT_S,
        "keepalive_interval": _KEEPALIVE_S,
        "keepalive_count_max": 3,
    }
    if login.password is not None:
        options["password"] = login.password
    if login.key_file is not None:
        options |= {"client_keys": [str(login.key_file)], "agent_path": None}
    try:
        connected = await asyncssh.connect(target.address, target.port or 22, **options)
    except asyncssh.HostKeyNotVerifiable as error:
        raise SwitchError(
            f"its host key is not the one in {login.known_hosts.name}: {one_line(str(error))}",
            target.name,
            "find out whether this is the switch before you change the file of known hosts",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise SwitchError(f"the login of {login.user} was refused", target.name, "see login and password") from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise SwitchError(f"the key file cannot be used: {one_line(str(error))}", target.name) from error
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise Unreachable(f"no connection: {one_line(str(error)) or type(error).__name__}", target.name) from error
    shell = Shell(target, login, connected)
    try:
        await shell.become_root()
    except BaseException:
        await shell.close()
        raise
    return shell
