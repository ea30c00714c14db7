"""Windows for sending: what updates, settings and our own DATA do to them."""

from __future__ import annotations

import pytest

from h2spec_py.peer.flow import MAXIMUM
from h2spec_py.spec import VERSIONS, Version, find_version
from tests.peer.wires import OK, OPEN, POST, Watched, serving, watching

EVERY = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)


def asked(version: Version, *forgive: str) -> Watched:
    """A server with a request on stream 1 that it is about to answer."""
    watched = serving(version, forgive)
    assert watched.receive(watched.theirs.headers(1, POST, OPEN)) == []
    watched.send(watched.ours.headers(1, OK, OPEN))
    return watched


def windows(watched: Watched) -> tuple[int, int]:
    return watched.connection.stream(1).send_window, watched.connection.send_window


@EVERY
def test_data_and_updates(version: Version) -> None:
    watched = asked(version)
    assert windows(watched) == (65535, 65535)
    payload, flags = watched.ours.padded(3, b"hello")
    watched.send(watched.ours.data(1, payload.ljust(9, b"."), flags))
    assert windows(watched) == (65526, 65526)
    watched.receive(watched.theirs.window(1, 1))
    watched.receive(watched.theirs.window(2))
    assert windows(watched) == (65527, 65528)


@EVERY
def test_settings_change_the_windows_of_streams_only(version: Version) -> None:
    watched = asked(version)
    watched.send(watched.ours.data(1, bytes(100)))
    watched.receive(watched.theirs.settings(("INITIAL_WINDOW_SIZE", 10)))
    assert windows(watched) == (-90, 65435)
    watched.receive(watched.theirs.window(80, 1))
    assert windows(watched) == (-10, 65435)
    watched.receive(watched.theirs.settings(("INITIAL_WINDOW_SIZE", 20)))
    assert windows(watched) == (0, 65435)
    watched.receive(watched.theirs.headers(3, POST, OPEN))
    assert watched.connection.stream(3).send_window == 20


@EVERY
def test_every_value_of_a_frame_counts_in_its_order(version: Version) -> None:
    values = (("INITIAL_WINDOW_SIZE", 1), ("INITIAL_WINDOW_SIZE", 7))
    right, wrong = (1, 7) if version.short == "04" else (7, 1)
    watched = asked(version)
    watched.receive(watched.theirs.settings(*values))
    assert windows(watched) == (right, 65535)
    watched = asked(version, "settings.first-counts" if right == 1 else "settings.in-order")
    watched.receive(watched.theirs.settings(*values))
    assert windows(watched) == (wrong, 65535)


@EVERY
@pytest.mark.parametrize("values", [(9, 1), (1, 9)])
def test_value_that_counts_of_ours_is_the_one_that_they_go_by(
    version: Version, values: tuple[int, int]
) -> None:
    counts = values[0] if version.short == "04" else values[1]
    watched = watching(version)
    watched.send(watched.ours.settings(*(("INITIAL_WINDOW_SIZE", value) for value in values)))
    watched.read()
    breaches = watched.receive(watched.theirs.headers(1, OK, OPEN), watched.theirs.data(1))
    expected = [] if counts == 9 else ["flow.stream-window"]
    assert [breach.requirement for breach in breaches] == expected


@EVERY
def test_windows_that_are_kept_in_a_wrong_way(version: Version) -> None:
    for requirement, after in {
        "flow.initial-window-adjusts": (65435, 65435),
        "flow.negative-window": (0, 65435),
        "flow.settings-spare-connection": (-90, -90),
    }.items():
        watched = asked(version, requirement)
        watched.send(watched.ours.data(1, bytes(100)))
        watched.receive(watched.theirs.settings(("INITIAL_WINDOW_SIZE", 10)))
        assert windows(watched) == after


