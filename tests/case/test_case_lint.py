# ruff: noqa: E501 - one fault to a line
"""Faults that fit the schema: names, fields, twins, and exchanges that make no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from h2spec_py.case.lint import lint_paths
from h2spec_py.case.source import shipped_sources
from h2spec_py.spec.catalogue import Requirement

Expect = Callable[..., None]
Faults = Callable[[str | bytes], list[str]]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        # Names
        ("{send: »DTA, stream: 1}", "unknown frame type 'DTA'; did you mean 'DATA'?"),
        ("{send: »0x0}", "type 0x0 is DATA: write the name"),
        ("{send: »0x100}", "a frame type has 8 bits, found '0x100'"),
        ("{send: 0x42, flags: [»ACK]}", "flags of a type that is not defined have no names: give a number"),
        ("{send: DATA, stream: 1, flags: [»END_STRAEM]}", "unknown flag of DATA 'END_STRAEM'; did you mean 'END_STREAM'?"),
        ("{send: PING, flags: [»END_STREAM]}", "unknown flag of PING 'END_STREAM'; known are ACK"),
        ("{send: WINDOW_UPDATE, stream: 1, flags: [»ACK]}", "unknown flag of WINDOW_UPDATE 'ACK'; there are none"),
        ("{send: DATA, stream: 1, flags: [»END_SEGMENT]}", "unknown flag of DATA 'END_SEGMENT'; known are END_STREAM and PADDED (in rfc7540 and rfc9113)"),
        ("{send: »ALTSVC, payload: {text: x}}", "unknown frame type 'ALTSVC'; known are DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE and CONTINUATION"),
        ("{send: RST_STREAM, stream: 1, error: »CANCELLED}", "unknown error code 'CANCELLED'; did you mean 'CANCEL'?"),
        ("{send: SETTINGS, settings: {»INITIAL_WINDOW: 1}}", "unknown setting 'INITIAL_WINDOW'; did you mean 'INITIAL_WINDOW_SIZE'?"),
        ("{send: SETTINGS, settings: {»0x10000: 1}}", "a setting has 16 bits, found '0x10000'"),
        ("{send: SETTINGS, settings: [{id: »04, value: 1}]}", "unknown setting '04'; known are HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE and MAX_HEADER_LIST_SIZE"),
        ("{send: DATA, stream: 1, payload: {count: {setting: »MAX_FRAM_SIZE}}}", "unknown setting 'MAX_FRAM_SIZE'; did you mean 'MAX_FRAME_SIZE'?"),
        ("{send: HEADERS, stream: 1, flags: [END_HEADERS], headers: {without: [»':pth']}}", "unknown pseudo-header field ':pth'; did you mean ':path'?"),
        ("{send: HEADERS, stream: 1, flags: [END_HEADERS], block: [{fields: request}, »{empty-reference-set: true}]}", "rfc7541 has no representation empty-reference-set (in rfc7540 and rfc9113)"),
        # Fields
        ("{send: PING, »increment: 1}", "PING has no field 'increment'; it has payload and opaque"),
        ("{send: PRIORITY, stream: 1, »padding: 1}", "PRIORITY has no field 'padding'; it has payload and priority"),
        ("{send: DATA, stream: 1, padding: »256}", "padding: a pad length has 8 bits, found 256"),
        ("{send: DATA, stream: 1, padding: »{declared: 256}}", "padding: a pad length has 8 bits, found 256"),
        ("{send: 0x42, »opaque: 0000000000000000}", "0x42 has no field 'opaque'; it has payload"),
        ("{send: PING, opaque: »00}", "opaque: expected 8 octets, found 1; see 'payload' for others"),
        ("{send: PING, payload: {text: x}, »opaque: 0000000000000000}", "opaque: 'payload' is the whole payload of PING, so this is not sent"),
        ("{send: HEADERS, stream: 1, flags: [END_HEADERS], »headers: request, block: []}", "headers and block: give one of them"),
        ("{send: HEADERS, stream: 1, flags: [END_HEADERS], »keep: 1}", "keep: there is no header block to keep octets of"),
        ("{»send: DATA}", "DATA belongs on a stream: say which, if only 'stream: 0'"),
        ("{send: DATA, stream: 1, length: »16384}", "length: expected at most 16383 in 14 bits, found 16384 (in draft-13)"),
        ("{send: DATA, stream: 1, length-reserved: »1}", "length-reserved: 0 bits are left before the length (in rfc7540 and rfc9113)"),
        ("{request: »''}", "request: expected a method such as GET"),
        # What is matched
        ("{await: {frame: »SETINGS}}", "unknown frame type 'SETINGS'; did you mean 'SETTINGS'?"),
        ("{await: {frame: PING, flags: [»ACKK]}}", "unknown flag of PING 'ACKK'; did you mean 'ACK'?"),
        ("{expect: {frame: PING, unset: [»END]}}", "unknown flag of PING 'END'; known are ACK"),
        ("{expect: {frame: PING, flags: [ACK], »unset: [ACK]}}", "flag ACK cannot be both set and unset"),
        ("{expect: {frame: PING, »error: NO_ERROR}}", "PING has no field 'error'; RST_STREAM and GOAWAY have"),
        ("{expect: {frame: PING, opaque: »0000}}", "opaque: expected 8 octets, found 2"),
        ("{expect: {frame: DATA, »opaque: 0000000000000000}}", "DATA has no field 'opaque'; PING has"),
        ("{expect: {frame: DATA, »status: final}}", "DATA has no field 'status'; HEADERS has"),
        ("{expect: {frame: GOAWAY, error: »WRONG}}", None),
        ("{expect: {frame: DATA, stream: »0}}", "DATA never comes on stream 0"),
        ("{expect: {frame: PING, stream: »1}}", "PING never comes on stream 1"),
        ("{expect: {frame: DATA, »length: 1, max-length: 2}}", "length: give the one length, or its bounds, not both"),
        ("{expect: {frame: DATA, »min-length: 3, max-length: 2}}", "min-length 3 is over max-length 2"),
        ("{await: {frame: PING, »total: 2}}", "PING has no field 'total'; DATA has"),
        ("{await: {frame: DATA, »total: 2, length: 1}}", "total: stands beside frame and stream alone"),
        ("{expect: {frame: PING, »at-least: {ENABLE_PUSH: 1}}}", "PING has no field 'at-least'; SETTINGS has"),
        ("{expect: {frame: SETTINGS, at-least: {»ENABLE_PUS: 1}}}", "unknown setting 'ENABLE_PUS'; did you mean 'ENABLE_PUSH'?"),
        # The order of things
        ("{barrier: »false}", "barrier: expected true; leave the step out instead"),
        ("{repeat: 2, steps: [{»repeat: 2, steps: [{request: GET}]}]}", "repeat: a repetition cannot be in another one"),
        ("{repeat: 2, steps: [{send: »DTA, stream: 1}]}", "unknown frame type 'DTA'; did you mean 'DATA'?"),
    ],
)  # fmt: skip
def test_faults_of_a_step(expect_case_faults: Expect, step: str, message: str | None) -> None:
    if message is None:
        message = (
            "unknown error code 'WRONG'; known are NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR,"
            " FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR,"
            " REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM,"
            " INADEQUATE_SECURITY and HTTP_1_1_REQUIRED"
        )
    expect_case_faults(f"steps: [{{request: GET}}, {step}]", message)


def test_the_sound_ones_have_no_fault(faults: Faults) -> None:
    text = """\
