"""The connection as a whole: prefaces, settings, header tables, and its bounds."""

from __future__ import annotations

import random

import pytest

from h2spec_py.peer import Breach, Connection, Received, Role
from h2spec_py.peer.checks import find_rule
from h2spec_py.spec import VERSIONS, Version, find_version
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.hpack import (
    HeaderField,
    Indexed,
    LiteralField,
    TableSizeUpdate,
    find_generation,
    plain,
)
from h2spec_py.wire.hpack.context import HeaderList
from tests.peer.wires import GET, OPEN, POST, WHOLE, Watched, Wire, serving

EVERY = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)

BOUNDED = pytest.mark.parametrize(
    "version",
    [v for v in VERSIONS if find_rule("stream.concurrency-limit", v, "server")],
    ids=lambda version: version.name,
)
SIGNALLED = pytest.mark.parametrize(
    "version",
    [v for v in VERSIONS if find_rule("hpack.size-update-missing", v, "server")],
    ids=lambda version: version.name,
)
"""The versions in which a smaller header table is announced in a header block."""

FOLLOWING = pytest.mark.parametrize(
    "version",
    [
        version
        for version in VERSIONS
        if find_generation(version.hpack).limit_resizes and "HEADER_TABLE_SIZE" in version.settings
    ],
    ids=lambda version: version.name,
)
"""The versions in which a header table changes with the setting."""


@EVERY
def test_preface_in_pieces(version: Version) -> None:
    watched = Watched(version, "server")
    octets = version.preface + watched.theirs.octets(
        watched.theirs.settings(), watched.theirs.ping()
    )
    for octet in octets:
        assert watched.feed(bytes([octet])) == []
    assert [received.name for received in watched.received] == ["SETTINGS", "PING"]


@EVERY
def test_wrong_preface_is_seen_at_its_first_octet(version: Version) -> None:
    watched = Watched(version, "server")
    assert watched.feed(b"PRI * ") == []
    [breach] = watched.feed(b"X")
    assert (breach.requirement, breach.code) == ("preface.client-magic", "PROTOCOL_ERROR")
    assert watched.feed(b"more") == []


@EVERY
def test_wrong_preface_forgiven(version: Version) -> None:
    for start in (b"", b"PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n", b"nonsense"):
        watched = Watched(version, "server", {"preface.client-magic"})
        wire = watched.theirs
        assert watched.feed(start + wire.octets(wire.settings(), wire.ping())) == []
        assert [received.name for received in watched.received] == ["SETTINGS", "PING"]
        assert watched.connection.preface_forgiven


@EVERY
def test_first_frame_of_a_client(version: Version) -> None:
    for frame in (Wire(version).ping(), *Wire(version).acknowledgement(), Wire(version).goaway()):
        watched = Watched(version, "server")
        [breach] = watched.feed(version.preface + watched.theirs.octets(frame))
        assert breach.requirement == "preface.client-settings"
        watched = Watched(version, "server", {"preface.client-settings"})
        assert watched.feed(version.preface + watched.theirs.octets(frame)) == []


@EVERY
def test_a_breach_comes_before_its_frame(version: Version) -> None:
    watched = serving(version)
    events = watched.connection.receive(watched.theirs.octets(watched.theirs.data(0)))
    assert [type(event) for event in events] == [Breach, Received]


def test_oversized_frames_are_refused_by_their_header() -> None:
    version = find_version("7540")
    watched = serving(version)
    head = encode_frame(version.header, Frame(0, 0, 1, b"", 16385))
    [breach] = watched.feed(head)
    assert breach.requirement == "frame.size-limit"
    assert watched.feed(bytes(16384)) == []  # said once


