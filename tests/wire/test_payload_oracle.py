"""hyperframe writes and reads the same octets for frames that are legal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hyperframe.frame as other
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2spec_py.spec import find_version
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.payload import (
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    Ping,
    Priority,
    PriorityFields,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    WindowUpdate,
    implied_flags,
    parse_payload,
    write_payload,
)

VERSION = find_version("9113")
PRIORITY = PriorityFields(depends_on=3, weight_octet=15, exclusive=True)
TREE: dict[str, Any] = {"depends_on": 3, "stream_weight": 15, "exclusive": True}

PAIRS: list[tuple[str, int, list[str], Payload, Callable[[], other.Frame]]] = [
    ("DATA", 1, ["END_STREAM"], Data(b"hello"), lambda: other.DataFrame(1, b"hello")),
    (
        "DATA",
        1,
        ["PADDED"],
        Data(b"hello", bytes(7)),
        lambda: other.DataFrame(1, b"hello", pad_length=7),
    ),
    ("HEADERS", 1, ["END_HEADERS"], Headers(b"\x82"), lambda: other.HeadersFrame(1, b"\x82")),
    (
        "HEADERS",
        1,
        ["END_STREAM", "PADDED", "PRIORITY"],
        Headers(b"\x82", PRIORITY, bytes(3)),
        lambda: other.HeadersFrame(1, b"\x82", pad_length=3, **TREE),
    ),
    ("PRIORITY", 5, [], Priority(PRIORITY), lambda: other.PriorityFrame(5, **TREE)),
    ("RST_STREAM", 5, [], RstStream(8), lambda: other.RstStreamFrame(5, error_code=8)),
    (
        "SETTINGS",
        0,
        [],
        Settings((SettingsEntry(1, 0), SettingsEntry(4, 2**31 - 1))),
        lambda: other.SettingsFrame(0, settings={1: 0, 4: 2**31 - 1}),
    ),
    ("SETTINGS", 0, ["ACK"], Settings(), lambda: other.SettingsFrame(0)),
    (
        "PUSH_PROMISE",
        1,
        ["END_HEADERS"],
        PushPromise(2, b"\x82"),
        lambda: other.PushPromiseFrame(1, promised_stream_id=2, data=b"\x82"),
    ),
    (
        "PUSH_PROMISE",
        1,
        ["PADDED"],
        PushPromise(2, b"\x82", bytes(4)),
        lambda: other.PushPromiseFrame(1, promised_stream_id=2, data=b"\x82", pad_length=4),
    ),
    ("PING", 0, ["ACK"], Ping(b"12345678"), lambda: other.PingFrame(0, opaque_data=b"12345678")),
    (
        "GOAWAY",
        0,
        [],
        Goaway(7, 11, b"calm"),
        lambda: other.GoAwayFrame(0, last_stream_id=7, error_code=11, additional_data=b"calm"),
    ),
    (
        "WINDOW_UPDATE",
        3,
        [],
        WindowUpdate(2**31 - 1),
        lambda: other.WindowUpdateFrame(3, window_increment=2**31 - 1),
    ),
    (
        "CONTINUATION",
        1,
        ["END_HEADERS"],
        Continuation(b"\x82"),
        lambda: other.ContinuationFrame(1, b"\x82"),
    ),
]


@pytest.mark.parametrize(
    ("name", "stream", "flags", "payload", "build"),
    PAIRS,
    ids=[f"{pair[0]}-{'-'.join(pair[2])}" for pair in PAIRS],
)
def test_both_write_and_read_the_same(
    name: str, stream: int, flags: list[str], payload: Payload, build: Callable[[], other.Frame]
) -> None:
    theirs = build()
    for flag in flags:
        theirs.flags.add(flag)
    frame_type = VERSION.frames[name]
    octet = sum(frame_type.flags[flag] for flag in flags)
    ours = Frame(frame_type.code, octet, stream, write_payload(VERSION, payload))
    octets = encode_frame(VERSION.header, ours)
    assert octets == theirs.serialize()
    assert implied_flags(VERSION, payload) & ~octet == 0
    assert sorted(VERSION.flag_names(frame_type.code, octet)) == sorted(theirs.flags)

    reader = FrameReader(VERSION.header)
    reader.feed(theirs.serialize())
    read = reader.next()
    assert read == ours
    assert parse_payload(VERSION, ours) == payload


@given(
    stream=st.integers(1, 2**31 - 1),
    data=st.binary(max_size=100),
    padding=st.integers(0, 255),
)
def test_both_agree_on_padding(stream: int, data: bytes, padding: int) -> None:
    theirs = other.DataFrame(stream, data, pad_length=padding, flags=["PADDED"])
    payload = Data(data, bytes(padding))
    ours = Frame(0, implied_flags(VERSION, payload), stream, write_payload(VERSION, payload))
    assert encode_frame(VERSION.header, ours) == theirs.serialize()


def test_each_type_has_a_pair() -> None:
    assert {pair[0] for pair in PAIRS} == set(VERSION.frames)
