"""A reference endpoint and a client's wire, in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from h2spec_py.peer import Breach, Connection, Received
from h2spec_py.reference import ReferenceServer
from h2spec_py.spec import Version
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.payload import Data
from tests.peer.wires import Wire


@dataclass
class Seen:
    """What the server sent in one go."""

    frames: list[Received] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)

    @property
    def names(self) -> list[str | None]:
        return [received.name for received in self.frames]

    def status(self, stream: int) -> str | None:
        for received in self.frames:
            block = received.block
            ours = block is not None and block.stream == stream and block.kind == "HEADERS"
            if ours and block is not None and block.fields:
                return next((f.value.decode() for f in block.fields if f.name == b":status"), None)
        return None

    def content(self, stream: int) -> bytes:
        return b"".join(
            received.payload.data
            for received in self.frames
            if received.frame.stream == stream and isinstance(received.payload, Data)
        )

    def errors(self, version: Version) -> list[tuple[str, str]]:
        """RST_STREAM and GOAWAY frames with their codes."""
        return [
            (received.name, version.error_name(getattr(received.payload, "error", -1)))
            for received in self.frames
            if received.name in ("RST_STREAM", "GOAWAY")
        ]


class Exchange:
    """A connection to the reference endpoint, watched by a tester's end."""

    def __init__(
        self, version: Version, violate: Collection[str] = (), *settings: tuple[str, int]
    ) -> None:
        self.version = version
        self.wire = Wire(version)
        self.server = ReferenceServer(version, violate)
        self.watcher = Connection(version, "client")
        self.watcher.sent_octets(version.preface)
        frame = self.wire.settings(*settings)
        self.watcher.sent(frame)
        self.greeting = self._watch(self.server.receive(version.preface + self.wire.octets(frame)))
        self.greeting.frames += self.send(*self.wire.acknowledgement()).frames

    def send(self, *frames: Frame) -> Seen:
        """Send frames in one go."""
        for frame in frames:
            self.watcher.sent(frame)
        return self._watch(self.server.receive(self.wire.octets(*frames)))

    def _watch(self, octets: bytes) -> Seen:
        seen = Seen()
        for event in self.watcher.receive(octets):
            if isinstance(event, Breach):
                seen.breaches.append(event)
            else:
                seen.frames.append(event)
        return seen

    def alive(self) -> bool:
        """Whether a PING is still answered."""
        seen = self.send(self.wire.ping(b"barrier!"))
        return any(r.name == "PING" and r.frame.payload == b"barrier!" for r in seen.frames)