- id: data/sound
  title: what the others are but without fault
  proves: [data.stream-zero, hpack.index-zero]
  aliases: [http2/6.1/1]
  needs: [upload, response-body>=10]
  only: {versions: ..9113, because: there is nothing newer}
  open: {settings: {ENABLE_PUSH: 0, 0x99: 3}}
  steps:
    - {send: 0x42, flags: 0xff, payload: {hex: 00 ff}}
    - {send: HEADERS, stream: 1, headers: post, keep: 5, padding: 3, priority: {weight: 1}}
    - {send: CONTINUATION, stream: 1, keep: 1}
    - {send: CONTINUATION, stream: 1, flags: [END_HEADERS]}
    - {send: DATA, stream: 1, payload: {count: 5}, padding: {declared: 1, octets: 1}}
    - {barrier: true}
    - {repeat: {setting: MAX_CONCURRENT_STREAMS, plus: 1}, steps: [{request: GET, stream: 3}]}
    - {send: WINDOW_UPDATE, increment: 1}
    - {expect: {frame: HEADERS, stream: 1, flags: [END_HEADERS], unset: [PADDED], status: final}}
    - {raw: {hex: 00}}
  expect: {response: 1, status: 2xx, complete: true}
"""
    found = faults(
        text.replace("  only: {versions: ..9113, because: there is nothing newer}\n", "")
    )
    assert found == []
    assert faults(text) == ["6:20: range '..9113' excludes no version"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: »''", "title: expected one line of text"),
        ("title: »'a\n\n  b'", "title: expected one line of text"),
        ("proves: [data.stream-zero, »data.stream-zero]", "requirement 'data.stream-zero' is there twice"),
        ("proves: [»not.shown]", "not.shown cannot be proven of a server: leaves no trace on the wire"),
        ("proves: [»client.duty]", "client.duty cannot be proven of a server: it shows in what a client does"),
        ("proves: [»client.only]", "client.only cannot be proven of a server: it binds the client"),
        ("proves: [»proxy.duty]", "proxy.duty cannot be proven of a server: it binds the intermediary"),
        ("proves: [data.stream-zero, »not.yet]", "not.yet is proven in no version that this case applies in: it is demanded in none"),
        ("proves: [data.stream-zero, »only.oldest]\nonly: {versions: 9113.., because: x}", "only.oldest is proven in no version that this case applies in: it is demanded in draft-13"),
        ("proves: [data.stream-zero, »no.such]", "unknown requirement 'no.such'"),
        ("aliases: [»xyz]", "alias 'xyz': expected the form 'http2/6.1/1'"),
        ("aliases: [a/b, »a b/c, »a/b]", None),
        ("only: {versions: »9999.., because: x}", "versions: unknown version '9999': known are 04, 06, 09, 12, 13, 14, 16, 17, 7540, 9113"),
        ("only: {versions: »newest, because: x}", "versions: not a range of versions: 'newest'"),
        ("only: {versions: 9113.., because: »' '}", "because: expected the reason for the narrowing"),
        ("open: {»bare: true, settings: {ENABLE_PUSH: 0}}", "bare: nothing is sent, so there is nothing else to say"),
        ("open: {settings: {»PUSH: 0}}", "unknown setting 'PUSH'; known are"),
        ("open: {»upgrade: {}}", "upgrade: takes 'upgrade' in 'needs' of the case"),
        ("open: {»tls: {}}", "tls: takes 'tls' in 'needs' of the case"),
        ("needs: [tls, upgrade]\nopen: {tls: {}, »upgrade: {}}", "upgrade and tls: a connection starts in one of these ways"),
        ("needs: [tls]\nopen: {tls: {suites: [»TLS_RSA_WITH_AES_128_GCM_SHA265]}}", "unknown cipher suite 'TLS_RSA_WITH_AES_128_GCM_SHA265'; did you mean 'TLS_RSA_WITH_AES_128_GCM_SHA256'?"),
        ("needs: [upgrade]\nopen: {upgrade: {settings: [AAMA, {»INITIAL_WINDOW: 1}]}}", "unknown setting 'INITIAL_WINDOW'; did you mean 'INITIAL_WINDOW_SIZE'?"),
        ("expect: {»refused: true}", "refused: an error case names its legal 'twin', or a refusal proves nothing"),
        ("twin: twin/plain\nexpect: {refused: »false}", "refused: expected true; name another kind instead"),
        # Twins
        ("twin: »no/such", "no case 'no/such', which is to be the twin"),
        ("twin: »twin/plan", "no case 'twin/plan', which is to be the twin; did you mean 'twin/plain'?"),
        ("twin: »data/it", "a case cannot be its own twin"),
        ("expect: {»connection-error: PROTOCOL_ERROR}", "connection-error: an error case names its legal 'twin', or a refusal proves nothing"),
        ("expect: {»stream-error: PROTOCOL_ERROR}", "stream-error: an error case names its legal 'twin', or a refusal proves nothing"),
        ("expect: {»malformed: 1}", "malformed: an error case names its legal 'twin', or a refusal proves nothing"),
        ("expect: {»any: [{malformed: 1}, {closed: true}]}", "any: an error case names its legal 'twin', or a refusal proves nothing"),
        # What is expected
        ("twin: twin/plain\nexpect: {connection-error: »PROTOCOLERROR}", "unknown error code 'PROTOCOLERROR'; did you mean 'PROTOCOL_ERROR'?"),
        ("twin: twin/plain\nexpect: {stream-error: [CANCEL, »CANCEL]}", "error code 'CANCEL' is there twice"),
        ("expect: {ignored: true, »stream: 3}", "stream goes with stream-error, not with ignored"),
        ("expect: {ignored: true, »status: final}", "status goes with response, not with ignored"),
        ("expect: {closed: true, »body: 3}", "body goes with response, not with closed"),
        ("expect: {ignored: true, »gracefully: true}", "gracefully goes with closed, not with ignored"),
        ("expect: {ignored: »false}", "ignored: expected true; name another kind instead"),
        ("expect: {closed: »false}", "closed: expected true; name another kind instead"),
        ("barrier: false\nexpect: {»ignored: true}", "ignored takes the PING that closes the steps to be seen"),
        ("barrier: false\nexpect: {»never: {frame: DATA}}", "never takes the PING that closes the steps to be seen"),
        ("expect: {any: »[{ignored: true}]}", "any: expected at least 2 in the list"),
        ("expect: {any: [{closed: true}, {response: »3}]}", "response: no step has to do with stream 3"),
        ("expect: {response: »0}", "response: stream 0 is the connection"),
        ("twin: twin/plain\nexpect: {stream-error: CANCEL, stream: »5}", "stream-error: no step has to do with stream 5"),
        ("twin: twin/plain\nexpect: {malformed: »5}", "malformed: no step has to do with stream 5"),
        ("steps: [{await: {frame: PUSH_PROMISE, promised: 2}}]\nexpect: {response: »4}", "response: no step has to do with stream 4"),
        ("expect: {never: {frame: »DTA}}", "unknown frame type 'DTA'; did you mean 'DATA'?"),
        ("expect: {frame: {frame: DATA, stream: »0}}", "DATA never comes on stream 0"),
    ],
)  # fmt: skip
def test_faults_of_a_case(expect_case_faults: Expect, text: str, message: str | None) -> None:
    if message is None:
        twice = "alias 'a/b' is there twice"
        expect_case_faults(text, "alias 'a b/c': expected the form 'http2/6.1/1'", twice)
    elif message.endswith("known are"):
        names = "HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE"
        expect_case_faults(text, f"{message} {names}, MAX_FRAME_SIZE and MAX_HEADER_LIST_SIZE")
    else:
        expect_case_faults(text, message)


OPEN = "the header block is left open, and the PING that closes the steps would fall into it: add END_HEADERS, or 'barrier: false' to the case"  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{»send: HEADERS, stream: 1, headers: request}]",
        "steps: [{»send: HEADERS, stream: 1, headers: request, flags: 0x1}]",
        "steps: [{send: HEADERS, stream: 1, headers: request}, {»send: CONTINUATION, stream: 1}]",
        "steps: [{»send: PUSH_PROMISE, stream: 1, headers: request}]",
        "steps: [{repeat: 2, steps: [{»send: HEADERS, stream: 1, headers: request}]}]",
    ],
)
def test_header_blocks_that_stay_open(expect_case_faults: Expect, text: str) -> None:
    expect_case_faults(
        f"twin: twin/plain\n{text}\nexpect: {{connection-error: PROTOCOL_ERROR}}", OPEN
    )
    closing = (
        f"twin: twin/plain\nbarrier: false\n{text}\nexpect: {{connection-error: PROTOCOL_ERROR}}"
    )
    expect_case_faults(closing.replace("»", ""))


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{send: HEADERS, stream: 1, headers: request, flags: 0x4}]",
        "steps: [{send: HEADERS, stream: 1, headers: request}, {send: DATA, stream: 1}]",
        "steps: [{send: HEADERS, stream: 1, headers: request}, {request: GET, stream: 3}]",
        "steps: [{send: HEADERS, stream: 1, headers: request}, {raw: {hex: 00}}]",
    ],
)
def test_header_blocks_whose_interruption_is_the_fault(
    expect_case_faults: Expect, text: str
) -> None:
    expect_case_faults(f"twin: twin/plain\n{text}\nexpect: {{connection-error: PROTOCOL_ERROR}}")


def test_header_blocks_that_are_interrupted_in_a_legal_exchange(expect_case_faults: Expect) -> None:
    expect_case_faults(
        """
