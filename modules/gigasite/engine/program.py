"""Runs a Pulumi program in this process against the embedded engine's monitor."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import logging
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gigasite.engine.interruption import Interruption
from gigasite.engine.model import Program
from gigasite.engine.project import Project
from gigasite.engine.scrub import Scrub, scrubbed_output
from gigasite.engine.steps import StepFailed, Stopped
from gigasite.errors import GigasiteError, UsageError

_SPARE_THREADS_COUNT = 4  # for the SDK's small questions while every other thread waits for a provider


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """What a program is told: names, configuration, and whether this is a preview."""

    project: Project
    stack: str
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    preview: bool
    parallel: int
    scrub: Scrub = str


def run_program(
    settings: ProgramSettings,
    monitor: object,
    log: object,
    program: Program | None,
    interruption: Interruption,
) -> BaseException | None:
    """Runs `program`, or the project's main folder, to its end.

    Returns what ended it early: a GigasiteError for the user (the program's own, or one that says where it
    failed), Stopped or StepFailed where the engine ended it, None where it came through. Every step that was
    running has finished when this returns.
    """
    body = program if program is not None else _main_of(settings.project)
    context = contextvars.copy_context()
    with _in_main_folder(settings, own=program is None):
        try:
            context.run(_drive, settings, monitor, log, body, interruption)
        except (Stopped, StepFailed, GigasiteError) as error:
            return error
        except KeyboardInterrupt:
            interruption.cancel.set()
            return Stopped()
        except SystemExit as error:
            if error.code in (None, 0):
                return None
            return GigasiteError(f"the program ended with the status {error.code}")
        except Exception as error:
            return _explained(error, settings.project)
    return None


def _drive(settings: ProgramSettings, monitor: object, log: object, body: Program, interruption: Interruption) -> None:
    import pulumi
    from pulumi.runtime import settings as runtime
    from pulumi.runtime.config import set_all_config
    from pulumi.runtime.stack import run_in_stack

    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # futures of resources that never came to be
    runtime.reset_options()
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=settings.project.name,
            stack=settings.stack,
            monitor=monitor,
            engine=log,
            parallel=settings.parallel,
            dry_run=settings.preview,
            organization="organization",
            root_directory=str(settings.project.root),
        )
    )
    set_all_config(dict(settings.config), sorted(settings.secret_keys))
    loop = asyncio.new_event_loop()
    executor = ThreadPoolExecutor(settings.parallel + _SPARE_THREADS_COUNT, thread_name_prefix="step")
    loop.set_default_executor(executor)
    asyncio.set_event_loop(loop)
    try:
        with interruption.breaking():  # ends before `_finish`: running steps are always waited for
            if interruption.cancel.is_set():
                raise Stopped
            loop.run_until_complete(run_in_stack(lambda: _settled(body)))
    finally:
        _finish(loop, executor)
        asyncio.set_event_loop(None)


async def _settled(body: Program) -> None:
    """Runs the program and gives its registrations a turn of the loop.

    The SDK waits for registrations that have begun one by one, but for outputs by asking all of them again
    after each that comes, which takes seconds for a thousand resources; so registrations must have begun.
    """
    result = body()
    if inspect.isawaitable(result):
        await result
    for _ in range(2):
        await asyncio.sleep(0)


def _finish(loop: asyncio.AbstractEventLoop, executor: ThreadPoolExecutor) -> None:
    """Waits for running steps, then lets go of what the program left pending."""
    executor.shutdown(wait=True, cancel_futures=True)
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    with contextlib.suppress(Exception):
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.close()


def _main_of(project: Project) -> Callable[[], None]:
    if project.runtime != "python":
        raise GigasiteError(
            f"the embedded engine runs Python programs, not {project.runtime}", hint="use --engine pulumi"
        )
    main = project.main
    if not main.exists() or (main.is_dir() and not (main / "__main__.py").is_file()):
        raise UsageError(
            "the project has no program", path=str(main / "__main__.py"), hint="see `main:` in Pulumi.yaml"
        )

    def body() -> None:
        runpy.run_path(str(main), run_name="__main__")

    return body


@contextlib.contextmanager
def _in_main_folder(settings: ProgramSettings, *, own: bool) -> Iterator[None]:
    """The surroundings that the CLI gives a program; afterwards they are as they were.

    What it prints goes to stderr without secrets, for stdout is the result of a run.
    """
    if not own:
        yield
        return
    main = settings.project.main
    folder = main if main.is_dir() else main.parent
    before = os.getcwd(), list(sys.argv), list(sys.path), set(sys.modules)
    os.chdir(folder)
    sys.argv = [str(main)]
    sys.path.insert(0, str(folder))
    try:
        with scrubbed_output(settings.scrub):
            yield
    finally:
        os.chdir(before[0])
        sys.argv, sys.path[:] = before[1], before[2]
        for name in set(sys.modules) - before[3]:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder) and "site-packages" not in file:
                del sys.modules[name]  # the next program may have a module of this name too


def _explained(error: Exception, project: Project) -> GigasiteError:
    """The program's own error with the line of the user's code that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(project.root) and "site-packages" not in f.filename]
    text = str(error) if _is_run_error(error) else f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename:
        return GigasiteError(text, path=f"{_relative(error.filename, project)}:{error.lineno}")
    if not own:
        return GigasiteError(text)
    return GigasiteError(text, path=f"{_relative(own[-1].filename, project)}:{own[-1].lineno}")


def _is_run_error(error: Exception) -> bool:
    """Whether it is a `pulumi.RunError`, which has a message for the user alone."""
    return any(kind.__name__ == "RunError" for kind in type(error).__mro__)


def _relative(file: str, project: Project) -> str:
    path = Path(file)
    return str(path.relative_to(project.root)) if path.is_relative_to(project.root) else file
