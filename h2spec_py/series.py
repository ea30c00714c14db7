"""A job over several versions: one run after another, and an index over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from h2spec_py.case.loader import load_library
from h2spec_py.case.select import SelectionError
from h2spec_py.engine.survey import survey
from h2spec_py.job import (
    Chosen,
    Exit,
    Job,
    JobError,
    Watcher,
    chosen,
    end_on_sigterm,
    gravest,
    prepare,
    run_job,
    target_of,
)
from h2spec_py.report import write_text
from h2spec_py.report.index import Absent, Row, render
from h2spec_py.results import Results
from h2spec_py.spec import VERSIONS, Version

SEVERAL = 3
"""With more versions than this, loading the library once for all of them is the faster way."""


@dataclass(frozen=True, slots=True)
class Part:
    """The run of one version."""

    job: Job
    results: Results
    code: Exit
    note: str = ""
    """Which other versions the target could as well be speaking, if so."""

    @property
    def row(self) -> Row:
        """The run as a line of the index."""
        return Row(self.results, self.job.page, self.note)


@dataclass(slots=True)
class Series:
    """What became of each version."""

    name: str
    """The target, for readers."""
    index: Path
    """Where the index goes."""
    parts: list[Part] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    """Why versions were not run, by the names of their documents."""

    @property
    def absent(self) -> list[Absent]:
        """The versions that were not run, oldest first."""
        names = [version.name for version in VERSIONS]
        return [Absent(name, self.reasons[name]) for name in names if name in self.reasons]

    @property
    def code(self) -> Exit:
        """The gravest of the exit codes; without any run there is no target to speak of."""
        return gravest({part.code for part in self.parts} or {Exit.TARGET})

    def write_index(self, *more: Path) -> None:
        """Write the page over all runs, and copies of it elsewhere. Raises OutputError."""
        rows = [part.row for part in self.parts]
        for path in (self.index, *more):
            write_text(path, render(rows, self.absent, path.parent))


def run_series(
    job: Job,
    versions: Sequence[Version] | None,
    watcher: Callable[[], Watcher] = Watcher,
    done: Callable[[Part], None] = lambda _: None,
) -> Series:
    """Run a job in each of `versions`, or, with None, in all that the target speaks.

    A version in which nothing is selected, or that the target does not speak where all are meant,
    is left out with its reason. `done` is called after each run. An interruption ends the series.

    Raises what `run_job` raises before anything is sent, for whichever version, before anything is
    sent in any; for a selection that leaves nothing only where it does so in every version, or in
    every one that the target proves to speak.
    """
    name = job.endpoint.url if job.endpoint is not None else "the reference target"
    series = Series(name, job.reports / job.name / "index.html")
    jobs = [replace(job, version=version) for version in versions or VERSIONS]
    cases = _selected(jobs, series)
    target_of(job)
    for one in jobs:
        if one.version.name in cases:
            prepare(one, *([series.index] if len(jobs) > 1 else []))
    notes: dict[str, str] = {}
    if versions is None and job.endpoint is not None:
        notes = _spoken(jobs, series)
    for one in jobs:
        if one.version.name in series.reasons:
            continue
        if series.parts and series.code is Exit.INTERRUPTED:
            series.reasons[one.version.name] = "not run: interrupted"
            continue
        results, code = run_job(one, watcher(), cases[one.version.name])
        part = Part(one, results, code, notes.get(one.version.name, ""))
        series.parts.append(part)
        done(part)
    return series


def _selected(jobs: Sequence[Job], series: Series) -> dict[str, Chosen]:
    """Choose the cases of each version; note where there are none."""
    cases: dict[str, Chosen] = {}
    errors: list[SelectionError | JobError] = []
    paths = list(jobs[0].cases) or None
    library = load_library(paths) if len(jobs) > SEVERAL else None
    for job in jobs:
        try:
            cases[job.version.name] = chosen(job, library)
        except (SelectionError, JobError) as error:
            errors.append(error)
            reason = str(error).removeprefix("nothing to run: ")
            series.reasons[job.version.name] = f"not run: {reason}"
    if not cases:
        raise errors[-1]
    return cases


def _spoken(jobs: Sequence[Job], series: Series) -> dict[str, str]:
    """Find out which versions the target speaks. Returns what is to be noted about these.

    Raises JobError where it speaks only versions without selected cases.
    """
    versions = [job.version for job in jobs]
    targets = [target_of(job) for job in jobs]

    async def ask() -> dict[str, str]:
        end_on_sigterm()
        found = await survey(targets[0], jobs[0].options, versions)
        for one in found.unspoken:
            series.reasons[one.version.name] = f"not spoken: {one.reason}"
        return {one.version.name: one.note for one in found.spoken}

    try:
        spoken = asyncio.run(ask())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    if spoken and not spoken.keys() - series.reasons.keys():
        name = next(iter(spoken))
        raise JobError(f"nothing to run: the target speaks {name}: {series.reasons[name]}")
    return spoken


def none_spoken(series: Series) -> str:
    """Say in one line that no version was found, with each reason once."""
    reasons: dict[str, list[str]] = {}
    for one in series.absent:
        reasons.setdefault(one.reason.removeprefix("not spoken: "), []).append(one.version)
    if len(reasons) == 1:
        return f"{series.name} speaks no version of HTTP/2: {next(iter(reasons))}"
    listed = (f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
    return f"{series.name} speaks no version of HTTP/2: {'; '.join(listed)}"
