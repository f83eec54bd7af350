"""Machines that speak LLDP: an lldpd in a network namespace each, joined by veth pairs. Needs root."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from pathlib import Path

import pytest

PACKAGES = ("lldpd",)
_START = "hostname {name} && exec /usr/sbin/lldpd -d -u {socket}"
_START_S = 20
_numbers = itertools.count(1)


class LldpNetwork:
    """Namespaces by the names of their machines. `close` ends every daemon and removes every namespace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = f"{os.getpid() % 100000}x{next(_numbers)}"
        self._namespaces: dict[str, str] = {}
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def cable(self, a: str, a_port: str, b: str, b_port: str) -> None:
        """A veth pair between two machines, up on both sides."""
        ends = [(self._namespace(name), port) for name, port in ((a, a_port), (b, b_port))]
        (one, first), (other, second) = ends
        _ip("link", "add", first, "netns", one, "type", "veth", "peer", "name", second, "netns", other)
        for namespace, port in ends:
            _ip("-n", namespace, "link", "set", port, "up")

    def start(self) -> None:
        """An lldpd in each namespace, under its machine's name."""
        Path("/run/lldpd").mkdir(exist_ok=True)  # where lldpd locks itself in
        for name, namespace in self._namespaces.items():
            script = _START.format(name=name, socket=self._socket(name))
            with (self._folder / f"{namespace}.log").open("wb") as out:
                self._daemons[name] = subprocess.Popen(
                    ["/usr/sbin/ip", "netns", "exec", namespace, "/usr/bin/unshare", "--uts", "sh", "-c", script],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )

        for name in self._namespaces:
            self._speak_often(name)

    def neighbours(self, name: str, style: str, count: int, patience_s: float = 20) -> str:
        """What `lldpctl -f <style>` of a machine prints, once it has so many neighbours."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            seen = self._ask(name, "keyvalue").count(".chassis.name=")
            if seen >= count:
                return self._ask(name, style)
            time.sleep(0.2)
        pytest.fail(f"{name} has fewer than {count} neighbours: {self._ask(name, 'keyvalue')[-1000:]}")

    def close(self) -> None:
        for daemon in self._daemons.values():
            daemon.terminate()
        for daemon in self._daemons.values():
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for name, namespace in self._namespaces.items():
            self._socket(name).unlink(missing_ok=True)
            subprocess.run(["/usr/sbin/ip", "netns", "del", namespace], check=False, capture_output=True)

    def _namespace(self, name: str) -> str:
        if name not in self._namespaces:
            self._namespaces[name] = f"gl-{self._mark}-{len(self._namespaces)}"
            _ip("netns", "add", self._namespaces[name])
        return self._namespaces[name]

    def _speak_often(self, name: str) -> None:
        """Every second instead of every half minute, as soon as the daemon listens."""
        command = ["/usr/sbin/lldpcli", "-u", str(self._socket(name)), "configure", "lldp", "tx-interval", "1"]
        until = time.monotonic() + _START_S
        while subprocess.run(command, capture_output=True, timeout=10).returncode or not self._socket(name).exists():
            if time.monotonic() > until:
                pytest.fail(f"lldpd of {name} does not listen")
            time.sleep(0.1)

    def _socket(self, name: str) -> Path:
        return Path(f"/run/{self._namespaces[name]}.sock")  # a socket's path has 108 characters at most

    def _ask(self, name: str, style: str) -> str:
        command = ["/usr/sbin/lldpctl", "-u", str(self._socket(name)), "-f", style]
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout


def _ip(*arguments: str) -> None:
    done = subprocess.run(["/usr/sbin/ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
