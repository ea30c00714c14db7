"""What happened in one exchange, as far as a verdict can depend on it.

The engine notes every event here in the order in which it came; the rules read it. Nothing here
waits or sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from h2spec_py.peer.events import Breach, Received
from h2spec_py.spec import Version
from h2spec_py.wire.payload import Goaway, RstStream

NO_ERROR = 0


@dataclass(slots=True)
class Response:
    """A response as it is known so far."""

    status: str
    """The final status; empty while only interim ones have come."""
    interim: list[str] = field(default_factory=list)
    octets: int = 0
    """Length of the body so far, without padding (octets)."""
    ended: bool = False


APART = frozenset({"message.pseudo-first"})
"""What is held against a target only in the cases that prove it.

draft-04 8.1.3 gives fields with a colon a place in messages, while in hpack-00 they make up a set.
Who answers in another order does so in every response, all else about which would go untold.
"""


@dataclass(slots=True)
class Observation:
    """Everything that the target did since the connection was ready."""

    version: Version
    about: frozenset[str] = frozenset()
    """The requirements that the case proves."""
    received: list[Received] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    goaways: list[int] = field(default_factory=list)
    """Error codes of the GOAWAY frames, in order."""
    resets: dict[int, int] = field(default_factory=dict)
    """Stream to the error code of its first RST_STREAM."""
    responses: dict[int, Response] = field(default_factory=dict)
    amounts: dict[int, int] = field(default_factory=dict)
    """Octets that flow control counts, padding included, of each stream; 0 stands for all."""
    end: str = ""
    """How the connection ended: `closed`, `tcp-reset`, `flood`, `http/1.1`, `refused`, or empty."""
    declined: str = ""
    """How the target turned HTTP/2 down before it began, in TLS or in HTTP/1.1; or empty."""
    barrier: bool = False
    """Whether the barrier behind the last step was acknowledged."""
    silent: bool = False
    """Whether the timeout ran out."""
    since: int = 0
    """Index into `received` at which the last steps were written."""
    cursor: int = 0
    """Index into `received` up to which the steps have consumed frames."""

    def note(self, event: Received | Breach) -> None:
        """Take in the next event."""
        if isinstance(event, Breach):
            if event.requirement not in APART or event.requirement in self.about:
                self.breaches.append(event)
            return
        self.received.append(event)
        if event.name == "DATA":
            for stream in (0, event.frame.stream):
                self.amounts[stream] = self.amounts.get(stream, 0) + len(event.frame.payload)
        if isinstance(event.payload, Goaway):
            self.goaways.append(event.payload.error)
        elif isinstance(event.payload, RstStream):
            self.resets.setdefault(event.frame.stream, event.payload.error)
        else:
            self._note_response(event)

    def _note_response(self, event: Received) -> None:
        stream = event.frame.stream
        ends = False
        if event.block is not None and event.block.kind == "HEADERS":
            response = self.responses.setdefault(stream, Response(status=""))
            status = status_of(event, self.version)
            if status is not None and not response.status:
                if status.startswith("1"):
                    response.interim.append(status)
                else:
                    response.status = status
            ends = event.block.end_stream
        elif event.name == "DATA" and event.payload is not None:
            response = self.responses.setdefault(stream, Response(status=""))
            response.octets += len(getattr(event.payload, "data", b""))
            ends = bool(event.frame.flags & self.version.frames["DATA"].flags["END_STREAM"])
        if ends:
            self.responses[stream].ended = True

    def reached(self, stream: int, total: int) -> int | None:
        """The index of the DATA frame by which a stream, or 0 for all, comes to `total` octets.

        None as long as it does not.
        """
        if self.amounts.get(stream, 0) < total:
            return None
        amount = 0
        for place, event in enumerate(self.received):
            if event.name == "DATA" and stream in (0, event.frame.stream):
                amount += len(event.frame.payload)
                if amount >= total:
                    return place
        return None

    def answered(self, stream: int) -> bool:
        """Whether a request needs no more of its content: it is answered in full, or refused."""
        response = self.responses.get(stream)
        complete = response is not None and bool(response.status) and response.ended
        return complete or stream in self.resets or self.error is not None

    @property
    def answered_from(self) -> int:
        """Index into `received` of what came behind the last write and behind what was awaited."""
        return max(self.since, self.cursor)

    @property
    def left(self) -> bool:
        """Whether the target acknowledged the barrier, and then ended the connection in peace."""
        return self.barrier and bool(self.goaways) and self.error is None and self.end == "closed"

    @property
    def started(self) -> bool:
        """Whether the target has begun to speak HTTP/2."""
        return any(event.name == "SETTINGS" for event in self.received)

    @property
    def error(self) -> int | None:
        """The code of the first GOAWAY that names an error, or None."""
        return next((code for code in self.goaways if code != NO_ERROR), None)

    @property
    def window_used(self) -> bool:
        """Whether all responses together fill the connection's window, so that none may go on."""
        return self.answers[1] >= self.version.initial_window

    @property
    def answers(self) -> tuple[int, int]:
        """How far the responses have come: how many there are, and their octets together."""
        return len(self.responses), sum(one.octets for one in self.responses.values())

    @property
    def over(self) -> bool:
        """Whether nothing more can come: the connection ended or fell silent."""
        return bool(self.end) or self.silent

    def frames_since(self, index: int) -> Iterator[Received]:
        """The frames received from `index` on."""
        yield from self.received[index:]


def status_of(event: Received, version: Version) -> str | None:
    """The status in the header block that this frame completes, or None."""
    if event.block is None or event.block.fields is None:
        return None
    for item in event.block.fields:
        if item.name == version.pseudo["status"].encode():
            return item.value.decode("ascii", "replace")
    return None
