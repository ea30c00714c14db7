r"""Stream states (rfc9113 5.1): a table of what may happen in each, and what its breach is called.

                              +--------+
                      reserve |        | reserve
                     ,--------|  idle  |--------.
                    /  (send) |        | (recv)  \
                   v          +--------+          v
            +----------+          | headers  +----------+
            | reserved |          |          | reserved |
            | (local)  |          v          | (remote) |
            +----------+      +--------+     +----------+
        headers |    end(recv)|        |end(send)   | headers
         (send) |     ,-------|  open  |------.     | (recv)
                v    v        |        |       v    v
            +------------+    +--------+     +------------+
            | half-closed|        |          | half-closed|
            |  (remote)  |        | reset    |  (local)   |
            +------------+        |          +------------+
                 | end(send)      v      end(recv) |
                 |          +------------+         |
                 `--------->|   closed   |<--------'
                   reset    +------------+   reset

The closed state is four here, because what may still come depends on how a stream got there: both
ends finished (ended), we reset it, the other end reset it, or it was skipped by the use of a higher
identifier. END_STREAM is an input of its own, after that of the frame that carries it. What is
absent from the table is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from h2spec_py.peer.messages import Message
from h2spec_py.spec import in_range


class State(Enum):
    """The state of a stream, as seen from our end."""

    IDLE = auto()
    RESERVED_LOCAL = auto()
    RESERVED_REMOTE = auto()
    OPEN = auto()
    HALF_CLOSED_LOCAL = auto()
    HALF_CLOSED_REMOTE = auto()
    CLOSED_ENDED = auto()
    CLOSED_RESET_LOCAL = auto()
    CLOSED_RESET_REMOTE = auto()
    CLOSED_SKIPPED = auto()


class Input(Enum):
    """Something sent or received on a stream. PROMISE is on the stream that carries the frame,
    RESERVE on the stream that it promises."""  # noqa: D205, D209

    SEND_HEADERS = auto()
    SEND_DATA = auto()
    SEND_END = auto()
    SEND_RESET = auto()
    SEND_PROMISE = auto()
    SEND_RESERVE = auto()
    SEND_WINDOW = auto()
    SEND_PRIORITY = auto()
    RECV_HEADERS = auto()
    RECV_DATA = auto()
    RECV_END = auto()
    RECV_RESET = auto()
    RECV_PROMISE = auto()
    RECV_RESERVE = auto()
    RECV_WINDOW = auto()
    RECV_PRIORITY = auto()
    RECV_BLOCKED = auto()


S, I = State, Input  # noqa: E741 - short names keep the table readable

ACTIVE = frozenset({S.OPEN, S.HALF_CLOSED_LOCAL, S.HALF_CLOSED_REMOTE})
CLOSED = frozenset({S.CLOSED_ENDED, S.CLOSED_RESET_LOCAL, S.CLOSED_RESET_REMOTE, S.CLOSED_SKIPPED})

_transitions: Mapping[tuple[State, Input], State] = {
    (S.IDLE, I.SEND_HEADERS): S.OPEN,
    (S.IDLE, I.RECV_HEADERS): S.OPEN,
    (S.IDLE, I.SEND_RESERVE): S.RESERVED_LOCAL,
    (S.IDLE, I.RECV_RESERVE): S.RESERVED_REMOTE,
    (S.RESERVED_LOCAL, I.SEND_HEADERS): S.HALF_CLOSED_REMOTE,
    (S.RESERVED_LOCAL, I.SEND_PRIORITY): S.RESERVED_LOCAL,
    (S.RESERVED_LOCAL, I.RECV_PRIORITY): S.RESERVED_LOCAL,
    (S.RESERVED_REMOTE, I.RECV_HEADERS): S.HALF_CLOSED_LOCAL,
    (S.RESERVED_REMOTE, I.SEND_PRIORITY): S.RESERVED_REMOTE,
    (S.RESERVED_REMOTE, I.RECV_PRIORITY): S.RESERVED_REMOTE,
    (S.OPEN, I.SEND_HEADERS): S.OPEN,
    (S.OPEN, I.SEND_DATA): S.OPEN,
    (S.OPEN, I.SEND_PROMISE): S.OPEN,
    (S.OPEN, I.SEND_WINDOW): S.OPEN,
    (S.OPEN, I.SEND_PRIORITY): S.OPEN,
    (S.OPEN, I.SEND_END): S.HALF_CLOSED_LOCAL,
    (S.OPEN, I.RECV_HEADERS): S.OPEN,
    (S.OPEN, I.RECV_DATA): S.OPEN,
    (S.OPEN, I.RECV_PROMISE): S.OPEN,
    (S.OPEN, I.RECV_WINDOW): S.OPEN,
    (S.OPEN, I.RECV_PRIORITY): S.OPEN,
    (S.OPEN, I.RECV_BLOCKED): S.OPEN,
    (S.OPEN, I.RECV_END): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_LOCAL, I.SEND_WINDOW): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.SEND_PRIORITY): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_HEADERS): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_DATA): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_PROMISE): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_WINDOW): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_PRIORITY): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_BLOCKED): S.HALF_CLOSED_LOCAL,
    (S.HALF_CLOSED_LOCAL, I.RECV_END): S.CLOSED_ENDED,
    (S.HALF_CLOSED_REMOTE, I.SEND_HEADERS): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.SEND_DATA): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.SEND_PROMISE): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.SEND_WINDOW): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.SEND_PRIORITY): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.SEND_END): S.CLOSED_ENDED,
    (S.HALF_CLOSED_REMOTE, I.RECV_WINDOW): S.HALF_CLOSED_REMOTE,
    (S.HALF_CLOSED_REMOTE, I.RECV_PRIORITY): S.HALF_CLOSED_REMOTE,
    (S.CLOSED_ENDED, I.RECV_WINDOW): S.CLOSED_ENDED,
    (S.CLOSED_ENDED, I.RECV_PRIORITY): S.CLOSED_ENDED,
    (S.CLOSED_ENDED, I.RECV_RESET): S.CLOSED_ENDED,
    (S.CLOSED_ENDED, I.SEND_PRIORITY): S.CLOSED_ENDED,
    (S.CLOSED_ENDED, I.SEND_RESET): S.CLOSED_ENDED,
    # It may have been on its way when the end of the stream came.
    (S.CLOSED_ENDED, I.SEND_WINDOW): S.CLOSED_ENDED,
    (S.CLOSED_RESET_REMOTE, I.SEND_WINDOW): S.CLOSED_RESET_REMOTE,
    (S.CLOSED_RESET_REMOTE, I.RECV_RESET): S.CLOSED_RESET_REMOTE,
    (S.CLOSED_RESET_REMOTE, I.SEND_PRIORITY): S.CLOSED_RESET_REMOTE,
    (S.CLOSED_RESET_REMOTE, I.SEND_RESET): S.CLOSED_RESET_LOCAL,
    (S.CLOSED_SKIPPED, I.RECV_WINDOW): S.CLOSED_SKIPPED,
    (S.CLOSED_SKIPPED, I.RECV_PRIORITY): S.CLOSED_SKIPPED,
    (S.CLOSED_SKIPPED, I.RECV_RESET): S.CLOSED_SKIPPED,
    (S.CLOSED_SKIPPED, I.SEND_PRIORITY): S.CLOSED_SKIPPED,
    (S.CLOSED_SKIPPED, I.SEND_RESET): S.CLOSED_RESET_LOCAL,
    # What was on its way when we reset a stream is no fault, whatever it is.
    **{(S.CLOSED_RESET_LOCAL, given): S.CLOSED_RESET_LOCAL for given in I},
    **{
        (state, given): closed
        for state in (*ACTIVE, S.RESERVED_LOCAL, S.RESERVED_REMOTE)
        for given, closed in (
            (I.SEND_RESET, S.CLOSED_RESET_LOCAL),
            (I.RECV_RESET, S.CLOSED_RESET_REMOTE),
        )
    },
}

_added: tuple[tuple[str, tuple[State, Input], State], ...] = (
    # draft-16 5.1: priority in any state; before, idle was not among them (draft-13 6.3).
    ("16..", (S.IDLE, I.RECV_PRIORITY), S.IDLE),
    ("16..", (S.IDLE, I.SEND_PRIORITY), S.IDLE),
    ("16..", (S.RESERVED_LOCAL, I.RECV_WINDOW), S.RESERVED_LOCAL),
    ("16..", (S.RESERVED_REMOTE, I.SEND_WINDOW), S.RESERVED_REMOTE),
    # draft-13 5.1: priority on closed streams of all kinds; before, not after RST_STREAM.
    ("13..", (S.CLOSED_RESET_REMOTE, I.RECV_PRIORITY), S.CLOSED_RESET_REMOTE),
    # rfc9113 5.1 only permits errors on closed streams; rfc7540 5.1 demands STREAM_CLOSED here.
    ("9113", (S.CLOSED_RESET_REMOTE, I.RECV_WINDOW), S.CLOSED_RESET_REMOTE),
)

_faults: Mapping[State, str] = {
    S.IDLE: "stream.idle",
    S.RESERVED_LOCAL: "stream.reserved-local",
    S.RESERVED_REMOTE: "stream.reserved-remote",
    S.HALF_CLOSED_REMOTE: "stream.half-closed-remote",
    S.CLOSED_ENDED: "stream.closed-after-end",
    S.CLOSED_RESET_REMOTE: "stream.closed-after-reset",
    S.CLOSED_SKIPPED: "stream.data-state",
}

_sent: Mapping[State, str] = {
    S.RESERVED_REMOTE: "stream.reserved-sending",
    S.HALF_CLOSED_REMOTE: "stream.ended-sending",
    S.CLOSED_ENDED: "stream.ended-sending",
    S.CLOSED_RESET_REMOTE: "stream.own-reset-last",
}
"""What a server breaks that sends there what the state does not permit."""

SENDING = frozenset({I.RECV_DATA, I.RECV_HEADERS})
"""What is held against these requirements here; the last one is about other frames as well."""

_special_faults: Mapping[tuple[State, Input], str] = {
    (S.IDLE, I.RECV_RESET): "rst-stream.idle",
    (S.CLOSED_SKIPPED, I.RECV_HEADERS): "stream.id-increasing",
}


@cache
def transitions(short: str) -> Mapping[tuple[State, Input], State]:
    """The whole table as it is in one version, by its short name."""
    added = {key: state for versions, key, state in _added if in_range(versions, short)}
    return {**_transitions, **added}


DATA_RULE_FIRST = "..14"
"""The versions in which DATA on an idle stream breaks the rule about DATA in the first place."""


def faults_of(state: State, given: Input, short: str) -> tuple[str, ...]:
    """Name the requirements that what is absent from the table breaks, the main one first."""
    first = _special_faults.get((state, given)) or _faults.get(state, "stream.idle")
    sent = (_sent[state],) if state in _sent and given in SENDING else ()
    if given is not Input.RECV_DATA:
        return (*sent, first)
    if state is State.IDLE and in_range(DATA_RULE_FIRST, short):
        return ("stream.data-state", first)
    return (*sent, first, "stream.data-state")


@dataclass(slots=True)
class Stream:
    """One stream. Windows are in octets; `receive_credit` is relative to the initial window.

    `odd` marks a stream on which our own end did something that its state does not permit: nothing
    that the other end does there afterwards can be held against it. `flow_ended` says that the
    other end does without flow control there.
    """

    id: int
    state: State = State.IDLE
    send_window: int = 0
    receive_credit: int = 0
    odd: bool = False
    flow_ended: bool = False
    updates: int = 0
    """How many frames we sent that may have opened its window for the other end."""
    quiet: bool = False
    """Whether the other end reset it, and no frame of ours went out on it since."""
    blocked: int = 0
    """How many BLOCKED frames came."""
    method: bytes | None = None
    message: Message | None = None


class Streams:
    """All streams of a connection. Closed ones are forgotten, oldest first, beyond a bound."""

    def __init__(self, short: str, initial_window: int, keep: int = 4096) -> None:
        self.initial_window = initial_window
        self._table = transitions(short)
        self._streams: dict[int, Stream] = {}
        self._highest = [0, 0]  # of even and of odd identifiers
        self._keep = keep
        self.skipping = True
        """Whether the use of an identifier closes the idle streams below it."""

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._streams.values())

    def find(self, number: int) -> Stream:
        """The stream of an identifier. One that nothing happened on is idle, or was skipped."""
        stream = self._streams.get(number)
        if stream is None:
            skipped = self.skipping and number < self._highest[number % 2]
            state = State.CLOSED_SKIPPED if skipped else State.IDLE
            stream = Stream(number, state, self.initial_window)
        return stream

    def active(self, parity: int) -> int:
        """How many streams count towards a limit of concurrent streams: odd ones or even ones."""
        return sum(s.state in ACTIVE and s.id % 2 == parity for s in self._streams.values())

    def permits(self, stream: Stream, given: Input) -> bool:
        """Whether the table has this input in the state that the stream is in."""
        return (stream.state, given) in self._table

    def advance(self, stream: Stream, given: Input) -> bool:
        """Move a stream on. Returns False, and does nothing, where the table has no such move."""
        state = self._table.get((stream.state, given))
        if state is None:
            return False
        if state is not stream.state or state is not State.IDLE:
            self.force(stream, state)
        return True

    def force(self, stream: Stream, state: State) -> None:
        """Put a stream into a state, and remember it."""
        if stream.state is State.IDLE and state is not State.IDLE:
            parity = stream.id % 2
            self._highest[parity] = max(self._highest[parity], stream.id)
        stream.state = state
        self.remember(stream)

    def remember(self, stream: Stream) -> None:
        """Keep a stream, even an idle one."""
        if stream.id not in self._streams:
            self._streams[stream.id] = stream
            if len(self._streams) > self._keep:
                self._forget()

    def _forget(self) -> None:
        """Drop what is closed, or else what is oldest, down to half the bound."""
        surplus = len(self._streams) - self._keep // 2
        order = sorted(self._streams.values(), key=lambda s: s.state not in CLOSED)
        for stream in order[:surplus]:
            del self._streams[stream.id]
