# ruff: noqa: E501 - one fault to a line
"""Faults of the schema: each is one clear line at its place, with no word of how it was found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

Expect = Callable[..., None]
Faults = Callable[[str | bytes], list[str]]

STEP = "steps: [{request: GET}, %s]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("»titel: x", "unknown key 'titel'; did you mean 'title'?"),
        ("»zzz: x", "unknown key 'zzz'; known are id, title, proves, aliases, needs, only, twin, note, open, steps, expect, barrier and each"),
        ("title: »[x]", "title: expected text, found a list"),
        ("title: »{a: x}", "title: expected text, found a mapping"),
        ("id: »Data/It", "id: expected an id of small letters, digits and hyphens such as 'data/stream-zero', found 'Data/It'"),
        ("id: »data", "id: expected an id of small letters, digits and hyphens such as 'data/stream-zero', found 'data'"),
        ("id: »data/it[x]", "id: expected an id of small letters, digits and hyphens such as 'data/stream-zero', found 'data/it[x]'"),
        ("id: »[x]", "id: expected text that is the same in every version"),
        ('id: »{"..13": a/b}', "id: expected text that is the same in every version"),
        ("proves: »data.stream-zero", "proves: expected a list, found 'data.stream-zero'"),
        ("proves: »[]", "proves: expected at least 1 in the list"),
        ("proves: [»data.steam-zero]", "unknown requirement 'data.steam-zero'; did you mean 'data.stream-zero'?"),
        ("needs: [»magic]", "needs: expected response-body, upload, open-upload, concurrency-limit, header-table, stream-window, tls, tls12, tls13, server-name, cleartext, upgrade, push, compression, no-compression or flow-control, with a bound such as '>=2' where it is a number, found 'magic'"),
        ("barrier: »no", "barrier: expected true or false, found 'no'"),
        ("twin: »x", "twin: expected an id of small letters, digits and hyphens such as 'data/stream-zero', found 'x'"),
        ("only: »9113", "only: expected a mapping, found '9113'"),
        ("only: »{versions: 9113..}", "key 'because' is missing in this only"),
        ("open: {settings: »3}", "settings: expected a mapping of settings to values, or a list of entries of id and value, found '3'"),
        ("open: {settings: {ENABLE_PUSH: »x}}", "ENABLE_PUSH: expected an integer, decimal or 0x hexadecimal, found 'x'"),
        ("open: {settings: {ENABLE_PUSH: »4294967296}}", "ENABLE_PUSH: expected at most 4294967295, found '4294967296'"),
        ("open: {settings: {ENABLE_PUSH: »[1]}}", "ENABLE_PUSH: expected an integer, or a mapping of setting and plus, found a list"),
        ("open: {settings: [{id: ENABLE_PUSH, »valu: 1, value: 1}]}", "unknown key 'valu'; did you mean 'value'?"),
        ("open: {settings: [»{id: ENABLE_PUSH}]}", "key 'value' is missing in this setting"),
        ("steps: »x", "steps: expected a list, found 'x'"),
        ("steps: [»x]", "step: expected a mapping with one of the keys send, request, raw, await, expect, barrier, upload or repeat, found 'x'"),
        ("steps: [»{sned: DATA}]", "step of unknown kind: it needs one of the keys send, request, raw, await, expect, barrier, upload or repeat; did you mean 'send'?"),
        ("steps: [»{what: DATA}]", "step of unknown kind: it needs one of the keys send, request, raw, await, expect, barrier, upload or repeat"),
        ("expect: »{}", "expect: give exactly one of connection-error, stream-error, malformed, response, ignored, frame, never, closed, refused, any"),
        ("expect: »{ignored: true, closed: true}", "expect: give exactly one of connection-error, stream-error, malformed, response, ignored, frame, never, closed, refused, any"),
        ("expect: »ignored", "expect: expected a mapping, found 'ignored'"),
        ("expect: {»conection-error: X, ignored: true}", "unknown key 'conection-error'; did you mean 'connection-error'?"),
        ("expect: {connection-error: »{a: b}}", "connection-error: expected an error code, or a list of error codes, found a mapping"),
        ("expect: {connection-error: »[]}", "connection-error: expected at least 1 in the list"),
        ("expect: {response: 1, status: »twenty}", "status: expected a status such as '200', '4xx', '!400', 'final' or 'legal', found 'twenty'"),
        ("expect: {response: »-1}", "response: expected at least 0, found '-1'"),
        ("expect: {never: »DATA}", "never: expected a mapping, found 'DATA'"),
    ],
)  # fmt: skip
def test_faults_of_a_case(expect_case_faults: Expect, text: str, message: str) -> None:
    expect_case_faults(text, message)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{send: DATA, stream: »one}", "stream: expected an integer, decimal or 0x hexadecimal, found 'one'"),
        ("{send: DATA, stream: »2147483648}", "stream: expected at most 2147483647, found '2147483648'"),
        ("{send: DATA, stream: »1.0}", "stream: expected an integer, decimal or 0x hexadecimal, found '1.0'"),
        ("{send: DATA, stream: »1_0}", "stream: expected an integer, decimal or 0x hexadecimal, found '1_0'"),
        ("{send: DATA, stream: »[1]}", "stream: expected an integer, decimal or 0x hexadecimal, found a list"),
        ("{send: DATA, stream: 1, »last_stream: 3}", "unknown key 'last_stream'; did you mean 'last-stream'?"),
        ("{send: DATA, stream: 1, »pading: 3}", "unknown key 'pading'; did you mean 'padding'?"),
        ("{send: »[DATA]}", "send: expected text, found a list"),
        ("{send: DATA, stream: 1, flags: »END_STREAM}", "flags: expected a list of flags, or a number that stands for all of them, found 'END_STREAM'"),
        ("{send: DATA, stream: 1, flags: »256}", "flags: expected at most 255, found '256'"),
        ("{send: DATA, stream: 1, flags: »{a: b}}", "flags: expected a list of flags, or a number that stands for all of them, found a mapping"),
        ("{send: DATA, stream: 1, flags: [»[a]]}", "flags: expected text, found a list"),
        ("{send: DATA, stream: 1, padding: »65536}", "padding: expected at most 65535, found '65536'"),
        ("{send: DATA, stream: 1, padding: »[1]}", "padding: expected a number of octets up to 65535, or a mapping of declared, octets and fill, found a list"),
        ("{send: DATA, stream: 1, padding: »{octets: 3}}", "key 'declared' is missing in this padding"),
        ("{send: DATA, stream: 1, padding: {declared: 1, »octet: 3}}", "unknown key 'octet'; did you mean 'octets'?"),
        ("{send: DATA, stream: 1, payload: »hello}", "payload: expected a mapping, found 'hello'"),
        ("{send: DATA, stream: 1, payload: »{}}", "payload: give exactly one of text, hex, count"),
        ("{send: DATA, stream: 1, payload: »{text: x, hex: 00}}", "payload: give exactly one of text, hex, count"),
        ("{send: DATA, stream: 1, payload: {hex: »0g}}", "hex: expected pairs of hexadecimal digits, found '0g'"),
        ("{send: DATA, stream: 1, payload: {hex: »000}}", "hex: expected pairs of hexadecimal digits, found '000'"),
        ("{send: DATA, stream: 1, payload: {hex: »[0]}}", "hex: expected pairs of hexadecimal digits, found a list"),
        ("{send: DATA, stream: 1, payload: {count: »16777217}}", "count: expected at most 16777216, found '16777217'"),
        ("{send: DATA, stream: 1, payload: {count: {setting: MAX_FRAME_SIZE, plus: »much}}}", "plus: expected an integer, decimal or 0x hexadecimal, found 'much'"),
        ("{send: DATA, stream: 1, payload: {count: {setting: MAX_FRAME_SIZE, »pus: 1}}}", "unknown key 'pus'; did you mean 'plus'?"),
        ("{send: DATA, stream: 1, payload: {count: »{plus: 1}}}", "key 'setting' is missing in this count"),
        ("{send: RST_STREAM, stream: 1, error: »4294967296}", "error: expected an error code, by name or of 32 bits, found '4294967296'"),
        ("{send: HEADERS, stream: 1, headers: »requets}", "headers: expected request, post, head or trailers, found 'requets'; did you mean 'request'?"),
        ("{send: HEADERS, stream: 1, headers: {»whithout: [x]}}", "unknown key 'whithout'; did you mean 'without'?"),
        ("{send: HEADERS, stream: 1, headers: [»x]}", "headers: expected a list of two, [name, value], found 'x'"),
        ("{send: HEADERS, stream: 1, headers: [»[x]]}", "expected a list of two, [name, value], found one of 1"),
        ("{send: HEADERS, stream: 1, headers: [»[x, y, z]]}", "headers: expected a list of 2, found more"),
        ("{send: HEADERS, stream: 1, headers: [[x, {»txt: y, text: z}]]}", "unknown key 'txt'; did you mean 'text'?"),
        ("{send: HEADERS, stream: 1, block: [»{index: 4}]}", "representation of unknown kind: it needs one of the keys fields, indexed, literal, size-update, empty-reference-set or raw; did you mean 'indexed'?"),
        ("{send: HEADERS, stream: 1, block: [»x]}", "representation: expected a mapping with one of the keys fields, indexed, literal, size-update, empty-reference-set or raw, found 'x'"),
        ("{send: HEADERS, stream: 1, block: [{indexed: »x}]}", "indexed: expected an integer, decimal or 0x hexadecimal, found 'x'"),
        ("{send: HEADERS, stream: 1, block: [{indexed: 1, overlong: »1025}]}", "overlong: expected at most 1024, found '1025'"),
        ("{send: HEADERS, stream: 1, block: [{literal: »nevr, name: x}]}", "literal: expected incremental, without, never or substitution, found 'nevr'; did you mean 'never'?"),
        ("{send: HEADERS, stream: 1, block: [»{literal: never}]}", "block: give exactly one of name, index"),
        ("{send: HEADERS, stream: 1, block: [»{literal: substitution, name: x}]}", "block: replaces is for a substitution, which cannot do without"),
        ("{send: HEADERS, stream: 1, block: [»{literal: without, name: x, replaces: 1}]}", "block: replaces is for a substitution, which cannot do without"),
        ("{send: HEADERS, stream: 1, block: [{size-update: »-1}]}", "size-update: expected at least 0, found '-1'"),
        ("{send: HEADERS, stream: 1, block: [{raw: »zz}]}", "raw: expected pairs of hexadecimal digits, found 'zz'"),
        ("{send: HEADERS, stream: 1, priority: {weight: »0}}", "weight: expected at least 1, found '0'"),
        ("{send: HEADERS, stream: 1, priority: {exclusive: »yes}}", "exclusive: expected true or false, found 'yes'"),
        ("{await: »SETTINGS}", "await: expected a mapping, found 'SETTINGS'"),
        ("{await: »{stream: 1}}", "key 'frame' is missing in this await"),
        ("{expect: {frame: DATA, »lenght: 1}}", "unknown key 'lenght'; did you mean 'length'?"),
        ("{raw: »00}", "raw: expected a mapping, found '00'"),
        ("{repeat: »0, steps: [{request: GET}]}", "repeat: expected at least 1, found '0'"),
        ("{repeat: »10001, steps: [{request: GET}]}", "repeat: expected at most 10000, found '10001'"),
        ("{repeat: 2, steps: [{request: GET, »bdy: x}]}", "unknown key 'bdy'; did you mean 'body'?"),
        ("{send: DATA, stream: 1, »expect: {frame: DATA}}", "unknown key 'expect'; known are send, stream, flags, length, reserved, length-reserved, payload, padding, priority, headers, block, keep, settings, error, last-stream, debug, increment, promised and opaque"),
    ],
)  # fmt: skip
def test_faults_of_a_step(expect_case_faults: Expect, step: str, message: str) -> None:
    expect_case_faults(STEP % step, message)


def test_missing_keys_are_told_where_the_mapping_begins(faults: Faults) -> None:
    assert faults("- id: a/b\n") == [
        "1:3: key 'expect' is missing in this case",
        "1:3: key 'proves' is missing in this case",
        "1:3: key 'steps' is missing in this case",
        "1:3: key 'title' is missing in this case",
    ]
    assert faults("\n-  title: x\n   proves: [data.stream-zero]\n   steps: []\n   expect: {ignored: true}\n") == [
        "2:4: key 'id' is missing in this case"
    ]  # fmt: skip


def test_all_faults_of_a_case_are_told_at_once(expect_case_faults: Expect) -> None:
    expect_case_faults(
        """