steps:
  - {send: HEADERS, stream: 1, headers: request}
  - »{send: PRIORITY, stream: 1}
  - {send: HEADERS, stream: 3, headers: request}
  - {»barrier: true}
  - {send: CONTINUATION, stream: 3, flags: [END_HEADERS]}
""",
        "the header block of step 1 is still open here",
        "barrier: its PING would fall into an open header block",
    )


def test_header_blocks_that_go_on_in_frames_of_the_same_type(
    faults: Faults,
) -> None:
    """draft-04 has no CONTINUATION: a block goes on in HEADERS, and what it keeps may be there."""
    text = """
- id: headers/sequence
  title: x
  proves: [only.early]
  only: {versions: VERSIONS, because: x}
  steps:
    - {send: HEADERS, stream: 1, headers: request, keep: 4}
    - {send: HEADERS, stream: 1, keep: 4}
    - {send: HEADERS, stream: 1, flags: [END_HEADERS, END_STREAM]}
  expect: {response: 1}
"""
    assert faults(text.replace("VERSIONS", '"04"')) == []
    assert faults(text.replace("VERSIONS", '"06"')) == [
        "8:7: the header block of step 1 is still open here",
        "8:34: keep: there is no header block to keep octets of",
        "9:7: the header block of step 2 is still open here",
    ]


def test_substitution_exists_in_the_first_generations_only(faults: Faults) -> None:
    text = """
