"""The whole library against real servers: every failure is one that was looked into.

By default each server is played in RFC 9113 over both transports and in RFC 7540 over cleartext,
two of them twice, where both runs have to agree. `H2SPEC_PY_RUNS=20` plays both versions over both
transports, and then each server twenty times over each, now many cases at once and now one after
the other, and says for each case that differs what it gave; keep the machine busy meanwhile:

    H2SPEC_PY_RUNS=20 pytest tests/peers/test_real_servers.py -k 'every_time and haproxy'
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections import Counter
from collections.abc import Callable, Iterator
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


RUNS = int(os.environ.get("H2SPEC_PY_RUNS", "2"))
ALL = RUNS > 2
PATIENCE = 4.0
"""Seconds of silence that are allowed: other tests run on the same machine."""
MANY = 32
"""Cases at once: more than a run has by itself, since some servers leave many without an answer."""
JOBS = (16, 1) if ALL else (16, MANY)
"""One after the other takes minutes with such servers."""


TWICE = ("nghttpd", "nginx")
"""The servers that are played twice by default."""


def each(wanted: Callable[[str, str, str], bool]) -> list[object]:
    """Every server over the transports, and in the versions, that are wanted: all with `ALL`."""
    return [
        pytest.param((name, transport), document, id=f"{name}-{transport}-{document}")
        for name in NAMES
        for transport in TRANSPORTS
        for document in RUN
        if ALL or wanted(name, transport, document)
    ]


def is_repeated(name: str, transport: str, document: str) -> bool:
    """Whether a server is played twice by default, in this way."""
    return name in TWICE and (transport, document) == ("cleartext", "rfc9113")


def is_played(name: str, transport: str, document: str) -> bool:
    """Whether a server is played once by default, in this way."""
    both = (transport, document) != ("tls", "rfc7540")
    return both and not is_repeated(name, transport, document)


def adjudicate(
    server: RealServer, version: Version, jobs: int, capsys: pytest.CaptureFixture[str]
) -> list[CaseResult]:
    """Play a server, and hold what it fails against what was looked into."""
    transport = "tls" if server.endpoint.tls else "cleartext"
    entries = read_entries(HERE / f"{server.name}.yaml", RUN)
    results = play(server, version, Options(jobs=jobs, timeout=PATIENCE))
    with capsys.disabled():
        print(f"\n{server.name} {transport} {version.name}: {counts(results)}")
    assert server.alive(), server.said()
    found = disputes(entries, results, version, transport)
    assert not found, "\n".join(found)
    return results


@pytest.mark.peer
@pytest.mark.no_cover
@pytest.mark.parametrize(("server", "document"), each(is_played), indirect=["server"])
def test_failures_are_adjudicated(
    server: RealServer, document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    adjudicate(server, RUN[document], MANY, capsys)


@pytest.mark.peer
@pytest.mark.no_cover
@pytest.mark.parametrize(("server", "document"), each(is_repeated), indirect=["server"])
def test_verdicts_are_the_same_every_time(
    server: RealServer, document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where few cases are played at once in one run, and many in the next."""
    seen: dict[str, Counter[str]] = {}
    for turn in range(RUNS):
        for result in adjudicate(server, RUN[document], JOBS[turn % 2], capsys):
            verdict = f"{result.verdict.outcome} {result.verdict.ending}"
            seen.setdefault(result.loaded.id, Counter())[verdict] += 1
    assert seen
    assert {case: dict(found) for case, found in seen.items() if len(found) > 1} == {}
