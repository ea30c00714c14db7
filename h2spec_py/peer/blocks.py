"""Header blocks while their fragments arrive (rfc9113 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from h2spec_py.spec import Version

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


def continuing(version: Version, block: OpenBlock) -> str:
    """Name the type of frame that goes on with a header block: before draft-06, its own."""
    return "CONTINUATION" if "CONTINUATION" in version.frames else block.kind


class Assembly:
    """The header blocks that are open. A legal peer has at most one at a time."""

    def __init__(self, most: int = 64) -> None:
        self._open: list[OpenBlock] = []
        self._most = most

    @property
    def current(self) -> OpenBlock | None:
        """The block that the next frame has to continue."""
        return self._open[-1] if self._open else None

    def start(self, block: OpenBlock) -> None:
        """Begin a block; the next frame has to continue it."""
        if len(self._open) >= self._most:
            self._open.pop(0)
        self._open.append(block)

    def find(self, stream: int) -> OpenBlock | None:
        """The open block that a CONTINUATION belongs to: the last one of its stream."""
        return next((one for one in reversed(self._open) if one.stream == stream), None)

    def finish(self, block: OpenBlock) -> None:
        """Take a block out, complete or given up."""
        self._open = [one for one in self._open if one is not block]