- id: hpack/substituted
  title: x
  proves: [only.early]
  only: {versions: VERSIONS, because: x}
  steps:
    - send: HEADERS
      stream: 1
      flags: [END_HEADERS, END_STREAM]
      block: [{literal: substitution, index: 4, value: GET, replaces: 5}]
  expect: {response: 1}
"""
    assert faults(text.replace("VERSIONS", "..06")) == []
    assert faults(text.replace("VERSIONS", '"09"')) == [
        "10:15: hpack-05 has no representation literal (substitution)"
    ]


def test_twins_that_do_not_do(expect_faults: Expect) -> None:
    entry = """
- id: data/{id}
  title: x
  proves: [{proves}]
  {more}
  steps: [{{request: GET}}]
  expect: {expect}
"""
    error = "{connection-error: PROTOCOL_ERROR}"

    def case(
        identifier: str, more: str, proves: str = "data.stream-zero", expect: str = error
    ) -> str:
        return entry.format(id=identifier, more=more, proves=proves, expect=expect)

    legal = "{response: 1}"
    expect_faults(
        case("a", "twin: »data/b")
        + case("b", "twin: data/c")
        + case("c", "note: ''", expect=legal)
        + case("d", "twin: »data/family")
        + case("family", "each: {x: [one, two]}", expect=legal)
        + case("e", "twin: 'data/family[two]'")
        + case("f", "twin: »data/new")
        + case("new", "note: ''", "only.newest", legal)
        + case("g", "twin: data/new", "only.newest")
        + case("h", "twin: »data/new", "only.oldest")
        + case("i", "twin: 'data/family[${y}]'\n  each: {y: [one, two]}")
        + case("j", "twin: »'data/family[${y}]'\n  each: {y: [one, three]}")
        + case("k", 'twin: {"9113": data/new, "..7540": data/c}'),
        "twin 'data/b' is an error case itself (connection-error)",
        "twin 'data/family' is a family; name one of its cases, such as 'data/family[one]' or"
        " 'data/family[two]'",
        "twin 'data/new' does not apply in every version that this case applies in"
        " (in draft-13 and rfc7540)",
        "twin 'data/new' does not apply in every version that this case applies in",
        "no case 'data/family[three]', which is to be the twin; did you mean 'data/family[two]'?",
    )


def test_twins_that_are_faulty_themselves_are_told_once(faults: Faults) -> None:
    text = """