@EVERY
def test_greatest_window(version: Version) -> None:
    watched = asked(version)
    assert watched.receive(watched.theirs.window(MAXIMUM - 65535, 1)) == []
    assert watched.receive(watched.theirs.window(MAXIMUM - 65535)) == []
    assert windows(watched) == (MAXIMUM, MAXIMUM)
    [one, other] = watched.receive(watched.theirs.window(1, 1), watched.theirs.window(1))
    assert (one.requirement, one.scope) == ("window.overflow-stream", "stream")
    assert (other.requirement, other.scope) == ("window.overflow-connection", "connection")
    assert windows(watched) == (MAXIMUM, MAXIMUM)


@EVERY
def test_closed_streams_do_not_overflow(version: Version) -> None:
    watched = asked(version)
    watched.receive(watched.theirs.window(MAXIMUM - 65535, 1))
    watched.send(watched.ours.reset(1))
    grown = watched.theirs.settings(("INITIAL_WINDOW_SIZE", 65536))
    assert watched.receive(grown, watched.theirs.window(5, 1)) == []


@EVERY
def test_receiving_more_than_a_stream_allows(version: Version) -> None:
    def fill(watched: Watched) -> None:
        watched.send(watched.ours.window(10_000))
        full = [watched.theirs.data(1, bytes(13107)) for _ in range(5)]
        assert watched.receive(*full) == []

    watched = asked(version)
    fill(watched)
    [breach] = watched.receive(watched.theirs.data(1, bytes(1)))
    assert (breach.requirement, breach.code) == ("flow.stream-window", "FLOW_CONTROL_ERROR")
    assert breach.scope == "stream"
    watched = asked(version, "flow.stream-window")
    fill(watched)
    assert watched.receive(watched.theirs.data(1, bytes(1))) == []
    watched = asked(version)
    fill(watched)
    watched.send(watched.ours.window(1, 1))
    assert watched.receive(watched.theirs.data(1, bytes(1))) == []


ENDING = pytest.mark.parametrize(
    "version",
    [v for v in VERSIONS if "FLOW_CONTROL_OPTIONS" in v.settings],
    ids=lambda version: version.name,
)
"""The versions in which flow control can be ended."""


@ENDING
def test_flow_control_that_the_other_end_does_without(version: Version) -> None:
    watched = asked(version)
    assert watched.receive(watched.theirs.settings(("FLOW_CONTROL_OPTIONS", 1))) == []
    watched.send(watched.ours.data(1, bytes(1000)))
    connection = watched.connection
    assert connection.send_window_of(connection.stream(1)) == MAXIMUM
    both = "END_FLOW_CONTROL" not in version.frames["WINDOW_UPDATE"].flags
    assert connection.send_window == (MAXIMUM if both else 64535)


@ENDING
def test_flow_control_that_we_do_without(version: Version) -> None:
    watched = asked(version)
    watched.send(watched.ours.settings(("FLOW_CONTROL_OPTIONS", 1)))
    full = [watched.theirs.data(1, bytes(13107)) for _ in range(6)]
    assert watched.receive(*full) == []


def test_flow_control_ended_by_an_update() -> None:
    version = find_version("04")
    watched = asked(version)
    wire, connection = watched.theirs, watched.connection
    assert watched.receive(wire.frame("WINDOW_UPDATE", 1, bytes(4), ["END_FLOW_CONTROL"])) == []
    assert connection.send_window_of(connection.stream(1)) == MAXIMUM
    assert connection.send_window == 65535
    assert watched.receive(wire.frame("WINDOW_UPDATE", 0, bytes(4), ["END_FLOW_CONTROL"])) == []
    assert connection.send_window == MAXIMUM
    watched = asked(version)
    for stream in (0, 1):
        watched.send(watched.ours.frame("WINDOW_UPDATE", stream, bytes(4), ["END_FLOW_CONTROL"]))
    assert watched.receive(*(watched.theirs.data(1, bytes(13107)) for _ in range(6))) == []
