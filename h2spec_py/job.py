"""The main job: from what a user asks for to a results file, reports and an exit code.

The command line and the pytest plugin are thin doors to this.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from typing import Any

from h2spec_py.case.loader import Library, LoadedCase, load_library
from h2spec_py.engine import CaseResult, Options, Run, Target, record
from h2spec_py.engine.transcript import Entry
from h2spec_py.files import check_writable
from h2spec_py.net import ConnectError, Endpoint
from h2spec_py.net.tls import tls_context
from h2spec_py.results import Results, ResultsWriter
from h2spec_py.spec import Version


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FAILURES = 1
    """At least one case failed."""
    USAGE = 2
    """An option, a file or a selection is wrong."""
    TARGET = 3
    """The target is out of reach or does not speak the version."""
    OURS = 4
    """A fault of this program."""
    INTERRUPTED = 130


GRAVEST = (Exit.INTERRUPTED, Exit.FAILURES, Exit.OURS, Exit.TARGET, Exit.OK)
"""Exit codes of runs: where there is reason for several, the first of them is given."""


class JobError(Exception):
    """Something that the user asked for cannot be done; the message is one line."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run. Without an endpoint it is the embedded reference target."""

    version: Version
    endpoint: Endpoint | None = None
    cleartext: bool = False
    """For the embedded target: no TLS."""
    upgrade: bool = False
    upload_path: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    select: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    cases: tuple[Path, ...] = ()
    """Case files of the user's own, played in place of the shipped library."""
    options: Options = field(default_factory=Options)
    reports: Path = Path("reports")

    @property
    def name(self) -> str:
        """A name for the target that can be a folder's."""
        if self.endpoint is None:
            return "reference"
        return re.sub(r"[^A-Za-z0-9.-]+", "_", f"{self.endpoint.host}_{self.endpoint.port}")

    @property
    def results_path(self) -> Path:
        """Where the results file goes."""
        return self.reports / self.name / f"{self.version.name}.jsonl"

    @property
    def page(self) -> Path:
        """Where the page of the run goes."""
        return self.results_path.with_suffix(".html")


class Watcher:
    """Is told how a run goes; the defaults do nothing."""

    def start(self, total: int) -> None:
        """The run begins with so many cases."""

    def case(self, line: dict[str, Any]) -> None:
        """A case has its result (a case line of a results file)."""

    def listener(self, case: str) -> Callable[[Entry], None] | None:
        """Who wants to hear of every frame of a case as it is exchanged, if anyone."""
        del case
        return None

    def stop(self) -> None:
        """The run is over."""


Chosen = tuple[list[LoadedCase], list[LoadedCase]]
"""The cases to play, and all that there are: twins are played without being selected."""


def chosen(job: Job, library: Library | None = None) -> Chosen:
    """The selected cases, and all that there are in the version; `library` if it is loaded already.

    Raises CaseErrors, SelectionError and JobError when nothing is left to run.
    """
    version = job.version
    library = library or load_library(list(job.cases) or None, version=version)
    cases = library.select(version, job.select, job.skip)
    if not cases:
        raise JobError(f"nothing to run: no case of {version.title} is left by --select and --skip")
    beside = library.beside.cases(version) if library.beside is not None else []
    return cases, [*beside, *library.cases(version)]


@contextlib.asynccontextmanager
async def _endpoint(job: Job) -> AsyncIterator[Endpoint]:
    """The endpoint of the job; the embedded target is started for as long as it is needed."""
    if job.endpoint is not None:
        yield job.endpoint
        return
    # It brings a certificate authority along, which other targets need not wait for.
    from h2spec_py.reference.listener import serve  # noqa: PLC0415

    tls = not (job.cleartext or job.upgrade)
    async with serve(job.version, tls=tls) as listening:
        where = (listening.host, listening.port, tls)
        yield Endpoint(
            *where, path=listening.path, sni=listening.server_name, cafile=listening.cafile
        )


