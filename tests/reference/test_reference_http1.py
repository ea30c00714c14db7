"""HTTP/1.1 requests that ask for an upgrade, and those that only look like it."""

from __future__ import annotations

import pytest

from h2spec_py.reference.http1 import (
    LIMIT,
    RefusedError,
    may_be_request,
    read_upgrade,
    switching,
)
from h2spec_py.spec import find_version

VERSION = find_version("7540")

REQUEST = (
    b"POST /x?y HTTP/1.1\r\nHost: example.org\r\n"
    b"Connection: keep-alive, Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: foo, H2C\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Other: 1\r\n"
    b"Content-Length: 5\r\n\r\n"
)


def status_of(request: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read_upgrade(VERSION, request)
    head = caught.value.response.partition(b"\r\n")[0].decode()
    assert b"\r\n\r\n" in caught.value.response
    return head.split(" ")[1]


def test_upgrade_is_read_whole() -> None:
    for end in range(len(REQUEST)):
        assert read_upgrade(VERSION, REQUEST[:end]) is None
    assert read_upgrade(VERSION, REQUEST + b"hell") is None
    upgrade = read_upgrade(VERSION, REQUEST + b"helloPRI *")
    assert upgrade is not None
    assert upgrade.rest == b"PRI *"
    assert upgrade.method == b"POST"
    assert [(one.id, one.value) for one in upgrade.settings.settings] == [(3, 100), (4, 65535)]
    assert [(field.name, field.value) for field in upgrade.fields] == [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":authority", b"example.org"),
        (b":path", b"/x?y"),
        (b"x-other", b"1"),
        (b"content-length", b"5"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (b"foo, H2C", b"h2", "426"),
        (b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n", b"", "400"),
        (b"X-Other", b"HTTP2-Settings", "400"),
        (b", HTTP2-Settings\r\n", b"\r\n", "400"),
        (b"AAMAAABkAAQAAP__", b"AAMAAABkAAQAAP", "400"),
        (b"AAMAAABkAAQAAP__", b"AAMAAABkAAQAAP/+", "400"),
        (b"AAMAAABkAAQAAP__", b"AAMAA", "400"),
        (b"X-Other: 1", b"X-Other", "400"),
        (b"X-Other: 1", b"X-Other : 1", "400"),
        (b"X-Other: 1", b"Transfer-Encoding: chunked", "411"),
        (b"Content-Length: 5", b"Content-Length: five", "400"),
        (b"Content-Length: 5", b"Content-Length: 5000000", "413"),
        (b"POST /x?y HTTP/1.1", b"POST /x y HTTP/1.1", "400"),
    ],
)
def test_refusals(before: bytes, after: bytes, status: str) -> None:
    assert before in REQUEST
    assert status_of(REQUEST.replace(before, after)) == status


def test_endless_requests_are_refused() -> None:
    assert status_of(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (LIMIT // 6)) == "431"


def test_what_may_be_a_request() -> None:
    for octets in (b"G", b"GET", b"GET ", b"GET /x", b"GET / HTTP/1", b"GET / HTTP/1.1\r"):
        assert may_be_request(octets)
    assert may_be_request(b"GET / HTTP/1.1\r\nanything")
    for octets in (
        b"\0",
        b"get /",
        b"GET / HTTP/2.0\r\n",
        b"GET \0",
        b"GET / HTTP/1.1 x",
        b"A" * 17,
    ):
        assert not may_be_request(octets)
    assert not may_be_request(b"GET /" + b"a" * LIMIT)


def test_acceptance_names_the_version() -> None:
    for short in ("13", "7540"):
        version = find_version(short)
        assert f"\r\nUpgrade: {version.upgrade}\r\n".encode() in switching(version)
