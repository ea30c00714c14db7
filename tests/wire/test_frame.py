"""Frame headers and the cutting of octets into frames."""

from __future__ import annotations

from itertools import pairwise

import hyperframe.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2spec_py.spec import HeaderLayout, find_version, in_range
from h2spec_py.spec.versions import TABLES
from h2spec_py.wire.frame import Frame, FrameReader, decode_header, encode_frame

NINE = HeaderLayout(octets=9, length_bits=24)
EIGHT = HeaderLayout(octets=8, length_bits=14)
EIGHT_FULL = HeaderLayout(octets=8, length_bits=16)
LAYOUTS = [NINE, EIGHT, EIGHT_FULL]

layouts = st.sampled_from(LAYOUTS)


@st.composite
def frames(draw: st.DrawFn, layout: HeaderLayout) -> Frame:
    """Draw any frame that a layout can hold, its declared length right or wrong."""
    return Frame(
        type=draw(st.integers(0, 255)),
        flags=draw(st.integers(0, 255)),
        stream=draw(st.integers(0, 2**31 - 1)),
        payload=draw(st.binary(max_size=40)),
        length=draw(st.none() | st.integers(0, layout.max_length)),
        reserved=draw(st.integers(0, 1)),
        length_reserved=draw(st.integers(0, 2**layout.reserved_bits - 1)),
    )


def read_all(reader: FrameReader) -> list[Frame]:
    return list(iter(reader.next, None))


def in_pieces(octets: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(octets) + 1) for cut in cuts), len(octets)]
    return [octets[low:high] for low, high in pairwise(edges)]


def test_the_versions_use_these_layouts() -> None:
    for version in TABLES:
        if in_range("..06", version.short):
            assert version.header == EIGHT_FULL
        else:
            assert version.header == (EIGHT if in_range("..13", version.short) else NINE)


def test_a_frame_of_nine_octets() -> None:
    frame = Frame(type=0x42, flags=0xA5, stream=3, payload=b"hi", reserved=1)
    assert encode_frame(NINE, frame).hex() == "00000242a5800000036869"


def test_a_frame_of_eight_octets() -> None:
    frame = Frame(type=0x42, flags=0xA5, stream=3, payload=b"hi", length_reserved=0b10)
    assert encode_frame(EIGHT, frame).hex() == "800242a5000000036869"


@given(data=st.data(), layout=layouts)
def test_every_frame_can_be_written_and_its_header_read(
    data: st.DataObject, layout: HeaderLayout
) -> None:
    frame = data.draw(frames(layout))
    octets = encode_frame(layout, frame)
    head = decode_header(layout, octets)
    assert len(octets) == layout.octets + len(frame.payload)
    assert octets[layout.octets :] == frame.payload
    assert head.declared == frame.declared
    for name in ("type", "flags", "stream", "reserved", "length_reserved"):
        assert getattr(head, name) == getattr(frame, name)


@given(layout=layouts, octets=st.binary(min_size=9, max_size=9))
def test_every_header_can_be_read_and_written(layout: HeaderLayout, octets: bytes) -> None:
    head = decode_header(layout, octets)
    assert encode_frame(layout, head) == octets[: layout.octets]


@given(data=st.data(), layout=layouts, cuts=st.lists(st.integers(0, 10**4), max_size=8))
def test_frames_survive_any_split(
    data: st.DataObject, layout: HeaderLayout, cuts: list[int]
) -> None:
    sent = [
        Frame(f.type, f.flags, f.stream, f.payload, None, f.reserved, f.length_reserved)
        for f in data.draw(st.lists(frames(layout), max_size=6))
    ]
    reader = FrameReader(layout)
    received = []
    for piece in in_pieces(b"".join(encode_frame(layout, frame) for frame in sent), cuts):
        reader.feed(piece)
        received += read_all(reader)
    assert received == sent
    assert reader.pending == 0
    assert reader.head is None


@given(
    layout=layouts,
    octets=st.lists(st.just(bytes(3)) | st.binary(max_size=60)).map(b"".join),
    cuts=st.lists(st.integers(0, 10**4), max_size=8),
)
def test_no_octet_is_lost_whatever_arrives(
    layout: HeaderLayout, octets: bytes, cuts: list[int]
) -> None:
    at_once = FrameReader(layout)
    at_once.feed(octets)
    whole = read_all(at_once)
    reader = FrameReader(layout)
    received = []
    for piece in in_pieces(octets, cuts):
        reader.feed(piece)
        received += read_all(reader)
    assert received == whole
    assert reader.remainder == at_once.remainder
    assert reader.pending == len(reader.remainder)
    assert b"".join(encode_frame(layout, f) for f in received) + reader.remainder == octets


