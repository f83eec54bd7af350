"""Small switches that speak eAPI and NVUE's REST over TLS, with real timers: what is not confirmed is taken back."""

from __future__ import annotations

import base64
import copy
import difflib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

USER, PASSWORD = "admin", "hunter2-hunter2"


class FakeSwitch:
    """A service of JSON over TLS. `silent` makes it drop connections, as a switch that was cut off."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.silent = False
        self.port = 0
        self.requests: list[str] = []

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        raise NotImplementedError

    @contextmanager
    def serving(self, certificate: Path, key: Path) -> Iterator[FakeSwitch]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(switch: FakeSwitch) -> type[BaseHTTPRequestHandler]:
    allowed = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if switch.silent:
                self.close_connection = True
                return
            status, content = 401, {"title": "unauthorized"}
            if self.headers.get("Authorization") == allowed:
                parts = urlsplit(self.path)
                query = {key: of[0] for key, of in parse_qs(parts.query).items()}
                with switch.lock:
                    switch.requests.append(f"{self.command} {unquote(parts.path)}")
                    status, content = switch.answer(
                        self.command, unquote(parts.path), query, json.loads(body) if body else None
                    )
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    return Handler


class _Timed:
    """A change under a timer, which only one of timer, confirmation and abort ends."""

    def __init__(self, lock: threading.RLock, seconds: float, undo: Callable[[], None]) -> None:
        self._lock = lock
        self._undo = undo
        self.open = True
        self._timer = threading.Timer(seconds, self.take_back)
        self._timer.daemon = True
        self._timer.start()

    def take_back(self) -> None:
        with self._lock:
            if self.open:
                self.open = False
                self._undo()

    def keep(self) -> None:
        self._timer.cancel()
        self.open = False


class FakeEos(FakeSwitch):
    """eAPI: `runCmds` with configuration sessions, their differences and their commit timers.

    Lines that begin with `bogus` are no commands; a running `shutdown` of Management1 cuts the switch off.
    """

    def __init__(self, running: str) -> None:
        super().__init__()
        self.running = running.splitlines()
        self.startup = list(self.running)
        self.sessions: dict[str, dict[str, Any]] = {}
        self._timed: _Timed | None = None

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if (method, path) != ("POST", "/command-api") or body["method"] != "runCmds":
            return 404, {}
        results: list[Any] = []
        session = ""
        for command in body["params"]["cmds"]:
            try:
                session, result = self._command(session, command)
            except ValueError as error:
                data = [*results, {"errors": [str(error)]}]
                message = f"CLI command {len(data)} of {len(body['params']['cmds'])} failed"
                return 200, {
                    "jsonrpc": "2.0",
                    "id": body["id"],
                    "error": {"code": 1002, "message": message, "data": data},
                }
            results.append(result)
        return 200, {"jsonrpc": "2.0", "id": body["id"], "result": results}

    def _command(self, session: str, command: str | dict[str, str]) -> tuple[str, Any]:
        if isinstance(command, dict):
            self.sessions[session]["lines"] += [command["cmd"], *command["input"].splitlines()]
            return session, {}
        words = command.split()
        if command == "enable" or command == "show version":
            return session, {}
        if command == "show running-config":
            return session, {"output": "\n".join(["! Command: show running-config", *self.running, "end", ""])}
        if command == "show configuration sessions":
            return session, {"sessions": {name: {"state": of["state"]} for name, of in self.sessions.items()}}
        if command == "write memory":
            self.startup = list(self.running)
            return session, {}
        if words[:2] == ["configure", "session"]:
            return self._session(words[2], words[3:])
        if words[:3] == ["show", "session-config", "named"] and words[4:] == ["diffs"]:
            lines = difflib.unified_diff(self.running, self.sessions[words[3]]["lines"], lineterm="", n=0)
            return session, {"output": "\n".join(lines)}
        if session and command == "rollback clean-config":
            self.sessions[session]["lines"] = []
            return session, {}
        if session and not command.strip().startswith("bogus"):
            self.sessions[session]["lines"].append(command)
            return session, {}
        raise ValueError(f"Invalid input (at token 0: '{words[0]}')")

    def _session(self, name: str, rest: list[str]) -> tuple[str, Any]:
        if not rest:
            self.sessions.setdefault(name, {"state": "pending", "lines": list(self.running)})
            return name, {}
        if name not in self.sessions:
            raise ValueError(f"session {name} does not exist")
        found = self.sessions[name]
        if rest == ["abort"]:
            if found["state"] == "pendingCommitTimer" and self._timed is not None:
                self._timed.take_back()
            found["state"] = "aborted"
        elif rest == ["commit"]:
            if found["state"] != "pendingCommitTimer" or self._timed is None:
                raise ValueError("no commit is pending")
            self._timed.keep()
            found["state"] = "completed"
        elif rest[:2] == ["commit", "timer"]:
            self._commit(found, rest[2])
        return "", {}

    def _commit(self, session: dict[str, Any], timer: str) -> None:
        if any(other["state"] == "pendingCommitTimer" for other in self.sessions.values()):
            raise ValueError("another session waits for its confirmation")
        hours, minutes, seconds = (int(part) for part in timer.split(":"))
        before = list(self.running)

        def undo() -> None:
            self.running, self.silent = before, False
            session["state"] = "aborted"

        self.running = list(session["lines"])
        session["state"] = "pendingCommitTimer"
        self.silent = "interface Management1 shutdown" in "\n".join(self.running).replace("\n   ", " ")
        self._timed = _Timed(self.lock, hours * 3600 + minutes * 60 + seconds, undo)


class FakeNvue(FakeSwitch):
    """NVUE: revisions that are pending, applied under a timer, confirmed and saved.

    A key `bogus` is no part of the model; `interface.eth0.link.state: down` cuts the switch off.
    """

    def __init__(self, tree: dict[str, Any]) -> None:
        super().__init__()
        self.applied = tree
        self.saved = copy.deepcopy(tree)
        self.revisions: dict[str, dict[str, Any]] = {}
        self._timed: _Timed | None = None

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/nvue_v1/revision":
            return self._all(method)
        if path.startswith("/nvue_v1/revision/"):
            return self._one(method, path.removeprefix("/nvue_v1/revision/"), body)
        if path != "/nvue_v1/":
            return 404, {"title": "no such resource"}
        if method == "GET":
            return 200, self.applied if query["rev"] == "applied" else self.revisions[query["rev"]]["tree"]
        revision = self.revisions[query["rev"]]
        if method == "DELETE":
            revision["tree"] = {}
        elif "bogus" in body:
            return 400, {"title": "Bad Request", "detail": "'bogus' does not match any of the regexes"}
        else:
            revision["tree"] |= body
        return 200, revision["tree"]

    def _all(self, method: str) -> tuple[int, Any]:
        if method == "GET":
            return 200, {name: self._shown(of) for name, of in self.revisions.items()}
        name = f"changeset/admin/2026-01-01_00.00.0{len(self.revisions)}_TEST"
        self.revisions[name] = {"state": "pending", "tree": copy.deepcopy(self.applied)}
        return 200, {name: self._shown(self.revisions[name])}

    def _one(self, method: str, name: str, body: Any) -> tuple[int, Any]:
        if name == "applied":
            self.saved = copy.deepcopy(self.applied)
            return 200, {"state": "applied_and_saved"}
        if name not in self.revisions:
            return 404, {"title": "no such revision"}
        revision = self.revisions[name]
        if method == "DELETE":
            del self.revisions[name]
        elif method == "PATCH":
            self._move(revision, body)
        return 200, self._shown(revision)

    def _move(self, revision: dict[str, Any], body: dict[str, Any]) -> None:
        state = body["state"]
        if state == "apply":
            self._apply(revision, body["state-controls"]["confirm"])
        elif state == "confirm_yes" and self._timed is not None and self._timed.open:
            self._timed.keep()
            revision["state"] = "applied"
        elif state == "confirm_no" and self._timed is not None:
            self._timed.take_back()

    def _apply(self, revision: dict[str, Any], confirm_s: int) -> None:
        if revision["tree"].get("router", {}).get("bgp", {}).get("autonomous-system") == 0:
            revision["state"] = "invalid"
            return
        before = self.applied

        def undo() -> None:
            self.applied, self.silent = before, False
            revision["state"] = "confirm_fail"

        self.applied = copy.deepcopy(revision["tree"])
        revision["state"] = "confirm"
        link = self.applied.get("interface", {}).get("eth0", {}).get("link", {})
        self.silent = link.get("state") == "down"
        self._timed = _Timed(self.lock, confirm_s, undo)

    @staticmethod
    def _shown(revision: dict[str, Any]) -> dict[str, Any]:
        issue = {"0": {"severity": "error", "message": "the autonomous system must not be 0"}}
        return {"state": revision["state"], "transition": {"issue": issue if revision["state"] == "invalid" else {}}}
