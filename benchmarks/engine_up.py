"""How long 1,000 resources take to come up, each with 18 nodes as properties.

Every measurement runs in a process of its own, interpreter and imports included; `work` leaves those out.
Beside the embedded engine stand the floors of the Python SDK in the same run (its own mocks, and a monitor
object that only answers), and the Pulumi CLI where it is on PATH, with and without its checkpoints.

    python benchmarks/engine_up.py [--count 1000] [--parallel 16] [--format json] [--without-cli]
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NODES_COUNT = 18
MODULES = str(Path(__file__).resolve().parent.parent / "modules")

PROGRAM = f"""
import os
import pulumi

class Rack(pulumi.CustomResource):
    def __init__(self, name, **inputs):
        super().__init__("gigasite:bench:Rack", name, {{"digest": None, **inputs}})

for i in range(int(os.environ["BENCH_COUNT"])):
    Rack(f"rack-{{i:04}}", position=i, nodes=[
        dict(name=f"lln1-r{{i:04}}-n{{n:02}}", address=f"10.{{i // 256}}.{{i % 256}}.{{n}}", serial=f"S{{i}}-{{n}}")
        for n in range({NODES_COUNT})
    ])
"""

PROJECT = """
name: sites
runtime: {name: python, options: {virtualenv: VENV}}
main: stacks
stackConfigDir: stacks
backend: {url: "file://.state?create_dir=true"}
plugins: {providers: [{name: gigasite, path: plugin}]}
"""

# A provider for the CLI with the same work as the handler below: it answers with its inputs.
PLUGIN = """
import os, sys
sys.path.insert(0, os.environ["BENCH_FOLDER"])
import engine_up
engine_up.register_handler()
from gigasite.provider.plugin import main
sys.exit(main())
"""


def register_handler() -> None:
    """The resource kind of this benchmark: nothing but its inputs and a digest."""
    from gigasite.provider.handler import Created, Diff, DiffKind, Handler, Props, resource

    @resource("gigasite:bench:Rack")
    class RackHandler(Handler):
        def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
            return Diff({k: DiffKind.UPDATE for k in new_inputs if new_inputs[k] != old_inputs.get(k)})

        def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
            return Created("" if preview else urn.rpartition("::")[2], {**inputs, "digest": "0"})

        def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
            return Created(id, outputs)

        def update(
            self,
            urn: str,
            id: str,  # noqa: A002
            old_inputs: Props,
            old_outputs: Props,
            new_inputs: Props,
            *,
            preview: bool,
        ) -> Props:
            return {**new_inputs, "digest": "0"}

        def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
            """Nothing to remove."""


def main() -> None:
    options = _arguments()
    if options.child:
        print(json.dumps({"work_s": _CHILDREN[options.child](options)}))
        return
    rows: list[dict[str, Any]] = []
    for name, child in (
        ("SDK with its own mocks", "mocks"),
        ("SDK with a bare monitor object", "bare"),
        ("embedded: preview of a new stack", "preview"),
        ("embedded: up of a new stack", "up"),
        ("embedded: up again, nothing changed", "again"),
        ("embedded: destroy", "destroy"),
    ):
        if child in ("preview", "mocks"):
            project = _project()
        rows.append({"what": name, **_measured(child, options, project)})
    if shutil.which("pulumi") and not options.without_cli:
        rows += _cli_rows(options)
    if options.format == "json":
        print(json.dumps(rows, indent=2))
        return
    print(f"{options.count} resources with {NODES_COUNT} nodes each, {os.cpu_count()} cores")
    for row in rows:
        work = f"{row['work_s']:7.2f} s of work" if row.get("work_s") is not None else ""
        print(f"{row['what']:55} {row['wall_s']:7.2f} s   {work}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=16)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--without-cli", action="store_true")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--project", help=argparse.SUPPRESS)
    return parser.parse_args()


def _project() -> Path:
    """A fresh project in a folder of its own, removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="gigasite-bench-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    (root / "stacks").mkdir()
    (root / "plugin").mkdir()
    (root / "Pulumi.yaml").write_text(PROJECT.replace("VENV", sys.prefix))
    (root / "stacks" / "__main__.py").write_text(PROGRAM)
    (root / "plugin" / "PulumiPlugin.yaml").write_text(
        f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n"
    )
    (root / "plugin" / "__main__.py").write_text(PLUGIN)
    return root


