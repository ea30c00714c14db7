"""The whole library against real servers: every failure is one that was looked into.

Verdicts are the same every time, whatever is played beside. `H2SPEC_PY_RUNS=20` plays each server
twenty times over both transports, now many cases at once and now one after the other, instead of
once more over cleartext, and says for each case that differs what it gave; keep the machine busy
meanwhile:

    H2SPEC_PY_RUNS=20 pytest tests/peers/test_real_servers.py -k 'every_time and haproxy'
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.engine import CaseResult, Options, Run, Target
from h2spec_py.spec import Version, find_version
from tests.peers.adjudication import TRANSPORTS, counts, disputes, read_entries
from tests.support.servers import NAMES, RealServer, running

HERE = Path(__file__).resolve().parent
RUN = {version.name: version for version in map(find_version, ("7540", "9113"))}
"""The versions that these servers speak."""


library = functools.cache(load_library)


def play(server: RealServer, version: Version, options: Options) -> list[CaseResult]:
    cases = library().cases(version)
    target = Target(server.endpoint, version, upload_path=server.upload_path)
    run = Run(cases, cases, target, options)
    asyncio.run(run.execute())
    return run.ordered()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[RealServer]:
    """Each server, over each transport, once for all tests that use it."""
    name, transport = request.param
    with running(name, tls=transport == "tls") as started:
        yield started


PENDING = {"caddy", "node"}
"""What they do comes and goes. The RST_STREAM of caddy waits behind DATA that flow control holds
back, if those are written first, and node has failed some cases on a busy machine only."""
ADJUDICATED = [name for name in NAMES if name not in PENDING]
EACH = [pytest.param((n, t), id=f"{n}-{t}") for n in ADJUDICATED for t in TRANSPORTS]
PLAYED: dict[tuple[str, bool, str], list[CaseResult]] = {}
"""What the runs with the defaults gave, by server, TLS and version: one run serves both tests."""


def played(server: RealServer, version: Version) -> list[CaseResult]:
    """The results of one run with the defaults."""
    key = (server.name, server.endpoint.tls, version.name)
    if key not in PLAYED:
        PLAYED[key] = play(server, version, Options())
    return PLAYED[key]


@pytest.mark.peer
@pytest.mark.parametrize("document", RUN)
@pytest.mark.parametrize("server", EACH, indirect=True)
def test_failures_are_adjudicated(
    server: RealServer, document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    version = RUN[document]
    transport = "tls" if server.endpoint.tls else "cleartext"
    entries = read_entries(HERE / f"{server.name}.yaml", RUN)
    results = played(server, version)
    with capsys.disabled():
        print(f"\n{server.name} {transport} {version.name}: {counts(results)}")
    assert server.alive(), server.said()
    found = disputes(entries, results, version, transport)
    assert not found, "\n".join(found)


RUNS = int(os.environ.get("H2SPEC_PY_RUNS", "2"))
JOBS = (Options().jobs, 1) if RUNS > 2 else (Options().jobs, 32)
"""One after the other takes minutes where a server leaves many cases without an answer."""
TIMES = [each for each in EACH if RUNS > 2 or "cleartext" in str(each.id)]


@pytest.mark.peer
@pytest.mark.parametrize("server", TIMES, indirect=True)
def test_verdicts_are_the_same_every_time(server: RealServer) -> None:
    """Also where few cases are played at once in one run, and many in the next."""
    version = RUN["rfc9113"]
    seen: dict[str, Counter[str]] = {}
    for turn in range(RUNS):
        options = Options(jobs=JOBS[turn % 2])
        for result in play(server, version, options) if turn else played(server, version):
            verdict = f"{result.verdict.outcome} {result.verdict.ending}"
            seen.setdefault(result.loaded.id, Counter())[verdict] += 1
    assert seen
    assert {case: dict(found) for case, found in seen.items() if len(found) > 1} == {}
