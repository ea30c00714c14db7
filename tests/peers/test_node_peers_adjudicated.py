"""The whole library against the servers of the drafts: every failure was looked into."""

from __future__ import annotations

import asyncio
import functools
import os
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.engine import CaseResult, Options, Run, Target
from h2spec_py.spec import find_version
from tests.peers.adjudication import Entry, counts, disputes, read_entries
from tests.support.node_peers import VERSIONS, node_peer
from tests.support.servers import RealServer

HERE = Path(__file__).resolve().parent
RUN = {version.name: version for version in map(find_version, VERSIONS)}
"""The versions whose servers were looked into, each in a file of its own."""

ONE_BY_ONE = ("draft-04", "cleartext", 1)
"""A run with one job takes as long as three with many."""
ALL = int(os.environ.get("H2SPEC_PY_RUNS", "2")) > 2
RUNS = [
    *((document, "cleartext", 32) for document in RUN),
    *((document, "tls", 32) for document in RUN if ALL or document == "draft-16"),
    *([ONE_BY_ONE] if ALL else []),
]
"""Over TLS most frames are the same; `H2SPEC_PY_RUNS=20` plays all over both."""
PATIENCE = 6.0
"""Seconds of silence that are allowed: these servers are slow when many cases come at once."""

library = functools.cache(load_library)


@functools.cache
def adjudicated(document: str) -> list[Entry]:
    path = HERE / f"node-http2-{document}.yaml"
    return read_entries(path, {document: RUN[document]})


def play(server: RealServer, document: str, options: Options) -> list[CaseResult]:
    version = RUN[document]
    cases = library().cases(version)
    target = Target(server.endpoint, version, upload_path=server.upload_path)
    run = Run(cases, cases, target, options)
    asyncio.run(run.execute())
    return run.ordered()


@pytest.mark.peer
@pytest.mark.no_cover
@pytest.mark.parametrize(("document", "transport", "jobs"), RUNS)
def test_failures_are_adjudicated(
    document: str, transport: str, jobs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one job or many: how a case ends is a part of what was looked into."""
    with node_peer(RUN[document].short, tls=transport == "tls") as server:
        results = play(server, document, Options(jobs=jobs, timeout=PATIENCE))
        with capsys.disabled():
            print(f"\nnode-http2 {transport} {document} with {jobs} jobs: {counts(results)}")
        assert server.alive(), server.said()
    found = disputes(adjudicated(document), results, RUN[document], transport)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("document", RUN)
def test_entries_are_about_the_documents_of_the_version(document: str) -> None:
    version = RUN[document]
    named = {entry.section.split()[0] for entry in adjudicated(document)}
    assert named
    assert named <= {version.name, version.hpack}