@BOUNDED
def test_concurrency_counts_once_it_is_acknowledged(version: Version) -> None:
    watched = Watched(version, "server")
    watched.send(watched.ours.settings(("MAX_CONCURRENT_STREAMS", 1)))
    wire = watched.theirs
    watched.feed(version.preface)
    two = [wire.headers(1, POST, OPEN), wire.headers(3, POST, OPEN)]
    assert watched.receive(wire.settings(), *two) == []
    [breach] = watched.receive(wire.settings(flags=["ACK"]), wire.headers(5, POST, OPEN))
    assert (breach.requirement, breach.code) == ("stream.concurrency-limit", "REFUSED_STREAM")
    assert watched.receive(wire.reset(1), wire.reset(3), wire.reset(5)) == []
    assert watched.receive(wire.headers(7, POST, OPEN)) == []


@SIGNALLED
def test_smaller_table_is_announced_when_it_is_owed(version: Version) -> None:
    watched = serving(version)
    fields = plain([HeaderField(b":status", b"200")])
    plain_block = watched.connection.encode(fields)
    watched.receive(watched.theirs.settings(("HEADER_TABLE_SIZE", 0), ("HEADER_TABLE_SIZE", 9)))
    owed = watched.connection.encode(fields)
    assert owed == watched.ours.encoder.encode([TableSizeUpdate(0), *fields])
    assert watched.connection.encode(fields) == plain_block
    watched.receive(watched.theirs.settings(("HEADER_TABLE_SIZE", 65536)))
    assert watched.connection.encode(fields) == plain_block


@SIGNALLED
def test_smaller_table_is_not_announced_twice_or_when_that_is_forgiven(version: Version) -> None:
    smaller = Wire(version).settings(("HEADER_TABLE_SIZE", 0))
    fields = plain([HeaderField(b":status", b"200")])
    own = [TableSizeUpdate(0), *fields]
    watched = serving(version)
    watched.receive(smaller)
    assert watched.connection.encode(own) == watched.ours.encoder.encode(own)
    watched = serving(version, {"hpack.size-update-missing"})
    watched.receive(smaller)
    assert watched.connection.encode(fields) == watched.ours.encoder.encode(fields)


@SIGNALLED
def test_target_that_does_not_announce_its_smaller_table(version: Version) -> None:
    watched = serving(version)
    wire = watched.theirs
    watched.send(watched.ours.settings(("HEADER_TABLE_SIZE", 0)))
    assert watched.receive(wire.headers(1)) == []  # it may not have seen them
    watched.receive(wire.settings(flags=["ACK"]))
    [breach] = watched.receive(wire.headers(3))
    demanded = find_rule("hpack.size-update-demanded", version, "server")
    rule = "hpack.size-update-demanded" if demanded else "hpack.size-update-missing"
    assert (breach.requirement, breach.code) == (rule, "COMPRESSION_ERROR")


@SIGNALLED
def test_target_that_announces_the_last_of_two_sizes_alone(version: Version) -> None:
    """Both came in one frame (rfc9113 6.5.3); hpack-08 5.1 speaks of the size at the end only."""
    watched = serving(version)
    wire = watched.theirs
    watched.send(watched.ours.settings(("HEADER_TABLE_SIZE", 0), ("HEADER_TABLE_SIZE", 4096)))
    assert watched.receive(wire.headers(1)) == []
    watched.receive(wire.settings(flags=["ACK"]))
    breaches = [breach.requirement for breach in watched.receive(wire.headers(3))]
    smallest = find_rule("hpack.size-update-smallest", version, "server")
    assert breaches == (["hpack.size-update-smallest"] if smallest else [])


@FOLLOWING
def test_table_that_follows_the_setting_follows_each_of_its_values(version: Version) -> None:
    """So the target's has lost its entries, and static ones have other indices (hpack-05 3.3.2)."""
    watched = serving(version)
    wire = watched.theirs
    field = HeaderField(b"x-a", b"b")
    added = wire.encoder.encode([LiteralField("incremental", field.name, field.value)])
    assert watched.receive(wire.frame("HEADERS", 1, wire.block(GET) + added, WHOLE)) == []
    decoder = watched.connection.decoder
    assert decoder is not None
    assert decoder.table.fields == [field]
    watched.send(watched.ours.settings(("HEADER_TABLE_SIZE", 0), ("HEADER_TABLE_SIZE", 4096)))
    assert decoder.table.fields == [field]
    assert watched.receive(wire.settings(flags=["ACK"])) == []
    assert decoder.table.fields == []
    assert decoder.table.maximum == 4096


