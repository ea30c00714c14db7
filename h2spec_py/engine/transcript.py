"""The record of one exchange: frames both ways, with decoded fields and octets, bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from h2spec_py.engine.options import Limits
from h2spec_py.spec import Version
from h2spec_py.wire.frame import Frame, encode_frame
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import describe

Entry = dict[str, Any]
FIELDS_SHOWN = 60
OCTETS_SHOWN = 400


class Transcript:
    """Entries in the order in which they happened; times are seconds since the start.

    `listener`, when given, is told of every entry as it is made, also of those that are not kept.
    """

    def __init__(
        self, version: Version, limits: Limits, listener: Callable[[Entry], None] | None = None
    ) -> None:
        self.version = version
        self.entries: list[Entry] = []
        self.left_out = 0
        self._limits = limits
        self._listener = listener
        self._start = time.monotonic()

    def _add(self, entry: Entry) -> None:
        entry = {"at": round(time.monotonic() - self._start, 4), **entry}
        if self._listener is not None:
            self._listener(entry)
        if len(self.entries) < self._limits.entries:
            self.entries.append(entry)
        else:
            self.left_out += 1

    def _octets(self, data: bytes) -> Entry:
        kept = data[: self._limits.entry_octets]
        return {"octets": kept.hex(), "truncated": len(kept) < len(data)}

    def note(self, text: str) -> None:
        """Record a remark of ours."""
        self._add({"dir": "note", "text": text[:OCTETS_SHOWN]})

    def raw(self, direction: str, kind: str, data: bytes) -> None:
        """Record octets that are no frame, such as the client preface."""
        self._add({"dir": direction, "type": kind, "length": len(data), **self._octets(data)})

    def frame(self, direction: str, frame: Frame, fields: Iterable[HeaderField] | None) -> None:
        """Record a frame, with the fields of the header block that it completes."""
        if self._listener is None and len(self.entries) == self._limits.entries:
            self.left_out += 1  # a flood is not worth describing
            return
        detail = describe(self.version, frame)
        if fields is not None:
            detail = {**detail, "fields": _fields(fields)}
        wire = encode_frame(self.version.header, frame)
        self._add(
            {
                "dir": direction,
                "type": self.version.frame_name(frame.type),
                "flags": self.version.flag_names(frame.type, frame.flags),
                "flags_octet": frame.flags,
                "stream": frame.stream,
                "length": frame.declared,
                "detail": detail,
                **self._octets(wire),
            }
        )

    def finish(self) -> list[Entry]:
        """All that was kept, with a last remark about what was not."""
        if self.left_out:
            text = f"{self.left_out} further entries were not kept"
            return [*self.entries, {"at": self.entries[-1]["at"], "dir": "note", "text": text}]
        return self.entries


def _fields(fields: Iterable[HeaderField]) -> list[list[str]]:
    return [
        [one.decode("ascii", "backslashreplace")[:OCTETS_SHOWN] for one in (item.name, item.value)]
        for item in islice(fields, FIELDS_SHOWN)
    ]
