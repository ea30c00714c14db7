"""The whole library against real servers: every failure is one that was looked into."""

from __future__ import annotations

import asyncio
import functools
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


ADJUDICATED = [name for name in NAMES if (HERE / f"{name}.yaml").exists()]
EACH = [pytest.param((n, t), id=f"{n}-{t}") for n in ADJUDICATED for t in TRANSPORTS]


@pytest.mark.peer
@pytest.mark.parametrize("document", RUN)
@pytest.mark.parametrize("server", EACH, indirect=True)
def test_failures_are_adjudicated(
    server: RealServer, document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    version = RUN[document]
    transport = "tls" if server.endpoint.tls else "cleartext"
    entries = read_entries(HERE / f"{server.name}.yaml", RUN)
    results = play(server, version, Options())
    with capsys.disabled():
        print(f"\n{server.name} {transport} {version.name}: {counts(results)}")
    assert server.alive(), server.said()
    found = disputes(entries, results, version, transport)
    assert not found, "\n".join(found)


@pytest.mark.peer
@pytest.mark.parametrize("server", [EACH[2 * n] for n in range(len(ADJUDICATED))], indirect=True)
def test_verdicts_do_not_depend_on_jobs(server: RealServer) -> None:
    """Nor on the grace: these servers answer a fault in order, before the PING behind it."""
    version = RUN["rfc9113"]
    seen: dict[str, set[tuple[str, str]]] = {}
    for jobs in (1, 32):
        for result in play(server, version, Options(jobs=jobs, grace=0.0)):
            verdict = (result.verdict.outcome.value, result.verdict.ending)
            seen.setdefault(result.loaded.id, set()).add(verdict)
    assert seen
    assert {case: found for case, found in seen.items() if len(found) > 1} == {}
