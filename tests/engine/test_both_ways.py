"""Every case in every version that it applies to, against the reference endpoint.

Against the endpoint as it is, the case passes; told to break one requirement that the case proves,
it does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

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

ANNOUNCED: Mapping[str, tuple[str, int]] = {
    "stream-window<=": ("INITIAL_WINDOW_SIZE", 1000),
    "header-table<=": ("HEADER_TABLE_SIZE", 1000),
    "compression": ("COMPRESS_DATA", 1),
}
"""What the endpoint announces where a case needs it."""

AT_FIRST = frozenset({"header-table<=4096"})
"""Needs that the sizes which there are at first meet."""

BROKEN = {"MUST": Outcome.FAIL, "SHOULD": Outcome.NON_STRICT, "MAY": Outcome.INFO}
WHOLE = {"MUST": Outcome.PASS, "SHOULD": Outcome.PASS, "MAY": Outcome.INFO}


AT_ONCE = 8
"""Cases that are played at the same time: some broken endpoints keep one waiting."""

RICHES = {"push", "response-body>=4097"}
"""Needs of which a rich resource is the one that meets them."""

PART = 40
"""Cases of a file that one test plays, at most: fewer would leave the machine waiting."""


def every_part() -> Iterator[object]:
    """The cases of each file of the library in each version, some at a time."""
    library = load_library()
    for version in VERSIONS:
        files: dict[str, list[LoadedCase]] = {}
        for loaded in library.cases(version):
            files.setdefault(Path(loaded.file).stem, []).append(loaded)
        for name, cases in files.items():
            for start in range(0, len(cases), PART):
                part = cases[start : start + PART]
                identifier = f"{version.name}-{name}-{start // PART + 1}"
                yield pytest.param(version, part, id=identifier)


async def playing(
    version: Version, loaded: LoadedCase, violate: Collection[str] = ()
) -> CaseResult:
    """Play a case against a reference endpoint that breaks the requirements in `violate`."""
    upgrade = "upgrade" in loaded.case.needs
    tls = "tls" in loaded.case.needs
    announce = dict(
        setting
        for need, setting in ANNOUNCED.items()
        if any(one.startswith(need) for one in set(loaded.case.needs) - AT_FIRST)
    )
    async with serve(version, tls=tls, violate=violate, announce=announce) as listening:
        path = "/" if RICHES.isdisjoint(loaded.case.needs) else RICH
        where = (listening.host, listening.port, tls, path)
        endpoint = Endpoint(*where, insecure=True, sni=listening.server_name)
        target = Target(endpoint, version, upgrade)
        result = await play(loaded, target, IMPATIENT if violate else OPTIONS)
        if result.verdict.outcome is Outcome.ERROR:  # no statement, from a machine that is busy
            result = await play(loaded, target, OPTIONS)
        return result


async def proven(version: Version, loaded: LoadedCase) -> list[str]:
    """What a case does not show of the endpoint as it is, or of one that breaks a requirement."""
    faults: list[str] = []
    place = f"{loaded.file}:{loaded.line}"
    whole = (await playing(version, loaded)).verdict
    if whole.outcome is not WHOLE[strength(loaded.requirements, version)]:
        faults.append(f"{place}: {loaded.id}: {whole}")
    for requirement in loaded.requirements:
        level = strength([requirement], version)
        broken = (await playing(version, loaded, {requirement.id})).verdict
        same = level == "MAY" and broken.ending == whole.ending
        if broken.outcome is not BROKEN[level] or same:
            faults.append(f"{place}: {loaded.id} with {requirement.id} broken: {broken}")
    return faults


@pytest.mark.no_cover  # measuring would double the time, and other tests take the same branches
@pytest.mark.parametrize(("version", "cases"), list(every_part()))
def test_both_ways(
    version: Version, cases: list[LoadedCase], record_property: Callable[[str, object], None]
) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(loaded: LoadedCase) -> list[str]:
        async with room:
            return await proven(version, loaded)

    async def work() -> list[list[str]]:
        return await asyncio.gather(*map(one, cases))

    assert [fault for faults in asyncio.run(work()) for fault in faults] == []
    record_property("proven_to_pass", len(cases))
    record_property("proven_to_fail", sum(len(loaded.requirements) for loaded in cases))
