"""What TLS of the reference endpoint demands in each version, and what it does when broken."""

from __future__ import annotations

import contextlib
import ssl

import pytest

from h2spec_py.reference.tls import NAME, tls_context
from h2spec_py.spec import find_version


class Hello:
    """What a server makes of the first flight of a client, in memory."""

    def __init__(self, context: ssl.SSLContext, name: str | None, tokens: list[str]) -> None:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.set_alpn_protocols(tokens)
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [
            context.wrap_bio(there, back, server_side=True),
            client.wrap_bio(back, there, server_hostname=name),
        ]
        self.failure = ""
        self.alpn: str | None = None
        try:
            for end in [*reversed(ends), *ends, *ends]:
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()
            self.alpn = ends[0].selected_alpn_protocol()
        except ssl.SSLError as error:
            self.failure = str(error)


@pytest.mark.parametrize(
    ("draft", "violate", "lowest"),
    [
        ("04", "", ssl.TLSVersion.TLSv1_2),
        ("06", "", ssl.TLSVersion.TLSv1_1),
        ("06", "connection.tls11", ssl.TLSVersion.TLSv1_2),
        ("06", "connection.tls-offer", ssl.TLSVersion.TLSv1),
        ("9113", "", ssl.TLSVersion.TLSv1_2),
        ("9113", "connection.tls-version", ssl.TLSVersion.TLSv1),
        ("9113", "connection.tls12", ssl.TLSVersion.TLSv1_3),
    ],
)
def test_the_lowest_version_of_tls(draft: str, violate: str, lowest: ssl.TLSVersion) -> None:
    assert tls_context(find_version(draft), {violate}).minimum_version is lowest


@pytest.mark.parametrize(
    ("violate", "offered", "chosen"),
    [
        ("", ["h2c", "h2"], "h2"),
        ("start.h2c-not-in-tls", ["h2c", "h2"], "h2c"),
        ("start.tls-negotiation", ["h2"], None),
    ],
)
def test_what_is_chosen_by_alpn(violate: str, offered: list[str], chosen: str | None) -> None:
    hello = Hello(tls_context(find_version("7540"), {violate}), NAME, offered)
    assert (hello.failure, hello.alpn) == ("", chosen)


@pytest.mark.parametrize(
    ("draft", "violate", "name", "refused"),
    [
        ("06", "", None, True),
        ("06", "", NAME, False),
        ("06", "connection.tls-offer", None, False),
        ("9113", "", None, False),
        ("9113", "connection.server-name", NAME, True),
        ("9113", "connection.server-name", None, False),
    ],
)
def test_who_is_refused_for_a_server_name(
    draft: str, violate: str, name: str | None, refused: bool
) -> None:
    version = find_version(draft)
    hello = Hello(tls_context(version, {violate}), name, [version.alpn])
    assert bool(hello.failure) is refused
    assert hello.alpn == (None if refused else version.alpn)


@pytest.mark.parametrize(
    ("draft", "violate", "weak", "mandatory"),
    [
        ("9113", "", False, True),
        ("9113", "connection.tls-ciphers", True, True),
        ("9113", "connection.inadequate-security", True, True),
        ("9113", "connection.tls-suite-mandatory", False, False),
        ("06", "", True, True),
    ],
)
def test_suites_that_are_ruled_out_and_the_one_that_is_not(
    draft: str, violate: str, weak: bool, mandatory: bool
) -> None:
    context = tls_context(find_version(draft), {violate})
    suites = {one["name"] for one in context.get_ciphers()}
    assert ("AES128-SHA" in suites, "ECDHE-RSA-AES128-GCM-SHA256" in suites) == (weak, mandatory)