steps:
  - {send: DATA, stream: »x, »foo: 1}
  - »{sned: 1}
expect: {connection-error: PROTOCOL_ERROR, status: »abc}
""",
        "stream: expected an integer, decimal or 0x hexadecimal, found 'x'",
        "unknown key 'foo'; known are send, stream, flags, length, reserved, length-reserved,"
        " payload, padding, priority, headers, block, keep, settings, error, last-stream, debug,"
        " increment, promised and opaque",
        "step of unknown kind: it needs one of the keys send, request, raw, await, expect, barrier,"
        " upload or repeat; did you mean 'send'?",
        "status: expected a status such as '200', '4xx', '!400', 'final' or 'legal', found 'abc'",
    )


def test_a_fault_in_some_versions_names_them(expect_case_faults: Expect) -> None:
    expect_case_faults(
        'steps: [{request: GET, stream: {"..13": »x, "14..": 1}}]',
        "stream: expected an integer, decimal or 0x hexadecimal, found 'x' (in draft-13)",
    )
    expect_case_faults(
        'steps: [{request: GET, stream: {"..13": 1, "14..": »x}}]',
        "stream: expected an integer, decimal or 0x hexadecimal, found 'x'"
        " (in rfc7540 and rfc9113)",
    )
    expect_case_faults(
        'steps: [{request: GET, stream: {»"99..": 1}}]',
        "unknown version '99': known are 04, 06, 09, 12, 13, 14, 16, 17, 7540, 9113",
    )


def test_yaml_faults_of_an_entry_do_not_hide_those_of_others(expect_faults: Expect) -> None:
    expect_faults(
        """\