- {id: data/a, title: x, proves: [data.stream-zero], twin: data/b, steps: [], expect: {malformed: 1}}
- {id: data/b, title: x, proves: [data.stream-zero], steps: x, expect: {response: 1}}
"""
    assert faults(text) == [
        "2:99: malformed: no step has to do with stream 1",
        "3:61: steps: expected a list, found 'x'",
    ]


def test_twins_may_be_among_the_shipped_cases(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("""
- id: own/case
  title: a case of a user
  proves: [data.stream-zero]
  twin: data/plain
  steps: [{send: DATA, payload: {text: hello}}]
  expect: {connection-error: PROTOCOL_ERROR}
""")
    assert lint_paths([path]) == []
    path.write_text(path.read_text().replace("data/plain", "data/plane"))
    assert [str(error) for error in lint_paths([path])] == [
        f"{path}:5:9: no case 'data/plane', which is to be the twin; did you mean 'data/plain'?"
    ]


def test_ids_are_used_once_over_all_files(
    tmp_path: Path, catalogue: Mapping[str, Requirement]
) -> None:
    text = "- {id: a/b, title: x, proves: [data.stream-zero], steps: [], expect: {ignored: true}}\n"
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text("# x\n" + text + text)
    assert [str(error) for error in lint_paths([tmp_path], catalogue=catalogue)] == [
        f"{tmp_path}/b.yaml:{line}:3: id 'a/b' is already used at {tmp_path}/a.yaml:1"
        for line in (2, 3)
    ]


def test_a_case_that_applies_nowhere(expect_faults: Expect, faults: Faults) -> None:
    message = "applies in no version that there is: see its 'proves', and 'only' if it has one"
    text = "- »{id: a/b, title: x, proves: [%s], %s steps: [], expect: {ignored: true}}\n"
    expect_faults(text % ("not.yet", ""), message)
    expect_faults(text % ("only.oldest", "only: {versions: 9113, because: x},"), message)
    faulty = (text % ("not.yet", "")).replace("»", "").replace("ignored", "ingored")
    assert faults(faulty) == [
        f"1:3: {message}",
        "1:63: unknown key 'ingored'; did you mean 'ignored'?",
    ]


def test_what_a_version_lacks_is_no_fault_where_the_case_does_not_apply(faults: Faults) -> None:
    text = """