class _Recorder:
    """Writes case lines in the order of the library, each as soon as those before it are there."""

    def __init__(self, writer: ResultsWriter, run: Run, watcher: Watcher) -> None:
        self._writer = writer
        self._run = run
        self._watcher = watcher
        self._order = deque(loaded.case.id for loaded in run.cases)
        self._lines: dict[str, dict[str, Any]] = {}

    def take(self, result: CaseResult) -> None:
        """Note a result, and write what can be written."""
        line = record.case(result, self._run.target)
        self._watcher.case(line)
        self._lines[line["id"]] = line
        while self._order and self._order[0] in self._lines:
            self._writer.case(self._lines.pop(self._order.popleft()))

    def flush(self) -> None:
        """Write what is there although something before it is missing."""
        for identifier in self._order:
            if identifier in self._lines:
                self._writer.case(self._lines.pop(identifier))


async def _run(job: Job, run: Run, writer: ResultsWriter, recorder: _Recorder) -> None:
    end_on_sigterm()
    async with _endpoint(job) as endpoint:
        if job.endpoint is None:
            run.target = replace(run.target, endpoint=endpoint)
        run.on_probed = lambda: writer.header(
            record.header(run.target, run.facts, run.options, len(run.cases))
        )
        run.on_result = recorder.take
        await run.execute()


def end_on_sigterm() -> None:
    """Cancel the current task on SIGTERM, so that a stopped CI job keeps its results."""
    task = asyncio.current_task()
    if task is not None:
        with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def target_of(job: Job) -> Target:
    """The target of a job; the address of the embedded one is not known before it is started.

    Raises JobError for files that TLS cannot use.
    """
    if job.endpoint is not None and job.endpoint.tls:
        try:
            tls_context(job.endpoint, [job.version.alpn])
        except ConnectError as error:
            raise JobError(str(error)) from None
    endpoint = job.endpoint or Endpoint("127.0.0.1", 443, not (job.cleartext or job.upgrade))
    upload_path = job.upload_path or endpoint.path
    return Target(endpoint, job.version, job.upgrade, upload_path, job.headers)


def prepare(job: Job, *more: Path) -> None:
    """See that the results of a job, their page and `more` can be written. Raises JobError."""
    for path in (job.results_path, job.page, *more):
        try:
            check_writable(path)
        except OSError as error:
            where = path if path.parent.is_dir() else f"--reports {job.reports}"
            raise JobError(f"{where}: {error.strerror}") from None


def run_job(
    job: Job, watcher: Watcher | None = None, cases_of: Chosen | None = None
) -> tuple[Results, Exit]:
    """Run a job and write its results file; `cases_of` is what `chosen` gives, if that is known.

    Raises CaseErrors, SelectionError and JobError before anything is sent, and ResultsError where
    the results cannot be written any more.
    """
    watcher = watcher or Watcher()
    cases, library = cases_of or chosen(job)
    target = target_of(job)
    prepare(job)
    run = Run(
        cases,
        library,
        target,
        job.options,
        listener_for=lambda loaded: watcher.listener(loaded.case.id),
    )
    try:
        job.results_path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JobError(f"--reports {job.reports}: {error.strerror}") from None
    start = time.monotonic()
    interrupted = False
    with ResultsWriter(job.results_path) as writer:
        recorder = _Recorder(writer, run, watcher)
        watcher.start(len(cases))
        try:
            asyncio.run(_run(job, run, writer, recorder))
        except (KeyboardInterrupt, asyncio.CancelledError):
            interrupted = True
        finally:
            watcher.stop()
        if interrupted and not run.probed:
            writer.header(record.header(run.target, run.facts, run.options, len(cases)))
        recorder.flush()
        code = Exit.INTERRUPTED if interrupted else verdict(run)
        duration = round(time.monotonic() - start, 3)
        writer.footer({"duration": duration, "interrupted": interrupted, "exit": int(code)})
        return writer.results, code


def verdict(run: Run) -> Exit:
    """The exit code of a finished run."""
    outcomes = {result.verdict.outcome.value for result in run.ordered()}
    codes = {Exit.OK}
    if "fail" in outcomes:
        codes.add(Exit.FAILURES)
    if any(result.ours for result in run.ordered()):
        codes.add(Exit.OURS)
    if run.unreachable or "error" in outcomes:
        codes.add(Exit.TARGET)
    return gravest(codes)


def gravest(codes: Iterable[Exit]) -> Exit:
    """The exit code that stands for several."""
    return min(codes, key=GRAVEST.index)
