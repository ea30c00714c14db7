"""Payloads, their padding, and how they are described, in the versions since draft-13."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2spec_py.spec import Version, find_version, in_range
from h2spec_py.spec.versions import TABLES
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.payload import (
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    PayloadError,
    Ping,
    Priority,
    PriorityFields,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    Unknown,
    WindowUpdate,
    describe,
    implied_flags,
    parse_payload,
    write_payload,
)

NEWEST = find_version("9113")
RECENT = [version for version in TABLES if in_range("13..", version.short)]
"""The versions in which payloads look as they do in the newest one."""
CODES = {name: frame.code for name, frame in NEWEST.frames.items()}
PADDED, PRIORITY = 0x08, 0x20

versions = st.sampled_from(RECENT)
octet = st.integers(0, 255)


def try_parse(version: Version, frame: Frame) -> Payload | PayloadError:
    try:
        return parse_payload(version, frame)
    except PayloadError as error:
        return error


@pytest.mark.parametrize(
    ("name", "flags", "octets", "payload"),
    [
        ("DATA", 0, "0102", Data(b"\1\2")),
        ("DATA", PADDED, "020102ff00", Data(b"\1\2", b"\xff\0")),
        ("DATA", PADDED, "00", Data(b"", b"")),
        ("HEADERS", 0, "82", Headers(b"\x82")),
        ("HEADERS", PRIORITY, "800000031082", Headers(b"\x82", PriorityFields(3, 16, True))),
        (
            "HEADERS",
            PADDED | PRIORITY,
            "0100000000ff8200",
            Headers(b"\x82", PriorityFields(0, 255), b"\0"),
        ),
        ("PRIORITY", 0, "8000000510", Priority(PriorityFields(5, 16, True))),
        ("RST_STREAM", 0, "00000008", RstStream(8)),
        (
            "SETTINGS",
            0,
            "000300000064000300000001",
            Settings((SettingsEntry(3, 100), SettingsEntry(3, 1))),
        ),
        ("SETTINGS", 1, "", Settings()),
        ("SETTINGS", 1, "000300000064", Settings((SettingsEntry(3, 100),))),
        ("PUSH_PROMISE", PADDED, "01800000028200", PushPromise(2, b"\x82", b"\0", reserved=1)),
        ("PING", 1, "0001020304050607", Ping(bytes(range(8)))),
        ("GOAWAY", 0, "800000070000000168", Goaway(7, 1, b"h", reserved=1)),
        ("WINDOW_UPDATE", 0, "ffffffff", WindowUpdate(2**31 - 1, reserved=1)),
        ("WINDOW_UPDATE", 0, "00000000", WindowUpdate(0)),
        ("HEADERS", PADDED, "0182", Headers(b"", None, b"\x82")),
        ("CONTINUATION", 0xFF, "82", Continuation(b"\x82")),
    ],
)
def test_payloads_octet_by_octet(name: str, flags: int, octets: str, payload: Payload) -> None:
    for version in RECENT:
        frame = Frame(CODES[name], flags, payload=bytes.fromhex(octets))
        assert parse_payload(version, frame) == payload
        assert write_payload(version, payload).hex() == octets


@pytest.mark.parametrize(
    ("name", "flags", "octets", "problem"),
    [
        ("DATA", PADDED, "", "length"),
        ("DATA", PADDED, "01", "padding"),
        ("DATA", PADDED, "04aaaaaa", "padding"),
        ("HEADERS", PADDED, "0282", "padding"),
        ("HEADERS", PRIORITY, "00000000", "length"),
        ("HEADERS", PADDED | PRIORITY, "0000000000", "length"),
        ("HEADERS", PADDED | PRIORITY, "010000000000", "padding"),
        ("PRIORITY", 0, "00000000", "length"),
        ("PRIORITY", 0, "000000000000", "length"),
        ("RST_STREAM", 0, "000000", "length"),
        ("RST_STREAM", 0, "0000000000", "length"),
        ("SETTINGS", 0, "0003000000", "length"),
        ("SETTINGS", 0, "00030000000100", "length"),
        ("SETTINGS", 1, "00", "length"),
        ("PUSH_PROMISE", 0, "000000", "length"),
        ("PUSH_PROMISE", PADDED, "0100000002", "padding"),
        ("PING", 0, "00000000000000", "length"),
        ("PING", 1, "000000000000000000", "length"),
        ("GOAWAY", 0, "00000000000000", "length"),
        ("WINDOW_UPDATE", 0, "000000", "length"),
        ("WINDOW_UPDATE", 0, "0000000001", "length"),
    ],
)
def test_payloads_that_cannot_be_read(name: str, flags: int, octets: str, problem: str) -> None:
    for version in RECENT:
        frame = Frame(CODES[name], flags, payload=bytes.fromhex(octets))
        error = try_parse(version, frame)
        assert isinstance(error, PayloadError)
        assert error.problem == problem
        assert str(error) == error.message


def test_types_that_a_version_does_not_define() -> None:
    for version in RECENT:
        assert parse_payload(version, Frame(0x0A, 0xFF, payload=b"any")) == Unknown(b"any")
        assert write_payload(version, Unknown(b"any"), (9, b"ignored")) == b"any"
        assert implied_flags(version, Unknown(b"any"), (9, b"ignored")) == 0


def test_a_type_that_a_version_lacks_cannot_be_written() -> None:
    without = replace(NEWEST, name="draft-00", frames={})
    assert parse_payload(without, Frame(CODES["CONTINUATION"], payload=b"x")) == Unknown(b"x")
    for use in (write_payload, implied_flags):
        with pytest.raises(ValueError, match="draft-00 defines no frame type CONTINUATION"):
            use(without, Continuation(b"x"))


@given(
    version=versions, declared=st.none() | octet, octets=st.binary(max_size=300), data=st.binary()
)
def test_any_padding_can_be_written(
    version: Version, declared: int | None, octets: bytes, data: bytes
) -> None:
    if declared is None and len(octets) > 255:
        octets = octets[:255]
    expected = len(octets) if declared is None else declared
    for payload in (Data(data), Data(data, b"its own")):
        assert implied_flags(version, payload, (declared, octets)) == PADDED
        written = write_payload(version, payload, (declared, octets))
        assert written == bytes((expected,)) + data + octets
    promise = write_payload(version, PushPromise(2, data), (declared, octets))
    assert promise == bytes((expected,)) + b"\0\0\0\2" + data + octets


def test_padding_is_ignored_where_there_is_none() -> None:
    for version in RECENT:
        assert write_payload(version, RstStream(1), (3, b"\0\0\0")) == b"\0\0\0\1"
        assert implied_flags(version, RstStream(1), (3, b"\0\0\0")) == 0


def test_a_ping_of_the_wrong_size_can_be_written() -> None:
    assert write_payload(NEWEST, Ping(b"\1\2\3")) == b"\1\2\3"
    assert write_payload(NEWEST, Ping(bytes(9))) == bytes(9)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (Data(b"", bytes(256)), "pad length: 256 does not fit in 8 bits"),
        (WindowUpdate(2**31), "increment: 2147483648 does not fit in 31 bits"),
        (RstStream(-1), "error: -1 does not fit in 32 bits"),
        (Settings((SettingsEntry(2**16, 0),)), "id: 65536 does not fit in 16 bits"),
        (Priority(PriorityFields(weight_octet=256)), "weight_octet: 256 does not fit in 8 bits"),
    ],
)
def test_numbers_that_do_not_fit(payload: Payload, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_payload(NEWEST, payload)


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        (Frame(0, PADDED, 1, b"\2hello\0\0"), {"data": "hello", "padding": "2 octets"}),
        (Frame(0, PADDED, 1, b"\1\xff"), {"padding": "1 octet, not all zero"}),
        (Frame(0, 0, 1, b"a\0\xff'\""), {"data": "a\\x00\\xff'\""}),
        (Frame(0, 0, 1, b"x" * 65), {"data": "x" * 64 + "… (65 octets)"}),
        (Frame(1, 0, 1, b"\x82\x87"), {"block": "8287"}),
        (
            Frame(1, PRIORITY, 1, b"\x80\0\0\3\x0f\x82"),
            {"block": "82", "depends_on": 3, "weight": 16, "exclusive": True},
        ),
        (Frame(3, 0, 1, b"\0\0\0\x0d"), {"error": "HTTP_1_1_REQUIRED"}),
        (Frame(3, 0, 1, b"\0\0\0\x99"), {"error": "0x99"}),
        (
            Frame(4, 0, 0, b"\0\4\0\0\0\1\0\x99\0\0\0\2"),
            {"settings": ["INITIAL_WINDOW_SIZE=1", "0x99=2"]},
        ),
        (Frame(4, 1), {"settings": []}),
        (Frame(6, 0, 0, b"\xff" * 8), {"opaque": "ff" * 8}),
        (
            Frame(7, 0, 0, b"\x80\0\0\1\0\0\0\0" + "né".encode()),
            {"reserved": 1, "last_stream": 1, "error": "NO_ERROR", "debug": "n\\xc3\\xa9"},
        ),
        (Frame(8, 0, 0, b"\0\0\0\1"), {"increment": 1}),
        (Frame(9, 0, 0, b""), {"block": ""}),
        (Frame(0x42, 0, 0, b"\0x"), {"payload": "0078"}),
        (
            Frame(8, 0, 0, b"\0\0", length=4, reserved=1),
            {
                "declared_length": 4,
                "reserved_bit": 1,
                "malformed": "WINDOW_UPDATE with a payload of 2 octets",
                "payload": "0000",
            },
        ),
    ],
)
def test_what_a_transcript_shows(frame: Frame, shown: dict[str, object]) -> None:
    assert describe(NEWEST, frame) == shown


def test_reserved_length_bits_are_shown() -> None:
    frame = Frame(8, payload=b"\0\0\0\1", length_reserved=2)
    assert describe(find_version("13"), frame) == {"reserved_length_bits": 2, "increment": 1}


def test_many_settings_are_cut_short() -> None:
    shown = describe(NEWEST, Frame(4, payload=b"\0\1\0\0\0\2" * 2000))["settings"]
    assert isinstance(shown, list)
    assert shown == ["HEADER_TABLE_SIZE=2"] * 32 + ["… 1968 more"]


@given(
    version=versions,
    code=octet | st.integers(0, 9),
    flags=octet,
    octets=st.binary(max_size=32),
    repeat=st.sampled_from([1, 100, 3000]),
)
def test_descriptions_are_small_and_json(
    version: Version, code: int, flags: int, octets: bytes, repeat: int
) -> None:
    shown = describe(version, Frame(code, flags, payload=octets * repeat))
    assert len(json.dumps(shown)) < 2000
    assert json.loads(json.dumps(shown)) == shown