- id: a/b
  title: x
  proves: [data.stream-zero]
  only: {versions: ..13, because: later versions have no segments}
  steps: [{send: DATA, stream: 1, flags: [END_SEGMENT], length-reserved: 3}]
  expect: {"..13": {ignored: true}}
"""
    assert faults(text) == []


def test_the_shipped_files_are_named_alike_wherever_they_are() -> None:
    names = [source.name for source in shipped_sources()]
    assert names == sorted(names)
    assert names
    assert all(name.startswith("cases/") and name.count("/") == 1 for name in names)


def test_a_case_proves_all_that_it_names_in_some_version(faults: Faults) -> None:
    proves = "[data.stream-zero, only.oldest, only.newest]"
    text = f"- {{id: a/b, title: x, proves: {proves}, steps: [], expect: {{ignored: true}}}}"
    assert faults(text) == []


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("ping.nowhere", "unknown requirement 'ping.nowhere'"),
        ("push.from-client-sent", "unknown requirement"),
        (
            "start.prior-knowledge",
            "start.prior-knowledge cannot be proven of a server: it binds the client",
        ),
        (
            "connection.tls-renegotiation",
            "connection.tls-renegotiation cannot be proven of a server: TLS stack",
        ),
    ],
)
def test_a_shipped_case_that_is_pointed_elsewhere(
    tmp_path: Path, identifier: str, message: str
) -> None:
    (source,) = [one for one in shipped_sources() if one.name == "cases/ping.yaml"]
    text = source.path.read_text("utf-8")
    proves = "proves: [ping.ack-payload]"
    assert proves in text
    path = tmp_path / "ping.yaml"
    path.write_text(text.replace(proves, f"proves: [{identifier}]", 1), "utf-8")
    line = text.count("\n", 0, text.index(proves)) + 1
    (fault,) = lint_paths([path])
    assert str(fault).startswith(f"{path}:{line}:")
    assert message in str(fault)
