"""The reference endpoint against the `h2` library, which speaks RFC 7540 and does not know us."""

from __future__ import annotations

import random

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest

from h2spec_py.reference import ReferenceServer
from h2spec_py.reference.responses import NOT_FOUND, PAGE, RECEIVED
from h2spec_py.spec import VERSIONS, Version

GET = [(":method", "GET"), (":scheme", "http"), (":authority", "localhost"), (":path", "/")]
POST = [(":method", "POST"), *GET[1:]]
HEAD = [(":method", "HEAD"), *GET[1:]]

CURRENT = [version for version in VERSIONS if version.hpack == "rfc7541"]
EVERY = pytest.mark.parametrize("version", CURRENT, ids=lambda version: version.name)


def status_of(event: h2.events.ResponseReceived) -> str:
    """The status, which `h2` gives as octets or as text depending on its version."""
    name, value = event.headers[0]
    assert name in (":status", b":status")
    return value.decode() if isinstance(value, bytes) else value


class Client:
    """An `h2` client on the other side of memory."""

    def __init__(self, version: Version, window: int = 65535) -> None:
        self.server = ReferenceServer(version)
        config = h2.config.H2Configuration(validate_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.bodies: dict[int, bytes] = {}
        self.statuses: dict[int, str] = {}
        self.ended: set[int] = set()
        self.events: list[h2.events.Event] = []
        self.exchange()

    def exchange(self) -> None:
        """Pass octets in both directions until there are no more."""
        while True:
            octets = self.server.receive(self.h2.data_to_send())
            if not octets:
                return
            for event in self.h2.receive_data(octets):
                self.events.append(event)
                if isinstance(event, h2.events.ResponseReceived):
                    self.statuses[event.stream_id] = status_of(event)
                elif isinstance(event, h2.events.DataReceived):
                    body = self.bodies.get(event.stream_id, b"")
                    self.bodies[event.stream_id] = body + event.data
                elif isinstance(event, h2.events.StreamEnded):
                    self.ended.add(event.stream_id)

    def request(
        self, stream: int, headers: list[tuple[str, str]], body: bytes | None = None
    ) -> None:
        self.h2.send_headers(stream, headers, end_stream=body is None)
        if body is not None:
            self.upload(stream, body)
        self.exchange()

    def upload(self, stream: int, body: bytes) -> None:
        while body:
            self.exchange()
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            assert room > 0, "the server does not give its window back"
            self.h2.send_data(stream, body[:room])
            body = body[room:]
        self.h2.end_stream(stream)


@EVERY
def test_plain_exchanges(version: Version) -> None:
    client = Client(version)
    client.request(1, GET)
    client.request(3, HEAD)
    client.request(5, POST, b"hello")
    client.request(7, [*GET[:3], (":path", "/missing")])
    assert client.bodies == {1: PAGE, 5: RECEIVED, 7: NOT_FOUND}
    assert client.statuses == {1: "200", 3: "200", 5: "200", 7: "404"}
    assert client.ended == {1, 3, 5, 7}


@EVERY
def test_upload_larger_than_all_windows(version: Version) -> None:
    client = Client(version)
    client.request(1, POST, bytes(500_000))
    assert client.bodies[1] == RECEIVED


@EVERY
def test_download_octet_by_octet(version: Version) -> None:
    client = Client(version, window=0)
    client.request(1, GET)
    assert 1 not in client.bodies
    for count in range(1, 1025):
        client.h2.increment_flow_control_window(1, 1)
        client.exchange()
        assert len(client.bodies[1]) == count
    assert client.bodies[1] == PAGE
    assert client.ended == {1}


@EVERY
def test_many_requests_use_up_the_connection(version: Version) -> None:
    client = Client(version)
    for number in range(1, 161, 2):
        client.request(number, GET)
    assert sum(map(len, client.bodies.values())) == 65535
    client.h2.increment_flow_control_window(100_000)
    client.exchange()
    assert all(client.bodies[number] == PAGE for number in range(1, 161, 2))


@EVERY
def test_window_games(version: Version) -> None:
    """Windows change at random, up and down; `h2` raises if the server ever exceeds one."""
    random_ = random.Random(version.name)
    for _ in range(20):
        client = Client(version, window=random_.choice([0, 1, 100, 2000]))
        numbers = range(1, 13, 2)
        for number in numbers:
            client.request(number, random_.choice([GET, GET, HEAD]))
        for _ in range(20):
            waiting = [number for number in numbers if number not in client.ended]
            if random_.random() < 0.5:
                size = random_.choice([0, 1, 50, 500, 3000])
                name = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
                client.h2.update_settings({name: size})
            elif waiting:
                client.h2.increment_flow_control_window(
                    random_.choice([1, 10, 900]), random_.choice(waiting)
                )
            client.exchange()
        for number in numbers:
            if number not in client.ended:
                client.h2.increment_flow_control_window(100_000, number)
        client.exchange()
        assert client.ended == set(numbers)
        assert all(body == PAGE for body in client.bodies.values())


@EVERY
def test_ping_settings_reset_and_trailers(version: Version) -> None:
    client = Client(version, window=0)
    client.request(1, GET)
    client.h2.reset_stream(1)
    client.h2.ping(b"12345678")
    client.h2.update_settings({h2.settings.SettingCodes.HEADER_TABLE_SIZE: 0})
    client.exchange()
    acked = [e for e in client.events if isinstance(e, h2.events.PingAckReceived)]
    assert [event.ping_data for event in acked] == [b"12345678"]
    client.h2.send_headers(3, POST)
    client.h2.send_data(3, b"hello", pad_length=7)
    client.h2.send_headers(3, [("x-trailer", "1")], end_stream=True)
    client.exchange()
    assert client.statuses[3] == "200"


@EVERY
def test_errors_are_understood(version: Version) -> None:
    client = Client(version)
    client.request(1, POST[:3], b"")
    reset = [e for e in client.events if isinstance(e, h2.events.StreamReset)]
    assert [(event.stream_id, event.error_code) for event in reset] == [(1, 1)]
    client.server.receive(b"\x00\x00\x00\x00\x00\x00\x00\x00\x00")
    assert client.server.closed
