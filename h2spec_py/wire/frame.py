"""Frames and octets, in both directions, for every layout of the frame header.

Nothing here judges a frame: any combination of type, flags, stream, reserved bits and declared
length can be written, and whatever arrives can be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from h2spec_py.spec.model import HeaderLayout

STREAM_MASK = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, legal or not.

    `length` is the declared length (octets) where it differs from the payload that follows; None
    declares what is there. `reserved` is the bit before the stream identifier, `length_reserved`
    the bits before a length that does not fill its octets.
    """

    type: int
    flags: int = 0
    stream: int = 0
    payload: bytes = b""
    length: int | None = None
    reserved: int = 0
    length_reserved: int = 0

    @property
    def declared(self) -> int:
        """The declared length (octets)."""
        return len(self.payload) if self.length is None else self.length


def encode_frame(layout: HeaderLayout, frame: Frame) -> bytes:
    """Write a frame: its header as stated, then its payload as it is.

    Raises ValueError for a number that has no place in the header, such as a length of 16,384 where
    lengths have 14 bits.
    """
    for name, value, bits in (
        ("length", frame.declared, layout.length_bits),
        ("reserved bits before the length", frame.length_reserved, layout.reserved_bits),
        ("type", frame.type, 8),
        ("flags", frame.flags, 8),
        ("reserved bit", frame.reserved, 1),
        ("stream", frame.stream, 31),
    ):
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{name}: {value} does not fit in {bits} bits")
    length = frame.length_reserved << layout.length_bits | frame.declared
    return b"".join(
        (
            length.to_bytes(layout.length_octets, "big"),
            bytes((frame.type, frame.flags)),
            (frame.reserved << 31 | frame.stream).to_bytes(4, "big"),
            frame.payload,
        )
    )


def decode_header(layout: HeaderLayout, octets: bytes | bytearray) -> Frame:
    """Read a frame header; the frame has its declared length and an empty payload.

    `octets` starts with the whole header; what follows it is not looked at.
    """
    size = layout.length_octets
    length = int.from_bytes(octets[:size], "big")
    stream = int.from_bytes(octets[size + 2 : size + 6], "big")
    return Frame(
        type=octets[size],
        flags=octets[size + 1],
        stream=stream & STREAM_MASK,
        length=length & layout.max_length,
        reserved=stream >> 31,
        length_reserved=length >> layout.length_bits,
    )


class FrameReader:
    """Cuts a stream of octets, fed in pieces of any size, into frames.

    Of a frame that declares more than `limit` octets only the first `limit` are kept: it is
    delivered when all of it has passed, with its declared length and a payload that is shorter.
    An owner need not wait for that: `head` shows the header as soon as it is complete.
    """

    def __init__(self, layout: HeaderLayout, limit: int = 2**24 - 1) -> None:
        self._layout = layout
        self._limit = limit
        self._buffer = bytearray()  # without the header that _head holds
        self._head: Frame | None = None
        self._excess = 0  # octets past the limit that have still to come, and to be dropped

    def feed(self, data: bytes) -> None:
        """Take octets as they arrived."""
        self._buffer += data
        self._advance()

    def next(self) -> Frame | None:
        """Give the next complete frame, or None until more octets have come. Never raises."""
        head = self._head
        if head is None:
            return None
        kept = min(head.declared, self._limit)
        if self._excess or len(self._buffer) < kept:
            return None
        payload = bytes(self._buffer[:kept])
        del self._buffer[:kept]
        self._head = None
        self._advance()
        return Frame(
            type=head.type,
            flags=head.flags,
            stream=head.stream,
            payload=payload,
            length=head.length if kept < head.declared else None,
            reserved=head.reserved,
            length_reserved=head.length_reserved,
        )

    @property
    def head(self) -> Frame | None:
        """The header of the frame at the front, complete or not; its payload is left empty."""
        return self._head

    @property
    def pending(self) -> int:
        """Octets that were fed and kept, and not yet given out in a frame."""
        return len(self._buffer) + (0 if self._head is None else self._layout.octets)

    @property
    def remainder(self) -> bytes:
        """The pending octets themselves: what is left when a connection ends amid a frame."""
        header = b"" if self._head is None else encode_frame(self._layout, self._head)
        return header + self._buffer

    def _advance(self) -> None:
        if self._head is None and len(self._buffer) >= self._layout.octets:
            self._head = decode_header(self._layout, self._buffer)
            del self._buffer[: self._layout.octets]
            self._excess = max(0, self._head.declared - self._limit)
        if self._excess:
            surplus = len(self._buffer) - self._limit
            dropped = min(self._excess, max(0, surplus))
            del self._buffer[self._limit : self._limit + dropped]
            self._excess -= dropped
