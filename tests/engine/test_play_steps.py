"""The steps of a case: what is waited for in the middle, and what is sent on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2spec_py.judge.verdict import Outcome
from tests.engine.scripts import (
    CODES,
    Script,
    against,
    answering,
    case,
    refusing,
    serving,
)
from tests.support.behaviours import END_HEADERS, VERSION, Line

IN_STEPS = """
    - id: mine/steps
      title: a frame in the middle
      proves: [flow.stream-window]
      steps:
        - {request: GET}
        - STEP: {frame: DATA, stream: 1, length: 5}
      expect: {ignored: true}
"""


@pytest.mark.parametrize(
    ("step", "script", "outcome", "said"),
    [
        ("expect", serving(b"hello"), Outcome.PASS, "went on"),
        ("expect", serving(b"hell"), Outcome.FAIL, "length is 4, not 5 octets"),
        ("expect", answering, Outcome.FAIL, "did not come"),
        ("await", serving(b"hello"), Outcome.PASS, "went on"),
        ("await", serving(b"hell"), Outcome.SKIP, "which the case builds on"),
    ],
)
def test_frames_in_the_middle_of_a_case(
    tmp_path: Path, step: str, script: Script, outcome: Outcome, said: str
) -> None:
    verdict = against(script, case(tmp_path, IN_STEPS.replace("STEP", step))).verdict
    assert verdict.outcome is outcome
    assert said in verdict.reason


def in_pieces(*pieces: bytes) -> Script:
    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            await line.frame("HEADERS", END_HEADERS, stream, b"\x88")
            for piece in pieces:
                await line.frame("DATA", 0, stream, piece)

    return script


@pytest.mark.parametrize(
    ("step", "script", "outcome", "said"),
    [
        ("expect", in_pieces(b"he", b"", b"llo"), Outcome.PASS, "went on"),
        ("expect", in_pieces(b"he", b"ll"), Outcome.FAIL, "on stream 1 of 5 octets in all is due"),
        ("await", in_pieces(b"he", b"llo"), Outcome.PASS, "went on"),
        ("await", in_pieces(b"he", b"ll"), Outcome.SKIP, "which the case builds on"),
    ],
)
def test_an_amount_of_data(
    tmp_path: Path, step: str, script: Script, outcome: Outcome, said: str
) -> None:
    text = IN_STEPS.replace("length: 5", "total: 5").replace("STEP", step)
    verdict = against(script, case(tmp_path, text)).verdict
    assert verdict.outcome is outcome, verdict
    assert said in verdict.reason


UPLOAD = """
    - id: mine/upload
      title: a long request
      proves: [flow.window-returned]
      steps:
        - {send: HEADERS, stream: 1, flags: [END_HEADERS], headers: post}
        - {upload: 70000, stream: 1}
      expect: {response: 1}
"""


@pytest.mark.parametrize(
    ("script", "outcome", "said"),
    [
        (answering, Outcome.PASS, "it answered 200"),
        (in_pieces(), Outcome.NON_STRICT, "4465 octets of the request wait for a window"),
    ],
)
def test_an_upload_goes_on_until_it_is_answered_or_held(
    tmp_path: Path, script: Script, outcome: Outcome, said: str
) -> None:
    verdict = against(script, case(tmp_path, UPLOAD)).verdict
    assert verdict.outcome is outcome, verdict
    assert said in verdict.reason


def test_a_barrier_in_the_middle_waits_for_its_acknowledgement(tmp_path: Path) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/barrier
          title: a barrier
          proves: [ping.ack]
          steps:
            - {send: PING}
            - {barrier: true}
          expect: {ignored: true}
        """,
    )
    pings = 0

    async def script(line: Line) -> None:
        nonlocal pings
        await line.greet()
        async for frame in line.frames():
            pings += frame.type == VERSION.frames["PING"].code

    assert against(script, loaded).verdict.outcome is Outcome.PASS
    assert pings == 5, "that of the start, that of the case, the barriers, and that of the grace"


def test_the_goaway_between_steps_is_named(tmp_path: Path) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/barrier-behind-data
          title: a barrier behind DATA
          proves: [ping.ack]
          steps:
            - {send: DATA, stream: 0, payload: {text: hello}}
            - {barrier: true}
          expect: {ignored: true}
        """,
    )
    verdict = against(refusing("PROTOCOL_ERROR"), loaded).verdict
    assert (verdict.outcome, verdict.ending) == (Outcome.FAIL, "goaway(PROTOCOL_ERROR)")
    assert verdict.reason == "it sent GOAWAY(PROTOCOL_ERROR) between the steps"


@pytest.mark.parametrize(
    ("code", "outcome"), [("ENHANCE_YOUR_CALM", Outcome.SKIP), ("PROTOCOL_ERROR", Outcome.FAIL)]
)
def test_a_target_may_find_the_steps_too_much(tmp_path: Path, code: str, outcome: Outcome) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/too-much
          title: frames that each have an answer
          proves: [settings.ack]
          steps:
            - {repeat: 40, steps: [{send: SETTINGS}]}
            - {repeat: 40, steps: [{expect: {frame: SETTINGS, flags: [ACK]}}]}
          expect: {ignored: true}
        """,
    )

    async def script(line: Line) -> None:
        await line.greet()
        left = 20
        async for frame in line.frames():
            left -= frame.type == VERSION.frames["SETTINGS"].code
            if not left:
                await line.goaway(CODES[code])
                return

    verdict = against(script, loaded).verdict
    assert verdict.outcome is outcome
    assert (code in verdict.reason) is (outcome is Outcome.SKIP)


def test_steps_are_repeated_on_streams_of_their_own(tmp_path: Path) -> None:
    loaded = case(
        tmp_path,
        """
        - id: mine/repeat
          title: three requests
          proves: [message.request-response]
          steps:
            - {repeat: 3, steps: [{request: GET}]}
          expect: {response: 5}
        """,
    )
    assert against(answering, loaded).verdict.outcome is Outcome.PASS


def test_a_value_that_nothing_can_exceed_is_a_skip(tmp_path: Path) -> None:
    async def script(line: Line) -> None:
        await line.reader.readexactly(24)
        await line.frame("SETTINGS", payload=bytes.fromhex("0005 00ffffff"))
        async for _ in line.frames():
            pass

    loaded = case(
        tmp_path,
        """
        - id: mine/oversize
          title: a frame that is too large
          proves: [frame.size-limit]
          twin: data/plain
          only: {versions: 9113.., because: it is played in that version}
          steps:
            - {send: "0x42", payload: {count: {setting: MAX_FRAME_SIZE, plus: 1}}}
          expect: {connection-error: FRAME_SIZE_ERROR}
        """,
    )
    verdict = against(script, loaded).verdict
    assert verdict.outcome is Outcome.SKIP
    assert "16777215" in verdict.reason
