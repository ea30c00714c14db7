"""Every case in every version that it applies to, against the reference endpoint.

Against the endpoint as it is, the case passes; told to break one requirement that the case proves,
it does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator

import pytest

from h2spec_py.case.loader import LoadedCase, load_library
from h2spec_py.engine import CaseResult, Options, Target, play
from h2spec_py.judge.decide import strength
from h2spec_py.judge.verdict import Outcome
from h2spec_py.net import Endpoint
from h2spec_py.reference.listener import serve
from h2spec_py.reference.responses import RICH
from h2spec_py.spec import VERSIONS, Version

OPTIONS = Options(timeout=5.0, grace=0.0)
"""The reference endpoint answers in order and from one thread: it needs no grace."""

IMPATIENT = Options(timeout=0.25, grace=0.0)
"""For broken ones, some of which are silent: running out of time is what they are to do."""

BROKEN = {"MUST": Outcome.FAIL, "SHOULD": Outcome.NON_STRICT, "MAY": Outcome.INFO}
WHOLE = {"MUST": Outcome.PASS, "SHOULD": Outcome.PASS, "MAY": Outcome.INFO}


MEASURED = {"draft-06", "rfc9113"}
"""The versions whose cases count for branch coverage: others take few branches more, and measuring
them all would double the time of the whole test run."""


def every_case() -> Iterator[object]:
    library = load_library()
    for version in VERSIONS:
        marks = [] if version.name in MEASURED else [pytest.mark.no_cover]
        for loaded in library.cases(version):
            name = f"{version.name}-{loaded.case.id}"
            yield pytest.param(version, loaded, id=name, marks=marks)


async def playing(
    version: Version, loaded: LoadedCase, violate: Collection[str] = ()
) -> CaseResult:
    """Play a case against a reference endpoint that breaks the requirements in `violate`."""
    upgrade = "upgrade" in loaded.case.needs
    tls = "tls" in loaded.case.needs
    async with serve(version, tls=tls, violate=violate) as listening:
        path = RICH if "push" in loaded.case.needs else "/"
        where = (listening.host, listening.port, tls, path)
        endpoint = Endpoint(*where, insecure=True, sni=listening.server_name)
        target = Target(endpoint, version, upgrade)
        result = await play(loaded, target, IMPATIENT if violate else OPTIONS)
        if result.verdict.outcome is Outcome.ERROR:  # no statement, from a machine that is busy
            result = await play(loaded, target, OPTIONS)
        return result


@pytest.mark.parametrize(("version", "loaded"), list(every_case()))
def test_both_ways(
    version: Version, loaded: LoadedCase, record_property: Callable[[str, object], None]
) -> None:
    whole = asyncio.run(playing(version, loaded)).verdict
    level = strength(loaded.requirements, version)
    assert whole.outcome is WHOLE[level], whole
    record_property("proven_to_pass", 1)
    for requirement in loaded.requirements:
        level = strength([requirement], version)
        broken = asyncio.run(playing(version, loaded, {requirement.id})).verdict
        assert broken.outcome is BROKEN[level], f"{requirement.id} broken: {broken}"
        if level == "MAY":
            assert broken.ending != whole.ending, f"{requirement.id} broken: {broken}"
    record_property("proven_to_fail", len(loaded.requirements))
