"""An InfiniBand subnet in ibsim with OpenSM managing it, and infiniband-diags looking at it. Nothing needs root."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import time
from pathlib import Path
from typing import IO

import pytest

PACKAGES = ("ibsim-utils", "opensm", "infiniband-diags")
UMAD2SIM = "umad2sim/libumad2sim.so"
BOOT_S = 40

_numbers = itertools.count(1)


class IbSim:
    """A running simulator of a net file, and the OpenSM that runs in it. `close` ends both."""

    def __init__(self, folder: Path, net: str) -> None:
        self.folder = folder
        self.log = folder / "opensm.log"
        self._net = folder / "ibsim.net"
        self._net.write_text(net)
        self._running: list[subprocess.Popen[bytes]] = []
        library = next(Path("/usr/lib").glob(f"*/{UMAD2SIM}"), None)
        if library is None:
            pytest.fail(f"ibsim-utils brought no {UMAD2SIM}")
        self._environment = {
            **os.environ,
            "LD_PRELOAD": str(library),
            "OSM_TMP_DIR": str(folder),
            "OSM_CACHE_DIR": str(folder),
            "IBSIM_SOCKNAME": f"gigasite-{os.getpid()}-{next(_numbers)}",
            "TMPDIR": str(folder),
        }

    def start(self) -> IbSim:
        text = self._net.read_text()
        nodes = len(re.findall(r"^(?:Hca|Switch)\t", text, re.MULTILINE))
        switches = re.findall(r"^Switch\t(\d+)", text, re.MULTILINE)
        ports = sum(map(int, switches)) + len(switches) + 2 * nodes
        sizes = ["-N", str(nodes + 8), "-S", str(len(switches) + 4), "-P", str(ports + 64)]
        with (self.folder / "ibsim.out").open("wb") as out:
            self._begin(["ibsim", "-s", "-n", *sizes, str(self._net)], out, preload=False)
        self._wait_for(self.folder / "ibsim.out", "Network simulator ready")
        return self

    def manage(self, config: Path) -> str:
        """Runs OpenSM with a configuration until the subnet is up; its log."""
        with (self.folder / "opensm.out").open("wb") as out:
            command = ["opensm", "-F", str(self._with_logging(config)), "-f", str(self.log)]
            self._begin(command, out, preload=True)
        self._wait_for(self.log, "SUBNET UP")
        return self.log.read_text()

    def ask(self, *command: str, timeout_s: float = 30) -> str:
        """What a tool of infiniband-diags prints."""
        path = f"/usr/sbin/{command[0]}"
        done = subprocess.run(
            [path, *command[1:]],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        if done.returncode:
            pytest.fail(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
        return done.stdout

    def close(self) -> None:
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _with_logging(self, config: Path) -> Path:
        """The configuration as it is, with where this run writes to."""
        own = self.folder / "running.conf"
        own.write_text(
            config.read_text()
            + f"log_flags 0x03\nforce_log_flush TRUE\ndump_files_dir {self.folder}/\nqos_policy_file (null)\n"
        )
        return own

    def _begin(self, command: list[str], out: IO[bytes], *, preload: bool) -> None:
        environment = dict(self._environment)
        if not preload:
            del environment["LD_PRELOAD"]
        path = next(p for p in (Path("/usr/sbin") / command[0], Path("/usr/bin") / command[0]) if p.exists())
        process = subprocess.Popen(
            [str(path), *command[1:]],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        self._running.append(process)

    def _wait_for(self, file: Path, text: str) -> None:
        until = time.monotonic() + BOOT_S
        while time.monotonic() < until:
            if file.exists() and text in file.read_text(errors="replace"):
                return
            if self._running[-1].poll() is not None:
                break
            time.sleep(0.05)
        said = file.read_text(errors="replace")[-1500:] if file.exists() else ""
        pytest.fail(f"no {text!r} in {file.name}:\n{said}")
