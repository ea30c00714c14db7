"""Every rule that a server enforces: the fault is seen, named and ranked; forgiven, it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pytest

from h2spec_py.peer import RULES, find_rule
from h2spec_py.spec import VERSIONS, Version, in_range
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import (
    Encoder,
    Indexed,
    RawOctets,
    Representation,
    TableSizeUpdate,
    find_generation,
)
from h2spec_py.wire.hpack.generation import Generation
from h2spec_py.wire.payload import Settings, SettingsEntry, write_payload
from tests.peer.wires import GET, OPEN, POST, WHOLE, Fields, Watched, Wire, serving


@dataclass(frozen=True)
class Fault:
    name: str
    requirement: str
    frames: Callable[[Wire], Iterable[Frame]]


TUNNEL: Fields = ((":method", "CONNECT"), (":authority", "localhost:80"))


def request(requirement: str, name: str, *fields: tuple[str, str], base: Fields = GET) -> Fault:
    """A request with additional fields."""
    return Fault(name, requirement, lambda w: [w.headers(1, (*base, *fields))])


def replaced(requirement: str, name: str, field: str, value: str | None) -> Fault:
    """A request with another value for a pseudo-header field, or without it."""
    fields = [(n, v) for n, v in GET if n != field]
    return Fault(
        name,
        requirement,
        lambda w: [w.headers(1, ([] if value is None else [(field, value)]) + fields)],
    )


def block(
    requirement: str, name: str, representation: Representation, *, first: bool = False
) -> Fault:
    """A request with a representation of its own behind its fields, or before them."""

    def frames(w: Wire) -> list[Frame]:
        generation = find_generation(w.version.hpack)
        if isinstance(representation, RawOctets):
            octets = RAW[requirement](generation)
        else:
            octets = Encoder(w.version.hpack).encode([representation])
        fields = w.block(GET)
        return [w.frame("HEADERS", 1, octets + fields if first else fields + octets, WHOLE)]

    return Fault(name, requirement, frames)


def coded(generation: Generation, symbols: str, padding: str = "1", more: str = "") -> bytes:
    """A literal whose value is Huffman coded; `padding` fills its last octet."""
    code = generation.huffman_code("request")
    if code is None:
        raise ValueError(f"{generation.name} has no Huffman coding")
    number = int(symbols) if symbols.isdigit() else ord(symbols)
    bits = code.codes[number]
    bits += padding * (-len(bits) % 8) + more
    start = generation.pattern("literal", "without").octet
    count = len(bits) // 8
    return bytes([start, 1]) + b"a" + bytes([0x80 | count]) + int(bits, 2).to_bytes(count, "big")


RAW: Mapping[str, Callable[[Generation], bytes]] = {
    "hpack.index-zero": lambda _: b"\x80",
    "hpack.integer-overflow": lambda _: b"\xff" + b"\xff" * 10 + b"\x01",
    "hpack.truncated": lambda g: bytes([g.pattern("literal", "without").octet]) + b"\x05ab",
    "hpack.huffman-eos": lambda g: coded(g, "256"),
    "hpack.huffman-padding-ones": lambda g: coded(g, "b", "0"),
    "hpack.huffman-padding-length": lambda g: coded(g, "b", more="1" * 8),
}
"""The octets of what no representation can say, in each generation of header compression."""


def ended(wire: Wire) -> Frame:
    """The end of flow control."""
    return wire.settings(("FLOW_CONTROL_OPTIONS", 1))


ODD_NAME = ("x(y", "z")

FAULTS = [
    Fault("data", "data.stream-zero", lambda w: [w.data(0)]),
    Fault("headers", "headers.stream-zero", lambda w: [w.headers(0)]),
    Fault("priority", "priority.stream-zero", lambda w: [w.priority(0)]),
    Fault("rst-stream", "rst-stream.stream-zero", lambda w: [w.reset(0)]),
    Fault("continuation", "continuation.stream-zero", lambda w: [w.go_on(0, b"", OPEN)]),
    Fault("altsvc", "altsvc.to-server", lambda w: [w.frame("ALTSVC", 0, bytes(9))]),
    Fault("blocked", "blocked.payload", lambda w: [w.frame("BLOCKED", 0, b"x")]),
    Fault("unknown", "frame.unknown-type-refused", lambda _: [Frame(0x42)]),
    Fault("settings", "settings.stream-nonzero", lambda w: [w.frame("SETTINGS", 1)]),
    Fault("ping", "ping.stream-nonzero", lambda w: [w.frame("PING", 1, bytes(8))]),
    Fault("goaway", "goaway.stream-nonzero", lambda w: [w.frame("GOAWAY", 1, bytes(8))]),
    Fault(
        "data-padding",
        "data.padding-limit",
        lambda w: [w.headers(1, POST, OPEN), w.data(1, b"\x05abcd", ["PADDED"])],
    ),
    Fault(
        "headers-padding",
        "headers.padding-limit",
        lambda w: [w.frame("HEADERS", 1, b"\xff" + w.block(GET), [*WHOLE, "PADDED"])],
    ),
    Fault(
        "continuation-padding",
        "continuation.padding-limit",
        lambda w: [
            w.headers(1, GET, ["END_STREAM"]),
            w.frame("CONTINUATION", 1, b"\xff", ["END_HEADERS", "PADDED"]),
        ],
    ),
    Fault(
        "data-high",
        "data.padding-high",
        lambda w: [w.headers(1, POST, OPEN), w.data(1, b"\0", ["PAD_HIGH"])],
    ),
    Fault(
        "headers-high",
        "headers.padding-high",
        lambda w: [w.frame("HEADERS", 1, b"\0" + w.block(GET), [*WHOLE, "PAD_HIGH"])],
    ),
    Fault(
        "continuation-high",
        "continuation.padding-high",
        lambda w: [
            w.headers(1, GET, ["END_STREAM"]),
            w.frame("CONTINUATION", 1, b"\0", ["END_HEADERS", "PAD_HIGH"]),
        ],
    ),
    Fault(
        "compressed",
        "data.compression-disabled",
        lambda w: [w.headers(1, POST, OPEN), w.data(1, b"x", ["COMPRESSED"])],
    ),
    Fault("short-goaway", "frame.too-short", lambda w: [w.frame("GOAWAY", 0, bytes(7))]),
    Fault(
        "no-priority",
        "frame.too-short",
        lambda w: [w.frame("HEADERS", 1, b"", [*WHOLE, "PRIORITY"])],
    ),
    Fault("too-large", "frame.size-limit", lambda w: [w.data(1, bytes(16385))]),
    Fault(
        "priority-3",
        "priority.length",
        lambda w: [w.headers(1, POST, OPEN), w.frame("PRIORITY", 1, bytes(3))],
    ),
    Fault(
        "priority-6",
        "priority.length",
        lambda w: [w.headers(1, POST, OPEN), w.frame("PRIORITY", 1, bytes(6))],
    ),
    Fault(
        "rst-3",
        "rst-stream.length",
        lambda w: [w.headers(1, POST, OPEN), w.frame("RST_STREAM", 1, bytes(3))],
    ),
    Fault(
        "rst-5",
        "rst-stream.length",
        lambda w: [w.headers(1, POST, OPEN), w.frame("RST_STREAM", 1, bytes(5))],
    ),
    Fault("settings-5", "settings.length", lambda w: [w.frame("SETTINGS", 0, bytes(4))]),
    Fault(
        "unknown-setting",
        "settings.unknown-refused",
        lambda w: [w.frame("SETTINGS", 0, b"\x42" + bytes(4))],
    ),
    Fault(
        "compress-2",
        "settings.compress-data-value",
        lambda w: [w.settings(("COMPRESS_DATA", 2))],
    ),
    Fault("ping-7", "ping.length", lambda w: [w.ping(bytes(7))]),
    Fault("ping-9", "ping.length", lambda w: [w.ping(bytes(9))]),
    Fault("window-3", "window.length", lambda w: [w.frame("WINDOW_UPDATE", 0, bytes(3))]),
    Fault("window-5", "window.length", lambda w: [w.frame("WINDOW_UPDATE", 0, bytes(5))]),
    Fault(
        "ack-with-payload",
        "settings.ack-length",
        lambda w: [w.frame("SETTINGS", 0, bytes(6), ["ACK"])],
    ),
    Fault("push-2", "settings.enable-push-value", lambda w: [w.settings(("ENABLE_PUSH", 2))]),
    Fault(
        "initial-window",
        "settings.initial-window-limit",
        lambda w: [w.settings(("INITIAL_WINDOW_SIZE", 2**31))],
    ),
    Fault("promise", "push.from-client", lambda w: [w.headers(1, POST, OPEN), w.promise(1)]),
    Fault(
        "zero-on-stream",
        "window.zero-increment-stream",
        lambda w: [w.headers(1, POST, OPEN), w.window(0, 1)],
    ),
    Fault("zero", "window.zero-increment-connection", lambda w: [w.window(0)]),
    Fault(
        "overflow-on-stream",
        "window.overflow-stream",
        lambda w: [w.headers(1, POST, OPEN), w.window(2**31 - 1, 1)],
    ),
    Fault("overflow", "window.overflow-connection", lambda w: [w.window(2**31 - 1)]),
    Fault(
        "overflow-by-settings",
        "flow.initial-window-overflow",
        lambda w: [
            w.headers(1, POST, OPEN),
            w.window(2**31 - 1 - 65535, 1),
            w.settings(("INITIAL_WINDOW_SIZE", 65536)),
        ],
    ),
    Fault(
        "update",
        "flow.no-return",
        lambda w: [w.headers(1, POST, OPEN), ended(w), w.window(1, 1)],
    ),
    Fault(
        "option", "flow.no-return", lambda w: [ended(w), w.settings(("FLOW_CONTROL_OPTIONS", 0))]
    ),
    Fault(
        "connection-window",
        "flow.connection-window",
        lambda w: [
            w.headers(1, POST, OPEN),
            w.headers(3, POST, OPEN),
            *(w.data(1, bytes(16383)) for _ in range(3)),
            *(w.data(3, bytes(16383)) for _ in range(2)),
        ],
    ),
    # Streams
    Fault("data-state", "stream.data-state", lambda w: [w.headers(3), w.data(1)]),
    Fault("window", "stream.idle", lambda w: [w.window(1, 1)]),
    Fault("reset", "rst-stream.idle", lambda w: [w.reset(1)]),
    Fault("parity", "stream.id-parity", lambda w: [w.headers(2)]),
    Fault("decreasing", "stream.id-increasing", lambda w: [w.headers(5), w.headers(3)]),
    Fault("data-after-end", "stream.half-closed-remote", lambda w: [w.headers(1), w.data(1)]),
    Fault("headers-after-end", "stream.half-closed-remote", lambda w: [w.headers(1), w.headers(1)]),
    Fault(
        "data-after-reset",
        "stream.closed-after-reset",
        lambda w: [w.headers(1, POST, OPEN), w.reset(1), w.data(1)],
    ),
    Fault(
        "headers-after-reset",
        "stream.closed-after-reset",
        lambda w: [w.headers(1, POST, OPEN), w.reset(1), w.headers(1)],
    ),
    Fault(
        "third-stream",
        "stream.concurrency-limit",
        lambda w: [w.headers(1, POST, OPEN), w.headers(3, POST, OPEN), w.headers(5, POST, OPEN)],
    ),
    Fault(
        "itself", "priority.self-dependency", lambda w: [w.headers(1, POST, OPEN), w.priority(1, 1)]
    ),
    # Header blocks
    Fault(
        "ping",
        "headers.contiguous",
        lambda w: [
            w.headers(1, GET, ["END_STREAM"]),
            w.ping(),
            w.go_on(1, b"", OPEN),
        ],
    ),
    Fault(
        "other-headers",
        "headers.contiguous",
        lambda w: [w.headers(1, GET, ["END_STREAM"]), w.headers(3)],
    ),
    Fault(
        "unknown",
        "frame.unknown-in-header-block",
        lambda w: [
            w.headers(1, GET, ["END_STREAM"]),
            Frame(0x42, 0, 1),
            w.frame("CONTINUATION", 1, b"", OPEN),
        ],
    ),
    Fault(
        "nothing-to-continue",
        "continuation.without-headers",
        lambda w: [w.headers(1), w.frame("CONTINUATION", 1, b"", OPEN)],
    ),
    block("hpack.index-zero", "zero", RawOctets(b"")),
    block("hpack.index-out-of-range", "beyond", Indexed(200)),
    block("hpack.integer-overflow", "overflow", RawOctets(b"")),
    block("hpack.truncated", "truncated", RawOctets(b"")),
    block("hpack.huffman-eos", "eos", RawOctets(b"")),
    block("hpack.huffman-padding-ones", "zeros", RawOctets(b"")),
    block("hpack.huffman-padding-length", "octet", RawOctets(b"")),
    block("hpack.size-update-limit", "limit", TableSizeUpdate(4097), first=True),
    block("hpack.size-update-late", "late", TableSizeUpdate(0)),
    # Messages
    request("message.name-uppercase", "uppercase", ("X-Up", "1")),
    request("message.name-characters", "space", ("x y", "1")),
    request("message.name-characters", "latin", ("x\xe9", "1")),
    request("message.name-token", "token", ODD_NAME),
    request("message.name-token", "empty", ("", "1")),
    request("message.name-colon", "colon", ("x:y", "1")),
    request("message.value-characters", "nul", ("x", "a\0b")),
    request("message.value-characters", "lf", ("x", "a\nb")),
    request("message.value-controls", "bell", ("x", "a\x07b")),
    request("message.value-whitespace", "leading", ("x", " a")),
    request("message.value-whitespace", "trailing", ("x", "a\t")),
    request("message.connection-specific", "connection", ("connection", "keep-alive")),
    request("message.te", "gzip", ("te", "trailers, gzip")),
    request("message.pseudo-undefined", "undefined", (":protocol", "x"), base=()),
    request("message.pseudo-response", "status", (":status", "200"), base=()),
    request("message.pseudo-after-regular", "late", ("x", "y"), (":path", "/"), base=GET[:3]),
    request("message.pseudo-duplicate", "twice", (":path", "/")),
    replaced("message.pseudo-missing", "no-method", ":method", None),
    replaced("message.pseudo-missing", "no-scheme", ":scheme", None),
    replaced("message.pseudo-missing", "no-path", ":path", None),
    replaced("message.path-empty", "empty", ":path", ""),
    replaced("message.pseudo-invalid", "path", ":path", "x"),
    replaced("message.pseudo-invalid", "asterisk", ":path", "*"),
    replaced("message.pseudo-invalid", "method", ":method", "GE T"),
    replaced("message.connect-form", "path", ":method", "CONNECT"),
    request("message.connect-authority", "none", (":method", "CONNECT"), base=()),
    Fault(
        "trailers",
        "message.connect-frames",
        lambda w: [w.headers(1, TUNNEL, OPEN), w.headers(1, [("x", "y")])],
    ),
    request("message.host-authority", "host", ("host", "example.org")),
    request("message.content-length", "no-content", ("content-length", "5")),
    request("message.content-length", "no-number", ("content-length", "-1")),
    Fault(
        "short",
        "message.content-length",
        lambda w: [
            w.headers(1, (*POST, ("content-length", "6")), OPEN),
            w.data(1, b"hello", ["END_STREAM"]),
        ],
    ),
    Fault(
        "long",
        "message.content-length",
        lambda w: [w.headers(1, (*POST, ("content-length", "4")), OPEN), w.data(1, b"hello")],
    ),
    Fault(
        "open",
        "message.trailers-end-stream",
        lambda w: [w.headers(1, POST, OPEN), w.headers(1, [("x", "y")], OPEN)],
    ),
    Fault(
        "pseudo",
        "message.pseudo-in-trailers",
        lambda w: [w.headers(1, POST, OPEN), w.headers(1, [(":path", "/")])],
    ),
]

# The range of MAX_FRAME_SIZE can only be left where there is that setting.
RANGE = Fault(
    "range",
    "settings.max-frame-size-range",
    lambda w: [w.settings(("MAX_FRAME_SIZE", 16383))],
)

PSEUDO_FIRST = {"message.pseudo-undefined", "message.pseudo-response"}


def frames_of(fault: Fault, wire: Wire) -> list[Frame]:
    if fault.requirement in PSEUDO_FIRST:
        [bare] = fault.frames(Wire(wire.version))
        return [wire.frame("HEADERS", 1, bare.payload + wire.block(GET), WHOLE)]
    return list(fault.frames(wire))


def cases() -> Iterable[object]:
    for version in VERSIONS:
        for fault in [*FAULTS, RANGE]:
            # Where header blocks go on in HEADERS, the fault of this is one of theirs.
            continuing = fault.name in ("continuation", "nothing-to-continue")
            if continuing and "CONTINUATION" not in version.frames:
                continue
            if find_rule(fault.requirement, version, "server") is not None:
                name = f"{version.name}-{fault.requirement}-{fault.name}"
                yield pytest.param(version, fault, id=name)


@pytest.mark.parametrize(("version", "fault"), list(cases()))
def test_fault_is_named_and_ranked(version: Version, fault: Fault) -> None:
    watched = serving(version)
    frames = frames_of(fault, watched.theirs)
    rule = find_rule(fault.requirement, version, "server")
    assert rule is not None
    watched.receive(*frames)
    [found] = watched.breaches
    assert (found.requirement, found.code) == (fault.requirement, rule.code)
    assert found.scope == (rule.scope if found.stream else "connection")


@pytest.mark.parametrize(("version", "fault"), list(cases()))
def test_forgiven_fault_goes_unnoticed(version: Version, fault: Fault) -> None:
    watched = serving(version, {fault.requirement})
    frames = frames_of(fault, watched.theirs)
    assert watched.receive(*frames, watched.theirs.ping(b"barrier!")) == []
    assert watched.received[-1].frame.payload == b"barrier!"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_rules_of_other_versions_do_not_exist(version: Version) -> None:
    faults = [f for f in FAULTS if find_rule(f.requirement, version, "server") is None]
    for fault in faults:
        watched = serving(version)
        try:
            frames = frames_of(fault, watched.theirs)
            found = watched.receive(*frames)
        except (KeyError, ValueError):
            continue  # the version has no such frame, flag, setting, length or representation
        assert fault.requirement not in [breach.requirement for breach in found]


def test_every_rule_of_servers_has_a_fault() -> None:
    tried = {fault.requirement for fault in [*FAULTS, RANGE]} | {
        "limit.header-block",  # test_peer_connection
        "preface.client-magic",
        "preface.client-settings",
        "hpack.size-update-missing",
        "hpack.size-update-demanded",
        "hpack.size-update-smallest",
        "hpack.reference-set-emptying",  # below: only where there is a reference set
        "stream.closed-after-end",  # below: the server has to answer first
        "stream.reserved-local",  # below: it has to promise first
        "push.stream-zero",  # below: it is that of push.from-client as well
        "push.padding",  # below: so is this
        "flow.stream-window",  # test_peer_flow
    }
    known = {
        requirement
        for requirement, rules in RULES.items()
        if any(rule.at != "client" for rule in rules)
    }
    assert known - tried == set()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_frames_on_a_stream_that_both_ended(version: Version) -> None:
    for name in ("DATA", "HEADERS"):
        watched = serving(version)
        watched.receive(watched.theirs.headers(1))
        watched.send(watched.ours.headers(1, [(":status", "200")]))
        frame = watched.theirs.data(1) if name == "DATA" else watched.theirs.headers(1)
        [breach] = watched.receive(frame)
        assert (breach.requirement, breach.code) == ("stream.closed-after-end", "STREAM_CLOSED")
        assert breach.scope == ("stream" if in_range("..12", version.short) else "connection")
    for tolerated in (
        watched.theirs.window(1, 1),
        watched.theirs.reset(1),
        watched.theirs.priority(1),
    ):
        assert watched.receive(tolerated) == []


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_frames_on_a_stream_that_the_server_promised(version: Version) -> None:
    watched = serving(version)
    watched.receive(watched.theirs.headers(1))
    watched.send(watched.ours.promise(1, 2))
    assert watched.receive(watched.theirs.priority(2)) == []
    if find_rule("stream.reserved-local", version, "server") is None:
        return
    [breach] = watched.receive(watched.theirs.data(2))
    assert breach.requirement == "stream.reserved-local"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_whatever_comes_after_our_own_reset_is_ignored(version: Version) -> None:
    watched = serving(version)
    watched.receive(watched.theirs.headers(1, POST, OPEN))
    watched.send(watched.ours.reset(1))
    wire = watched.theirs
    late = [wire.data(1), wire.headers(1, [("x", "y")]), wire.window(1, 1), wire.reset(1)]
    assert watched.receive(*late, wire.ping()) == []


def test_window_update_after_reset_differs_by_version() -> None:
    found = {}
    for version in VERSIONS:
        watched = serving(version)
        wire = watched.theirs
        watched.receive(wire.headers(1, POST, OPEN), wire.reset(1))
        found[version.short] = [b.requirement for b in watched.receive(wire.window(1, 1))]
    assert found.pop("9113") == []
    assert len(found) == 9
    assert all(names == ["stream.closed-after-reset"] for names in found.values())


def test_priority_after_reset_differs_by_version() -> None:
    found = {}
    for version in VERSIONS:
        watched = serving(version)
        wire = watched.theirs
        watched.receive(wire.headers(1, POST, OPEN), wire.reset(1))
        found[version.short] = [b.requirement for b in watched.receive(wire.priority(1))]
    # draft-13 5.1: priority on closed streams of all kinds
    broken = [short for short, names in found.items() if names == ["stream.closed-after-reset"]]
    assert broken == ["04", "06", "09", "12"]
    assert [short for short, names in found.items() if not names] == [
        *("13", "14", "16", "17", "7540", "9113")
    ]


def test_priority_on_idle_streams_differs_by_version() -> None:
    found = {}
    for version in VERSIONS:
        watched = serving(version)
        found[version.short] = [b.requirement for b in watched.receive(watched.theirs.priority(9))]
    # draft-04 has no rule about frames on idle streams; draft-16 6.3: on a stream in any state
    assert [short for short, names in found.items() if not names] == [
        *("04", "16", "17", "7540", "9113")
    ]
    broken = [short for short, names in found.items() if names == ["stream.idle"]]
    assert broken == ["06", "09", "12", "13", "14"]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_promises_on_stream_zero(version: Version) -> None:
    watched = serving(version)
    [breach] = watched.receive(watched.theirs.promise(0))
    assert breach.requirement == "push.stream-zero"
    if find_rule("push.from-client", version, "server") is None:
        return
    assert serving(version, {"push.from-client"}).receive(watched.theirs.promise(0)) == []


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_promises_with_too_much_padding(version: Version) -> None:
    if find_rule("push.padding", version, "server") is None:
        return
    watched = serving(version)
    payload = b"\xff" + bytes([0, 0, 0, 2])
    promise = watched.theirs.frame("PUSH_PROMISE", 1, payload, [*OPEN, "PADDED"])
    [breach] = watched.receive(watched.theirs.headers(1, POST, OPEN), promise)
    assert (breach.requirement, breach.scope) == ("push.padding", "connection")
    assert breach.code == "PROTOCOL_ERROR"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_emptying_the_reference_set(version: Version) -> None:
    watched = serving(version)
    block = b"\x31" + watched.theirs.block(GET)
    found = watched.receive(watched.theirs.frame("HEADERS", 1, block, WHOLE))
    emptied = version.hpack == "hpack-08"  # other generations spell it otherwise, or not at all
    assert ("hpack.reference-set-emptying" in [b.requirement for b in found]) is emptied


def test_connection_specific_fields_differ_by_version() -> None:
    found = {}
    for version in VERSIONS:
        watched = serving(version)
        frame = watched.theirs.headers(1, (*GET, ("keep-alive", "timeout=5")))
        found[version.short] = [b.requirement for b in watched.receive(frame)]
    broken = [short for short, names in found.items() if names == ["message.connection-specific"]]
    assert broken == ["06", "09", "16", "17", "7540", "9113"]
    assert [short for short, names in found.items() if not names] == ["04", "12", "13", "14"]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_legal_exchanges_break_nothing(version: Version) -> None:
    watched = serving(version)
    wire = watched.theirs
    block = wire.block(GET)
    padded, pads = wire.padded(3, block)
    unknown = Settings((SettingsEntry(0x42, 1),))
    frames = [
        wire.frame("HEADERS", 1, block[:3], ["END_STREAM"]),
        wire.go_on(1, block[3:7]),
        wire.go_on(1, block[7:], OPEN),
        wire.frame("HEADERS", 3, padded, [*OPEN, *pads]),
        wire.data(3, *wire.padded(2, b"hello")),
        wire.headers(3, [("x-trailer", "1")]),
        wire.goaway(0, 0x99),
    ]
    if version.short != "12":
        frames.append(Frame(0x42, 0xFF, 7, b"unknown"))
        frames.append(wire.frame("SETTINGS", 0, write_payload(version, unknown)))
    assert watched.receive(*frames) == []
    blocks = [received.block for received in watched.received if received.block is not None]
    assert [(block.stream, block.end_stream, block.trailers) for block in blocks] == [
        (1, True, False),
        (3, False, False),
        (3, True, True),
    ]


def test_forgiving_one_rule_does_not_forgive_the_next_frame() -> None:
    version = VERSIONS[-1]
    watched: Watched = serving(version, {"data.stream-zero"})
    wire = watched.theirs
    [breach] = watched.receive(wire.data(0), wire.headers(0))
    assert breach.requirement == "headers.stream-zero"
