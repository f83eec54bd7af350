"""A fabric on this machine: a network namespace a switch and a host, a veth pair a cable, FRRouting on its files.

Everything that it starts it ends by process id, and everything that it makes bears its own prefix.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Switch
from gigasite.render.switch.render import rendered

from .sites import hosts_of

FRR_LIB = Path("/usr/lib/frr")
FRR_RUN, FRR_ETC = Path("/var/run/frr"), Path("/etc/frr")
WORKERS = 4


class Lab:
    """One fabric, running. Switches and hosts are known by the names that the design gives them."""

    def __init__(self, design: Design, catalog: Catalog) -> None:
        self.design = design
        self.hosts = hosts_of(design, catalog)
        self.switches: Mapping[str, Switch] = {s.name: s for s in build_switches(design, catalog, "compute")}
        self.files = {name: rendered(switch) for name, switch in self.switches.items()}
        names = [*self.switches, *self.hosts["node"].unique(maintain_order=True)]
        self.namespace = {name: f"gs{os.getpid()}-{number}" for number, name in enumerate(names)}
        self.processes: dict[str, list[int]] = {}

    def start(self) -> None:
        """Cables, hosts, then all switches."""
        _ip(f"netns add {namespace}" for namespace in self.namespace.values())
        self._cable()
        self._set_up_hosts()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self._boot, self.switches))

    def stop(self) -> None:
        for name in tuple(self.processes):
            self._end(name)
        _ip((f"netns del {namespace}" for namespace in self.namespace.values()), check=False)
        for name in self.switches:
            for place in (FRR_RUN, FRR_ETC):
                shutil.rmtree(place / self.namespace[name], ignore_errors=True)

    def power_off(self, switch: str) -> None:
        """Its links go dark and its daemons end."""
        self.cut(switch)
        self._end(switch)

    def power_on(self, switch: str) -> None:
        self.join(switch)
        self._start_frr(switch)

    def cut(self, switch: str) -> None:
        """Its links go dark, all at once."""
        self._set_links(switch, "down")

    def join(self, switch: str) -> None:
        self._set_links(switch, "up")

    def vtysh(self, switch: str, command: str) -> Any:
        """What FRRouting answers to a command, from its JSON."""
        text = _run("vtysh", "-N", self.namespace[switch], "-c", f"{command} json")
        return json.loads(text)

    def sessions(self, switch: str) -> dict[str, str]:
        """State of each BGP session, by the interface or the address of the neighbour."""
        found = self.vtysh(switch, "show bgp ipv4 unicast summary")
        return {name: peer["state"] for name, peer in found.get("peers", {}).items()}

    def next_hops(self, switch: str, network: str) -> list[str]:
        """Interfaces over which the kernel forwards to a network."""
        text = _run("ip", "-n", self.namespace[switch], "-j", "route", "show", network)
        routes = json.loads(text)
        return [hop["dev"] for route in routes for hop in route.get("nexthops", [route]) if "dev" in hop]

    def _cable(self) -> None:
        """A veth pair a cable of the fabric, its ends named as the configurations name them."""
        ends = {(s.name, i.name): (i.peer, i.peer_port) for s in self.switches.values() for i in s.interfaces}
        made: set[frozenset[tuple[str, str]]] = set()
        commands = []
        for near, far in ends.items():
            pair = frozenset((near, far))
            if pair not in made:
                made.add(pair)
                ns = [self.namespace[end[0]] for end in (near, far)]
                commands.append(f"link add {near[1]} netns {ns[0]} type veth peer name {far[1]} netns {ns[1]}")
        assert len(commands) == self.design.tables.cables.filter(fabric="compute").height
        _ip(commands)

    def _set_up_hosts(self) -> None:
        for (node,), rows in self.hosts.partition_by("node", as_dict=True, maintain_order=True).items():
            commands = ["link set lo up"]
            for row in rows.iter_rows(named=True):
                commands += [
                    f"address add {row['address']}/{row['prefix_length']} dev {row['interface']}",
                    f"link set {row['interface']} mtu {row['mtu']} up",
                    f"rule add from {row['address']} lookup {row['table']}",
                ]
                for route in row["routes"]:
                    table = route["table"] or "main"
                    commands.append(f"route add {route['to']} via {route['via']} dev {row['interface']} table {table}")
            _ip(commands, self.namespace[str(node)])

    def _boot(self, switch: str) -> None:
        namespace, home = self.namespace[switch], FRR_ETC / self.namespace[switch]
        home.mkdir(parents=True)
        for name, text in self.files[switch].items():
            (home / name).write_text(text)
        (home / "vtysh.conf").write_text("service integrated-vtysh-config\n")
        _run("chown", "-R", "frr:frr", str(home))
        _run(*_inside(namespace, "sysctl", "-q", "-p", str(home / "sysctl.conf")))
        self._if_up(switch, home / "interfaces")
        self._start_frr(switch)

    def _if_up(self, switch: str, file: Path) -> None:
        """ifupdown2 itself, with its lock and its state in a place of its own."""
        own = "mount -t tmpfs none /run && mount -t tmpfs none /var/tmp && mkdir /run/network"
        script = f"{own} && exec ifup -a -i {shlex.quote(str(file))}"
        _run(*_inside(self.namespace[switch], "unshare", "-m", "sh", "-c", script))

    def _start_frr(self, switch: str) -> None:
        """The daemons that the switch's `daemons` names, with its options, then its frr.conf as at a boot."""
        namespace = self.namespace[switch]
        run = FRR_RUN / namespace
        run.mkdir(parents=True, exist_ok=True)
        _run("chown", "frr:frr", str(run))
        settings = dict(
            line.split("=", 1) for line in self.files[switch]["daemons"].splitlines() if "=" in line and line[0] != "#"
        )
        self.processes[switch] = []
        for daemon in ("zebra", "bgpd", "bfdd"):
            if settings[daemon] != "yes":
                continue
            options = shlex.split(settings[f"{daemon}_options"].strip('"'))
            _run(*_inside(namespace, str(FRR_LIB / daemon), "-d", "-N", namespace, *options))
            self.processes[switch].append(int((run / f"{daemon}.pid").read_text()))
        _run("vtysh", "-N", namespace, "-b")

    def _end(self, switch: str) -> None:
        for pid in self.processes.pop(switch, []):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(FRR_RUN / self.namespace[switch], ignore_errors=True)

    def _set_links(self, switch: str, state: str) -> None:
        links = (f"link set {interface.name} {state}" for interface in self.switches[switch].interfaces)
        _ip(links, self.namespace[switch])


def wait_until(holds: Any, timeout_s: float, what: str) -> float:
    """Seconds until something holds. Fails where it does not in time."""
    started_s = time.monotonic()
    while not holds():
        taken_s = time.monotonic() - started_s
        assert taken_s < timeout_s, f"not within {timeout_s:.0f} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - started_s


def _inside(namespace: str, *command: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", namespace, *command)


def _ip(commands: Iterable[str], namespace: str | None = None, *, check: bool = True) -> None:
    """Many commands of `ip` in one process."""
    where: Sequence[str] = ("-n", namespace) if namespace else ()
    lines = "".join(f"{command}\n" for command in commands)
    force = () if check else ("-force",)
    done = subprocess.run(["ip", *where, *force, "-batch", "-"], input=lines, capture_output=True, text=True)
    assert not check or done.returncode == 0, done.stderr


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
