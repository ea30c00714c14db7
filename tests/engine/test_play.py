"""Playing cases against targets that follow a script: what settles a case, and as what."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from pathlib import Path

import pytest

from h2spec_py.case.loader import load_library
from h2spec_py.engine import Limits, Options, Run
from h2spec_py.engine.waiting import Waiting
from h2spec_py.judge.verdict import Outcome
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.hpack import Encoder, HeaderField, plain
from tests.engine.scripts import (
    CODES,
    DATA,
    HEADERS,
    ON_ZERO,
    OPTIONS,
    PING,
    Script,
    against,
    answering,
    case,
    refusing,
    scripted,
)
from tests.support.behaviours import ACK, END_HEADERS, VERSION, Line, bomb


@pytest.mark.parametrize(
    ("script", "outcome", "ending"),
    [
        (refusing("PROTOCOL_ERROR"), Outcome.PASS, "goaway(PROTOCOL_ERROR)"),
        (refusing("PROTOCOL_ERROR", close=False), Outcome.PASS, "goaway(PROTOCOL_ERROR)"),
        (refusing("INTERNAL_ERROR"), Outcome.PASS, "goaway(INTERNAL_ERROR)"),
        (refusing("ENHANCE_YOUR_CALM"), Outcome.NON_STRICT, "goaway(ENHANCE_YOUR_CALM)"),
        (refusing("PROTOCOL_ERROR", late=0.02), Outcome.PASS, "goaway(PROTOCOL_ERROR)"),
        (answering, Outcome.FAIL, "alive"),
    ],
)
def test_a_connection_error(tmp_path: Path, script: Script, outcome: Outcome, ending: str) -> None:
    loaded = case(tmp_path, ON_ZERO)
    start = time.monotonic()
    verdict = against(script, loaded, replace(OPTIONS, timeout=20)).verdict
    assert (verdict.outcome, verdict.ending) == (outcome, ending)
    assert time.monotonic() - start < 10, "a definite answer must not cost the timeout"


def test_a_silent_target_fails_after_the_timeout(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        await line.greet()
        async for frame in line.frames():
            if frame.type == DATA:
                await line.rest()

    result = against(script, case(tmp_path, ON_ZERO))
    assert (result.verdict.outcome, result.verdict.ending) == (Outcome.FAIL, "silence")
    assert result.duration >= OPTIONS.timeout


def test_a_slow_target_is_given_the_time_that_a_fresh_connection_takes(tmp_path: Path) -> None:
    """Whatever it does comes late, on this connection and on the next."""

    async def script(line: Line) -> None:
        await line.greet()
        async for frame in line.frames(frozenset()):
            kind = VERSION.frame_by_code(frame.type)
            if frame.type == DATA:
                await asyncio.sleep(0.6)
                await line.goaway(CODES["PROTOCOL_ERROR"])
                return
            if kind is not None and kind.name in {"SETTINGS", "PING"} and not frame.flags & ACK:
                await asyncio.sleep(0.15)
                payload = frame.payload if kind.name == "PING" else b""
                await line.frame(kind.name, ACK, payload=payload)

    verdict = against(script, case(tmp_path, ON_ZERO), replace(OPTIONS, timeout=0.5)).verdict
    assert (verdict.outcome, verdict.ending) == (Outcome.PASS, "goaway(PROTOCOL_ERROR)")


BOTH_ANSWERED = """
    - id: mine/four-requests
      title: four requests
      proves: [message.request-response]
      steps:
        - repeat: 4
          steps:
            - {request: GET, stream: 1}
        - await: {frame: HEADERS, stream: 7}
      expect: {ignored: true}
"""


@pytest.mark.parametrize(("pause", "outcome"), [(0.3, Outcome.PASS), (1.2, Outcome.SKIP)])
def test_responses_that_go_on_are_no_silence(
    tmp_path: Path, pause: float, outcome: Outcome
) -> None:
    """The fourth comes later than the timeout, but behind others that were in time, or were not."""

    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            await asyncio.sleep(pause)
            await line.response(stream, (b":status", b"200"))

    result = against(script, case(tmp_path, BOTH_ANSWERED), replace(OPTIONS, timeout=0.6))
    assert result.verdict.outcome is outcome, result.verdict


def test_what_a_target_breaks_on_the_way_fails_the_case(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            await line.response(stream, (b":status", b"200"), (b"X-Upper", b"1"))

    loaded = case(
        tmp_path,
        """
        - id: mine/get
          title: GET
          proves: [message.request-response]
          steps: [{request: GET}]
          expect: {response: 1}
        """,
    )
    result = against(script, loaded)
    assert result.verdict.outcome is Outcome.FAIL
    assert "message.name-uppercase" in result.verdict.reason
    assert result.breached
    assert against(answering, loaded).verdict.outcome is Outcome.PASS


def test_a_target_that_is_slow_has_until_another_ping(tmp_path: Path) -> None:
    """The grace alone would be too short for what it says after the barrier."""
    loaded = case(tmp_path, ON_ZERO)

    async def script(line: Line) -> None:
        refused, pings = False, 0
        await line.greet()
        async for frame in line.frames(frozenset({"SETTINGS"})):
            refused = refused or (frame.type == DATA and frame.stream == 0)
            pings += refused and frame.type == PING
            if pings > 1:
                await line.goaway(CODES["PROTOCOL_ERROR"])
                return
            if frame.type == PING:
                await line.frame("PING", ACK, payload=frame.payload)

    verdict = against(script, loaded, replace(OPTIONS, grace=0.001)).verdict
    assert (verdict.outcome, verdict.ending) == (Outcome.PASS, "goaway(PROTOCOL_ERROR)")


WAITS_FOR_HEADERS = """
    - id: mine/waits-for-headers
      title: a response that has begun
      proves: [flow.read-promptly]
      steps:
        - {request: GET}
        - {await: {frame: HEADERS, stream: 1}}
      expect: {ignored: true}
