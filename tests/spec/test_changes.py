"""What is told of the difference between versions, and of one version."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from itertools import pairwise
from typing import Any

import pytest

from h2spec_py.spec import HeaderLayout, Version
from h2spec_py.spec.changes import AREAS, Change, changes, facts, table_text
from h2spec_py.spec.model import Octets
from h2spec_py.spec.versions import TABLES

BY_NAME = {version.short: version for version in TABLES}
IDS = [version.name for version in TABLES]
PAIRS = [(old, new) for old in TABLES for new in TABLES]


def told(change: Change) -> str:
    what = f"{change.area} {change.subject}"
    if change.old is None:
        return f"{what}: new: {change.new}"
    if change.new is None:
        return f"{what}: gone: {change.old}"
    return f"{what}: {change.old} -> {change.new}"


def change_lines(old: Version, new: Version) -> list[str]:
    return [told(change) for change in changes(old, new)]


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_a_version_does_not_differ_from_itself(version: Version) -> None:
    assert changes(version, version) == ()
    assert change_lines(version, version) == []


def test_both_directions_tell_the_same() -> None:
    for old, new in PAIRS:
        there = {(one.area, one.subject): (one.old, one.new) for one in changes(old, new)}
        back = {(one.area, one.subject): (one.new, one.old) for one in changes(new, old)}
        assert there == back


def test_changes_are_data_in_the_order_of_their_areas() -> None:
    areas = list(AREAS)
    for old, new in PAIRS:
        found = changes(old, new)
        assert [areas.index(one.area) for one in found] == sorted(
            areas.index(one.area) for one in found
        )
        assert all(one.old is not None or one.new is not None for one in found)
        assert json.loads(json.dumps([asdict(one) for one in found])) == [asdict(o) for o in found]
        assert not any("\n" in line for line in change_lines(old, new))


def test_a_small_step() -> None:
    assert change_lines(BY_NAME["14"], BY_NAME["16"]) == [
        "start TLS token: h2-14 -> h2-16",
        "start Upgrade token: h2c-14 -> h2c-16",
        "error code HTTP_1_1_REQUIRED: new: 0xd",
        "compression document: hpack-09 -> hpack-10",
        (
            "compression place of a size update: first in the block behind a new limit,"
            " else anywhere -> in front of the fields"
        ),
    ]
    assert changes(BY_NAME["7540"], BY_NAME["9113"]) == (
        Change("start", "Upgrade token", "h2c", "h2c, deprecated"),
        Change(
            "start",
            "HTTP2-Settings",
            "base64url of a SETTINGS payload, without =, with at least one setting",
            "not described",
        ),
        Change("frame type", "PRIORITY", "0x2 on a stream", "0x2 on a stream, deprecated"),
        Change("flag", "HEADERS PRIORITY", "0x20", "0x20, deprecated"),
        Change(
            "error use",
            "code that may stand for any other",
            "no code",
            "PROTOCOL_ERROR or INTERNAL_ERROR",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("04", "06", "frame type CONTINUATION: new: 0xa on a stream; END_STREAM 0x1; END_HEADERS"),
        (
            "04",
            "06",
            "flag PUSH_PROMISE END_HEADERS: 0x1, called END_PUSH_PROMISE -> 0x4 or 0x1, called",
        ),
        ("04", "06", "flag WINDOW_UPDATE END_FLOW_CONTROL: gone: 0x1"),
        ("06", "09", "start SETTINGS: not acknowledged -> acknowledged"),
        ("06", "09", "flag PING ACK: 0x1, called PONG -> 0x1"),
        ("06", "09", "field authority: :host -> :authority"),
        ("06", "09", "error code FRAME_SIZE_ERROR: 0x6, called FRAME_TOO_LARGE -> 0x6"),
        ("09", "12", "frame type WINDOW_UPDATE: 0x9 on stream 0 or on a stream -> 0x8 on stream 0"),
        ("09", "12", "layout PRIORITY: reserved 1, number 31 -> exclusive 1, depends_on 31, wei"),
        ("09", "12", "layout SETTINGS: (reserved 8, id 24, value 32) ... -> (id 8, value 32) ..."),
        ("09", "12", "setting FLOW_CONTROL_OPTIONS: gone: 0xa, 0 at first"),
        ("09", "12", "error code ENHANCE_YOUR_CALM: 0x1a4 -> 0xb"),
        (
            "09",
            "12",
            "error use for an unknown type or setting: none, it is ignored -> PROTOCOL_ER",
        ),
        ("12", "13", "error use for an unknown type or setting: PROTOCOL_ERROR -> none, it is ign"),
        ("06", "09", "header frame size: 16383 octets of payload in frames for HTTP messages, 655"),
        ("13", "14", "header frame size: 16383 octets of payload -> 16384 octets of payload at fi"),
        ("12", "13", "frame type BLOCKED: gone: 0xb on stream 0 or on a stream; payload: nothing"),
        ("12", "13", "frame type ALTSVC: gone: 0xa on stream 0 or on a stream; payload: max_age"),
        ("13", "14", "header frame header: 8 octets, length of 14 bits behind 2 reserved ones ->"),
        (
            "13",
            "14",
            (
                "compression index space: from 1 the dynamic table, newest entry first; behind it"
                " the static table -> from 1 the static table; behind it the dynamic table"
            ),
        ),
        ("13", "14", "setting MAX_FRAME_SIZE: new: 0x5, 16384 at first, 16384 to 16777215 or PR"),
    ],
)
def test_steps_of_all_kinds(old: str, new: str, line: str) -> None:
    lines = change_lines(BY_NAME[old], BY_NAME[new])
    assert [told for told in lines if told.startswith(line)]


def test_what_a_new_type_consists_of_is_told_once() -> None:
    lines = change_lines(BY_NAME["09"], BY_NAME["12"])
    assert len([line for line in lines if "ALTSVC" in line]) == 1


OTHERS: dict[str, Any] = {
    "preface": b"other",
    "alpn": "other",
    "upgrade": "other",
    "hpack": "hpack-08",
    "header": HeaderLayout(octets=10, length_bits=32),
    "max_frame_size": 1,
    "initial_window": 1,
    "settings_ack": False,
    "frames": {},
    "settings": {},
    "errors": {"NO_ERROR": 1},
    "pseudo": {"method": ":verb"},
    "generic_errors": ("CANCEL",),
    "malformed_errors": ("CANCEL",),
    "unknown_error": "CANCEL",
    "upgrade_settings": ("ENABLE_PUSH",),
    "deprecated": ("PING ACK",),
    "renamed": {"CANCEL": "OTHER"},
}


@pytest.mark.parametrize("name", [field.name for field in fields(Version)])
def test_no_part_of_a_table_is_left_out(name: str) -> None:
    newest = TABLES[-1]
    changed = replace(newest, **{name: OTHERS.get(name, "other")})
    told = name not in ("name", "short")  # what is compared, not what is said
    assert bool(changes(newest, changed)) is told


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("code", 0x77),
        ("stream", "either"),
        ("flags", {"ACK": 2}),
        ("layout", (Octets("opaque", 9),)),
        ("renamed", {"ACK": "PONG"}),
    ],
)
def test_no_part_of_a_frame_type_is_left_out(name: str, other: Any) -> None:
    newest = TABLES[-1]
    ping = replace(newest.frames["PING"], **{name: other})
    changed = replace(newest, frames={**newest.frames, "PING": ping})
    assert [change.subject.split()[0] for change in changes(newest, changed)] == ["PING"]


@pytest.mark.parametrize("name", ["id", "initial", "minimum", "maximum", "error", "server_maximum"])
def test_no_part_of_a_setting_is_left_out(name: str) -> None:
    newest = TABLES[-1]
    value: Any = "CANCEL" if name == "error" else 77
    setting = replace(newest.settings["ENABLE_PUSH"], **{name: value})
    changed = replace(newest, settings={**newest.settings, "ENABLE_PUSH": setting})
    assert [change.subject for change in changes(newest, changed)] == ["ENABLE_PUSH"]


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_a_table_as_text(version: Version) -> None:
    text = table_text(version)
    lines = text.splitlines()
    assert lines[:2] == [version.title, version.url]
    assert text.endswith("\n")
    assert all(heading in lines for heading in AREAS.values())
    rows = [line.split(maxsplit=1)[0] for line in lines if line.startswith("  ")]
    assert len(rows) == len(facts(version))
    for name in [*version.frames, *version.settings, *version.errors, *version.pseudo]:
        assert name in rows
    for (_, subject), told in facts(version).items():
        starting = [line for line in lines if line.startswith(f"  {subject} ")]
        assert any(line.endswith(f"  {told}") for line in starting)


def test_neighbours_always_differ() -> None:
    for old, new in pairwise(TABLES):
        assert changes(old, new)


def test_some_rows_of_a_table() -> None:
    rows = [" ".join(line.split()) for line in table_text(BY_NAME["12"]).splitlines()]
    assert "DATA PADDED 0x8, called PAD_LOW" in rows
    assert (
        "DATA [PAD_HIGH: pad length 8, times 256], [PAD_LOW: pad length 8], data ..., padding ..."
        in rows
    )
    assert "frame header 8 octets, length of 14 bits behind 2 reserved ones" in rows
    settings = "HTTP2-Settings base64url of a SETTINGS payload, without =, with"
    assert f"{settings} at least one setting" in rows
    assert "header block goes on in CONTINUATION" in rows
    assert "COMPRESS_DATA 0x5, 0 at first, 0 to 1 or PROTOCOL_ERROR" in rows
    older = [" ".join(line.split()) for line in table_text(BY_NAME["04"]).splitlines()]
    assert f"{settings} MAX_CONCURRENT_STREAMS and INITIAL_WINDOW_SIZE" in older
    assert "for a malformed request not named" in older
    assert "header block goes on in frames of the same type" in older


def test_what_a_document_cites_is_told() -> None:
    rows = [" ".join(line.split()) for line in table_text(BY_NAME["17"]).splitlines()]
    assert "document hpack-11, on the wire as hpack-10" in rows
    newest = [" ".join(line.split()) for line in table_text(BY_NAME["9113"]).splitlines()]
    push = "ENABLE_PUSH 0x2, 1 at first, 0 to 1 or PROTOCOL_ERROR, from a server at most 0"
    assert push in newest
    newest = [" ".join(line.split()) for line in table_text(TABLES[-1]).splitlines()]
    assert "Upgrade token h2c, deprecated" in newest
    assert "PRIORITY 0x2 on a stream, deprecated" in newest
