"""Each kind of expectation, held against what targets do."""

from __future__ import annotations

from typing import Any

import pytest

from h2spec_py.case.model import Expectation
from h2spec_py.judge.observation import Observation
from h2spec_py.judge.rules import Met, answer_due, awaits_answer, evaluate
from h2spec_py.peer.events import HeaderBlock, Received
from h2spec_py.spec import find_version
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import (
    Data,
    Goaway,
    Payload,
    Ping,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    write_payload,
)

RFC9113 = find_version("9113")
RFC7540 = find_version("7540")
DRAFT13 = find_version("13")


def frame(
    name: str, payload: Payload, stream: int = 0, flags: int = 0, version: Any = RFC9113
) -> Received:
    octets = write_payload(version, payload)
    return Received(Frame(version.frames[name].code, flags, stream, octets), name, payload, None)


def settings(*entries: tuple[int, int]) -> Received:
    return frame("SETTINGS", Settings(tuple(SettingsEntry(*entry) for entry in entries)))


def goaway(code: str, version: Any = RFC9113) -> Received:
    return frame("GOAWAY", Goaway(0, version.errors[code]), version=version)


def reset(code: str, stream: int = 1, version: Any = RFC9113) -> Received:
    return frame("RST_STREAM", RstStream(version.errors[code]), stream, version=version)


def response(status: str, stream: int = 1, *, end: bool = True) -> Received:
    fields = (HeaderField(b":status", status.encode()),)
    block = HeaderBlock(stream, "HEADERS", fields, end, None, trailers=False)
    flags = 0x4 | (0x1 if end else 0)
    return Received(Frame(1, flags, stream, b"\x88"), "HEADERS", None, block)


def data(octets: bytes, stream: int = 1, *, end: bool = True) -> Received:
    return frame("DATA", Data(octets), stream, 0x1 if end else 0)


def seen(*events: Received, version: Any = RFC9113, **facts: Any) -> Observation:
    observation = Observation(version)
    for event in events:
        observation.note(event)
    for name, value in facts.items():
        setattr(observation, name, value)
    return observation


def expect(**given: Any) -> Expectation:
    return Expectation.model_validate(
        {key.replace("_", "-"): value for key, value in given.items()}
    )


CONNECTION = expect(connection_error="FRAME_SIZE_ERROR")
STREAM = expect(stream_error="STREAM_CLOSED", stream=1)
MALFORMED = expect(malformed=1)
RESPONSE = expect(response=1)
IGNORED = expect(ignored=True)
PONG = expect(frame={"frame": "PING", "flags": ["ACK"], "opaque": "0102030405060708"})
MANY = expect(frame={"frame": "SETTINGS", "at-least": {"MAX_CONCURRENT_STREAMS": 100}})
NO_PONG = expect(never={"frame": "PING", "flags": ["ACK"], "opaque": "0102030405060708"})
PROMISE = expect(frame={"frame": "PUSH_PROMISE", "promised": 2})
CLOSED = expect(closed=True)

PING = bytes(range(1, 9))


