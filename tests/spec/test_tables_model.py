"""What can be asked of a table."""

from __future__ import annotations

import pytest

from h2spec_py.spec import VERSIONS, UnknownVersion, Version, find_version
from h2spec_py.spec.versions import TABLES

BY_NAME = {version.short: version for version in TABLES}


def test_lengths_follow_from_layouts() -> None:
    lengths = {
        frame.name: (frame.min_length, frame.length)
        for frame in find_version("9113").frames.values()
    }
    assert lengths == {
        "DATA": (0, None),
        "HEADERS": (0, None),
        "PRIORITY": (5, 5),
        "RST_STREAM": (4, 4),
        "SETTINGS": (0, None),
        "PUSH_PROMISE": (4, None),
        "PING": (8, 8),
        "GOAWAY": (8, None),
        "WINDOW_UPDATE": (4, 4),
        "CONTINUATION": (0, None),
    }


def test_fields_of_a_type() -> None:
    frames = find_version("13").frames
    assert frames["HEADERS"].fields == ("priority", "block", "padding")
    assert frames["GOAWAY"].fields == ("reserved", "last_stream", "error", "debug")
    assert frames["SETTINGS"].fields == ("settings",)


def test_look_ups_by_number() -> None:
    version = find_version("draft-13")
    assert version.frame_by_code(9) is version.frames["CONTINUATION"]
    assert version.frame_by_code(0x0A) is None
    assert version.frame_name(0) == "DATA"
    assert version.frame_name(0xFA) == "0xfa"
    assert version.setting_by_id(4) is version.settings["INITIAL_WINDOW_SIZE"]
    assert version.setting_by_id(5) is None
    assert version.setting_name(5) == "0x05"
    assert version.setting_name(1) == "HEADER_TABLE_SIZE"
    assert version.error_name(0) == "NO_ERROR"
    assert version.error_name(0x99) == "0x99"
    assert version.error_name(0xD) == "0x0d"
    assert find_version("9113").error_name(0xD) == "HTTP_1_1_REQUIRED"


def test_lengths_in_older_drafts() -> None:
    def lengths(version: Version) -> dict[str, int | None]:
        return {name: frame.length for name, frame in version.frames.items() if frame.length}

    fixed = {"RST_STREAM": 4, "PING": 8, "WINDOW_UPDATE": 4}
    for short in ("04", "06", "09"):
        assert lengths(BY_NAME[short]) == fixed | {"PRIORITY": 4}
    assert lengths(BY_NAME["12"]) == fixed | {"PRIORITY": 5}
    altsvc, blocked = BY_NAME["12"].frames["ALTSVC"], BY_NAME["12"].frames["BLOCKED"]
    assert (altsvc.min_length, altsvc.length) == (9, None)
    assert altsvc.fields == ("max_age", "port", "reserved", "protocol", "host", "origin")
    assert (blocked.min_length, blocked.length, blocked.fields) == (0, 0, ())


def test_names_of_the_time() -> None:
    old, rfc = BY_NAME["04"], BY_NAME["9113"]
    assert old.frames["PING"].flags == {"ACK": 1}
    assert old.flag_names(6, 1) == ["PONG"]
    assert old.has_flag(6, 1, "ACK")
    assert old.frames["PUSH_PROMISE"].called("END_HEADERS") == "END_PUSH_PROMISE"
    assert old.flag_names(1, 0x0D) == ["END_STREAM", "END_HEADERS", "PRIORITY"]
    assert old.flag_names(9, 1) == ["END_FLOW_CONTROL"]
    assert old.error_name(6) == "FRAME_TOO_LARGE"
    assert old.called("FRAME_SIZE_ERROR") == "FRAME_TOO_LARGE"
    assert BY_NAME["12"].flag_names(0, 0x38) == ["PAD_LOW", "PAD_HIGH", "COMPRESSED"]
    assert rfc.called("FRAME_SIZE_ERROR") == "FRAME_SIZE_ERROR"
    assert rfc.flag_names(6, 1) == ["ACK"]


def test_what_one_name_means_is_found_in_every_version() -> None:
    """The names of the newest version are in all tables whose documents have the thing."""
    newest = TABLES[-1]
    for version in TABLES:
        assert list(version.pseudo) == list(newest.pseudo)
        missing = set(newest.frames) - set(version.frames)
        assert missing == ({"CONTINUATION"} if version.short == "04" else set())
        for name in ("END_STREAM", "END_HEADERS", "PRIORITY"):
            assert name in version.frames["HEADERS"].flags
        assert "END_HEADERS" in version.frames["PUSH_PROMISE"].flags
        assert "ACK" in version.frames["PING"].flags
        assert {"MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE"} <= set(version.settings)
        assert {"PROTOCOL_ERROR", "STREAM_CLOSED", "FRAME_SIZE_ERROR"} <= set(version.errors)


def test_names_of_flags() -> None:
    draft, rfc = find_version("13"), find_version("9113")
    assert draft.flag_names(0, 0x0B) == ["END_STREAM", "END_SEGMENT", "PADDED"]
    assert rfc.flag_names(0, 0x0B) == ["END_STREAM", "0x02", "PADDED"]
    assert rfc.flag_names(0xFA, 0x80) == ["0x80"]
    assert rfc.flag_names(4, 0) == []
    assert rfc.has_flag(4, 1, "ACK")
    assert not rfc.has_flag(4, 2, "ACK")
    assert not rfc.has_flag(0, 1, "ACK")
    assert not rfc.has_flag(0xFA, 1, "ACK")


def test_versions_are_found_by_either_name() -> None:
    for version in VERSIONS:
        assert find_version(version.short) is version
        assert find_version(version.name) is version
    known = ", ".join(version.short for version in VERSIONS)
    with pytest.raises(UnknownVersion, match=f"'99': known are {known}$"):
        find_version("99")
