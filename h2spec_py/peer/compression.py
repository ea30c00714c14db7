"""Compressed DATA, as draft-12 has it (draft-12 6.1)."""

from __future__ import annotations

import zlib

GZIP = 31
"""What tells zlib to expect the format of GZIP, with the largest window."""

BOUND = 2**20
"""How much of what a frame says is decompressed (octets)."""


def is_whole(octets: bytes) -> bool:
    """Whether these are all of a compressed piece, as far as it is looked at."""
    piece = zlib.decompressobj(wbits=GZIP)
    try:
        piece.decompress(octets, BOUND)
    except zlib.error:
        return False
    return piece.eof or bool(piece.unconsumed_tail)


def plain_length(octets: bytes) -> int | None:
    """Count what a piece says (octets); None where it is not whole, or longer than the bound."""
    piece = zlib.decompressobj(wbits=GZIP)
    try:
        plain = piece.decompress(octets, BOUND)
    except zlib.error:
        return None
    return len(plain) if piece.eof and not piece.unused_data else None
