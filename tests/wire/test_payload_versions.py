"""Frames and payloads of all ten versions: what is written is read, whatever it is cut into."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2spec_py.spec import FrameType, Version, find_version
from h2spec_py.spec.model import (
    Counted,
    Entries,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
    PayloadField,
)
from h2spec_py.spec.versions import TABLES
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
from h2spec_py.wire.payload import (
    AltSvc,
    Blocked,
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    PayloadError,
    Ping,
    Priority,
    PriorityFields,
    PriorityNumber,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    Unknown,
    WindowUpdate,
    describe,
    fit_priority,
    implied_flags,
    parse_payload,
    write_payload,
)

BY_NAME = {version.short: version for version in TABLES}
CLASSES: dict[str, type[Payload]] = {
    "DATA": Data,
    "HEADERS": Headers,
    "PRIORITY": Priority,
    "RST_STREAM": RstStream,
    "SETTINGS": Settings,
    "PUSH_PROMISE": PushPromise,
    "PING": Ping,
    "GOAWAY": Goaway,
    "WINDOW_UPDATE": WindowUpdate,
    "CONTINUATION": Continuation,
    "ALTSVC": AltSvc,
    "BLOCKED": Blocked,
}
versions = st.sampled_from(TABLES)


def numbers_of(field: Numbers) -> dict[str, st.SearchStrategy[int]]:
    return {part.name: st.integers(0, 2**part.bits - 1) for part in field.fields}


def priority_of(exclusive: int = 0, **values: int) -> PriorityFields | PriorityNumber:
    if "number" in values:
        return PriorityNumber(**values)
    return PriorityFields(exclusive=bool(exclusive), **values)


def values_of(field: PayloadField) -> dict[str, st.SearchStrategy[Any]]:
    """Say what the attributes of a payload can be that a field of its layout holds."""
    match field:
        case Numbers(group="priority", flag=flag):
            there = st.fixed_dictionaries(numbers_of(field)).map(lambda one: priority_of(**one))
            return {"priority": st.none() | there if flag else there}
        case Numbers():
            return numbers_of(field)
        case Entries(name=name, entry=entry):
            entries = st.lists(st.fixed_dictionaries(numbers_of(entry)), max_size=5)
            return {name: entries.map(lambda all_: tuple(SettingsEntry(**one) for one in all_))}
        case Octets(name=name, length=int(length)):
            return {name: st.binary(min_size=length, max_size=length)}
        case Octets(name=name) | Counted(name=name):
            return {name: st.binary(max_size=40)}
        case _:
            return {}


OTHERS = 600
"""More octets than all of a payload that `values_of` draws, without its padding."""


@st.composite
def payloads(draw: st.DrawFn, version: Version, frame: FrameType) -> Payload:
    """Draw any payload that a type of frame can have, as long as its header can say how long."""
    values: dict[str, st.SearchStrategy[Any]] = {}
    for field in frame.layout:
        values |= values_of(field)
    if PaddingOctets() in frame.layout:
        greatest = 255 * sum(field.unit for field in frame.layout if isinstance(field, PadLength))
        some = st.integers(0, min(greatest, version.header.max_length - OTHERS)).map(bytes)
        values["padding"] = st.none() | st.binary(max_size=20) | some
    return CLASSES[frame.name](**draw(st.fixed_dictionaries(values)))


@st.composite
def written(draw: st.DrawFn) -> tuple[Version, Frame, Payload]:
    """Draw a version, and a frame of it that its own table wrote."""
    version = draw(versions)
    frame_type = draw(st.sampled_from(list(version.frames.values())))
    payload = draw(payloads(version, frame_type))
    others = draw(st.integers(0, 255)) & ~sum(
        frame_type.flags[field.flag]
        for field in frame_type.layout
        if isinstance(field, Numbers | PadLength) and field.flag
    )
    frame = Frame(
        type=frame_type.code,
        flags=implied_flags(version, payload) | others,
        stream=draw(st.integers(0, 2**31 - 1)),
        payload=write_payload(version, payload),
        reserved=draw(st.integers(0, 1)),
        length_reserved=draw(st.integers(0, 2**version.header.reserved_bits - 1)),
    )
    return version, frame, payload


def test_every_type_of_every_version_has_its_class() -> None:
    assert {name for version in TABLES for name in version.frames} == set(CLASSES)


@given(sample=written())
def test_what_is_written_is_read(sample: tuple[Version, Frame, Payload]) -> None:
    version, frame, payload = sample
    assert parse_payload(version, frame) == payload
    assert describe(version, frame).keys().isdisjoint({"malformed", "pad_flags"})


@given(sample=written(), cuts=st.lists(st.integers(0, 2000), max_size=6), count=st.integers(1, 3))
def test_frames_survive_any_split(
    sample: tuple[Version, Frame, Payload], cuts: list[int], count: int
) -> None:
    version, frame, _ = sample
    octets = encode_frame(version.header, frame) * count
    reader = FrameReader(version.header)
    received: list[Frame] = []
    edges = sorted(cut % (len(octets) + 1) for cut in cuts)
    for low, high in zip([0, *edges], [*edges, len(octets)], strict=True):
        reader.feed(octets[low:high])
        received += iter(reader.next, None)
    assert received == [frame] * count
    assert reader.pending == 0


@given(
    version=versions,
    code=st.integers(0, 12),
    flags=st.integers(0, 255),
    octets=st.binary(max_size=64) | st.binary(max_size=3).map(lambda start: start + bytes(600)),
)
def test_what_is_read_is_written(version: Version, code: int, flags: int, octets: bytes) -> None:
    frame = Frame(code, flags, payload=octets)
    problem: PayloadError | None = None
    try:
        payload = parse_payload(version, frame)
    except PayloadError as error:
        problem = error
    if problem is not None:
        assert problem.problem in ("length", "padding")
        assert version.frame_name(code) in problem.message
        assert describe(version, frame)["malformed"] == problem.message
        return
    assert write_payload(version, payload) == octets
    assert implied_flags(version, payload) & ~flags == 0


PAD_LOW, PAD_HIGH = 0x08, 0x10


@pytest.mark.parametrize(
    ("versions", "code", "flags", "octets", "payload"),
    [
        ("04 06 09", 0, 0xFF, "0102", Data(b"\1\2")),
        ("04 06 09", 1, 0x04, "82", Headers(b"\x82")),
        ("04 06 09", 1, 0x08, "8000000582", Headers(b"\x82", PriorityNumber(5, reserved=1))),
        ("04 06 09", 1, 0x20, "8000000582", Headers(b"\x80\0\0\5\x82")),
        ("04 06 09", 2, 0, "40000000", Priority(PriorityNumber(2**30))),
        (
            "04 06 09",
            4,
            0,
            "0100000400000064 0000000a00000001",
            Settings((SettingsEntry(4, 100, reserved=1), SettingsEntry(10, 1))),
        ),
        ("04 06 09", 5, 0xFF, "8000000282", PushPromise(2, b"\x82", reserved=1)),
        ("04 06 09", 9, 1, "00000001", WindowUpdate(1)),
        ("04", 10, 4, "82", Unknown(b"\x82")),
        ("06 09", 10, 4, "82", Continuation(b"\x82")),
        ("12", 8, 0, "80000001", WindowUpdate(1, reserved=1)),
        ("12", 4, 0, "0400000001", Settings((SettingsEntry(4, 1),))),
        ("12", 0, PAD_LOW, "026100ff", Data(b"a", b"\0\xff")),
        ("12", 0, PAD_HIGH | PAD_LOW, "010061" + "00" * 256, Data(b"a", bytes(256))),
        (
            "12",
            0,
            PAD_HIGH | PAD_LOW,
            "00016100",
            Data(b"a", b"\0", pad_flags=("PAD_HIGH", "PADDED")),
        ),
        ("12", 0, PAD_HIGH, "0061", Data(b"a", b"", pad_flags=("PAD_HIGH",))),
        (
            "12",
            1,
            PAD_LOW | 0x20,
            "01 8000000310 82 00",
            Headers(b"\x82", PriorityFields(3, 16, True), b"\0"),
        ),
        ("12", 9, PAD_LOW, "018200", Continuation(b"\x82", b"\0")),
        ("12", 5, PAD_LOW, "01000000028200", PushPromise(2, b"\x82", b"\0")),
        (
            "12",
            10,
            0,
            "00000e10 01bb ff 02 6832 01 61 6f",
            AltSvc(3600, 443, b"h2", b"a", b"o", reserved=255),
        ),
        ("12", 10, 0, "0000000000000000 00", AltSvc()),
        ("12", 11, 0, "", Blocked()),
        ("13 14 16 17 7540 9113", 10, 0, "00", Unknown(b"\0")),
    ],
)
def test_payloads_octet_by_octet(
    versions: str, code: int, flags: int, octets: str, payload: Payload
) -> None:
    for version in (BY_NAME[short] for short in versions.split()):
        frame = Frame(code, flags, payload=bytes.fromhex(octets))
        assert parse_payload(version, frame) == payload
        assert write_payload(version, payload) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("versions", "code", "flags", "octets", "problem"),
    [
        ("04 06 09", 1, 0x08, "000000", "length"),
        ("04 06 09", 2, 0, "0000000000", "length"),
        ("04 06 09", 4, 0, "000000040000", "length"),
        ("12", 2, 0, "00000000", "length"),
        ("12", 4, 0, "000400000001", "length"),
        ("12", 0, PAD_LOW, "0261", "padding"),
        ("12", 0, PAD_HIGH, "01" + "00" * 255, "padding"),
        ("12", 0, PAD_HIGH | PAD_LOW, "00", "length"),
        ("12", 9, PAD_LOW, "01", "padding"),
        ("12", 10, 0, "0000000000000000", "length"),
        ("12", 10, 0, "00000000000000 05 6832", "length"),
        ("12", 11, 0, "00", "length"),
    ],
)
def test_payloads_that_cannot_be_read(
    versions: str, code: int, flags: int, octets: str, problem: str
) -> None:
    for version in (BY_NAME[short] for short in versions.split()):
        with pytest.raises(PayloadError) as caught:
            parse_payload(version, Frame(code, flags, payload=bytes.fromhex(octets)))
        assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("short", "payload", "message"),
    [
        ("04", Continuation(), "draft-04 defines no frame type CONTINUATION"),
        ("13", Blocked(), "draft-13 defines no frame type BLOCKED"),
        ("09", Priority(PriorityFields()), "reserved: there is none in PriorityFields"),
        ("12", Priority(PriorityNumber()), "exclusive: there is none in PriorityNumber"),
        ("12", Settings((SettingsEntry(256, 0),)), "id: 256 does not fit in 8 bits"),
        ("12", AltSvc(host=bytes(256)), "length of host: 256 does not fit in 8 bits"),
        ("12", Data(b"", bytes(65536)), "pad length: 256 does not fit in 8 bits"),
        ("04", Headers(b"", PriorityNumber(2**31)), "number: 2147483648 does not fit in 31 bits"),
    ],
)
def test_what_cannot_be_written(short: str, payload: Payload, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_payload(BY_NAME[short], payload)


def test_padding_declared_otherwise_than_it_is() -> None:
    version = BY_NAME["12"]
    assert write_payload(version, Data(b"a"), (300, b"")).hex() == "012c61"
    assert implied_flags(version, Data(b"a"), (300, b"")) == PAD_HIGH | PAD_LOW
    assert write_payload(BY_NAME["09"], Data(b"a"), (3, b"\0\0\0")) == b"a"
    assert implied_flags(BY_NAME["09"], Data(b"a"), (3, b"\0\0\0")) == 0


@pytest.mark.parametrize("version", TABLES, ids=[version.name for version in TABLES])
def test_a_priority_is_said_as_the_version_can(version: Version) -> None:
    heavy, light = (fit_priority(version, PriorityFields(0, weight)) for weight in (255, 0))
    assert len(write_payload(version, Priority(heavy))) == version.frames["PRIORITY"].length
    if isinstance(heavy, PriorityNumber):
        assert version.short in ("04", "06", "09")
        assert isinstance(light, PriorityNumber)
        assert heavy.number == 0 < light.number < 2**31
    else:
        assert heavy == PriorityFields(0, 255)


@pytest.mark.parametrize(
    ("short", "frame", "shown"),
    [
        (
            "04",
            Frame(1, 0x0C, 1, b"\x80\0\0\7\x82"),
            {"block": "82", "priority": 7, "reserved": 1},
        ),
        ("04", Frame(2, 0, 1, b"\0\0\0\7"), {"priority": 7}),
        (
            "04",
            Frame(4, 0, 0, b"\1\0\0\x0a\0\0\0\1\0\0\0\7\0\0\0\1"),
            {"settings": ["FLOW_CONTROL_OPTIONS=1 (reserved 1)", "INITIAL_WINDOW_SIZE=1"]},
        ),
        ("04", Frame(3, 0, 1, b"\0\0\0\6"), {"error": "FRAME_TOO_LARGE"}),
        ("09", Frame(3, 0, 1, b"\0\0\1\xa4"), {"error": "ENHANCE_YOUR_CALM"}),
        (
            "12",
            Frame(0, PAD_HIGH | PAD_LOW, 1, b"\0\1x\0"),
            {"data": "x", "padding": "1 octet"},
        ),
        (
            "12",
            Frame(10, 0, 0, b"\0\0\0\1\0\x50\0\2h2\1ahttp://a"),
            {"max_age": 1, "port": 80, "protocol": "h2", "host": "a", "origin": "http://a"},
        ),
        ("12", Frame(11), {}),
    ],
)
def test_what_a_transcript_shows(short: str, frame: Frame, shown: dict[str, object]) -> None:
    assert describe(BY_NAME[short], frame) == shown


def test_padding_that_the_named_fields_cannot_count() -> None:
    padded = Data(b"a", bytes(300), pad_flags=("PAD_HIGH",))  # which counts by 256
    with pytest.raises(ValueError, match="pad length: 44 octets are too few for PAD_HIGH"):
        write_payload(find_version("12"), padded)
