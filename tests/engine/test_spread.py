"""Playing cases in several processes, and once more where there was no statement."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from h2spec_py.case.loader import LoadedCase, load_library
from h2spec_py.engine import CaseResult, Options, Run, Target
from h2spec_py.engine import run as run_module
from h2spec_py.engine.options import Facts
from h2spec_py.engine.result import no_statement
from h2spec_py.engine.spread import LEAST, LOST, Done, Play, processors, spread
from h2spec_py.judge.verdict import Outcome, Verdict
from h2spec_py.net import Endpoint
from h2spec_py.spec import find_version

VERSION = find_version("9113")
CASES = load_library(version=VERSION).cases(VERSION)[: 3 * LEAST + 7]


def said(loaded: LoadedCase, reason: str) -> CaseResult:
    return CaseResult(loaded, Verdict(Outcome.PASS, "alive", reason), [{"at": 0.5, "text": "é\0"}])


async def by_process(cases: Sequence[LoadedCase], jobs: int, done: Done) -> None:
    """Say for each case which process played it, with how many at a time."""
    for loaded in cases:
        await asyncio.sleep(0)
        done(said(loaded, f"{os.getpid()} {jobs}"))


def collect(cases: Sequence[LoadedCase], jobs: int, processes: int, play: Play) -> list[CaseResult]:
    results: list[CaseResult] = []
    asyncio.run(spread(cases, jobs, processes, play, results.append))
    return results


@pytest.mark.parametrize(("jobs", "processes", "used"), [(16, 3, 3), (2, 3, 2), (7, 9, 3)])
def test_each_case_is_played_once_and_the_jobs_are_divided(
    jobs: int, processes: int, used: int
) -> None:
    results = collect(CASES, jobs, processes, by_process)
    assert Counter(one.loaded.id for one in results) == Counter(one.id for one in CASES)
    assert all(one.transcript == [{"at": 0.5, "text": "é\0"}] for one in results)
    players = dict(one.verdict.reason.split() for one in results)
    assert str(os.getpid()) not in players
    assert len(players) == used
    assert sum(map(int, players.values())) == jobs


@pytest.mark.parametrize(
    ("number", "jobs", "processes"), [(2 * LEAST - 1, 16, 8), (len(CASES), 1, 8), (LEAST, 16, 1)]
)
def test_little_to_do_is_done_here(number: int, jobs: int, processes: int) -> None:
    results = collect(CASES[:number], jobs, processes, by_process)
    assert {one.verdict.reason for one in results} == {f"{os.getpid()} {jobs}"}
    assert [one.loaded for one in results] == CASES[:number]


def test_a_process_that_ends_before_its_time_leaves_no_case_without_a_result() -> None:
    async def play(cases: Sequence[LoadedCase], jobs: int, done: Done) -> None:
        for loaded in cases:
            if loaded is CASES[20]:
                os._exit(3)
            done(said(loaded, "played"))
            await asyncio.sleep(0)

    results = collect(CASES, 8, 2, play)
    assert Counter(one.loaded.id for one in results) == Counter(one.id for one in CASES)
    lost = [one for one in results if one.verdict.reason == LOST]
    assert CASES[20] in [one.loaded for one in lost]
    assert all(one.ours and one.verdict.outcome is Outcome.ERROR for one in lost)
    assert {one.verdict.reason for one in results if one.loaded in CASES[1::2]} == {"played"}


def test_an_interruption_ends_the_processes() -> None:
    processes: set[int] = set()

    async def play(cases: Sequence[LoadedCase], jobs: int, done: Done) -> None:
        done(said(cases[0], str(os.getpid())))
        await asyncio.sleep(60)

    async def work() -> None:
        enough = asyncio.Event()

        def done(result: CaseResult) -> None:
            processes.add(int(result.verdict.reason))
            if len(processes) == 2:
                enough.set()

        playing = asyncio.create_task(spread(CASES, 8, 2, play, done))
        await enough.wait()
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing

    asyncio.run(work())
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_signal_to_all_of_a_group_leaves_it_to_the_first_of_them(tmp_path: Path) -> None:
    """`timeout` and CI runners send it to the group: those that play must not die of themselves."""
    told = tmp_path / "told"

    async def play(cases: Sequence[LoadedCase], jobs: int, done: Done) -> None:
        done(said(cases[0], str(os.getpid())))
        while not told.exists():  # noqa: ASYNC110 - which is set in another process
            await asyncio.sleep(0.01)
        for loaded in cases[1:]:
            done(said(loaded, "played"))

    processes: list[int] = []
    results: list[CaseResult] = []

    def done(result: CaseResult) -> None:
        results.append(result)
        if result.verdict.reason.isdigit():
            processes.append(int(result.verdict.reason))
        if len(processes) == 2 and not told.exists():
            for process in processes:
                os.kill(process, signal.SIGTERM)
                os.kill(process, signal.SIGINT)
            told.touch()

    asyncio.run(spread(CASES, 8, 2, play, done))
    assert len(results) == len(CASES)
    assert [one.verdict.reason for one in results if one.verdict.outcome is Outcome.ERROR] == []


def test_processes_end_with_the_one_that_waits_for_them(tmp_path: Path) -> None:
    """Even when it is killed, with results that it has not read."""
    program = f"""
