"""Text of hostile origin, and values of any shape, are fit to be shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2spec_py.report.text import entry_line, fields, flag_names, hexdump, plain, seconds, visible
from h2spec_py.results_lines import Entry


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("Grüße, 世界 🎉", "Grüße, 世界 🎉"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\0b", "a\\x00b"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\ud800", "\\ud800"),
        ("\ufeff\u200b\u2028\uffff", "\\ufeff\\u200b\\u2028\\uffff"),
        ("\U000e0041", "\\U000e0041"),
        ("no\xa0break", "no\\xa0break"),
    ],
)
def test_characters_that_act_become_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(deadline=None)
@given(st.text(st.characters()), st.integers(0, 50))
def test_visible_text_is_printable_bounded_and_stable(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert shown.isprintable()
    assert len(shown) <= 10 * limit + 40
    assert visible(shown) == shown
    shown.encode("utf-8")


def test_what_is_cut_off_is_counted() -> None:
    assert visible("a" * 1_000_000, 3) == "aaa… (999,997 more characters)"
    assert visible("aaa", 3) == "aaa"


def test_hexdump() -> None:
    assert hexdump("000008060000000000" + b"h2spec\0~".hex()) == (
        "0000  00 00 08 06 00 00 00 00  00 68 32 73 70 65 63 00  .........h2spec.\n"
        "0010  7e                                                ~"
    )
    assert hexdump("") == ""
    assert hexdump("not octets\n") == "not octets\\x0a"


def test_fields_spread_what_is_made_of_pairs() -> None:
    detail = {
        "last_stream": 3,
        "debug": "a\0",
        "fields": [[":status", "200"], ["x", ""]],
        "settings": {"ENABLE_PUSH": 0},
        "list": [{"name": "0x99", "value": 1}, {"name": "n", "value": None, "never": True}],
        "priority": None,
        "flag": True,
        "empty": [],
    }
    assert fields(detail) == [
        ("last_stream", "3"),
        ("debug", "a\\x00"),
        (":status", "200"),
        ("x", ""),
        ("ENABLE_PUSH", "0"),
        ("0x99", "1"),
        ("n", "- (never=yes)"),
        ("priority", "-"),
        ("flag", "yes"),
        ("empty", "none"),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(st.characters()), json_values))
def test_fields_of_any_shape_are_shown(detail: dict[str, object]) -> None:
    shown = fields(detail)
    assert len(shown) <= 101
    assert all(name.isprintable() and text.isprintable() for name, text in shown)
    entry: Entry = {"at": 0, "dir": "sent", "type": "DATA", "detail": detail}
    assert len(entry_line(entry, 100)) < 1100


def test_values_too_deep_or_too_many_are_left_out() -> None:
    nested: object = 1
    for _ in range(500):
        nested = [nested]
    assert plain(nested).count("[") < 5
    assert "…" in plain(nested)
    assert plain(10**5000) == "a huge number"
    assert fields(dict.fromkeys(map(str, range(1000)), 0))[-1] == ("…", "and more")


def test_entry_line() -> None:
    entry: Entry = {
        "at": 0.0123,
        "dir": "received",
        "type": "GOAWAY",
        "flags": [],
        "flags_octet": 0x80,
        "stream": 0,
        "length": 8,
        "detail": {"error": "NO_ERROR"},
    }
    assert entry_line(entry) == (
        "     12.3 ms <- GOAWAY [flags 0x80] stream=0 length=8 error: NO_ERROR"
    )
    assert entry_line({"at": 2, "dir": "note", "text": "end\n"}) == "   2000.0 ms -- end\\x0a"


def test_flags_without_name_are_given_as_a_number() -> None:
    assert flag_names({"at": 0, "dir": "sent", "flags": ["ACK"], "flags_octet": 1}) == "ACK"
    assert flag_names({"at": 0, "dir": "sent", "flags": [], "flags_octet": 255}) == "flags 0xff"
    assert flag_names({"at": 0, "dir": "sent"}) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0047, "4.7 ms"), (0.25, "250 ms"), (0.9999, "1.00 s"), (2, "2.00 s"), (75.04, "75.0 s")],
)
def test_seconds(value: float, shown: str) -> None:
    assert seconds(value) == shown
