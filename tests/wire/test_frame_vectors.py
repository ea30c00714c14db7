"""Frames that other people wrote, and another implementation of frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from h2spec_py.spec import VERSIONS, Version, in_range
from h2spec_py.wire.frame import Frame, FrameReader, encode_frame
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
    PriorityNumber,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    WindowUpdate,
    implied_flags,
    parse_payload,
    write_payload,
)

NINE_OCTETS = [version for version in VERSIONS if in_range("14..", version.short)]
"""The versions with the frames of the vectors, whose header has nine octets."""
of_each_version = pytest.mark.parametrize(
    "version", NINE_OCTETS, ids=[version.name for version in NINE_OCTETS]
)

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "frames"
FILES = sorted(VECTORS.glob("*/*.json"))
if not FILES:
    pytest.skip("the vectors are not beside the repository", allow_module_level=True)
VALID = [file for file in FILES if file.parent.name != "error"]
FAULTY = [file for file in FILES if file.parent.name == "error"]


def name(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def fields_of(payload: Payload) -> dict[str, Any]:
    """Put a payload in the words of the vectors."""
    found: dict[str, Any] = {}
    match payload:
        case Data():
            found = {"data": payload.data.decode()}
        case Headers():
            found = {"header_block_fragment": payload.block.decode()}
            if payload.priority is not None:
                found |= priority(payload.priority)
        case Priority():
            found = priority(payload.priority)
        case RstStream():
            found = {"error_code": payload.error}
        case Settings():
            found = {"settings": [[entry.id, entry.value] for entry in payload.settings]}
        case PushPromise():
            found = {
                "promised_stream_id": payload.promised,
                "header_block_fragment": payload.block.decode(),
            }
        case Ping():
            found = {"opaque_data": payload.opaque.decode()}
        case Goaway():
            found = {
                "last_stream_id": payload.last_stream,
                "error_code": payload.error,
                "additional_debug_data": payload.debug.decode(),
            }
        case WindowUpdate():
            found = {"window_size_increment": payload.increment}
        case Continuation():
            found = {"header_block_fragment": payload.block.decode()}
    padding = getattr(payload, "padding", None)
    if padding is not None:
        found |= {"padding_length": len(padding), "padding": padding.decode()}
    return found


def priority(fields: PriorityFields | PriorityNumber) -> dict[str, Any]:
    assert isinstance(fields, PriorityFields)
    return {
        "stream_dependency": fields.depends_on,
        "weight": fields.weight_octet + 1,
        "exclusive": fields.exclusive,
    }


def load(file: Path) -> tuple[dict[str, Any], bytes]:
    vector = json.loads(file.read_text(encoding="utf-8"))
    return vector, bytes.fromhex(vector["wire"])


def read(version: Version, wire: bytes) -> Frame | None:
    reader = FrameReader(version.header)
    reader.feed(wire)
    return reader.next()


@pytest.mark.parametrize("file", VALID, ids=name)
@of_each_version
def test_valid_frames(version: Version, file: Path) -> None:
    vector, wire = load(file)
    frame = read(version, wire)
    assert frame is not None
    expected = vector["frame"]
    assert frame.type == expected["type"]
    assert frame.flags == expected["flags"]
    assert frame.stream == expected["stream_identifier"]
    assert frame.declared == expected["length"]
    payload = parse_payload(version, frame)
    stated = {key: value for key, value in expected["frame_payload"].items() if value is not None}
    assert fields_of(payload) == stated

    flags = implied_flags(version, payload)
    assert flags & ~frame.flags == 0
    written = Frame(frame.type, frame.flags, frame.stream, write_payload(version, payload))
    assert encode_frame(version.header, written) == wire


UNREADABLE = {
    "data-frame-padding": "padding",
    "headers-frame-padding": "padding",
    "push_promise-frame-padding": "length",
    "goaway-frame-size": "length",
    "ping-frame-size": "length",
    "priority-frame-size": "length",
    "rst_stream-frame-size": "length",
    "settings-frame-size": "length",
    "window_update-frame-size": "length",
}
"""Faults of the payload itself."""

WRONG_STREAM = {
    "data-frame-stream",
    "goaway-frame-stream",
    "headers-frame-stream",
    "ping-frame-stream",
    "priority-frame-stream",
    "push_promise-frame-stream",
    "rst_stream-frame-stream",
    "settings-frame-stream",
}
"""Readable frames on a stream where the table says that their type does not belong."""

READABLE: dict[str, Payload] = {
    "push_promise-frame-promised_stream-odd": PushPromise(1),
    "push_promise-frame-promised_stream-zero": PushPromise(0),
    "settings-frame-ack-size": Settings((SettingsEntry(0xAAAA, 0xBBBBBBBB),)),
    "window_update-frame-increment": WindowUpdate(0),
}
"""Readable frames that only an endpoint can refuse: here their values must come through intact."""


def test_every_faulty_vector_is_looked_at() -> None:
    known = {*UNREADABLE, *WRONG_STREAM, *READABLE, "data-frame-size"}
    assert {file.stem for file in FAULTY} == known


@pytest.mark.parametrize("file", FAULTY, ids=name)
@of_each_version
def test_faulty_frames(version: Version, file: Path) -> None:
    vector, wire = load(file)
    frame = read(version, wire)
    if file.stem == "data-frame-size":
        # 32,768 octets are declared and few follow: the header alone has to show it.
        reader = FrameReader(version.header)
        reader.feed(wire)
        assert frame is None
        assert reader.head is not None
        assert reader.head.declared > version.max_frame_size
        return
    assert frame is not None
    assert encode_frame(version.header, frame) == wire
    frame_type = version.frame_by_code(frame.type)
    assert frame_type is not None
    if file.stem in UNREADABLE:
        with pytest.raises(PayloadError) as caught:
            parse_payload(version, frame)
        assert caught.value.problem == UNREADABLE[file.stem]
        codes = {"padding": "PROTOCOL_ERROR", "length": "FRAME_SIZE_ERROR"}
        assert version.errors[codes[caught.value.problem]] in vector["error"]
    elif file.stem in WRONG_STREAM:
        assert frame_type.stream == ("nonzero" if frame.stream == 0 else "zero")
        payload = parse_payload(version, frame)
        assert write_payload(version, payload) == frame.payload
    else:
        assert parse_payload(version, frame) == READABLE[file.stem]


def test_the_vectors_are_all_there() -> None:
    assert len(VALID) >= 12
    assert len(FAULTY) >= 22
