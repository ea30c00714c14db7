"""One end of one connection, without I/O: octets in, events out.

Both ends use it. The reference endpoint reacts to each breach as the version demands; the tester
records it as something that the target did. Everything is taken in stride: any frame may have been
sent, and anything may arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from h2spec_py.peer.checks import Role
from h2spec_py.peer.events import Breach, Received
from h2spec_py.peer.messages import Message
from h2spec_py.peer.preface import ClientPreface
from h2spec_py.peer.receiving import Receiver
from h2spec_py.peer.sending import Sender
from h2spec_py.peer.settings import named
from h2spec_py.peer.state import ConnectionState
from h2spec_py.peer.streams import State, Stream
from h2spec_py.spec import Version
from h2spec_py.wire.frame import Frame, FrameReader
from h2spec_py.wire.hpack import Decoder, HeaderField
from h2spec_py.wire.hpack.model import Representation
from h2spec_py.wire.payload import Settings

FRAME_LIMIT = 2**20
"""The greatest payload that is kept whole (octets)."""

HTTP1 = b"HTTP/1."


class Connection:
    """One end of a connection.

    Requirements in `forgive` are not enforced: what breaks them is processed as if it were legal,
    as far as that makes sense.
    """

    def __init__(self, version: Version, role: Role, *, forgive: Collection[str] = ()) -> None:
        self.version = version
        self.role: Role = role
        self._state = ConnectionState(version, role, forgive)
        self._receiver = Receiver(self._state)
        self._sender = Sender(self._state)
        self._reader = FrameReader(version.header, FRAME_LIMIT)
        self._preface = ClientPreface(version) if role == "server" else None
        self._start = b"" if role == "client" else None
        self._refused = False
        self.preface_forgiven = False
        """Whether something else came in place of the client connection preface."""
        self.http1 = False
        """Whether the other end answered in HTTP/1.1; nothing more is read then."""

    # Receiving

    def receive(self, data: bytes) -> list[Received | Breach]:
        """Take in octets. Returns what they completed; a breach comes before its frame."""
        self.feed(data)
        events: list[Received | Breach] = []
        while (step := self.step()) is not None:
            events += step
        return events

    def feed(self, data: bytes) -> None:
        """Take in octets, for `step` to process."""
        if self._preface is not None:
            self._preface.feed(data)
        elif self._start is not None:
            self._begin(data)
        elif not self.http1:
            self._reader.feed(data)

    def _begin(self, data: bytes) -> None:
        """Tell frames from an answer in HTTP/1.1."""
        assert self._start is not None  # noqa: S101 - only called until it is known
        self._start += data
        if HTTP1.startswith(self._start[: len(HTTP1)]) and self._start:
            if len(self._start) < len(HTTP1):
                return
            self.http1 = True
        else:
            self._reader.feed(self._start)
        self._start = None

    def step(self) -> list[Received | Breach] | None:
        """Process what there is up to the next frame; None when more octets are needed.

        An endpoint that reacts to events does so between two steps.
        """
        if self._refused:
            return None
        if self._preface is not None and not self._read_preface():
            return list(self._state.checks.take()) or None
        head = self._reader.head
        if head is not None:
            self._receiver.head(head)
        frame = self._reader.next()
        if frame is None:
            return list(self._state.checks.take()) or None
        received = self._receiver.frame(frame)
        return [*self._state.checks.take(), received]

    @property
    def next_stream(self) -> int:
        """The stream of the frame that the next step will process; 0 if that is not known."""
        head = self._reader.head
        return 0 if head is None else head.stream

    def problems(self) -> list[Breach]:
        """Breaches found outside `step`: those in the settings of an HTTP/1.1 Upgrade."""
        return self._state.checks.take()

    def _read_preface(self) -> bool:
        """Read the client connection preface. Returns whether frames can be read now."""
        preface = self._preface
        assert preface is not None  # noqa: S101 - only called until it is complete
        if preface.wrong:
            if self._state.checks.fault(
                0, "the connection does not start with the preface", "preface.client-magic"
            ):
                self._refused = True
                return False
            preface.forgive()
            self.preface_forgiven = True
        rest = preface.rest()
        if rest is None:
            return False
        self._preface = None
        self._reader.feed(rest)
        self._state.checks.take()
        return True

    # Sending

    def sent(self, frame: Frame) -> tuple[HeaderField, ...] | None:
        """Note a frame of ours, legal or not.

        Returns, at a client, the fields of the header block that the frame completes, where that
        can be decoded. Raises ValueError if its header cannot be written.
        """
        return self._sender.frame(frame)

    def sent_octets(self, octets: bytes) -> None:
        """Note octets that we sent outside `sent`: the client connection preface, or anything.

        They are read as the other end will read them, so they may complete frames.
        """
        self._sender.octets(octets)

    def encode(self, representations: Iterable[Representation]) -> bytes:
        """Encode a header block exactly as given.

        One thing is added: the size update that is owed after the other end's
        SETTINGS_HEADER_TABLE_SIZE fell below the size of our table, unless the block starts with
        an update already. Raises ValueError for what the version's HPACK does not have.
        """
        return self._state.encode(list(representations))

    def upgraded(
        self,
        settings: Settings | None = None,
        method: bytes | None = None,
        fields: tuple[HeaderField, ...] = (),
    ) -> None:
        """Note that the connection comes from an HTTP/1.1 request, which is stream 1 now.

        `settings` are those of HTTP2-Settings, which need no acknowledgement. A server says with
        `fields` what the request was.
        """
        state = self._state
        state.upgraded = True
        stream = state.streams.find(1)
        stream.method = method
        if self.role == "client":
            state.streams.force(stream, State.HALF_CLOSED_LOCAL)
            state.local.imply(named(self.version, settings.settings if settings else ()))
            state.limit_decoder()
            return
        stream.message = Message(head=fields, ended=True)
        state.streams.force(stream, State.HALF_CLOSED_REMOTE)
        state.last_stream = 1
        if settings is not None:
            self._receiver.apply(settings)

    # What is known

    @property
    def remote_settings(self) -> Mapping[str, int]:
        """The other end's settings, initial values filled in; one without a limit is absent."""
        values = self._state.remote.values
        return {name: value for name, value in values.items() if value is not None}

    @property
    def announced_settings(self) -> Mapping[str, int]:
        """Those settings that the other end announced."""
        return dict(self._state.remote.announced)

    @property
    def overflowed(self) -> bool:
        """Whether a header block of the other end's went past our bounds."""
        return self._state.overflowed

    @property
    def settings_seen(self) -> bool:
        """Whether a SETTINGS frame of the other end's has come."""
        return self._state.settings_seen

    @property
    def goaway_seen(self) -> bool:
        """Whether a GOAWAY frame of the other end's has come."""
        return self._receiver.goaway_seen

    @property
    def last_stream(self) -> int:
        """The highest stream of the other end's that was processed."""
        return self._state.last_stream

    @property
    def send_window(self) -> int:
        """What the connection's window lets us send (octets)."""
        return self._state.windows.allowance(None)

    def send_window_of(self, stream: Stream) -> int:
        """What the window of a stream lets us send there (octets)."""
        return self._state.windows.allowance(stream)

    @property
    def decoder(self) -> Decoder | None:
        """The decoder of the other end's header blocks; None once its state is lost."""
        return self._state.decoder

    @decoder.setter
    def decoder(self, decoder: Decoder) -> None:
        self._state.decoder = decoder

    def force_open(self, stream: Stream) -> None:
        """Take an idle stream for one that was opened, which a mistaken endpoint may do."""
        if stream.state is State.IDLE:
            self._state.streams.force(stream, State.OPEN)

    def stream(self, number: int) -> Stream:
        """The stream of an identifier; one that nothing happened on yet is idle."""
        return self._state.streams.find(number)

    @property
    def streams(self) -> list[Stream]:
        """The streams that are known, oldest first."""
        return list(self._state.streams)
