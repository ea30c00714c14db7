"""The 24 octets that a client sends before its first frame (rfc9113 3.4)."""

from __future__ import annotations

from h2spec_py.spec import Version
from h2spec_py.wire.frame import decode_header

SEARCHED = 1024
"""How far a SETTINGS frame is looked for behind a preface whose octets are forgiven (octets)."""


class ClientPreface:
    """Reads the client connection preface off the front of what a server receives."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._buffer = bytearray()
        self._searching = False

    def feed(self, data: bytes) -> None:
        """Take octets as they arrived."""
        self._buffer += data

    @property
    def wrong(self) -> bool:
        """Whether an octet that came is not the one that should stand there."""
        count = min(len(self._buffer), len(self._version.preface))
        return not self._searching and self._buffer[:count] != self._version.preface[:count]

    def forgive(self) -> None:
        """Take whatever came for a preface, up to the first thing that looks like SETTINGS."""
        self._searching = True

    def rest(self) -> bytes | None:
        """What follows the preface, once that is complete; else None."""
        if not self._searching:
            size = len(self._version.preface)
            return bytes(self._buffer[size:]) if len(self._buffer) >= size else None
        layout = self._version.header
        settings = self._version.frames["SETTINGS"]
        for start in range(len(self._buffer) - layout.octets + 1):
            head = decode_header(layout, self._buffer[start : start + layout.octets])
            named = (head.type, head.flags, head.stream) == (settings.code, 0, 0)
            if named and head.declared <= SEARCHED and not head.reserved:
                return bytes(self._buffer[start:])
        del self._buffer[: max(0, len(self._buffer) - SEARCHED)]
        return None