@pytest.mark.parametrize(
    ("expectation", "observation", "met", "conclusive"),
    [
        # A connection error: the code decides, and without a code it is only half of one.
        (CONNECTION, seen(goaway("FRAME_SIZE_ERROR")), Met.YES, True),
        (CONNECTION, seen(goaway("PROTOCOL_ERROR")), Met.YES, True),
        (CONNECTION, seen(goaway("ENHANCE_YOUR_CALM")), Met.PARTLY, True),
        (CONNECTION, seen(goaway("PROTOCOL_ERROR", RFC7540), version=RFC7540), Met.PARTLY, True),
        (CONNECTION, seen(goaway("NO_ERROR")), Met.NO, False),
        (CONNECTION, seen(goaway("NO_ERROR"), end="closed"), Met.PARTLY, True),
        (CONNECTION, seen(goaway("NO_ERROR"), goaway("FRAME_SIZE_ERROR")), Met.YES, True),
        (CONNECTION, seen(end="closed"), Met.PARTLY, True),
        (CONNECTION, seen(end="tcp-reset"), Met.PARTLY, True),
        (CONNECTION, seen(end="flood"), Met.NO, True),
        (CONNECTION, seen(reset("FRAME_SIZE_ERROR"), barrier=True), Met.NO, False),
        (CONNECTION, seen(barrier=True), Met.NO, False),
        (CONNECTION, seen(silent=True), Met.NO, False),
        (CONNECTION, seen(response("200"), barrier=True), Met.NO, False),
        # A stream error may be answered by a connection error, but not on another stream.
        (STREAM, seen(reset("STREAM_CLOSED")), Met.YES, True),
        (STREAM, seen(reset("STREAM_CLOSED", 3)), Met.NO, False),
        (STREAM, seen(reset("CANCEL")), Met.PARTLY, True),
        (STREAM, seen(goaway("STREAM_CLOSED")), Met.YES, True),
        (STREAM, seen(end="closed"), Met.PARTLY, True),
        (STREAM, seen(response("200"), barrier=True), Met.NO, False),
        # A malformed request: reset, or answered with 4xx.
        (MALFORMED, seen(reset("PROTOCOL_ERROR")), Met.YES, True),
        (MALFORMED, seen(reset("CANCEL")), Met.PARTLY, True),
        (MALFORMED, seen(reset("CANCEL", version=DRAFT13), version=DRAFT13), Met.YES, True),
        (MALFORMED, seen(goaway("PROTOCOL_ERROR")), Met.YES, True),
        (MALFORMED, seen(goaway("ENHANCE_YOUR_CALM")), Met.PARTLY, True),
        (MALFORMED, seen(goaway("CANCEL", DRAFT13), version=DRAFT13), Met.YES, True),
        (MALFORMED, seen(response("400")), Met.YES, True),
        (MALFORMED, seen(response("500")), Met.PARTLY, True),
        (MALFORMED, seen(response("200", end=False)), Met.NO, False),
        (MALFORMED, seen(response("200", end=False), barrier=True), Met.NO, False),
        (MALFORMED, seen(response("200"), barrier=True), Met.NO, True),
        (MALFORMED, seen(response("200"), reset("PROTOCOL_ERROR")), Met.YES, True),
        (MALFORMED, seen(response("200"), reset("NO_ERROR"), barrier=True), Met.NO, True),
        (MALFORMED, seen(end="closed"), Met.PARTLY, True),
        (MALFORMED, seen(barrier=True), Met.NO, False),
        # A response.
        (RESPONSE, seen(response("200")), Met.YES, True),
        (RESPONSE, seen(response("404")), Met.YES, True),
        (RESPONSE, seen(response("100", end=False)), Met.NO, False),
        (RESPONSE, seen(response("100", end=False), response("200")), Met.YES, True),
        (RESPONSE, seen(response("400")), Met.NO, True),
        (RESPONSE, seen(response("502")), Met.NO, True),
        (RESPONSE, seen(response("200", 3)), Met.NO, False),
        (RESPONSE, seen(reset("PROTOCOL_ERROR")), Met.NO, True),
        (RESPONSE, seen(goaway("PROTOCOL_ERROR")), Met.NO, True),
        (RESPONSE, seen(goaway("NO_ERROR")), Met.NO, False),
        (RESPONSE, seen(end="closed"), Met.NO, True),
        (expect(response=1, body=5), seen(response("200", end=False)), Met.NO, False),
        (
            expect(response=1, body=5),
            seen(response("200", end=False), data(b"hello")),
            Met.YES,
            True,
        ),
        (expect(response=1, body=5), seen(response("200", end=False), data(b"hell")), Met.NO, True),
        (expect(response=1, complete=True), seen(response("200", end=False)), Met.NO, False),
        (expect(response=1, status="2xx"), seen(response("404")), Met.NO, True),
        (expect(response=1, status="!404"), seen(response("404")), Met.NO, True),
        (expect(response=1, status="!404"), seen(response("400")), Met.YES, True),
        # Nothing must happen, and the connection must live.
        (IGNORED, seen(barrier=True), Met.YES, False),
        (IGNORED, seen(), Met.NO, False),
        (IGNORED, seen(goaway("PROTOCOL_ERROR")), Met.NO, True),
        (IGNORED, seen(reset("PROTOCOL_ERROR")), Met.NO, True),
        (IGNORED, seen(reset("NO_ERROR"), barrier=True), Met.YES, False),
        (IGNORED, seen(end="closed", barrier=True), Met.NO, True),
        # A frame that is due, or that must not come.
        (PONG, seen(frame("PING", Ping(PING), flags=1)), Met.YES, True),
        (PONG, seen(frame("PING", Ping(bytes(8)), flags=1), barrier=True), Met.NO, False),
        (PONG, seen(frame("PING", Ping(PING)), barrier=True), Met.NO, False),
        (PROMISE, seen(frame("PUSH_PROMISE", PushPromise(2))), Met.YES, True),
        (PROMISE, seen(frame("PUSH_PROMISE", PushPromise(4))), Met.NO, False),
        (PONG, seen(end="closed"), Met.NO, False),
        (NO_PONG, seen(frame("PING", Ping(PING), flags=1), barrier=True), Met.NO, True),
        (NO_PONG, seen(barrier=True), Met.YES, False),
        (NO_PONG, seen(goaway("PROTOCOL_ERROR")), Met.NO, True),
        (NO_PONG, seen(silent=True), Met.NO, False),
        (MANY, seen(settings((3, 100), (4, 1))), Met.YES, True),
        (MANY, seen(settings()), Met.YES, True),
        (MANY, seen(settings((3, 99))), Met.NO, False),
        # The end of the connection.
        (CLOSED, seen(end="closed"), Met.YES, True),
        (CLOSED, seen(end="tcp-reset"), Met.YES, True),
        (CLOSED, seen(end="http/1.1"), Met.YES, True),
        (CLOSED, seen(end="flood"), Met.NO, True),
        (CLOSED, seen(goaway("PROTOCOL_ERROR"), barrier=True), Met.NO, False),
    ],
)
def test_finding(
    expectation: Expectation, observation: Observation, met: Met, conclusive: bool
) -> None:
    finding = evaluate(expectation, observation)
    assert (finding.met, finding.conclusive) == (met, conclusive)
    assert finding.reason
    assert "\n" not in finding.reason


