"""Linux as on a switch, in a network namespace: an sshd, and FRR or what else it runs, in folders of their own.

The namespace sees its own `/etc/frr`, `/run`, `/var/lib` and `/var/log/frr`: everything has its usual path there.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

DAEMONS = ("zebra", "bgpd", "bfdd", "staticd")
BASE_CONFIG = "frr defaults datacenter\nhostname {name}\nlog syslog informational\nservice integrated-vtysh-config\n!\n"

_numbers = itertools.count(1)

_START = """
set -e
hostname {name}
mount --make-rprivate /
mount --bind {folder}/run /run
mount --bind {folder}/lib /var/lib
ip link set lo up
{boot}
exec /usr/sbin/sshd -D -e -f {folder}/sshd_config
"""

_BOOT_FRR = """
mount --bind {folder}/etc /etc/frr
mount --bind {folder}/log /var/log/frr
{daemons}
for daemon in {names}; do
  while [ ! -S /run/frr/$daemon.vty ]; do sleep 0.05; done
done
vtysh -b
"""


class LinuxSwitch:
    """One running switch: where it is reached, and its keys. `close` ends every process of its namespace."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        number = next(_numbers)
        self._namespace = f"gsw-{os.getpid()}-{number}"
        self._link = f"gs{os.getpid() % 100000}x{number}"
        third, fourth = divmod((os.getpid() * 16 + number) % (64 * 256), 64)
        network = f"198.18.{third}.{fourth * 4}".rsplit(".", 1)
        self.address = f"{network[0]}.{int(network[1]) + 2}"
        self._gateway = f"{network[0]}.{int(network[1]) + 1}"
        self.key_file = folder / "user_key"
        self.known_hosts = folder / "known_hosts"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        for part in ("lib", "run/sshd"):
            (self.folder / part).mkdir(parents=True)
        boot = self.prepare()
        for key in ("host_key", "user_key"):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key))
        host_key = (self.folder / "host_key.pub").read_text().split()
        self.known_hosts.write_text(f"{self.address} {host_key[0]} {host_key[1]}\n")
        (self.folder / "sshd_config").write_text(
            f"ListenAddress {self.address}:22\nHostKey {self.folder}/host_key\nPidFile none\nStrictModes no\n"
            f"AuthorizedKeysFile {self.folder}/user_key.pub\nPasswordAuthentication no\nUsePAM no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
            f"SetEnv PATH={self.folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        )
        _run("ip", "netns", "add", self._namespace)
        _run("ip", "link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns", self._namespace)
        _run("ip", "address", "add", f"{self._gateway}/30", "dev", self._link)
        _run("ip", "link", "set", self._link, "up")
        self._inside("ip", "address", "add", f"{self.address}/30", "dev", "eth0")
        self._inside("ip", "link", "set", "eth0", "up")
        script = _START.format(name=self.name, folder=self.folder, boot=boot)
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", self._namespace, "unshare", "--mount", "--uts", "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "start.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        self._wait_for_sshd()
        return self

    def prepare(self) -> str:
        """Puts files in place, and returns the shell commands that start what the switch runs."""
        raise NotImplementedError

    def inside(self, *command: str) -> str:
        """What a command says on the switch itself, past the management network."""
        assert self._process is not None
        target = ["nsenter", "--target", str(self._process.pid), "--mount", "--net", "--uts"]
        return subprocess.run([*target, *command], capture_output=True, text=True, check=True).stdout

    def close(self) -> None:
        pids = subprocess.run(["ip", "netns", "pids", self._namespace], capture_output=True, text=True).stdout.split()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        subprocess.run(["ip", "netns", "delete", self._namespace], capture_output=True)
        subprocess.run(["ip", "link", "delete", self._link], capture_output=True)

    def _inside(self, *command: str) -> None:
        _run("ip", "netns", "exec", self._namespace, *command)

    def _wait_for_sshd(self) -> None:
        log = self.folder / "start.log"
        for _ in range(400):
            assert self._process is not None
            if "Server listening" in log.read_text():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the switch did not start:\n{log.read_text()}")


class FrrSwitch(LinuxSwitch):
    """FRR with its daemons and vtysh."""

    def prepare(self) -> str:
        for part in ("etc", "log", "run/frr"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "etc/vtysh.conf").write_text("service integrated-vtysh-config\n")
        (self.folder / "etc/frr.conf").write_text(BASE_CONFIG.format(name=self.name))
        for part in ("etc", "etc/frr.conf", "etc/vtysh.conf", "log", "run/frr"):
            _run("chown", "frr:frr", str(self.folder / part))
        daemons = "\n".join(f"/usr/lib/frr/{daemon} -d -A 127.0.0.1 -P 0" for daemon in DAEMONS)
        return _BOOT_FRR.format(folder=self.folder, daemons=daemons, names=" ".join(DAEMONS))

    def vtysh(self, *commands: str) -> str:
        """What vtysh says."""
        return self.inside("vtysh", *(word for command in commands for word in ("-c", command)))

    def running(self) -> str:
        return self.vtysh("show running-config")

    def stored(self) -> str:
        return (self.folder / "etc/frr.conf").read_text()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
