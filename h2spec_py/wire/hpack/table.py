"""The dynamic table: header fields in the order of their insertion, bounded in size."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from h2spec_py.wire.hpack.model import HeaderField


class Entry:
    """One entry of the table. Two entries with the same field are still two entries.

    `referenced`: it is in the reference set. `emitted`: this block has emitted it already.
    """

    __slots__ = ("emitted", "field", "referenced")

    def __init__(self, field: HeaderField) -> None:
        self.field = field
        self.referenced = False
        self.emitted = False


Located = Entry | HeaderField | None
"""What an index refers to: an entry of the table, a field of the static table, or nothing."""


class HeaderTable:
    """The table and its index space.

    `maximum` is the size that it may have (octets, rfc7541 4.1); `static` are the fields of the
    static table, and `initial` those that the table itself starts with.
    """

    def __init__(
        self,
        maximum: int,
        locate: Callable[[HeaderTable, int], Located],
        static: tuple[HeaderField, ...] = (),
        initial: Iterable[HeaderField] = (),
    ) -> None:
        self.maximum = maximum
        self.static = static
        self.entries: deque[Entry] = deque()
        """Oldest first."""
        self.size = 0
        """Sum of the sizes of the entries (octets)."""
        self._locate = locate
        for field in initial:
            self.insert(field)

    @property
    def fields(self) -> list[HeaderField]:
        """The fields in the table, newest first."""
        return [entry.field for entry in reversed(self.entries)]

    def locate(self, index: int) -> Located:
        """Return what an index refers to."""
        return self._locate(self, index)

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry, after evicting what must make room for it (rfc7541 4.4).

        Returns None when it does not fit even in the empty table.
        """
        self.evict(field.size)
        if field.size > self.maximum:
            return None
        entry = Entry(field)
        self.entries.append(entry)
        self.size += field.size
        return entry

    def position(self, entry: Entry) -> int | None:
        """Return how many entries are older than this one; None if it is not in the table."""
        return self.entries.index(entry) if entry in self.entries else None

    def overwrite(self, old: Entry, field: HeaderField) -> Entry:
        """Put a new entry in the place of another, without evicting anything."""
        entry = Entry(field)
        self.entries[self.entries.index(old)] = entry
        self.size += field.size - old.field.size
        return entry

    def prepend(self, field: HeaderField) -> Entry:
        """Add an entry as the oldest, without evicting anything."""
        entry = Entry(field)
        self.entries.appendleft(entry)
        self.size += field.size
        return entry

    def resize(self, maximum: int) -> None:
        """Change the maximum size (octets), evicting what no longer fits (rfc7541 4.3)."""
        self.maximum = maximum
        self.evict()

    def evict(self, room: int = 0) -> None:
        """Evict from the oldest on until `room` octets are free or nothing is left."""
        while self.entries and self.size + room > self.maximum:
            self.drop()

    def drop(self) -> Entry:
        """Remove the oldest entry and return it."""
        entry = self.entries.popleft()
        self.size -= entry.field.size
        return entry


def static_first(table: HeaderTable, index: int) -> Located:
    """Locate an index: the static table from 1, then the table, newest first (rfc7541 2.3.3)."""
    if 1 <= index <= len(table.static):
        return table.static[index - 1]
    index -= len(table.static)
    return table.entries[-index] if 1 <= index <= len(table.entries) else None


def static_last(table: HeaderTable, index: int) -> Located:
    """Locate an index: the table from 1, newest first, then the static table (hpack-08 3.4)."""
    if 1 <= index <= len(table.entries):
        return table.entries[-index]
    index -= len(table.entries)
    return table.static[index - 1] if 1 <= index <= len(table.static) else None


def oldest_first(table: HeaderTable, index: int) -> Located:
    """Locate an index: the table from 0, oldest first; there is no static one (hpack-02 3.1.2)."""
    return table.entries[index] if 0 <= index < len(table.entries) else None
