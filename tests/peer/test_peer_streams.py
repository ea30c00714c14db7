"""The table of stream states, and the registry of streams."""

from __future__ import annotations

import pytest

from h2spec_py.peer import RULES
from h2spec_py.peer.streams import (
    ACTIVE,
    CLOSED,
    Input,
    State,
    Stream,
    Streams,
    faults_of,
    transitions,
)
from h2spec_py.spec import ORDER

MIRROR = {
    State.RESERVED_LOCAL: State.RESERVED_REMOTE,
    State.HALF_CLOSED_LOCAL: State.HALF_CLOSED_REMOTE,
    State.CLOSED_RESET_LOCAL: State.CLOSED_RESET_REMOTE,
}
MIRROR |= {right: left for left, right in MIRROR.items()}


def mirrored(state: State) -> State:
    return MIRROR.get(state, state)


def opposite(given: Input) -> Input:
    direction, _, what = given.name.partition("_")
    return Input[f"{'RECV' if direction == 'SEND' else 'SEND'}_{what}"]


@pytest.mark.parametrize("short", ORDER)
def test_both_ends_see_the_same_stream(short: str) -> None:
    """What moves an active stream at one end moves it to the mirror state at the other."""
    table = transitions(short)
    for (state, given), after in table.items():
        if state in CLOSED or given is Input.RECV_BLOCKED:  # which changes nothing at its sender
            continue
        assert table.get((mirrored(state), opposite(given))) is mirrored(after), (state, given)


@pytest.mark.parametrize("short", ORDER)
def test_closed_is_for_ever(short: str) -> None:
    for (state, _), after in transitions(short).items():
        assert after in CLOSED or state not in CLOSED
        assert after is not State.IDLE or state is State.IDLE


@pytest.mark.parametrize("short", ORDER)
def test_every_gap_in_the_table_has_a_rule(short: str) -> None:
    table = transitions(short)
    for state in State:
        for given in Input:
            if given.name.startswith("RECV") and (state, given) not in table:
                assert set(faults_of(state, given, short)) <= RULES.keys()


def test_lives_of_streams() -> None:
    for inputs, end in (
        (["RECV_HEADERS", "RECV_END", "SEND_HEADERS", "SEND_END"], State.CLOSED_ENDED),
        (["RECV_HEADERS", "SEND_HEADERS", "SEND_END", "RECV_END"], State.CLOSED_ENDED),
        (["SEND_HEADERS", "SEND_DATA", "RECV_RESET"], State.CLOSED_RESET_REMOTE),
        (["RECV_HEADERS", "SEND_RESET", "RECV_DATA"], State.CLOSED_RESET_LOCAL),
        (["RECV_RESERVE", "RECV_HEADERS"], State.HALF_CLOSED_LOCAL),
        (["SEND_RESERVE", "SEND_HEADERS", "SEND_END"], State.CLOSED_ENDED),
    ):
        streams = Streams("9113", 65535)
        stream = streams.find(1)
        assert all(streams.advance(stream, Input[name]) for name in inputs)
        assert stream.state is end
        assert streams.find(1) is stream


def test_what_the_table_lacks_changes_nothing() -> None:
    streams = Streams("9113", 65535)
    stream = streams.find(1)
    assert not streams.advance(stream, Input.RECV_DATA)
    assert stream.state is State.IDLE
    assert list(streams) == []


def test_higher_streams_close_lower_idle_ones_of_their_kind() -> None:
    streams = Streams("9113", 65535)
    streams.advance(streams.find(5), Input.RECV_HEADERS)
    assert streams.find(3).state is State.CLOSED_SKIPPED
    assert streams.find(2).state is State.IDLE
    assert streams.find(7).state is State.IDLE
    assert streams.active(1) == 1
    assert streams.active(0) == 0


def test_reserved_and_closed_streams_are_not_active() -> None:
    assert {State.OPEN, State.HALF_CLOSED_LOCAL, State.HALF_CLOSED_REMOTE} == ACTIVE
    assert not ACTIVE & CLOSED


def test_closed_streams_are_forgotten_first() -> None:
    streams = Streams("9113", 65535, keep=8)
    open_stream = streams.find(1)
    streams.advance(open_stream, Input.RECV_HEADERS)
    for number in range(3, 101, 2):
        stream = streams.find(number)
        streams.advance(stream, Input.RECV_HEADERS)
        streams.advance(stream, Input.RECV_RESET)
    assert len(list(streams)) <= 8
    assert streams.find(1) is open_stream
    assert streams.find(3).state is State.CLOSED_SKIPPED


def test_new_streams_start_with_the_initial_window() -> None:
    streams = Streams("13", 100)
    assert streams.find(9) == Stream(9, State.IDLE, 100)
