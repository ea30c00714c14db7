"""Flow-control windows (rfc9113 6.9.1): how much each end may send.

Windows for sending are plain numbers that updates, settings and our own DATA change. Windows for
receiving are kept as credit relative to the initial window, because the other end may go by an
older or by a newer initial window while our SETTINGS are on their way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from h2spec_py.peer.streams import CLOSED, Stream

MAXIMUM = 2**31 - 1
"""The greatest window (octets)."""


class Windows:
    """The windows of the connection, and changes of those of its streams (octets)."""

    def __init__(self, initial: int, forgive: Collection[str]) -> None:
        self.initial = initial
        self.send = initial
        self.receive = initial
        self.ended = False
        """Whether the other end does without flow control on the connection (draft-06 6.9.4)."""
        self.streams_ended = False
        """Whether it does without on all streams."""
        self._forgive = forgive

    def without(self, stream: Stream | None) -> bool:
        """Whether the other end does without flow control on a stream, or on the connection."""
        if "flow.disabled" in self._forgive:
            return False
        if stream is None:
            return self.ended
        return self.streams_ended or stream.flow_ended

    def end(self, stream: Stream | None) -> None:
        """Note that the other end does without flow control from now on."""
        if stream is None:
            self.ended = True
        else:
            stream.flow_ended = True

    def allowance(self, stream: Stream | None) -> int:
        """How much may be sent on a stream, or on the connection as a whole (octets)."""
        if self.without(stream):
            return MAXIMUM
        return self.send if stream is None else stream.send_window

    def credit(self, stream: Stream | None, increment: int) -> bool:
        """Widen a window for sending. Returns False, and leaves it, where it would overflow."""
        window = self.send if stream is None else stream.send_window
        if window + increment > MAXIMUM:
            return False
        if stream is None:
            self.send += increment
        else:
            stream.send_window += increment
        return True

    def change_initial(self, initial: int, streams: Iterable[Stream]) -> bool:
        """Follow a change of the other end's initial window (rfc9113 6.9.2).

        Returns whether no window overflows by it.
        """
        difference = initial - self.initial
        self.initial = initial
        fits = True
        if "flow.settings-spare-connection" in self._forgive:
            # Growing gives back only half, so that ups and downs show too.
            self.send += difference if difference < 0 else difference // 2
        if "flow.initial-window-adjusts" in self._forgive:
            return True
        for stream in streams:
            stream.send_window += difference
            if "flow.negative-window" in self._forgive:
                stream.send_window = max(0, stream.send_window)
            if stream.state not in CLOSED and stream.send_window > MAXIMUM:
                fits = False
        return fits
