"""The interpreter of layouts, on fields as the older drafts have them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from h2spec_py.spec.model import (
    Bits,
    Entries,
    FrameType,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
    PayloadField,
)
from h2spec_py.wire.layout import PayloadError, optional_flags, read_fields, write_fields

PAD = (PadLength("PAD_HIGH", unit=256), PadLength("PAD_LOW"))


def frame_type(flags: dict[str, int], *layout: PayloadField) -> FrameType:
    return FrameType("SAMPLE", 0, "6.1", "either", flags, layout)


DATA_12 = frame_type({"PAD_LOW": 0x08, "PAD_HIGH": 0x10}, *PAD, Octets("data"), PaddingOctets())
HEADERS_04 = frame_type(
    {"PRIORITY": 0x08},
    Numbers((Bits("reserved", 1), Bits("value", 31)), flag="PRIORITY", group="priority"),
    Octets("block"),
)
SETTINGS_12 = frame_type({}, Entries("settings", Numbers((Bits("id", 8), Bits("value", 32)))))
SETTINGS_04 = frame_type(
    {},
    Entries("settings", Numbers((Bits("reserved", 8), Bits("id", 24), Bits("value", 32)))),
)
BLOCKED_12 = frame_type({})


@pytest.mark.parametrize(
    ("sample", "flags", "octets", "values"),
    [
        (DATA_12, 0x08, "0161 00", {"data": b"a", "padding": b"\0"}),
        (DATA_12, 0x18, "0102 61" + "00" * 258, {"data": b"a", "padding": bytes(258)}),
        (DATA_12, 0x00, "6162", {"data": b"ab"}),
        (
            HEADERS_04,
            0x08,
            "80000005 82",
            {"priority": {"reserved": 1, "value": 5}, "block": b"\x82"},
        ),
        (HEADERS_04, 0x00, "82", {"block": b"\x82"}),
        (SETTINGS_12, 0, "0400000001", {"settings": [{"id": 4, "value": 1}]}),
        (
            SETTINGS_04,
            0,
            "ff00000a00000001",
            {"settings": [{"reserved": 255, "id": 10, "value": 1}]},
        ),
        (BLOCKED_12, 0, "", {}),
    ],
)
def test_layouts_of_other_drafts(
    sample: FrameType, flags: int, octets: str, values: dict[str, Any]
) -> None:
    payload = bytes.fromhex(octets)
    assert read_fields(sample, flags, payload) == values
    padding = values.get("padding", b"")
    pad_length = len(padding) if "padding" in values else None
    holder = SimpleNamespace(priority=None, settings=[])
    for name, value in values.items():
        shaped: Any = value
        if isinstance(value, dict):
            shaped = SimpleNamespace(**value)
        elif isinstance(value, list):
            shaped = [SimpleNamespace(**entry) for entry in value]
        setattr(holder, name, shaped)
    assert write_fields(sample, holder, pad_length, padding) == payload
    assert optional_flags(sample, holder, pad_length) == flags


@pytest.mark.parametrize(
    ("sample", "flags", "octets", "problem"),
    [
        (DATA_12, 0x18, "01", "length"),
        (DATA_12, 0x18, "0100" + "00" * 255, "padding"),
        (SETTINGS_12, 0, "040000000100", "length"),
        (SETTINGS_04, 0, "0000000a000001", "length"),
        (BLOCKED_12, 0, "00", "length"),
        (HEADERS_04, 0x08, "000000", "length"),
    ],
)
def test_faults_in_them(sample: FrameType, flags: int, octets: str, problem: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_fields(sample, flags, bytes.fromhex(octets))
    assert caught.value.problem == problem


def test_lengths_of_them() -> None:
    assert (BLOCKED_12.min_length, BLOCKED_12.length) == (0, 0)
    assert (HEADERS_04.min_length, HEADERS_04.length) == (0, None)
    assert (SETTINGS_04.min_length, SETTINGS_04.length) == (0, None)