def has_reference_set(version: Version) -> bool:
    return find_generation(version.hpack).context is not HeaderList


def newest_index(wire: Wire) -> int:
    """The index of the entry that was added last."""
    generation = find_generation(wire.version.hpack)
    if generation.first_index == 0:
        return len(wire.encoder.table.fields) - 1
    return 1 if has_reference_set(wire.version) else 62


@EVERY
def test_compression_state_survives_discarded_blocks(version: Version) -> None:
    watched = serving(version)
    wire = watched.theirs
    watched.receive(wire.headers(1, POST, OPEN))
    watched.send(watched.ours.reset(1))
    added = wire.encoder.encode([LiteralField("incremental", b"x-added", b"1")])
    watched.receive(wire.frame("HEADERS", 1, added, WHOLE))
    block = wire.block(GET) + wire.encoder.encode([Indexed(newest_index(wire))])
    assert watched.receive(wire.frame("HEADERS", 3, block, WHOLE)) == []
    last = watched.received[-1].block
    assert last is not None
    assert last.octets == block
    # With a reference set, the index takes the field out of it instead.
    fields = last.fields
    assert fields is not None
    assert (b"x-added" in [field.name for field in fields]) is not has_reference_set(version)


@EVERY
def test_header_blocks_are_bounded(version: Version) -> None:
    watched = serving(version)
    wire = watched.theirs
    watched.receive(wire.frame("HEADERS", 1, b"", ["END_STREAM"]))
    piece = wire.octets(wire.go_on(1, bytes(16383)))
    for _ in range(65):
        if watched.feed(piece):
            break
    assert [breach.requirement for breach in watched.breaches] == ["limit.header-block"]
    known = "ENHANCE_YOUR_CALM" in version.errors
    assert watched.breaches[0].code == ("ENHANCE_YOUR_CALM" if known else "PROTOCOL_ERROR")


@EVERY
def test_decoded_header_blocks_are_bounded(version: Version) -> None:
    watched = serving(version)
    wire = watched.theirs
    big = wire.encoder.encode([LiteralField("incremental", b"x", b"y" * 3000)])
    bomb = big + bytes([0x80 | newest_index(wire)]) * 4000
    found = watched.receive(wire.frame("HEADERS", 1, bomb, WHOLE))
    # With a reference set, an index only turns the field off and on again.
    if not has_reference_set(version):
        assert [breach.requirement for breach in found] == ["limit.header-block"]
    assert watched.received[-1].block is not None


@pytest.mark.no_cover  # much of the same, which takes its time
@pytest.mark.parametrize("role", ["client", "server"])
@EVERY
def test_anything_may_arrive(version: Version, role: Role) -> None:
    """Random frames in any order: nothing is raised, and every frame is accounted for."""
    random_ = random.Random(f"{version.name} {role}")
    for _ in range(150):
        connection = Connection(version, role)
        connection.receive(version.preface if role == "server" else b"")
        count = 0
        for _ in range(30):
            size = random_.choice([0, 1, 4, 5, 6, 8, 9, 30])
            frame = Frame(
                random_.choice([*range(11), 0x42]),
                random_.choice([0, 1, 4, 5, 8, 0x20, 0x2D, 0xFF]),
                random_.choice([0, 0, 1, 1, 1, 2, 3, 5]),
                random_.choice([bytes(size), random_.randbytes(size)]),
            )
            if random_.random() < 0.4:
                connection.sent(frame)
                continue
            events = connection.receive(encode_frame(version.header, frame))
            received = [event for event in events if isinstance(event, Received)]
            assert [event.frame for event in received] == [frame]
            for event in events:
                if isinstance(event, Breach):
                    rule = find_rule(event.requirement, version, role)
                    assert rule is not None
                    if event.scope is None:
                        assert (role, event.code) == ("client", "")
                        continue
                    assert event.code in version.errors
                    assert event.scope == "connection" or event.stream > 0
            count += 1
        assert count > 0