- id: a/b
  title: x
  »title: y
  nonsense: 1
- id: a/c
  title: x
  proves: [data.stream-zero]
  steps: [{request: GET}]
  »epect: 1
  expect: {response: 1}
""",
        "key 'title' is already in this mapping, line 2",
        "unknown key 'epect'; did you mean 'expect'?",
    )


def test_hostile_text_is_shown_in_one_short_line(expect_case_faults: Expect) -> None:
    expect_case_faults(
        'barrier: »"a\\nb\\e[31m"', "barrier: expected true or false, found 'a\\nb\\x1b[31m'"
    )
    expect_case_faults(
        f"barrier: »{'x' * 500}", f"barrier: expected true or false, found '{'x' * 57}...'"
    )
    expect_case_faults(
        f"steps: [{{request: GET, stream: »{'9' * 5000}}}]",
        f"stream: expected an integer, decimal or 0x hexadecimal, found '{'9' * 57}...'",
    )


def test_no_word_of_the_machinery_is_shown(faults: Faults) -> None:
    text = (
        "- {id: a/b, title: [], proves: {}, steps: [{send: {}}, []], expect: [], only: [], x: }\n"
    )
    found = faults(text + "- {id: a/c, title: {}, proves: [x.y], steps: {}, expect: {any: x}}\n")
    assert len(found) >= 3
    for line in found:
        assert not re.search(r"pydantic|Input|valid|union|tag\b|<|str\b|dict|model|None", line), (
            line
        )