def _environment(options: argparse.Namespace) -> dict[str, str]:
    here = str(Path(__file__).resolve().parent)
    paths = [MODULES, here, os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "BENCH_COUNT": str(options.count),
        "BENCH_FOLDER": here,
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }


def _measured(child: str, options: argparse.Namespace, project: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", child, "--project", str(project)]
    command += ["--count", str(options.count), "--parallel", str(options.parallel)]
    started_s = time.monotonic()
    done = subprocess.run(command, env=_environment(options), capture_output=True, text=True, check=False)
    wall_s = time.monotonic() - started_s
    if done.returncode:
        sys.exit(f"{child} failed: {done.stderr}")
    return {"wall_s": wall_s, **json.loads(done.stdout.splitlines()[-1])}


def _cli_rows(options: argparse.Namespace) -> list[dict[str, Any]]:
    rows = []
    for label, extra in (
        ("Pulumi CLI", {}),
        ("Pulumi CLI without checkpoints (unsafe)", {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}),
    ):
        root = _project()
        environment = {**_environment(options), **extra}
        _pulumi(root, environment, "stack", "init", "dev")
        for verb in ("preview", "up"):
            skipped = ["--skip-preview", "--yes"] if verb == "up" else []
            rows.append({"what": f"{label}: {verb}", "wall_s": _pulumi(root, environment, verb, "-s", "dev", *skipped)})
    return rows


def _pulumi(root: Path, environment: dict[str, str], *arguments: str) -> float:
    started_s = time.monotonic()
    command = ["pulumi", *arguments, "--non-interactive"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.monotonic() - started_s


# what the children measure ---------------------------------------------------------------------------------


def _embedded(verb: str) -> Callable[[argparse.Namespace], float]:
    def measure(options: argparse.Namespace) -> float:
        from gigasite.engine.local import LocalEngine
        from gigasite.engine.model import RunOptions
        from gigasite.engine.project import Project

        register_handler()
        project, engine = Project.load(Path(options.project)), LocalEngine()
        if not engine.stacks(project):
            engine.init(project, "dev")
        started_s = time.monotonic()
        result = getattr(engine, verb)(project, "dev", options=RunOptions(parallel=options.parallel))
        if sum(result.changes.values()) != options.count + 1:
            sys.exit(f"{verb} came to {dict(result.changes)}")
        return time.monotonic() - started_s

    return measure


def _bare(options: argparse.Namespace) -> float:
    from google.protobuf import empty_pb2
    from pulumi.runtime.proto import resource_pb2

    class Bare:
        """Answers with what it was asked; the smallest monitor that the SDK takes."""

        def GetDeploymentInfo(self, _: Any) -> Any:  # noqa: N802
            return resource_pb2.DeploymentInfo(supportedFeatures=[0, 1, 3])

        def RegisterResource(self, request: Any) -> Any:  # noqa: N802
            return resource_pb2.RegisterResourceResponse(
                urn=f"urn:pulumi:dev::sites::{request.type}::{request.name}", id=request.name, object=request.object
            )

        def RegisterResourceOutputs(self, _: Any) -> Any:  # noqa: N802
            return empty_pb2.Empty()

        def SignalAndWaitForShutdown(self, _: Any) -> Any:  # noqa: N802
            return empty_pb2.Empty()

    return _run_sdk(Bare(), options)


def _mocks(options: argparse.Namespace) -> float:
    from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks

    class Echo(Mocks):
        def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
            return args.name, args.inputs

        def call(self, args: Any) -> tuple[dict[Any, Any], None]:
            return {}, None

    return _run_sdk(MockMonitor(Echo()), options)


def _run_sdk(monitor: object, options: argparse.Namespace) -> float:
    import asyncio
    import runpy
    from concurrent.futures import ThreadPoolExecutor

    import pulumi
    from pulumi.runtime.stack import run_in_stack

    pulumi.runtime.configure(pulumi.runtime.Settings(project="sites", stack="dev", monitor=monitor))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(options.parallel))
    program = str(Path(options.project) / "stacks" / "__main__.py")

    def body() -> None:
        runpy.run_path(program)

    started_s = time.monotonic()
    loop.run_until_complete(run_in_stack(body))
    return time.monotonic() - started_s


_CHILDREN: dict[str, Callable[[argparse.Namespace], float]] = {
    "mocks": _mocks,
    "bare": _bare,
    "preview": _embedded("preview"),
    "up": _embedded("up"),
    "again": _embedded("up"),
    "destroy": _embedded("destroy"),
}


if __name__ == "__main__":
    main()