import asyncio, os, signal, time
from pathlib import Path
from tests.engine.test_spread import CASES, said, spread

async def play(cases, jobs, done):
    with (Path({str(tmp_path)!r}) / str(os.getpid())).open("w"):
        pass
    while True:
        done(said(cases[0], "x" * 100_000))
        await asyncio.sleep(0)

asyncio.run(spread(CASES, 8, 2, play, lambda _: time.sleep(60)))
"""
    waiting = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    try:
        while len(list(tmp_path.iterdir())) < 2:
            assert waiting.poll() is None
            time.sleep(0.02)
    finally:
        waiting.kill()
        waiting.wait()
    left = [int(path.name) for path in tmp_path.iterdir()]
    end = time.monotonic() + 20
    while left and time.monotonic() < end:
        left = [process for process in left if Path(f"/proc/{process}").exists()]
        time.sleep(0.02)
    assert left == []


def test_there_is_a_processor() -> None:
    assert processors() >= 1


@pytest.mark.parametrize(
    ("broken", "answers_again", "played", "unstated"),
    [(3, 99, 3, 0), (3, 1, 2, 2), (11, 99, 0, 11)],
    ids=["a few", "the second comes to nothing again", "many"],
)
def test_what_came_to_no_statement_is_played_once_more_by_itself(
    monkeypatch: pytest.MonkeyPatch, broken: int, answers_again: int, played: int, unstated: int
) -> None:
    turns: Counter[str] = Counter()
    cases = [one for one in CASES if not one.case.needs and not one.case.twin][:30]
    bad = {one.id for one in cases[:broken]}

    async def play(loaded: LoadedCase, *_: object) -> CaseResult:
        turns[loaded.id] += 1
        again = turns[loaded.id] > 1
        if again:
            assert sum(turns.values()) - len(cases) <= played
        if loaded.id in bad and not (again and sum(turns.values()) - len(cases) <= answers_again):
            return no_statement(loaded, "timeout: nothing came")
        return said(loaded, "played")

    async def probe(*_: object) -> Facts:
        return Facts()

    monkeypatch.setattr(run_module, "play", play)
    monkeypatch.setattr(run_module, "probe", probe)
    told: list[CaseResult] = []
    target = Target(Endpoint("127.0.0.1", 9, tls=False), VERSION)
    run = Run(cases, cases, target, Options(), on_result=told.append)
    asyncio.run(run.execute())
    assert Counter(one.loaded.id for one in told) == Counter(one.id for one in cases)
    outcomes = Counter(one.verdict.outcome for one in told)
    assert outcomes[Outcome.ERROR] == unstated
    assert sum(turns.values()) - len(cases) == played
