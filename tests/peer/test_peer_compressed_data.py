"""DATA in GZIP (draft-12 6.1): content-length is that of the content before (draft-12 8.1.3.5)."""

from __future__ import annotations

import gzip

import pytest

from h2spec_py.peer.compression import BOUND
from h2spec_py.spec import find_version
from tests.peer.wires import OK, OPEN, watching

PLAIN = b"x" * 100
ZIPPED = gzip.compress(PLAIN)
HALF = gzip.compress(PLAIN[:50])


@pytest.mark.parametrize(
    ("length", "frames", "broken"),
    [
        (100, [ZIPPED], []),
        (100, [HALF, HALF], []),
        (len(ZIPPED), [ZIPPED], ["message.content-length"]),
        (50, [HALF, HALF], ["message.content-length"]),
        (0, [gzip.compress(b"")], []),
        (BOUND, [gzip.compress(bytes(BOUND))], []),
        # Of these nothing is known.
        (1, [b"no gzip"], []),
        (1, [ZIPPED[:-4]], []),
        (500, [ZIPPED, b"no gzip"], []),
        (1, [HALF + HALF], []),
        (1, [gzip.compress(bytes(BOUND + 1))], []),
    ],
)
def test_compressed_content_is_counted_as_it_was(
    length: int, frames: list[bytes], broken: list[str]
) -> None:
    watched = watching(find_version("12"), ("COMPRESS_DATA", 1))
    wire = watched.theirs
    head = wire.headers(1, [*OK, ("content-length", str(length))], OPEN)
    flags = ["COMPRESSED"]
    found = watched.receive(head, *(wire.data(1, octets, flags) for octets in frames))
    found += watched.receive(wire.data(1, b"", ["END_STREAM"]))
    names = {breach.requirement for breach in found}
    assert names - {"data.compression-by-frame"} == set(broken)