@given(data=st.data(), layout=layouts, limit=st.integers(0, 30))
def test_an_oversized_payload_is_cut_and_its_end_still_found(
    data: st.DataObject, layout: HeaderLayout, limit: int
) -> None:
    payloads = data.draw(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
    reader = FrameReader(layout, limit=limit)
    received = []
    for payload in payloads:
        for octet in encode_frame(layout, Frame(type=1, payload=payload)):
            reader.feed(bytes((octet,)))
            assert reader.pending <= layout.octets + limit
            received += read_all(reader)
    assert [frame.payload for frame in received] == [payload[:limit] for payload in payloads]
    assert [frame.declared for frame in received] == [len(payload) for payload in payloads]
    assert all((frame.length is None) == (frame.declared <= limit) for frame in received)


def test_oversized_frames_in_one_piece() -> None:
    octets = encode_frame(NINE, Frame(type=0, payload=bytes(100)))
    reader = FrameReader(NINE, limit=16)
    reader.feed(octets + octets + octets[:50])
    assert [len(frame.payload) for frame in read_all(reader)] == [16, 16]
    assert reader.head is not None
    assert reader.pending == 9 + 16


def test_the_header_shows_before_the_payload_has_come() -> None:
    reader = FrameReader(NINE)
    octets = encode_frame(NINE, Frame(type=0, stream=1, payload=b"hello", length=2**24 - 1))
    heads = []
    for piece in (octets[:8], octets[8:]):
        reader.feed(piece)
        heads.append(reader.head)
        assert reader.next() is None
    assert heads == [None, Frame(type=0, stream=1, length=2**24 - 1)]
    assert reader.pending == len(octets)
    assert reader.remainder == octets


def test_the_next_header_shows_once_a_frame_is_taken() -> None:
    reader = FrameReader(NINE)
    reader.feed(encode_frame(NINE, Frame(type=6, payload=bytes(8))))
    reader.feed(encode_frame(NINE, Frame(type=7, length=8)))
    assert reader.head == Frame(type=6, length=8)
    assert reader.next() == Frame(type=6, payload=bytes(8))
    assert reader.head == Frame(type=7, length=8)


@pytest.mark.parametrize(
    ("layout", "frame", "message"),
    [
        (EIGHT, Frame(type=0, payload=bytes(2**14)), "length: 16384 does not fit in 14 bits"),
        (EIGHT, Frame(type=0, length=2**14), "length: 16384 does not fit in 14 bits"),
        (NINE, Frame(type=0, length=2**24), "length: 16777216 does not fit in 24 bits"),
        (NINE, Frame(type=0, length=-1), "length: -1 does not fit"),
        (NINE, Frame(type=0, length_reserved=1), "before the length: 1 does not fit in 0 bits"),
        (EIGHT, Frame(type=0, length_reserved=4), "before the length: 4 does not fit in 2 bits"),
        (NINE, Frame(type=256), "type: 256 does not fit in 8 bits"),
        (NINE, Frame(type=0, flags=256), "flags: 256 does not fit in 8 bits"),
        (NINE, Frame(type=0, reserved=2), "reserved bit: 2 does not fit in 1 bits"),
        (NINE, Frame(type=0, stream=2**31), "stream: 2147483648 does not fit in 31 bits"),
    ],
)
def test_numbers_that_have_no_place_in_the_header(
    layout: HeaderLayout, frame: Frame, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode_frame(layout, frame)


@given(code=st.integers(0x20, 255), stream=st.integers(0, 2**31 - 1), payload=st.binary())
def test_an_independent_implementation_reads_the_same(
    code: int, stream: int, payload: bytes
) -> None:
    layout = find_version("9113").header
    octets = encode_frame(layout, Frame(code, 0x2D, stream, payload))
    other, length = hyperframe.frame.Frame.parse_frame_header(memoryview(octets[:9]))
    assert isinstance(other, hyperframe.frame.ExtensionFrame)
    assert (other.type, other.flag_byte, other.stream_id, length) == (
        code,
        0x2D,
        stream,
        len(payload),
    )
