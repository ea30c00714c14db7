"""The reference endpoint as it should be: what it answers, and in which order."""

from __future__ import annotations

import pytest

from h2spec_py.reference import REQUIREMENTS, ReferenceServer
from h2spec_py.reference.responses import NOT_FOUND, PAGE, RECEIVED, RICH
from h2spec_py.spec import VERSIONS, Version, find_version, in_range
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import Settings, SettingsEntry
from tests.peer.wires import GET, HEAD, OPEN, POST
from tests.reference.exchanges import Exchange

EVERY = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)


def acknowledgement(version: Version) -> list[str]:
    """The frame that acknowledges SETTINGS, where there is one."""
    return ["SETTINGS"] if version.settings_ack else []


@EVERY
def test_greeting(version: Version) -> None:
    exchange = Exchange(version)
    assert exchange.greeting.names == ["SETTINGS", *acknowledgement(version)]
    assert exchange.watcher.announced_settings == {"MAX_CONCURRENT_STREAMS": 100}
    assert exchange.greeting.breaches == []


@EVERY
def test_get_head_and_not_found(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    seen = exchange.send(wire.headers(1), wire.headers(3, HEAD))
    assert seen.names == ["HEADERS", "DATA", "HEADERS"]
    assert (seen.status(1), seen.content(1)) == ("200", PAGE)
    assert (seen.status(3), seen.content(3)) == ("200", b"")
    seen = exchange.send(wire.headers(5, [*GET[:3], (":path", "/missing?x=1")]))
    assert (seen.status(5), seen.content(5)) == ("404", NOT_FOUND)
    seen = exchange.send(wire.headers(7, [*GET[:3], (":path", "/?x=1")]))
    assert (seen.status(7), len(seen.content(7))) == ("200", 1024)
    assert seen.breaches == []


@EVERY
def test_post_is_answered_when_it_ends(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    upload = [*POST[:3], (":path", "/upload"), ("content-length", "10")]
    assert exchange.send(wire.headers(1, upload, OPEN), wire.data(1)).names == []
    seen = exchange.send(wire.data(1, b"world", ["END_STREAM"]))
    assert (seen.status(1), seen.content(1)) == ("200", RECEIVED)
    exchange.send(wire.headers(3, POST, OPEN), wire.data(3))
    assert exchange.send(wire.headers(3, [("x-trailer", "1")])).status(3) == "200"


@pytest.mark.parametrize(
    "version", [v for v in VERSIONS if in_range("09..", v.short)], ids=lambda version: version.name
)
def test_tunnels_are_opened_and_ended(version: Version) -> None:
    exchange = Exchange(version)
    connect = [(":method", "CONNECT"), (":authority", "example.org:443")]
    seen = exchange.send(exchange.wire.headers(1, connect, OPEN))
    assert (seen.names, seen.status(1)) == (["HEADERS"], "200")
    assert exchange.alive()


@EVERY
def test_answers_come_in_order(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    seen = exchange.send(wire.headers(1), wire.ping(), wire.headers(3, HEAD), wire.settings())
    assert seen.names == ["HEADERS", "DATA", "PING", "HEADERS", *acknowledgement(version)]


@EVERY
def test_responses_wait_for_windows(version: Version) -> None:
    exchange = Exchange(version, (), ("INITIAL_WINDOW_SIZE", 0))
    wire = exchange.wire
    assert exchange.send(wire.headers(1), wire.headers(3)).names == ["HEADERS", "HEADERS"]
    seen = exchange.send(wire.window(1, 3))
    assert [(r.name, r.frame.stream, r.frame.declared) for r in seen.frames] == [("DATA", 3, 1)]
    seen = exchange.send(wire.settings(("INITIAL_WINDOW_SIZE", 10)))
    acknowledged = [("SETTINGS", 0, 0)] if version.settings_ack else []
    assert [(r.name, r.frame.stream, r.frame.declared) for r in seen.frames] == [
        *acknowledged,
        ("DATA", 1, 10),
        ("DATA", 3, 10),
    ]
    seen = exchange.send(wire.settings(("INITIAL_WINDOW_SIZE", 0)))
    assert seen.names == acknowledgement(version)
    assert exchange.send(wire.window(10, 1)).names == []
    assert exchange.send(wire.window(5, 1)).frames[0].frame.declared == 5
    seen = exchange.send(wire.window(2000, 1), wire.window(2000, 3))
    assert [r.frame.declared for r in seen.frames] == [1009, 1013]
    assert seen.breaches == []


@EVERY
def test_responses_wait_for_the_connection(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    octets = 0
    for number in range(1, 131, 2):
        octets += len(exchange.send(wire.headers(number)).content(number))
    assert octets == 65535
    seen = exchange.send(wire.window(10_000))
    assert [r.frame.declared for r in seen.frames] == [1, 1024]
    assert exchange.alive()


@EVERY
def test_windows_are_given_back(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    exchange.send(wire.headers(1, POST, OPEN))
    given = {0: 0, 1: 0}
    for _ in range(50):
        seen = exchange.send(wire.data(1, bytes(16383)))
        for received in seen.frames:
            assert received.name == "WINDOW_UPDATE"
            given[received.frame.stream] += int.from_bytes(received.frame.payload, "big")
    assert 50 * 16383 - given[0] < 32768
    assert given[0] == given[1]
    assert exchange.send(wire.data(1, b"", ["END_STREAM"])).status(1) == "200"


@EVERY
def test_reset_stops_a_response(version: Version) -> None:
    exchange = Exchange(version, (), ("INITIAL_WINDOW_SIZE", 0))
    wire = exchange.wire
    assert exchange.send(wire.headers(1), wire.reset(1)).names == ["HEADERS"]
    seen = exchange.send(wire.settings(("INITIAL_WINDOW_SIZE", 9)))
    assert seen.names == acknowledgement(version)
    assert exchange.alive()


@EVERY
def test_malformed_requests_are_reset(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    seen = exchange.send(wire.headers(1, GET[1:]))
    if version.short == "04":
        assert (seen.status(1), seen.errors(version)) == ("400", [])
    else:
        assert seen.errors(version) == [("RST_STREAM", "PROTOCOL_ERROR")]
    assert exchange.send(wire.headers(3)).status(3) == "200"


def test_forbidden_octets_are_answered_as_the_newest_version_advises() -> None:
    for version in VERSIONS:
        exchange = Exchange(version)
        seen = exchange.send(exchange.wire.headers(1, [*GET, ("X-A", "b")]))
        if in_range("..06", version.short):  # the names are not lowercase, but that is all
            assert seen.status(1) == "200"
            continue
        assert seen.status(1) == ("400" if version.short == "9113" else None)
        assert seen.errors(version) == [("RST_STREAM", "PROTOCOL_ERROR")]
        assert seen.breaches == []


@EVERY
def test_connection_errors_end_the_connection(version: Version) -> None:
    exchange = Exchange(version)
    wire = exchange.wire
    exchange.send(wire.headers(1), wire.headers(3, POST, OPEN))
    seen = exchange.send(wire.data(0), wire.headers(5), wire.ping())
    assert seen.errors(version) == [("GOAWAY", "PROTOCOL_ERROR")]
    assert seen.names == ["GOAWAY"]
    assert getattr(seen.frames[0].payload, "last_stream", None) == 3
    assert exchange.server.closed
    assert exchange.server.receive(b"more") == b""


@EVERY
def test_errors_of_streams_that_do_not_exist_end_the_connection(version: Version) -> None:
    exchange = Exchange(version)
    seen = exchange.send(exchange.wire.frame("PRIORITY", 9, bytes(3)))
    assert seen.errors(version) == [("GOAWAY", version.called("FRAME_SIZE_ERROR"))]


@EVERY
def test_wrong_preface(version: Version) -> None:
    server = ReferenceServer(version)
    octets = server.receive(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert server.closed
    exchange = Exchange(version)
    [settings, goaway] = exchange.watcher.receive(octets)
    assert getattr(settings, "name", "") == "SETTINGS"
    assert getattr(goaway, "name", "") == "GOAWAY"


@EVERY
def test_upgrade(version: Version) -> None:
    server = ReferenceServer(version)
    size = version.settings["INITIAL_WINDOW_SIZE"].id
    fields = tuple(HeaderField(name.encode(), value.encode()) for name, value in GET)
    octets = server.upgraded(Settings((SettingsEntry(size, 100),)), b"GET", fields)
    exchange = Exchange(version)
    exchange.watcher.upgraded()
    events = exchange.watcher.receive(octets)
    assert [getattr(event, "name", event) for event in events] == ["SETTINGS", "HEADERS", "DATA"]
    assert getattr(events[-1], "frame", Frame(0)).declared == 100
    wire = exchange.wire
    rest = server.receive(version.preface + wire.octets(wire.settings(), wire.window(2000, 1)))
    events = exchange.watcher.receive(rest)
    names = [getattr(event, "name", event) for event in events]
    assert names == [*acknowledgement(version), "DATA"]
    assert getattr(events[-1], "frame", Frame(0)).declared == 924


@pytest.mark.parametrize(
    "version",
    [v for v in VERSIONS if v.settings["INITIAL_WINDOW_SIZE"].error],
    ids=lambda version: version.name,
)
def test_upgrade_with_illegal_settings(version: Version) -> None:
    server = ReferenceServer(version)
    size = version.settings["INITIAL_WINDOW_SIZE"].id
    octets = server.upgraded(Settings((SettingsEntry(size, 2**31),)), b"GET", ())
    assert server.closed
    assert version.errors["FLOW_CONTROL_ERROR"].to_bytes(4, "big") in octets


def test_only_known_requirements_can_be_broken() -> None:
    version = find_version("9113")
    with pytest.raises(ValueError, match=r"cannot break no\.such"):
        ReferenceServer(version, {"ping.ack", "no.such"})
    assert {"ping.ack", "data.stream-zero", "frame.unknown-type"} <= REQUIREMENTS
    assert "limit.header-block" not in REQUIREMENTS


@pytest.mark.parametrize("requirement", sorted(REQUIREMENTS))
@EVERY
def test_breaking_one_requirement_leaves_the_rest_alone(version: Version, requirement: str) -> None:
    """Whatever is broken, a connection starts, and most plain exchanges go on as before."""
    exchange = Exchange(version, {requirement})
    assert exchange.greeting.names.count("SETTINGS") >= 1
    assert not exchange.server.closed
    plain = exchange.send(exchange.wire.headers(1))
    troubled = {
        "hpack.encoder-limit",
        "hpack.huffman-padding-sent",
        "hpack.size-update-first",
        "hpack.literal-without",
        "hpack.integer",
        "message.request-response",
        "message.interim-end-stream",
        "message.interim-unused",
        "message.switching-protocols",
        "message.status-present",
        "preface.early-frames",
        "preface.settings-empty",
    }
    if requirement not in troubled:
        assert (plain.status(1), exchange.server.closed) == ("200", False)


@pytest.mark.parametrize(
    ("settings", "promises", "opens"),
    [
        ((), True, True),
        ((("ENABLE_PUSH", 0),), False, False),
        ((("MAX_CONCURRENT_STREAMS", 0),), True, False),
    ],
)
def test_the_rich_page_pushes_where_it_may(
    settings: tuple[tuple[str, int], ...], promises: bool, opens: bool
) -> None:
    for version in VERSIONS:
        if "ENABLE_PUSH" not in version.settings and settings:
            continue
        exchange = Exchange(version, (), *settings)
        wire = exchange.wire
        seen = exchange.send(wire.headers(1, [*GET[:3], (":path", RICH)]))
        assert seen.names.count("PUSH_PROMISE") == promises, version.name
        assert (seen.status(2) == "200") == opens, version.name
        assert seen.content(1) == PAGE * 20
        assert seen.breaches == []
        exchange.send(wire.frame("GOAWAY", 0, bytes(8)))
        seen = exchange.send(wire.headers(3, [*GET[:3], (":path", RICH)]))
        assert "PUSH_PROMISE" not in seen.names