"""


def test_a_target_that_writes_when_it_reads_is_sent_a_ping(tmp_path: Path) -> None:
    """It has the response ready and says nothing, until there is something else to read."""

    async def script(line: Line) -> None:
        asked = False
        await line.greet()
        async for frame in line.frames():
            if asked and frame.type == PING:
                await line.response(1, (b":status", b"200"))
                asked = False
            asked = asked or frame.type == HEADERS

    verdict = against(script, case(tmp_path, WAITS_FOR_HEADERS)).verdict
    assert (verdict.outcome, verdict.ending) == (Outcome.PASS, "alive")


def test_no_ping_breaks_into_an_open_header_block(tmp_path: Path) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/waits-in-block
          title: a header block that is open while something is awaited
          proves: [flow.read-promptly]
          steps:
            - {send: HEADERS, stream: 1, flags: [END_STREAM], headers: request}
            - {await: {frame: HEADERS, stream: 1}}
            - {send: CONTINUATION, stream: 1, flags: [END_HEADERS]}
          expect: {response: 1}
        """,
    )
    pings = 0

    async def script(line: Line) -> None:
        nonlocal pings
        await line.greet()
        async for frame in line.frames():
            pings += frame.type == PING

    assert against(script, loaded).verdict.outcome is Outcome.SKIP
    assert pings == 2, "that of the start, and that of the fresh connection"


