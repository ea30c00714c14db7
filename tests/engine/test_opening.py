"""What a connection shows before any frame: handshakes, and heads of HTTP/1.1."""

from __future__ import annotations

import asyncio

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.case.model import Tls
from h2spec_py.engine import CaseResult, Options, Target, play
from h2spec_py.engine.opening import handshake_of, head_breach, protocol_breach
from h2spec_py.judge.verdict import Outcome
from h2spec_py.net import Endpoint, Handshake
from h2spec_py.net.tls import VERSIONS
from h2spec_py.reference.listener import serve
from h2spec_py.spec import find_version

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"


def test_a_handshake_as_a_case_describes_it() -> None:
    assert handshake_of(Tls()) == Handshake()
    suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    described = Tls(max_version="1.2", suites=[suite], curve="secp256r1", server_name=False)
    names = ("ECDHE-RSA-AES128-GCM-SHA256",)
    expected = Handshake(VERSIONS["1.2"], names, server_name=False, curve="prime256v1")
    assert handshake_of(described) == expected


@pytest.mark.parametrize(
    ("draft", "chosen", "broken"),
    [
        ("7540", "h2c", True),
        ("14", "h2c-14", True),
        ("14", "h2-14", False),
        ("9113", None, False),
        ("12", "h2c", False),  # which does not rule it out
    ],
)
def test_h2c_is_not_to_be_chosen_in_tls(draft: str, chosen: str | None, broken: bool) -> None:
    found = protocol_breach(find_version(draft), chosen)
    assert (found is not None) is broken
    if found is not None:
        assert (found.requirement, found.message) == (
            "start.h2c-not-in-tls",
            f"it chose {chosen} in TLS",
        )


@pytest.mark.parametrize(
    ("draft", "line", "broken"),
    [
        ("7540", b"HTTP2-Settings: AAMAAABk", True),
        ("13", b"http2-settings:", True),
        ("12", b"HTTP2-Settings: AAMAAABk", False),  # which does not forbid it
        ("9113", b"HTTP2-Settings: AAMAAABk", False),
        ("7540", b"X-HTTP2-Settings: AAMAAABk", False),
        ("7540", b"Server: HTTP2-Settings", False),
    ],
)
def test_http2_settings_are_not_to_be_sent_by_servers(
    draft: str, line: bytes, broken: bool
) -> None:
    found = head_breach(find_version(draft), SWITCH + line)
    assert (found is not None) is broken
    assert head_breach(find_version(draft), SWITCH) is None


@pytest.mark.parametrize(
    ("draft", "identifier"),
    [  # the settings of draft-12 are no settings of the standard, which so takes no upgrade
        ("12", "tls/standard-token"),
        ("13", "tls/standard-token"),
        ("13", "upgrade/standard-token"),
    ],
)
def test_a_target_may_speak_the_standard_by_its_own_token(draft: str, identifier: str) -> None:
    version = find_version(draft)
    loaded = next(one for one in load_library().cases(version) if one.id == identifier)
    tls = identifier.startswith("tls/")

    async def go() -> CaseResult:
        async with serve(find_version("7540"), tls=tls) as listening:
            where = (listening.host, listening.port, tls)
            endpoint = Endpoint(*where, insecure=True, sni=listening.server_name)
            return await play(loaded, Target(endpoint, version), Options(timeout=5.0))

    verdict = asyncio.run(go()).verdict
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason == "it speaks another version, whose token that is"
