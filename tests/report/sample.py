"""Results made up for the tests of reports: one realistic run, and building blocks for odd ones."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, cast

from h2spec_py.results import Results, ResultsWriter, read_results
from h2spec_py.results_lines import CaseResult

Line = dict[str, Any]

URL = "https://www.rfc-editor.org/rfc/{}.html#section-{}"
TYPES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY"]
TYPES += ["WINDOW_UPDATE", "CONTINUATION"]
ANSWER = [[":status", "200"], ["content-type", "text/plain"], ["content-length", "1024"]]

# (section, title, [(id, title, outcome, ending)])
SECTIONS: list[tuple[str, str, list[tuple[str, str, str, str]]]] = [
    (
        "rfc9113 3.4",
        "HTTP/2 Connection Preface",
        [
            ("preface/settings-first", "the target's first frame is SETTINGS", "pass", "alive"),
            ("preface/invalid-magic", "a preface that is not HTTP/2's", "pass", "closed"),
        ],
    ),
    (
        "rfc9113 4.1",
        "Frame Format",
        [
            ("frame/unknown-type", "a frame of an unknown type", "pass", "alive"),
            ("frame/undefined-flags", "PING with flags that mean nothing", "pass", "alive"),
            ("frame/reserved-bit", "the reserved bit set", "info", "alive"),
        ],
    ),
    (
        "rfc9113 4.2",
        "Frame Size",
        [
            ("frame/largest-accepted", "DATA of 16,384 octets", "pass", "response(200)"),
            (
                "frame/too-large[DATA]",
                "DATA one octet above the limit",
                "pass",
                "goaway(FRAME_SIZE_ERROR)",
            ),
            (
                "frame/too-large[HEADERS]",
                "HEADERS one octet above the limit",
                "non-strict",
                "closed",
            ),
        ],
    ),
    (
        "rfc9113 5.1",
        "Stream States",
        [
            (f"stream/idle[{name}]", f"{name} on an idle stream", "pass", "goaway(PROTOCOL_ERROR)")
            for name in ("DATA", "RST_STREAM", "WINDOW_UPDATE", "CONTINUATION")
        ]
        + [
            (
                "stream/closed-after-end[DATA]",
                "DATA after the response ended",
                "fail",
                "alive",
            ),
            (
                "stream/closed-after-end[HEADERS]",
                "HEADERS after the response ended",
                "non-strict",
                "goaway(PROTOCOL_ERROR)",
            ),
        ],
    ),
    (
        "rfc9113 5.1.2",
        "Stream Concurrency",
        [("stream/concurrency-limit", "one stream too many", "skip", "-")],
    ),
    (
        "rfc9113 6.1",
        "DATA",
        [
            ("data/plain", "DATA in an open stream", "pass", "response(200)"),
            ("data/stream-zero", "DATA on stream 0", "fail", "alive"),
            (
                "data/padding-too-long",
                "padding longer than the payload",
                "pass",
                "goaway(PROTOCOL_ERROR)",
            ),
        ],
    ),
    (
        "rfc9113 6.5",
        "SETTINGS",
        [
            ("settings/ack", "SETTINGS are acknowledged", "pass", "alive"),
            (
                "settings/ack-with-payload",
                "an acknowledgement with a payload",
                "pass",
                "goaway(FRAME_SIZE_ERROR)",
            ),
            ("settings/stream-nonzero", "SETTINGS on stream 1", "pass", "goaway(PROTOCOL_ERROR)"),
        ],
    ),
    (
        "rfc9113 6.9",
        "WINDOW_UPDATE",
        [
            ("window/zero-increment[stream]", "an increment of 0 on a stream", "fail", "silence"),
            (
                "window/zero-increment[connection]",
                "an increment of 0 on the connection",
                "pass",
                "goaway(PROTOCOL_ERROR)",
            ),
        ],
    ),
    (
        "rfc9113 6.10",
        "CONTINUATION",
        [("continuation/without-headers", "CONTINUATION without HEADERS", "pass", "tcp-reset")],
    ),
    (
        "rfc9113 8.2.1",
        "Field Validity",
        [
            (f"message/{name}", f"a field name with {what}", "pass", "reset(PROTOCOL_ERROR)")
            for name, what in {
                "name-uppercase": "an upper-case letter",
                "name-space": "a space",
                "name-nul": "a NUL",
                "name-delete": "a DEL",
                "name-empty": "nothing in it",
            }.items()
        ]
        + [("message/value-newline", "a field value with a newline", "error", "-")],
    ),
    (
        "rfc7541 2.3.3",
        "Index Address Space",
        [
            (
                "hpack/index-beyond-tables",
                "an index past both tables",
                "pass",
                "goaway(COMPRESSION_ERROR)",
            )
        ],
    ),
    (
        "rfc7541 5.2",
        "String Literal Representation",
        [
            (
                f"hpack/huffman-{name}",
                f"a Huffman string with {what}",
                "pass",
                "goaway(COMPRESSION_ERROR)",
            )
            for name, what in {
                "eos": "the EOS symbol",
                "padding-long": "eight bits of padding",
                "padding-zeros": "padding of zeros",
            }.items()
        ],
    ),
]

REASONS = {
    "pass": "the target reacted as required",
    "non-strict": "the target protected itself, but with another code than FRAME_SIZE_ERROR",
    "fail": "the PING behind the frame was acknowledged and no error came before it",
    "info": "the version allows either",
    "skip": "the target announces no SETTINGS_MAX_CONCURRENT_STREAMS",
    "error": "the connection could not be opened: timed out after 2 s",
}


def frame(
    at: float,
    direction: str,
    name: str,
    stream: int,
    payload: bytes = b"",
    flags: dict[str, int] | None = None,
    **detail: object,
) -> Line:
    """One frame of a transcript."""
    flags = flags or {}
    octet = sum(flags.values())
    head = struct.pack("!BHBBL", 0, len(payload), TYPES.index(name), octet, stream)
    return {
        "at": at,
        "dir": direction,
        "type": name,
        "flags": list(flags),
        "flags_octet": octet,
        "stream": stream,
        "length": len(payload),
        "detail": detail,
        "octets": (head + payload).hex()[:512],
        "truncated": len(payload) > 247,
    }


def transcript(outcome: str, ending: str) -> list[Line]:
    """Make an exchange that ends as `ending` says."""
    settings = {"MAX_CONCURRENT_STREAMS": 100, "INITIAL_WINDOW_SIZE": 65535}
    entries: list[Line] = [
        {"at": 0.0, "dir": "note", "text": "connected by TLSv1.3, ALPN h2"},
        {
            "at": 0.0011,
            "dir": "sent",
            "type": "preface",
            "length": 24,
            "octets": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".hex(),
            "truncated": False,
        },
        frame(0.0011, "sent", "SETTINGS", 0, settings={}),
        frame(0.0019, "received", "SETTINGS", 0, bytes(12), settings=settings),
        frame(0.0020, "sent", "SETTINGS", 0, flags={"ACK": 1}),
        frame(0.0027, "received", "SETTINGS", 0, flags={"ACK": 1}),
        frame(
            0.0031,
            "sent",
            "HEADERS",
            1,
            bytes.fromhex("828487418aa0e41d139d09b8f01e07"),
            {"END_STREAM": 1, "END_HEADERS": 4},
            fields=[
                [":method", "GET"],
                [":scheme", "https"],
                [":path", "/"],
                [":authority", "a:1"],
            ],
        ),
        frame(0.0031, "sent", "PING", 0, b"h2spec\0\1", opaque="6832737065630001"),
    ]
    kind, _, code = ending.removesuffix(")").partition("(")
    if kind == "goaway":
        entries.append(
            frame(
                0.0042,
                "received",
                "GOAWAY",
                0,
                bytes(40),
                last_stream=1,
                error=code,
                debug="bad frame",
            )
        )
    elif kind == "reset":
        entries.append(frame(0.0042, "received", "RST_STREAM", 1, bytes(4), error=code))
    elif kind == "response":
        head = frame(0.0040, "received", "HEADERS", 1, bytes(30), {"END_HEADERS": 4}, fields=ANSWER)
        body = frame(0.0041, "received", "DATA", 1, b"Lorem ipsum " * 85, {"END_STREAM": 1})
        entries += [head, body]
    if kind in {"alive", "response", "reset"}:
        flags = {"ACK": 1}
        entries.append(
            frame(0.0044, "received", "PING", 0, b"h2spec\0\1", flags, opaque="6832737065630001")
        )
    note = "the target closed the connection" if kind != "silence" else "nothing came for 2 s"
    return [*entries, {"at": 0.0047, "dir": "note", "text": note}] if outcome != "skip" else []


def case(
    case_id: str = "data/stream-zero",
    outcome: str = "pass",
    *,
    title: str = "DATA on stream 0",
    ending: str = "goaway(PROTOCOL_ERROR)",
    place: str = "rfc9113 6.1",
    section_title: str | None = "DATA",
    **more: object,
) -> Line:
    """One case line."""
    document, section = place.split(" ")
    url = URL.format(document, section)
    return {
        "id": case_id,
        "title": title,
        "file": f"cases/{case_id.partition('/')[0]}.yaml:12",
        "aliases": ["http2/6.1/1"],
        "outcome": outcome,
        "ending": ending,
        "reason": REASONS[outcome],
        "section": {"document": document, "section": section, "title": section_title, "url": url},
        "requirements": [
            {
                "id": case_id.replace("/", ".").partition("[")[0],
                "says": f"{title} is a connection error",
                "level": "MUST",
                "sections": [place],
                "urls": [url],
            }
        ],
        "expected": "a connection error PROTOCOL_ERROR",
        "twin": "data/plain",
        "duration": 0.0047,
        "transcript": transcript(outcome, ending),
        **more,
    }


def header(cases: int, **more: object) -> Line:
    """Make the header line for so many cases."""
    return {
        "tool": "h2spec_py 0.1.0",
        "target": {
            "url": "https://www.example.org/",
            "host": "www.example.org",
            "port": 443,
            "tls": True,
            "alpn": "h2",
            "tls_version": "TLSv1.3",
            "cipher": "TLS_AES_256_GCM_SHA384",
        },
        "version": "rfc9113",
        "options": {"jobs": 16, "timeout": 2.0, "select": []},
        "started": "2026-01-02T03:04:05Z",
        "cases": cases,
        **more,
    }


def footer(**more: object) -> Line:
    """Make the footer line; the writer counts."""
    return {"duration": 1.93, "interrupted": False, "exit": 0, **more}


def realistic_cases(families: int = 1) -> list[Line]:
    """Make the cases of a realistic run; with more families, more of them."""
    made = []
    for number in range(families):
        for place, section_title, rows in SECTIONS:
            for case_id, title, outcome, ending in rows:
                if number and outcome not in {"pass", "info"}:
                    continue
                name = case_id.replace("/", f"/{number}-", 1) if number else case_id
                made.append(
                    case(
                        name,
                        outcome,
                        title=title,
                        ending=ending,
                        place=place,
                        section_title=section_title,
                    )
                )
    return made


def write_sample(path: Path, families: int = 5) -> Results:
    """Write a realistic run of some 150 cases, and read it."""
    cases = realistic_cases(families)
    with ResultsWriter(path) as writer:
        writer.header(header(len(cases)))
        for one in cases:
            writer.case(one)
        writer.footer(footer(exit=1))
    return read_results(path)


def make(*cases: Line, head: Line | None = None, foot: Line | None = None) -> Results:
    """Results of exactly these cases, without a file, unchecked: also such as no file may hold."""
    lines = [json.loads(json.dumps({"kind": "case", **one})) for one in cases]
    counts = dict.fromkeys(REASONS, 0)
    for one in lines:
        counts[one["outcome"]] += 1
    first: Any = {"kind": "header", "format": 1, **header(len(cases)), **(head or {})}
    last: Any = {"kind": "footer", "counts": counts, **footer(), **(foot or {})}
    return Results(first, tuple(cast("list[CaseResult]", lines)), last)
