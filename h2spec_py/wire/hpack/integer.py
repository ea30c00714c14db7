"""Integers with a prefix of some bits (rfc7541 5.1)."""

from __future__ import annotations

from h2spec_py.wire.hpack.model import HpackError

MAXIMUM = 2**32 - 1
"""The largest value that a decoder accepts: that of the widest HTTP/2 setting."""

CONTINUATION_OCTETS = 5
"""The most octets behind the prefix that a decoder accepts: enough for any value in 32 bits."""

OVERFLOW = MAXIMUM + 1
"""What a decoder that forgives overflows reads in place of an integer that it cannot hold."""


def write_integer(value: int, prefix: int, pattern: int = 0, overlong: int = 0) -> bytes:
    """Encode an integer whose first `prefix` bits share an octet with `pattern`.

    With a prefix of no bits there is no such octet. `overlong` adds zero octets where the value has
    any octet behind its prefix.
    """
    limit = (1 << prefix) - 1
    if value < limit:
        return bytes([pattern | value])
    octets = bytearray([pattern | limit] if prefix else [])
    value -= limit
    while value >= 128:
        octets.append(value & 127 | 128)
        value >>= 7
    if not overlong:
        octets.append(value)
        return bytes(octets)
    return bytes(octets) + bytes([value | 128]) + b"\x80" * (overlong - 1) + b"\x00"


def read_integer(
    octets: bytes, position: int, prefix: int, *, forgive_overflow: bool = False
) -> tuple[int, int]:
    """Decode an integer that starts at `position`: its value, and the position behind it.

    Raises HpackError `hpack.truncated` where the octets end too early, and `hpack.integer-overflow`
    where the value or its length is beyond the bounds above. If that is forgiven the integer is
    read to its end, and OVERFLOW stands for its value.
    """
    value = limit = (1 << prefix) - 1
    if prefix:
        if position >= len(octets):
            raise HpackError("hpack.truncated", "the header block ends before an integer")
        value = octets[position] & limit
        position += 1
        if value < limit:
            return value, position
    for count in range(len(octets) - position):
        octet = octets[position + count]
        if count < CONTINUATION_OCTETS:
            value += (octet & 127) << 7 * count
        if value > MAXIMUM or count >= CONTINUATION_OCTETS:
            if not forgive_overflow:
                raise HpackError("hpack.integer-overflow", _overflow(value))
            value = OVERFLOW
        if not octet & 128:
            return value, position + count + 1
    raise HpackError("hpack.truncated", "the header block ends within an integer")


def _overflow(value: int) -> str:
    if value > MAXIMUM:
        return f"an integer is greater than {MAXIMUM}"
    return f"an integer takes more than {CONTINUATION_OCTETS} octets behind its prefix"
