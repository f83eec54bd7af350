"""How long a site takes: its design and checks as work, and the verbs from the shell.

Verbs run in a fresh project of their own; each is a process, interpreter and imports included.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
ROUNDS = 3

# 24 scalable units of NVL72 with their network: about 250 racks.
MIDDLE_SITE = """\
schema_version: 1
name: middle
location: {grid: ercot, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}
power:
  utility: {voltage_kv: 138, available_mw: 60}
  blocks: {topology: 4N3R, rack_voltage_v: 415}
racks: {feeds: 4}
pools: [{name: train, system: gb300-nvl72, scalable_units: 24}]
network: {supernets: {compute: 10.64.0.0/10, storage: 10.36.0.0/14, inband: 10.40.0.0/14, oob: 10.32.0.0/14}}
"""

# One site of 1 GW at the grid, and a number for each of its kind: 570 scalable units of NVL72 with their network.
LARGE_SITE = """\
schema_version: 1
name: large{number}
location: {{grid: ercot, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}}
power:
  utility: {{voltage_kv: 345, available_mw: 1500}}
  blocks: {{topology: 4N3R, unit_kw: 2500, rack_voltage_v: 415}}
halls: {{count: 52, rack_positions: 160}}
racks: {{feeds: 4}}
pools: [{{name: train, system: gb300-nvl72, scalable_units: 570}}]
network: {{supernets: {{compute: 10.0.0.0/8, storage: 11.0.0.0/9, inband: 12.0.0.0/9, oob: 13.0.0.0/9}}}}
"""
LARGE_COUNT = 5

_LARGE = """\
import resource, sys, time
started_s = time.perf_counter()
from benchmarks.sites import LARGE_SITE
from gigasite.catalog.load import load_catalog
from gigasite.checks.registry import run
from gigasite.design.expand import expand
from gigasite.spec.loader import load_text
catalog = load_catalog()
sites = range(1, int(sys.argv[1]) + 1)
mw = racks = links = 0
for number in sites:
    design = expand(load_text(LARGE_SITE.format(number=number), catalog=catalog).spec, catalog)
    run(design, catalog)
    mw += (design.power.utility_kw or 0.0) / 1000
    racks += design.tables.racks.height
    links += design.tables.cables.height
