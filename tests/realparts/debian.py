"""Debian packages that tests need: installed when the tests run as root, else asked for in the reason of a skip."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

_LOCK = Path(tempfile.gettempdir()) / "gigasite-tests-apt.lock"


def need(*packages: str) -> None:
    """Sees that packages are there. Skips the test, saying so, where they are missing and cannot be installed."""
    missing = tuple(sorted(name for name in packages if not _is_installed(name)))
    if missing:
        _install(missing)


def need_root() -> None:
    """Skips a test that makes network namespaces, which only root may."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make network namespaces")


def _is_installed(package: str) -> bool:
    query = shutil.which("dpkg-query")
    if query is None:
        return False
    asked = subprocess.run([query, "-W", "-f=${db:Status-Status}", package], capture_output=True, text=True)
    return asked.returncode == 0 and asked.stdout == "installed"


@cache
def _install(packages: tuple[str, ...]) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0:
        pytest.skip(f"needs the Debian packages {names}, and root to install them")
    apt = shutil.which("apt-get")
    if apt is None:
        pytest.skip(f"needs the Debian packages {names}, and this is no Debian")
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers install too
        still = [name for name in packages if not _is_installed(name)]
        if still:
            _apt(apt, still)


def _apt(apt: str, packages: list[str]) -> None:
    """Installs without starting any service: tests start their own, on ports and in namespaces of their own."""
    with tempfile.TemporaryDirectory() as folder:
        policy = Path("/usr/sbin/policy-rc.d")
        ours = not policy.exists()
        if ours:
            policy.write_text("#!/bin/sh\nexit 101\n")
            policy.chmod(0o755)
        try:
            log = Path(folder) / "apt.log"
            with log.open("w") as out:
                quiet = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
                env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run([apt, "-q", "update"], env=env, timeout=300, **quiet)
                command = [apt, "-q", "install", "-y", "--no-install-recommends", *packages]
                done = subprocess.run(command, env=env, timeout=600, **quiet)
            if done.returncode:
                pytest.fail(f"could not install {' '.join(packages)}:\n{log.read_text()[-2000:]}")
        finally:
            if ours:
                policy.unlink()