def test_any_takes_the_best_alternative() -> None:
    either = expect(any=[{"stream-error": "STREAM_CLOSED", "stream": 1}, {"ignored": True}])
    assert evaluate(either, seen(reset("STREAM_CLOSED"))).met is Met.YES
    assert evaluate(either, seen(barrier=True)).met is Met.YES
    assert evaluate(either, seen()).met is Met.NO
    assert not evaluate(either, seen(barrier=True)).conclusive
    assert evaluate(either, seen(reset("STREAM_CLOSED"))).conclusive


def test_only_answers_of_applications_may_come_behind_the_barrier() -> None:
    assert [awaits_answer(one) for one in (RESPONSE, MALFORMED)] == [True] * 2
    assert not awaits_answer(CLOSED)
    assert [awaits_answer(one) for one in (CONNECTION, STREAM, IGNORED, PONG)] == [False] * 4
    assert awaits_answer(expect(frame={"frame": "DATA"}))
    assert awaits_answer(expect(any=[{"ignored": True}, {"response": 1}]))


def test_a_refusal_where_a_status_is_advised_is_not_said_to_be_of_a_legal_request() -> None:
    advised = evaluate(expect(response=1, status="4xx"), seen(reset("PROTOCOL_ERROR")))
    assert advised.reason == "it sent RST_STREAM(PROTOCOL_ERROR); a status that fits 4xx is due"
    legal = evaluate(expect(response=1), seen(reset("PROTOCOL_ERROR")))
    assert legal.reason == "it refused with RST_STREAM(PROTOCOL_ERROR) what it is to accept"
    assert advised.met is legal.met is Met.NO


def test_a_reason_is_not_about_the_answer_on_another_stream() -> None:
    upgraded = seen(response("200", 1), barrier=True)
    for fault in (expect(connection_error="PROTOCOL_ERROR"), expect(stream_error="STREAM_CLOSED")):
        shifted = fault.model_copy(update={"stream": 3})
        assert "the PING behind the fault was acknowledged" in evaluate(shifted, upgraded).reason
        assert "it answered 200 on stream 1" in evaluate(fault, upgraded).reason


def test_an_answer_is_due_until_its_status_is_there() -> None:
    refused = expect(any=[{"stream-error": "PROTOCOL_ERROR"}, {"response": 1, "status": "400"}])
    for one in (MALFORMED, refused, RESPONSE):
        assert answer_due(one, seen(barrier=True))
        assert not answer_due(one, seen(response("200", end=False), barrier=True))
    whole = expect(response=1, complete=True)
    assert answer_due(whole, seen(response("200", end=False), barrier=True))
    for one in (CONNECTION, STREAM, IGNORED, CLOSED):
        assert not answer_due(one, seen(barrier=True))
