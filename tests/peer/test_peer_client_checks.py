"""What a tester holds against a target, and what it must not."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from h2spec_py.peer import Connection, find_rule
from h2spec_py.spec import VERSIONS, Version, find_version, in_range
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import (
    Encoder,
    Indexed,
    LiteralField,
    TableSizeUpdate,
    find_generation,
)
from h2spec_py.wire.payload import Settings, SettingsEntry, write_payload
from tests.peer.wires import GET, HEAD, OK, OPEN, POST, WHOLE, Watched, watching

Act = Callable[[Watched], Iterable[Frame]]

EVERY = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
ACKED = pytest.mark.parametrize(
    "version", [v for v in VERSIONS if v.settings_ack], ids=lambda version: version.name
)
"""The versions in which SETTINGS frames are acknowledged."""


def block(watched: Watched, *representations: Indexed | TableSizeUpdate) -> bytes:
    return Encoder(watched.version.hpack).encode(representations)


def head_request(w: Watched) -> Iterable[Frame]:
    w.send(w.ours.headers(3, HEAD))
    return [w.theirs.headers(3, OK, OPEN), w.theirs.data(3)]


def pushless(w: Watched) -> Iterable[Frame]:
    w.send(w.ours.settings(("ENABLE_PUSH", 0)))
    return [w.theirs.settings(flags=["ACK"]), w.theirs.promise(1, 2)]


def answered_ping_ack(w: Watched) -> Iterable[Frame]:
    w.send(w.ours.ping(b"answered", ["ACK"]))
    return [w.theirs.ping(b"answered", ["ACK"])]


def wrong_ping_ack(w: Watched) -> Iterable[Frame]:
    w.send(w.ours.ping(b"12345678"))
    return [w.theirs.ping(b"87654321", ["ACK"])]


def late_promise(w: Watched) -> Iterable[Frame]:
    w.send(w.ours.goaway(), w.ours.ping(b"farewell"))
    w.receive(w.theirs.ping(b"farewell", ["ACK"]), w.theirs.promise(1, 2))  # 1 came before
    w.send(w.ours.headers(3))
    return [w.theirs.promise(3, 4)]


BREACHES: dict[str, tuple[str, Act]] = {
    "undefined-flag": (
        "frame.undefined-flags-unset",
        lambda w: [replace(w.theirs.ping(), flags=0x40)],
    ),
    "reserved-bit": ("frame.reserved-bit-unset", lambda w: [replace(w.theirs.ping(), reserved=1)]),
    "reserved-length": (
        "frame.reserved-length-bits-unset",
        lambda w: [replace(w.theirs.ping(), length_reserved=2)],
    ),
    "max-frame-size": (
        "settings.max-frame-size-announced",
        lambda w: [w.theirs.settings(("MAX_FRAME_SIZE", 1))],
    ),
    "late-promise": ("goaway.stops-opening", late_promise),
    "goaway-below-answers": (
        "goaway.last-stream-covers",
        lambda w: [w.theirs.headers(1, OK), w.theirs.goaway(0)],
    ),
    "two-errors": (
        "error.one-connection-error",
        lambda w: [w.theirs.goaway(1), w.theirs.goaway(1, 1), w.theirs.goaway(1, 2)],
    ),
    "data-on-zero": ("data.stream-zero", lambda w: [w.theirs.data(0)]),
    "settings-on-stream": ("settings.on-stream-zero", lambda w: [w.theirs.frame("SETTINGS", 1)]),
    "idle-headers": ("stream.idle", lambda w: [w.theirs.headers(3, OK)]),
    "idle-data": ("stream.idle", lambda w: [w.theirs.data(3)]),
    "unpromised": ("stream.idle", lambda w: [w.theirs.headers(2, OK)]),
    "idle-reset": ("rst-stream.idle", lambda w: [w.theirs.reset(3)]),
    "data-after-end": (
        "stream.ended-sending",
        lambda w: [w.theirs.headers(1, OK), w.theirs.data(1)],
    ),
    "data-after-own-reset": (
        "stream.own-reset-last",
        lambda w: [w.theirs.headers(1, OK, OPEN), w.theirs.reset(1), w.theirs.data(1)],
    ),
    "window-after-own-reset": (
        "stream.own-reset-last",
        lambda w: [w.theirs.reset(1), w.theirs.window(1, 1)],
    ),
    "service-on-even-stream": (
        "altsvc.stream",
        lambda w: [w.theirs.frame("ALTSVC", 2, bytes([0] * 7 + [5]) + b"h2-12\0")],
    ),
    "continuation-padding": (
        "continuation.padding-zero",
        lambda w: [
            w.theirs.headers(1, OK, ["END_STREAM"]),
            w.theirs.frame("CONTINUATION", 1, b"\1\1", ["END_HEADERS", "PADDED"]),
        ],
    ),
    "interleaved": (
        "headers.contiguous",
        lambda w: [w.theirs.headers(1, OK, ["END_STREAM"]), w.theirs.ping()],
    ),
    "undecodable": (
        "hpack.index-out-of-range",
        lambda w: [w.theirs.frame("HEADERS", 1, block(w, Indexed(200)), WHOLE)],
    ),
    "table-too-large": (
        "hpack.encoder-limit",
        lambda w: [w.theirs.frame("HEADERS", 1, block(w, TableSizeUpdate(4097)), WHOLE)],
    ),
    "bad-value": (
        "settings.initial-window-limit",
        lambda w: [w.theirs.settings(("INITIAL_WINDOW_SIZE", 2**31))],
    ),
    "push-enabled": (
        "settings.enable-push-from-server",
        lambda w: [w.theirs.settings(("ENABLE_PUSH", 1))],
    ),
    "setting-twice": (
        "settings.unique",
        lambda w: [w.theirs.settings(*[("MAX_CONCURRENT_STREAMS", 1)] * 2)],
    ),
    "settings-in-reverse": (
        "settings.ascending",
        lambda w: [w.theirs.settings(("INITIAL_WINDOW_SIZE", 1), ("MAX_CONCURRENT_STREAMS", 1))],
    ),
    "goaway-on-stream": (
        "goaway.on-stream-zero",
        lambda w: [w.theirs.frame("GOAWAY", 1, bytes(8))],
    ),
    "capital": ("message.names-lowercase", lambda w: [w.theirs.headers(1, [*OK, ("X-A", "b")])]),
    "space-in-name": (
        "message.names-tokens",
        lambda w: [w.theirs.headers(1, [*OK, ("x y", "b")])],
    ),
    "colon-in-name": (
        "message.names-tokens",
        lambda w: [w.theirs.headers(1, [*OK, ("x:y", "b")])],
    ),
    "refused-late": (
        "message.retry-safe",
        lambda w: [w.theirs.headers(1, OK, OPEN), w.theirs.reset(1, 7)],
    ),
    "interim": (
        "message.interim-unused",
        lambda w: [w.theirs.headers(1, [(":status", "100")], OPEN)],
    ),
    "chunked": (
        "message.chunked-unused",
        lambda w: [w.theirs.headers(1, [*OK, ("transfer-encoding", "chunked")])],
    ),
    "no-text": ("hpack.value-text", lambda w: [w.theirs.headers(1, [*OK, ("x-a", "\xff")])]),
    "keep-alive": (
        "message.connection-specific-sent",
        lambda w: [w.theirs.headers(1, [*OK, ("keep-alive", "1")])],
    ),
    "compressed": (
        "data.compression-not-sent",
        lambda w: [w.theirs.headers(1, OK, OPEN), w.theirs.data(1, b"x", ["COMPRESSED"])],
    ),
    "unasked-ack": ("settings.ack", lambda w: [w.theirs.settings(flags=["ACK"])]),
    "ack-with-payload": (
        "settings.ack-empty",
        lambda w: [w.theirs.frame("SETTINGS", 0, bytes(6), ["ACK"])],
    ),
    "wrong-ping-ack": ("ping.ack-payload", wrong_ping_ack),
    "answered-ping-ack": ("ping.no-reply-to-ack", answered_ping_ack),
    "rising-goaway": (
        "goaway.last-stream-falls",
        lambda w: [w.theirs.goaway(1), w.theirs.goaway(3)],
    ),
    "overflow": ("window.overflow-connection", lambda w: [w.theirs.window(2**31 - 1)]),
    "push-disabled": ("push.disabled", pushless),
    "push-on-idle": ("push.sending", lambda w: [w.theirs.promise(5, 2)]),
    "push-of-zero": ("push.sending", lambda w: [w.theirs.promise(1, 0)]),
    "push-of-odd": ("stream.even-identifiers", lambda w: [w.theirs.promise(1, 3)]),
    "push-without-path": ("push.request", lambda w: [w.theirs.promise(1, 2, GET[:-1])]),
    "push-of-post": ("push.request-safe", lambda w: [w.theirs.promise(1, 2, POST)]),
    "push-without-authority": (
        "push.request-authority",
        lambda w: [w.theirs.promise(1, 2, (*GET[:2], GET[3]))],
    ),
    "push-twice": ("push.sending", lambda w: [w.theirs.promise(1, 2), w.theirs.promise(1, 2)]),
    "no-status": ("message.status-present", lambda w: [w.theirs.headers(1, OK[1:])]),
    "odd-status": ("message.status-present", lambda w: [w.theirs.headers(1, [(":status", "2x")])]),
    "two-statuses": ("message.status-present", lambda w: [w.theirs.headers(1, [OK[0], *OK])]),
    "uppercase": ("message.name-uppercase", lambda w: [w.theirs.headers(1, [*OK, ("X-A", "b")])]),
    "connection": (
        "message.connection-specific",
        lambda w: [w.theirs.headers(1, [*OK, ("connection", "close")])],
    ),
    "no-headers": ("message.data-before-headers", lambda w: [w.theirs.data(1)]),
    "head-content": ("message.head", head_request),
    "not-modified": (
        "message.no-content",
        lambda w: [w.theirs.headers(1, [(":status", "304")], OPEN), w.theirs.data(1, b"hello")],
    ),
    "too-short": (
        "message.content-length",
        lambda w: [
            w.theirs.headers(1, [*OK, ("content-length", "6")], OPEN),
            w.theirs.data(1, b"hello", ["END_STREAM"]),
        ],
    ),
}

DATA_ON_IDLE = {"06": "stream.idle", "09..14": "stream.data-state", "16..": "stream.idle"}
"""The rule that DATA on an idle stream breaks."""

LATER_BREACHES: dict[str, tuple[str, Act]] = {
    "request-pseudo": (
        "message.pseudo-request",
        lambda w: [w.theirs.headers(1, [*OK[:1], (":path", "/")])],
    ),
    "undefined-pseudo": (
        "message.pseudo-undefined-sent",
        lambda w: [w.theirs.headers(1, [*OK[:1], (":reason", "OK")])],
    ),
    "pseudo-in-trailers": (
        "message.pseudo-in-trailers",
        lambda w: [w.theirs.headers(1, OK, OPEN), w.theirs.headers(1, [(":status", "200")])],
    ),
    "late-status": (
        "message.pseudo-after-regular",
        lambda w: [w.theirs.headers(1, [OK[1], OK[0]])],
    ),
    "status-last": (
        "message.pseudo-first",
        lambda w: [w.theirs.headers(1, [OK[1], OK[0]])],
    ),
    "interim-end": (
        "message.interim-end-stream",
        lambda w: [w.theirs.headers(1, [(":status", "103")])],
    ),
    "switching": (
        "message.switching-protocols",
        lambda w: [w.theirs.headers(1, [(":status", "101")], OPEN)],
    ),
    "second-head": (
        "message.trailers-end-stream",
        lambda w: [w.theirs.headers(1, OK, OPEN), w.theirs.headers(1, [("x", "y")], OPEN)],
    ),
    "control": ("message.value-characters", lambda w: [w.theirs.headers(1, [*OK, ("x", "a\rb")])]),
    "large-frame": ("frame.size-respected", lambda w: [w.theirs.data(1, bytes(16385))]),
    "zero-increment": ("window.increment-sent", lambda w: [w.theirs.window(0)]),
}


def forms(version: Version) -> set[str]:
    return {pattern.kind for pattern in find_generation(version.hpack).patterns}


def name_of(act: Act) -> str:
    return next(name for name, (_, other) in {**BREACHES, **LATER_BREACHES}.items() if act is other)


def breach_cases() -> Iterable[object]:
    for version in VERSIONS:
        for name, (requirement, act) in {**BREACHES, **LATER_BREACHES}.items():
            if find_rule(requirement, version, "client") is None:
                continue
            if name != "table-too-large" or "size-update" in forms(version):
                yield pytest.param(version, requirement, act, id=f"{version.name}-{name}")


@pytest.mark.parametrize(("version", "requirement", "act"), list(breach_cases()))
def test_target_breaks_a_rule(version: Version, requirement: str, act: Act) -> None:
    watched = watching(version)
    found = watched.receive(*act(watched))
    if name_of(act) == "idle-data":
        requirement = next(r for k, r in DATA_ON_IDLE.items() if in_range(k, version.short))
    assert [breach.requirement for breach in found] == [requirement]


@EVERY
def test_priority_behind_a_reset(version: Version) -> None:
    watched = watching(version)
    found = watched.receive(watched.theirs.reset(1), watched.theirs.priority(1))
    allowed = in_range("13..", version.short)
    assert [breach.requirement for breach in found] == ["stream.own-reset-last"] * (not allowed)


@pytest.mark.parametrize(
    ("octets", "broken"),
    [
        (gzip.compress(b"hello"), False),
        (gzip.compress(bytes(2**24)), False),
        (gzip.compress(b"hello")[:-1], True),
        (b"hello", True),
        (b"", False),
    ],
    ids=["whole", "huge", "cut", "plain", "empty"],
)
def test_compressed_content(octets: bytes, broken: bool) -> None:
    watched = watching(find_version("12"), ("COMPRESS_DATA", 1))
    head = watched.theirs.headers(1, OK, OPEN)
    found = watched.receive(head, watched.theirs.data(1, octets, ["END_STREAM", "COMPRESSED"]))
    assert [breach.requirement for breach in found] == ["data.compression-by-frame"] * broken


def test_blocked_behind_a_reset() -> None:
    watched = watching(find_version("12"))
    found = watched.receive(watched.theirs.reset(1), watched.theirs.frame("BLOCKED", 1))
    assert [breach.requirement for breach in found] == ["stream.own-reset-last"]


@EVERY
def test_first_frame_of_a_target(version: Version) -> None:
    for first, requirement in (
        ("ping", "preface.server-settings-first"),
        ("ack", "preface.server-settings-first"),
        ("settings", None),
        ("goaway", None),
    ):
        if first == "ack" and not version.settings_ack:
            continue
        watched = Watched(version, "client")
        wire = watched.theirs
        frames = {
            "ping": wire.ping(),
            "ack": Frame(wire.settings().type, 1),
            "settings": wire.settings(("MAX_CONCURRENT_STREAMS", 7)),
            "goaway": wire.goaway(0, 1),
        }
        watched.send(watched.ours.settings())
        found = [breach.requirement for breach in watched.receive(frames[first])]
        assert found == ([] if requirement is None else [requirement])
        assert watched.connection.settings_seen is (first == "settings")


def test_settings_of_a_target_are_known() -> None:
    version = find_version("9113")
    watched = Watched(version, "client")
    assert watched.connection.remote_settings["INITIAL_WINDOW_SIZE"] == 65535
    assert "MAX_CONCURRENT_STREAMS" not in watched.connection.remote_settings
    watched.receive(watched.theirs.settings(("MAX_CONCURRENT_STREAMS", 7), ("ENABLE_PUSH", 0)))
    assert watched.connection.remote_settings["MAX_CONCURRENT_STREAMS"] == 7
    assert watched.connection.announced_settings == {"MAX_CONCURRENT_STREAMS": 7, "ENABLE_PUSH": 0}


@EVERY
def test_what_follows_a_block_that_cannot_be_read_is_not_judged(version: Version) -> None:
    watched = watching(version)
    wire = watched.theirs
    broken = wire.frame("HEADERS", 1, b"\xff" * 12, OPEN)
    [breach] = watched.receive(broken, wire.data(1), wire.data(1, b"", ["END_STREAM"]))
    assert breach.requirement == "hpack.integer-overflow"


@EVERY
def test_goaway_before_any_stream(version: Version) -> None:
    watched = Watched(version, "client")
    found = watched.receive(watched.theirs.settings(), watched.theirs.goaway(1, 1))
    names = ["goaway.last-stream-zero"] if in_range("..09", version.short) else []
    assert [breach.requirement for breach in found] == names


# Windows


@EVERY
def test_windows_that_a_target_must_respect(version: Version) -> None:
    watched = watching(version, ("INITIAL_WINDOW_SIZE", 10))
    wire = watched.theirs
    assert watched.receive(wire.headers(1, OK, OPEN), wire.data(1, bytes(10))) == []
    watched.send(watched.ours.window(5, 1))
    assert watched.receive(wire.data(1, bytes(5))) == []
    [breach] = watched.receive(wire.data(1, bytes(1)))
    assert (breach.requirement, breach.stream) == ("flow.stream-window", 1)


@EVERY
def test_connection_window_that_a_target_must_respect(version: Version) -> None:
    watched = watching(version, ("INITIAL_WINDOW_SIZE", 2**31 - 1))
    wire = watched.theirs
    full = [wire.data(1, bytes(13107)) for _ in range(5)]
    assert watched.receive(wire.headers(1, OK, OPEN), *full) == []
    [breach] = watched.receive(wire.data(1, bytes(1)))
    assert breach.requirement == "flow.connection-window"


@ACKED
def test_unacknowledged_windows_count_at_their_most_lenient(version: Version) -> None:
    watched = watching(version, ("INITIAL_WINDOW_SIZE", 10))
    wire = watched.theirs
    watched.send(watched.ours.settings(("INITIAL_WINDOW_SIZE", 20)))
    watched.send(watched.ours.settings(("INITIAL_WINDOW_SIZE", 0)))
    assert watched.receive(wire.headers(1, OK, OPEN), wire.data(1, bytes(20))) == []
    assert watched.receive(wire.settings(flags=["ACK"])) == []
    assert watched.receive(wire.settings(flags=["ACK"])) == []
    [breach] = watched.receive(wire.data(1, bytes(1)))
    assert breach.requirement == "flow.stream-window"


@EVERY
def test_windows_after_illegal_settings_are_not_judged(version: Version) -> None:
    watched = watching(version)
    wire = watched.theirs
    watched.send(
        watched.ours.settings(("INITIAL_WINDOW_SIZE", 2**32 - 1)), watched.ours.window(9999)
    )
    full = [wire.data(1, bytes(13107)) for _ in range(5)]
    assert watched.receive(wire.headers(1, OK, OPEN), *full, wire.data(1, bytes(9999))) == []


def test_large_frames_are_legal_from_the_announcement_on() -> None:
    version = find_version("9113")
    watched = watching(version)
    watched.send(watched.ours.settings(("MAX_FRAME_SIZE", 20000)))
    wire = watched.theirs
    assert watched.receive(wire.headers(1, OK, OPEN), wire.data(1, bytes(20000))) == []
    [breach] = watched.receive(wire.ping(bytes(20001)))
    assert breach.requirement == "frame.size-respected"


# Leniency: what we did ourselves


@EVERY
def test_frames_after_our_reset_are_tolerated(version: Version) -> None:
    watched = watching(version)
    watched.send(watched.ours.reset(1))
    wire = watched.theirs
    late = [wire.headers(1, OK, OPEN), wire.data(1), wire.window(1, 1), wire.reset(1)]
    assert watched.receive(*late, wire.data(1, b"", ["END_STREAM"]), wire.data(1)) == []


def illegal_openings(w: Watched) -> list[tuple[int, list[Frame]]]:
    """Streams that we opened, or touched, in an illegal way."""
    ours = w.ours
    return [
        (2, [ours.headers(2)]),
        (5, [ours.headers(7), ours.headers(5)]),
        (3, [ours.data(3)]),
        (3, [ours.window(1, 3)]),
        (3, [ours.reset(3)]),
        (3, [ours.frame("PRIORITY", 3, bytes(3))]),
        (3, [ours.priority(3, 3)]),
        (3, [ours.go_on(3, b"", OPEN)]),
        (3, [ours.frame("HEADERS", 3, b"\xff", [*WHOLE, "PRIORITY"])]),
        (2, [ours.promise(1, 2)]),
    ]


@EVERY
def test_answers_on_streams_that_we_misused_are_tolerated(version: Version) -> None:
    for index, (stream, _) in enumerate(illegal_openings(watching(version))):
        for answer in ("headers", "reset", "window"):
            watched = watching(version)
            watched.send(*illegal_openings(watched)[index][1])
            wire = watched.theirs
            frames = {
                "headers": wire.headers(stream, OK),
                "reset": wire.reset(stream, 1),
                "window": wire.window(1, stream),
            }
            assert watched.receive(frames[answer]) == [], (index, answer)


@EVERY
def test_data_that_we_sent_too_late_is_answered_as_the_target_likes(version: Version) -> None:
    watched = watching(version)
    watched.send(watched.ours.data(1))
    wire = watched.theirs
    assert watched.receive(wire.reset(1, 5), wire.goaway(1, 5)) == []


@EVERY
def test_unknown_things_are_ignored(version: Version) -> None:
    watched = watching(version)
    unknown = Frame(0x42, 0xFF, 99, b"whatever")
    entry = SettingsEntry(0x42, 1)
    setting = watched.theirs.frame("SETTINGS", 0, write_payload(version, Settings((entry,))))
    found = watched.receive(unknown, setting, watched.theirs.goaway(0, 0x99))
    refused = ["frame.unknown-type-refused", "settings.unknown-refused"]
    assert [breach.requirement for breach in found] == (refused if version.short == "12" else [])
    assert [received.name for received in watched.received[-3:]] == [None, "SETTINGS", "GOAWAY"]


@EVERY
def test_acknowledgement_of_odd_pings(version: Version) -> None:
    watched = watching(version)
    watched.send(watched.ours.frame("PING", 0, bytes(7)))
    assert watched.receive(watched.theirs.ping(b"whatever", ["ACK"])) == []


@ACKED
def test_frames_are_read_back_as_the_target_reads_them(version: Version) -> None:
    """A declared length that is too long swallows what follows."""
    watched = watching(version)
    ours = watched.ours
    watched.send(ours.frame("PING", 0, b"1234", length=8 + version.header.octets))
    watched.send(ours.frame("SETTINGS", 0))
    found = watched.receive(watched.theirs.settings(flags=["ACK"]))
    assert [breach.requirement for breach in found] == ["settings.ack"]


@ACKED
def test_octets_outside_frames_count_as_the_frames_that_they_are(version: Version) -> None:
    watched = watching(version)
    watched.connection.sent_octets(watched.ours.octets(watched.ours.settings()))
    assert watched.receive(watched.theirs.settings(flags=["ACK"])) == []


@EVERY
def test_an_update_that_crossed_the_end_of_a_stream_excuses_nothing(version: Version) -> None:
    for last, rule in (("END", "stream.ended-sending"), ("RESET", "stream.own-reset-last")):
        watched = watching(version)
        wire = watched.theirs
        end = wire.reset(1) if last == "RESET" else wire.data(1, b"", ["END_STREAM"])
        assert watched.receive(wire.headers(1, OK, OPEN), end) == []
        watched.send(watched.ours.window(5, 1))
        [breach] = watched.receive(wire.data(1))
        assert breach.requirement == rule


@EVERY
def test_answers_in_http1(version: Version) -> None:
    for pieces in ((b"HTTP/1.1 400 Bad", b" Request\r\n\r\n"), (b"HT", b"TP/1.0 400\r\n\r\n")):
        connection = Connection(version, "client")
        assert [event for piece in pieces for event in connection.receive(piece)] == []
        assert connection.http1


@ACKED
def test_upgraded_connections(version: Version) -> None:
    watched = Watched(version, "client")
    watched.connection.upgraded(method=b"HEAD")
    watched.connection.sent_octets(version.preface)
    watched.send(watched.ours.settings())
    wire = watched.theirs
    ack = wire.settings(flags=["ACK"])
    length = [*OK, ("content-length", "1024")]
    assert watched.receive(wire.settings(), wire.headers(1, length), ack, ack) == []
    [breach] = watched.receive(ack)
    assert breach.requirement == "settings.ack"


@EVERY
def test_promised_responses(version: Version) -> None:
    watched = watching(version)
    wire = watched.theirs
    assert watched.receive(wire.promise(1, 2), wire.headers(2, OK, OPEN), wire.data(2)) == []
    found = watched.receive(wire.promise(1, 4), wire.data(4))
    assert [breach.requirement for breach in found] == ["stream.reserved-sending"]


@EVERY
@pytest.mark.parametrize(
    ("link", "early", "broken"),
    [
        ("</style.css>; rel=preload, </; rel=next", False, []),
        ("<http://localhost/>; rel=preload", False, ["push.order"]),
        ("</a>, </#top>; rel=preload", False, ["push.order"]),
        ("</>; rel=preload", True, []),
    ],
)
def test_what_a_response_refers_to_is_promised_before(
    version: Version, link: str, early: bool, broken: list[str]
) -> None:
    watched = watching(version)
    wire = watched.theirs
    promise = wire.promise(1, 2)
    if early:
        assert watched.receive(promise) == []
        promise = wire.ping()
    found = watched.receive(wire.headers(1, [*OK, ("link", link)], OPEN), promise)
    assert [breach.requirement for breach in found] == broken


@EVERY
@pytest.mark.parametrize(
    ("last", "code", "broken"),
    [
        (1, 0, ["goaway.later-streams-ignored"]),
        (3, 0, []),
        (1, 1, ["goaway.last-stream-covers"]),
        (3, 1, []),
    ],
)
def test_requests_that_a_server_leaves_out_are_not_answered(
    version: Version, last: int, code: int, broken: list[str]
) -> None:
    watched = watching(version)
    watched.send(watched.ours.headers(3))
    found = watched.receive(watched.theirs.goaway(last, code), watched.theirs.headers(3, OK))
    assert [breach.requirement for breach in found] == broken


@EVERY
def test_what_is_pushed_may_be_stored_where_it_has_to(version: Version) -> None:
    watched = watching(version)
    wire = watched.theirs
    secret = [*OK, ("cache-control", "private, no-store")]
    found = watched.receive(wire.promise(1, 2), wire.headers(1, secret), wire.headers(2, secret))
    broken = [] if version.short not in {"12", "13", "14"} else ["push.response-cacheable"]
    assert [breach.requirement for breach in found] == broken


def test_promises_that_end_by_either_bit() -> None:
    for short, broken in (
        ("06", []),
        ("09", ["frame.undefined-flags-unset", "push.contiguous"]),
    ):
        watched = watching(find_version(short))
        wire = watched.theirs
        promise = replace(wire.promise(1, 2), flags=0x01)
        found = watched.receive(promise, wire.ping())
        assert [breach.requirement for breach in found] == broken


@EVERY
def test_responses_without_content(version: Version) -> None:
    length = ("content-length", "1024")
    for method, status in ((HEAD, "200"), (GET, "304"), (GET, "204")):
        watched = watching(version)
        watched.send(watched.ours.headers(3, method))
        assert watched.receive(watched.theirs.headers(3, [(":status", status), length])) == []


@EVERY
def test_interim_responses_and_trailers(version: Version) -> None:
    watched = watching(version)
    wire = watched.theirs
    interim = find_rule("message.interim-unused", version, "client") is None
    frames = [
        *([wire.headers(1, [(":status", "103")], OPEN)] if interim else []),
        wire.headers(1, [*OK, ("content-length", "5")], OPEN),
        wire.data(1, *wire.padded(2, b"hello")),
        wire.headers(1, [("x-trailer", "1")]),
    ]
    assert watched.receive(*frames) == []
    assert [r.block.trailers for r in watched.received if r.block][-2:] == [False, True]


@EVERY
def test_large_requests_are_given_back_without_overflow(version: Version) -> None:
    watched = watching(version)
    ours, wire = watched.ours, watched.theirs
    assert watched.receive(wire.window(2**31 - 1 - 65535)) == []
    watched.send(ours.headers(3, POST, OPEN), ours.data(3, bytes(1000)))
    assert watched.receive(wire.window(1000)) == []
    [breach] = watched.receive(wire.window(1))
    assert breach.requirement == "window.overflow-connection"


def test_fields_that_stayed_in_the_reference_set_have_no_place_among_the_others() -> None:
    watched = watching(find_version("04"))
    watched.send(watched.ours.headers(1), watched.ours.headers(3))
    encoder = Encoder("hpack-00")
    status = LiteralField("without", b":status", b"200")
    server = LiteralField("incremental", b"server", b"h2spec_py")
    first = replace(watched.theirs.headers(1), payload=encoder.encode([status, server]))
    second = replace(watched.theirs.headers(3), payload=encoder.encode([status]))
    assert watched.receive(first, second) == []


@EVERY
def test_undecodable_blocks_are_reported_once(version: Version) -> None:
    watched = watching(version)
    broken = watched.theirs.frame("HEADERS", 1, b"\xff", OPEN)
    assert len(watched.receive(broken, broken, watched.theirs.headers(1, OK))) == 1
    assert [r.block.fields for r in watched.received if r.block] == [None] * 3
