"""Header blocks while their fragments arrive (rfc9113 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

LIMIT = 2**20
"""The greatest encoded header block that is put together (octets)."""


@dataclass(slots=True)
class OpenBlock:
    """A header block whose end has not come yet."""

    stream: int
    kind: Literal["HEADERS", "PUSH_PROMISE"]
    end_stream: bool = False
    promised: int | None = None
    dropped: bool = False
    """Whether it is only decoded for the sake of the compression state."""
    octets: bytearray = field(default_factory=bytearray)

    def add(self, fragment: bytes) -> bool:
        """Append a fragment. Returns False, and keeps nothing, once the block is too large."""
        self.octets += fragment
        return len(self.octets) <= LIMIT


class Assembly:
    """The header blocks that are open. A legal peer has at most one at a time."""

    def __init__(self, most: int = 64) -> None:
        self._open: dict[int, OpenBlock] = {}
        self._most = most
        self.current: OpenBlock | None = None

    def start(self, block: OpenBlock) -> None:
        """Begin a block; the next frame has to continue it."""
        if len(self._open) >= self._most:
            self._open.pop(next(iter(self._open)))
        self._open[block.stream] = block
        self.current = block

    def find(self, stream: int) -> OpenBlock | None:
        """The open block that a CONTINUATION belongs to: that of its stream, or else the last."""
        return self._open.get(stream, self.current)

    def finish(self, block: OpenBlock) -> None:
        """Take a block out, complete or given up."""
        self._open = {stream: one for stream, one in self._open.items() if one is not block}
        if self.current is block:
            self.current = None