def test_a_flood_ends_at_the_bounds(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        await line.greet()
        async for frame in line.frames():
            while frame.type == DATA:
                await line.frame("PING", payload=bytes(8))

    options = replace(OPTIONS, timeout=20, limits=Limits(frames=500, entries=50))
    result = against(script, case(tmp_path, ON_ZERO), options)
    assert (result.verdict.outcome, result.verdict.ending) == (Outcome.FAIL, "flood")
    assert len(result.transcript) == 51
    assert "further entries were not kept" in result.transcript[-1]["text"]


WAITS_FOR_RESPONSE = """
    - id: mine/response
      title: a response
      proves: [flow.read-promptly]
      steps:
        - {request: GET}
      expect: {response: 1}
"""


@pytest.mark.parametrize("decoded", [False, True])
def test_a_header_block_past_our_bounds_is_a_flood(tmp_path: Path, *, decoded: bool) -> None:
    """What it says is lost, and so is what comes behind it: not the same as no response."""

    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            if decoded:
                await line.frame("HEADERS", END_HEADERS, stream, bomb(5000))
                continue
            await line.frame("HEADERS", 0, stream)
            with contextlib.suppress(ConnectionError):
                for _ in range(65):
                    await line.frame("CONTINUATION", 0, stream, bytes(16384))

    options = replace(OPTIONS, timeout=20)
    verdict = against(script, case(tmp_path, WAITS_FOR_RESPONSE), options).verdict
    assert (verdict.outcome, verdict.ending) == (Outcome.FAIL, "flood")


def test_acknowledgements_of_ours_do_not_break_into_an_open_header_block(tmp_path: Path) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/split
          title: a header block in two writes
          proves: [headers.continuation-accepted]
          only: {versions: 9113.., because: it is played in that version}
          steps:
            - {send: HEADERS, stream: 1, flags: [END_STREAM], headers: request, keep: 3}
            - await: {frame: PING}
            - {send: CONTINUATION, stream: 1, flags: [END_HEADERS]}
          expect: {response: 1}
        """,
    )
    order: list[str] = []

    async def script(line: Line) -> None:
        await line.greet()
        async for frame in line.frames():
            order.append(VERSION.frame_name(frame.type))
            if frame.type == HEADERS:
                await line.frame("PING", payload=b"between!")
            elif order[-1] == "CONTINUATION":
                await line.response(frame.stream, (b":status", b"200"))

    assert against(script, loaded).verdict.outcome is Outcome.PASS
    at = order.index("HEADERS")
    assert order[at + 1] == "CONTINUATION"
    assert "PING" in order[at + 2 :]


PIECES = """
    - id: mine/pieces
      title: the client connection preface in pieces
      proves: [preface.server-settings-first]
      only: {versions: 9113.., because: it is played in that version}
      open: {bare: true}
      steps:
        - {raw: {text: "PRI * HTTP/2.0\\r\\n\\r\\n"}, apart: true}
        - raw: {text: "SM\\r\\n\\r\\n"}
        - {send: SETTINGS}
      expect: {ignored: true}
"""


def test_octets_that_go_apart_wait_for_nothing_of_ours(tmp_path: Path) -> None:
    loaded = case(tmp_path, PIECES)
    first: list[bytes] = []
    order: list[str] = []

    async def script(line: Line) -> None:
        piece = await line.reader.read(1000)
        await line.frame("SETTINGS")  # whose acknowledgement has to wait
        if len(piece) >= 24:  # a connection to see that this one has been read from
            line.reader.feed_data(piece[24:])
            async for _ in line.frames():
                pass
            return
        first.append(piece)
        await line.reader.readexactly(24 - len(piece))
        async for frame in line.frames():
            order.append(VERSION.frame_name(frame.type))  # noqa: PERF401 - it ends by being cancelled

    result = against(script, loaded, Options(timeout=5.0, grace=0.05))
    assert result.verdict.outcome is Outcome.PASS
    assert first == [b"PRI * HTTP/2.0\r\n\r\n"]
    assert order[:3] == ["SETTINGS", "PING", "SETTINGS"]


def test_pieces_that_come_late_are_no_ground_for_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def control(_: Waiting) -> float:
        return 2.0

    monkeypatch.setattr(Waiting, "control", control)
    verdict = against(lambda line: line.rest(), case(tmp_path, PIECES)).verdict
    assert verdict.outcome is Outcome.ERROR
    assert verdict.reason == "it took 2.0 s to send something in two pieces"


async def leaving(line: Line) -> None:
    """End our direction at once, and read until the other end does the same."""
    line.writer.write_eof()
    await line.rest()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (lambda line: line.goaway(CODES["PROTOCOL_ERROR"]), "GOAWAY(PROTOCOL_ERROR) at the start"),
        (lambda line: line.send(b"HTTP/1.1 400 Bad\r\n\r\n"), "speaks HTTP/1.1: HTTP/1.1 400 Bad"),
        (lambda line: line.send(b"\x16\x03\x01\x02" + bytes(60)), "no SETTINGS came"),
        (leaving, "no SETTINGS came: the target closed the connection"),
    ],
)
def test_a_connection_that_does_not_start_is_no_verdict(
    tmp_path: Path, script: Script, said: str
) -> None:
    verdict = against(script, case(tmp_path, ON_ZERO)).verdict
    assert verdict.outcome is Outcome.ERROR
    assert said in verdict.reason


@pytest.mark.parametrize(("forbidden", "outcome"), [(True, Outcome.FAIL), (False, Outcome.PASS)])
def test_what_comes_together_with_what_is_awaited_counts(
    tmp_path: Path, forbidden: bool, outcome: Outcome
) -> None:
    """Whether two frames come in one read or in two is luck."""
    loaded = case(
        tmp_path,
        """
        - id: mine/one-frame
          title: no frame behind the first
          proves: [flow.stream-window]
          steps:
            - {request: GET}
            - await: {frame: DATA, stream: 1}
          expect: {never: {frame: DATA, stream: 1}}
        """,
    )

    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            block = Encoder(VERSION.hpack).encode(plain([HeaderField(b":status", b"200")]))
            await line.frame("HEADERS", END_HEADERS, stream, block)
            one = encode_frame(VERSION.header, Frame(DATA, 0, stream, b"x"))
            await line.send(one * (2 if forbidden else 1))

    assert against(script, loaded).verdict.outcome is outcome


def test_a_run_plays_twins_first_and_judges_by_them(tmp_path: Path) -> None:
    loaded = case(tmp_path, ON_ZERO)

    async def script(line: Line) -> None:
        await line.greet()
        seen = 0
        async for frame in line.frames():
            seen += frame.type in {DATA, HEADERS}
            if seen:  # it refuses whatever is more than the start of a connection
                return

    async def work() -> Run:
        library = load_library().cases(loaded.version)
        async with scripted(script) as target:
            run = Run([loaded], library, target, OPTIONS)
            await run.execute()
        return run

    run = asyncio.run(work())
    [result] = run.ordered()
    assert result.verdict.outcome is Outcome.SKIP
    assert "data/plain" in result.verdict.reason
