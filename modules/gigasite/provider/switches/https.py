"""JSON over HTTPS with a switch: httpx, with the certificate verified and without proxies of the environment."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gigasite.errors import GigasiteError
from gigasite.provider.switches.connecting import library
from gigasite.provider.switches.masking import one_line
from gigasite.provider.switches.model import Login, SwitchError, Target, Unreachable

if TYPE_CHECKING:
    from httpx import AsyncClient as Client

_CONNECT_S = 15
_ANSWER_S = 120
_DENIED = (401, 403)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status below 500, and the JSON that came with it."""

    status: int
    content: Any


class JsonClient:
    """One switch's HTTPS service."""

    def __init__(self, target: Target, login: Login, port: int) -> None:
        if login.password is None:
            raise SwitchError(
                "logging in over HTTPS needs a password", target.name, "set `password`, or `login.passwordVariable`"
            )
        httpx = library("httpx")
        host = f"[{target.address}]" if ":" in target.address else target.address
        self.target = target
        self._login = login
        self._client: Client = httpx.AsyncClient(
            base_url=f"https://{host}:{target.port or port}",
            auth=(login.user, login.password),
            verify=_trust(login),
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )

    async def ask(self, method: str, path: str, *, body: Any = None, params: dict[str, str] | None = None) -> Reply:
        """What the service answers. Raises Unreachable, or SwitchError for what is no such service."""
        httpx = library("httpx")
        try:
            answer = await self._client.request(method, path, json=body, params=params)
        except httpx.TransportError as error:
            if _is_untrusted(error):
                raise SwitchError(
                    f"its certificate cannot be verified: {one_line(str(error))}",
                    self.target.name,
                    "give the authority that signed it as login.caBundle",
                ) from error
            said = one_line(str(error)) or type(error).__name__
            raise Unreachable(f"no connection: {said}", self.target.name) from error
        if answer.status_code in _DENIED:
            raise SwitchError(
                f"the login of {self._login.user} was refused", self.target.name, "see login and password"
            )
        if answer.status_code >= 500:  # the server's fault, or a proxy before one that starts
            raise Unreachable(f"answers with the status {answer.status_code}", self.target.name)
        try:
            return Reply(answer.status_code, answer.json() if answer.content else {})
        except ValueError as error:
            raise SwitchError("what answers there does not speak JSON", self.target.name, "see its port") from error

    async def close(self) -> None:
        await self._client.aclose()


def _trust(login: Login) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(login.ca_bundle) if login.ca_bundle else None)
    except (OSError, ssl.SSLError) as error:
        raise GigasiteError(f"cannot read these certificates: {error}", str(login.ca_bundle)) from error


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