taken_s = time.perf_counter() - started_s
gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(f"{taken_s} {gib} {mw} {racks} {links}")
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in seconds, `target_s` None where nobody set one."""

    what: str
    measured_s: float
    target_s: float | None = None
    beside: str = ""


def design_rows() -> Iterator[Row]:
    """Load, expand, check and export llano, in this process; the best of some rounds."""
    from gigasite.catalog.load import load_catalog
    from gigasite.checks.registry import run
    from gigasite.components.cabling_papers import cabling_papers
    from gigasite.design.expand import expand
    from gigasite.exports.switches import switch_groups
    from gigasite.render.infiniband.files import infiniband_files
    from gigasite.spec.loader import load_site

    catalog = load_catalog()
    file = CLONE / "stacks" / "llano" / "site.yaml"
    spec = load_site(file, catalog).spec
    design = expand(spec, catalog)
    tables = design.tables
    size = f"{tables.racks.height:,} racks, {tables.nodes.height:,} nodes, {tables.cables.height:,} links"
    load_s = _best(lambda: load_site(file, catalog))
    expand_s = _best(lambda: expand(spec, catalog))
    check_s = _best(lambda: run(design, catalog))
    yield Row("llano: load, design and check (work)", load_s + expand_s + check_s, 1.0, size)
    yield Row(
        "llano: device data and cable schedules as text",
        _best(lambda: _exported(design.fabrics, switch_groups, design)),
    )
    folders = [folder for name in design.fabrics for folder in cabling_papers(design, name, catalog)]
    yield Row(
        "llano: papers of its cabling",
        _best(lambda: [cabling_papers(design, name, catalog) for name in design.fabrics]),
        2.0,
        _megabytes(folder.files for folder in folders),
    )
    subnets = infiniband_files(design, catalog)
    yield Row(
        "llano: files of its InfiniBand subnets, checked",
        _best(lambda: infiniband_files(design, catalog)),
        beside=_megabytes(subnet.files for subnet in subnets),
    )


def large_rows() -> Iterator[Row]:
    """A site of 1 GW, and five of them one after another: a process of its own each, imports and memory included."""
    for count in (1, LARGE_COUNT):
        done = subprocess.run(
            [sys.executable, "-c", _LARGE, str(count)], cwd=CLONE, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{count} sites of 1 GW failed:\n{done.stderr[-2000:]}")
        taken_s, gib, mw, racks, links = (float(value) for value in done.stdout.split())
        what = (
            "1 GW: a site designed and checked" if count == 1 else f"{count} GW: {count} such sites, one after another"
        )
        yield Row(what, taken_s, 10.0, f"{mw:,.0f} MW, {racks:,.0f} racks, {links:,.0f} links, {gib:.1f} GiB")


def shell_rows(*, without_cli: bool) -> Iterator[Row]:
    """The verbs from the shell, on llano and on a site of about 250 racks."""
    for engine in ("local",) if without_cli else _engines():
        with _project() as root:
            if engine == "local":
                yield Row("llano: check, from the shell", min(_run(root, "check", "llano") for _ in range(ROUNDS)), 1.6)
                yield Row("llano: preview, from the shell", min(_run(root, "preview", "llano") for _ in range(ROUNDS)))
                yield Row("--help, from the shell", min(_run(root, "--help") for _ in range(ROUNDS)), 0.3)
            yield Row(
                f"middle: preview, from the shell ({engine})",
                _run(root, "preview", "middle", "--engine", engine),
                5.0,
                _size(root),
            )
            for what in ("up", "up again, nothing changed"):
                taken_s = _run(root, "up", "middle", "--engine", engine, "--yes")
                yield Row(f"middle: {what} ({engine})", taken_s)


def _exported(fabrics: object, export: Callable[..., object], design: object) -> None:
    for fabric in fabrics:  # type: ignore[attr-defined]
        export(design, fabric)


def _megabytes(folders: Iterable[Mapping[str, str]]) -> str:
    sizes = [len(text) for files in folders for text in files.values()]
    return f"{sum(sizes) / 1e6:,.0f} MB in {len(sizes):,} files"


def _best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of `ROUNDS` rounds."""
    taken = []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started_s)
    return min(taken)


def _engines() -> tuple[str, ...]:
    return ("local", "pulumi") if shutil.which("pulumi") else ("local",)


@contextmanager
def _project() -> Iterator[Path]:
    """A project with copies of the program and of the sites."""
    with tempfile.TemporaryDirectory(prefix="gigasite-bench-") as folder:
        root = Path(folder)
        shutil.copytree(CLONE / "stacks", root / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(CLONE / "Pulumi.yaml", root)
        (root / ".venv").symlink_to(sys.prefix)
        (root / "stacks" / "middle").mkdir()
        (root / "stacks" / "middle" / "site.yaml").write_text(MIDDLE_SITE)
        (root / "stacks" / "Pulumi.middle.yaml").write_text("config: {sites:site: middle/site.yaml}\n")
        yield root


def _run(root: Path, *arguments: str) -> float:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "GIGASITE_"))}
    environment |= {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = [str(Path(sys.prefix) / "bin" / "gigasite"), *arguments]
    started_s = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"gigasite {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started_s


def _size(root: Path) -> str:
    from gigasite.catalog.load import load_catalog
    from gigasite.design.expand import expand
    from gigasite.spec.loader import load_site

    catalog = load_catalog()
    design = expand(load_site(root / "stacks" / "middle" / "site.yaml", catalog).spec, catalog)
    return f"{design.tables.racks.height} racks"
