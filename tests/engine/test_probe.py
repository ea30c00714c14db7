"""What the probe finds out about targets of which something is known."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.engine import Options, Run, Target
from h2spec_py.engine.options import Facts
from h2spec_py.engine.probe import UnreachableError, probe
from h2spec_py.judge.verdict import Outcome
from h2spec_py.net import Endpoint
from h2spec_py.reference.listener import serve
from h2spec_py.reference.responses import RICH
from h2spec_py.spec import VERSIONS, Version, find_version

GETADDRINFO = socket.getaddrinfo


def probed(
    draft: str,
    *,
    tls: bool = False,
    violate: Collection[str] = (),
    announce: Mapping[str, int] | None = None,
    path: str = "/",
    needs: Collection[str] = ("upgrade", "tls12"),
    timeout: float = 5.0,
) -> Facts:
    async def play() -> Facts:
        version = find_version(draft)
        async with serve(version, tls=tls, violate=violate, announce=announce) as listening:
            where = (listening.host, listening.port, tls, path)
            endpoint = Endpoint(*where, insecure=True, sni=listening.server_name)
            options = Options(timeout=timeout, grace=0.0)
            return await probe(Target(endpoint, version), options, needs)

    return asyncio.run(play())


def test_the_reference_endpoint_in_cleartext() -> None:
    facts = probed("9113")
    assert (facts.get_status, facts.body_octets) == ("200", 1024)
    assert (facts.post_status, facts.post_waits) == ("200", True)
    assert (facts.tls, facts.tls12, facts.pushes) == (False, False, False)
    assert facts.takes_upgrade


def test_the_reference_endpoint_over_tls() -> None:
    facts = probed("7540", tls=True)
    assert (facts.alpn, facts.tls_version) == ("h2", "TLSv1.3")
    assert (facts.tls12, facts.takes_upgrade, facts.server_name) == (True, False, True)


def test_a_target_without_tls_1_2() -> None:
    assert not probed("9113", tls=True, violate={"connection.tls12"}).tls12


def test_ways_to_start_that_no_case_needs_are_not_tried() -> None:
    assert not probed("7540", needs=()).takes_upgrade
    assert not probed("7540", tls=True, needs=()).tls12


def test_a_resource_that_pushes() -> None:
    assert probed("7540", path=RICH).pushes


def test_a_window_that_is_smaller_than_the_initial_one() -> None:
    small = {"INITIAL_WINDOW_SIZE": 1000}
    assert probed("9113", announce=small).settings["INITIAL_WINDOW_SIZE"] == 1000


def test_a_target_that_answers_nothing_is_in_reach() -> None:
    facts = probed("9113", violate={"message.request-response"}, needs=(), timeout=0.2)
    assert (facts.get_status, facts.post_status) == ("", "")


def test_another_version_is_out_of_reach_and_named() -> None:
    async def play() -> None:
        async with serve(find_version("14"), tls=True) as listening:
            endpoint = Endpoint(listening.host, listening.port, tls=True, insecure=True)
            await probe(Target(endpoint, find_version("9113")), Options())

    with pytest.raises(UnreachableError, match=r"asked for rfc9113 \(h2\); the target chose h2-14"):
        asyncio.run(play())


LOOK_ALIKE = {"14", "16", "17", "7540", "9113"}
"""Versions that a target which starts with prior knowledge cannot be told to speak or not."""


@pytest.mark.parametrize("asked", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("spoken", VERSIONS, ids=lambda version: version.name)
def test_another_version_with_prior_knowledge_is_named(spoken: Version, asked: Version) -> None:
    async def play() -> Facts:
        async with serve(spoken, tls=False) as listening:
            endpoint = Endpoint(listening.host, listening.port, tls=False)
            return await probe(Target(endpoint, asked), Options(timeout=0.5))

    if spoken is asked or {spoken.short, asked.short} <= LOOK_ALIKE:
        assert asyncio.run(play()).get_status == "200"
        return
    with pytest.raises(UnreachableError, match=rf"^asked for {asked.name}; .*{spoken.name}"):
        asyncio.run(play())


@pytest.mark.parametrize(
    ("draft", "requirement"),
    [
        ("9113", "settings.ack"),
        ("13", "settings.ack"),
        ("04", "headers.continuation-accepted"),
        ("06", "headers.continuation-accepted"),
        ("09", "frame.undefined-flags-unset"),
        ("06", "start.upgrade-answered"),
        ("06", "message.names-lowercase"),
        ("04", "settings.unique"),
        ("9113", "message.chunked-unused"),
    ],
)
def test_a_fault_makes_no_other_version_of_a_target(draft: str, requirement: str) -> None:
    assert probed(draft, violate={requirement}, needs=(), timeout=0.5).get_status == "200"


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it stands for several machines, all cases are played at the same one."""
    looked_up: list[object] = []

    def find(host: str, *rest: Any, **more: Any) -> Any:
        if not more.get("flags", 0) & socket.AI_NUMERICHOST:
            looked_up.append(host)
            assert threading.current_thread() is not threading.main_thread()
            return GETADDRINFO("127.0.0.1", *rest, **more)
        return GETADDRINFO(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    version = find_version("7540")
    cases = load_library(version=version).select(version, ("ping/*", "upgrade/plain"))

    async def work() -> Run:
        async with serve(version, tls=False) as listening:
            target = Target(Endpoint("a-name.test", listening.port, False), version)
            run = Run(cases, cases, target, Options())
            await run.execute()
            assert [one.name for one in threading.enumerate() if "Pool" in one.name] == []
            return run

    run = asyncio.run(work())
    assert looked_up == ["a-name.test"]
    assert run.target.endpoint.address == "127.0.0.1"
    assert {one.verdict.outcome for one in run.results.values()} == {Outcome.PASS}
