"""Expectations in words, with the names that the version's document has."""

from __future__ import annotations

from typing import Any

import pytest

from h2spec_py.case.model import Expectation
from h2spec_py.judge.phrase import phrase
from h2spec_py.spec import find_version


@pytest.mark.parametrize(
    ("given", "short", "said"),
    [
        (
            {"connection-error": ["PROTOCOL_ERROR", "FRAME_SIZE_ERROR"]},
            "04",
            "a connection error PROTOCOL_ERROR or FRAME_TOO_LARGE: GOAWAY, then the end",
        ),
        (
            {"stream-error": "FRAME_SIZE_ERROR", "stream": 1},
            "9113",
            "a stream error FRAME_SIZE_ERROR on stream 1, or a connection error",
        ),
        (
            {"malformed": 1},
            "14",
            "the request on stream 1 is malformed: a stream error PROTOCOL_ERROR or a 4xx response",
        ),
        (  # draft-13 8.1.2.5: the stream ends, with any code
            {"malformed": 1},
            "13",
            "the request on stream 1 is malformed: a stream error of any code or a 4xx response",
        ),
        (
            {"frame": {"frame": "PING", "flags": ["ACK"], "length": 8}},
            "04",
            "the target sends PING with PONG of 8 octets",
        ),
        (
            {"never": {"frame": "GOAWAY", "error": "FRAME_SIZE_ERROR"}},
            "06",
            "the target does not send GOAWAY with error code FRAME_TOO_LARGE, and goes on",
        ),
        (
            {"never": {"frame": "PING", "unset": ["ACK"], "stream": 0}},
            "13",
            "the target does not send PING on stream 0 without ACK, and goes on",
        ),
        (
            {"frame": {"frame": "PUSH_PROMISE", "stream": 1, "promised": 2}},
            "9113",
            "the target sends PUSH_PROMISE on stream 1 that promises stream 2",
        ),
        (
            {"any": [{"refused": True}, {"closed": True}]},
            "7540",
            "no HTTP/2 comes about; or the connection ends",
        ),
    ],
)
def test_what_is_expected(given: dict[str, Any], short: str, said: str) -> None:
    assert phrase(Expectation.model_validate(given), find_version(short)) == said
