"""What representations do: to the table, to the reference set, and to the decoded fields.

Four designs followed one another. Each is a class with the same few methods; the octets that
spell a representation are none of their business. From the newest to the oldest:

- `HeaderList`: fields come out in order, and nothing but the table outlives a block.
- `ReferenceSet`: a block starts from the entries that the one before it left referenced.
- `Substituting`: the same, and a literal can also replace an entry.
- `WorkingSet`: what a block starts from are copies of the fields, each with the index of its entry
  at that time.

A method that takes an index returns False, and does nothing, when the index refers to nothing.
"""

from __future__ import annotations

from h2spec_py.wire.hpack.model import HeaderField, HpackError, Indexing
from h2spec_py.wire.hpack.table import Entry, HeaderTable


class HeaderList:
    """Fields in the order of their representations; no reference set (hpack-09 4.2, rfc7541 3.2).

    `bound` limits the size of the fields of one block (octets, counted as in the table).
    """

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        self.table = table
        self._bound = bound
        self._octets = 0
        self._output: list[HeaderField] = []

    @property
    def reference_set(self) -> list[HeaderField]:
        """The fields in the reference set, those of the newest entries first."""
        return [entry.field for entry in reversed(self.table.entries) if entry.referenced]

    def begin(self) -> None:
        """Start a header block."""
        self._output = []
        self._octets = 0

    def end(self) -> list[HeaderField]:
        """Finish the header block; returns its fields."""
        return self._output

    def emit(self, field: HeaderField) -> None:
        """Add a field to the output. Raises HpackError `hpack.too-large` beyond the bound."""
        self._octets += field.size
        if self._bound is not None and self._octets > self._bound:
            raise HpackError(
                "hpack.too-large", f"the header block decodes to more than {self._bound} octets"
            )
        self._output.append(field)

    def indexed(self, index: int) -> bool:
        """Process an indexed field."""
        found = self.table.locate(index)
        if found is None:
            return False
        self.emit(found.field if isinstance(found, Entry) else found)
        return True

    def literal(self, field: HeaderField, indexing: Indexing, _replaces: int) -> bool:
        """Process a literal field; `_replaces` is the index that a substitution overwrites."""
        self.emit(field)
        if indexing == "incremental":
            self.table.insert(field)
        return True

    def empty_reference_set(self) -> None:
        """Process the instruction to empty the reference set."""
        for entry in self.table.entries:
            entry.referenced = False


class ReferenceSet(HeaderList):
    """A set of entries that the next block starts from (hpack-08 4.1, hpack-05 3.2.1).

    A reference is a mark on its entry, so it leaves the set together with the entry.
    """

    def indexed(self, index: int) -> bool:
        """Toggle the reference to an entry; a static field is first copied into the table."""
        found = self.table.locate(index)
        if found is None:
            return False
        if isinstance(found, HeaderField):
            self._add(found, self.table.insert(found))
        elif found.referenced:
            found.referenced = False
        else:
            self._add(found.field, found)
        return True

    def literal(self, field: HeaderField, indexing: Indexing, _replaces: int) -> bool:
        """Process a literal field; what enters the table enters the reference set."""
        if indexing == "incremental":
            self._add(field, self.table.insert(field))
        else:
            self.emit(field)
        return True

    def end(self) -> list[HeaderField]:
        """Finish the header block with the fields that are referenced and not emitted yet."""
        for entry in reversed(self.table.entries):
            if entry.referenced and not entry.emitted:
                self.emit(entry.field)
            entry.emitted = False
        return super().end()

    def _add(self, field: HeaderField, entry: Entry | None) -> None:
        self.emit(field)
        if entry is not None:
            entry.referenced = entry.emitted = True


class Substituting(ReferenceSet):
    """A reference set, and literals that replace an entry of the table (hpack-02 3.2.4)."""

    def literal(self, field: HeaderField, indexing: Indexing, replaces: int) -> bool:
        """Process a literal field, which may take the place of an entry."""
        if indexing != "substitution":
            return super().literal(field, indexing, replaces)
        old = self.table.locate(replaces)
        if not isinstance(old, Entry):
            return False
        self._add(field, self._substitute(old, field))
        return True

    def _substitute(self, old: Entry, field: HeaderField) -> Entry | None:
        """Make room first. If that evicts the entry too, the new one becomes the oldest."""
        table = self.table
        present = True
        while table.entries and _size_after(table, field, old if present else None) > table.maximum:
            present = table.drop() is not old and present
        if field.size > table.maximum:
            return None
        return table.overwrite(old, field) if present else table.prepend(field)


class WorkingSet(HeaderList):
    """A set of fields, each with an index (hpack-00 3.4).

    The index of a field in the set stays what it was when the field came in, whatever happens to
    the table meanwhile, so the same index may stand for one field here and another in the table.
    Only when the block ends are fields and entries brought together again.
    """

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        super().__init__(table, bound)
        self._serial = 0
        self._working: dict[int, Entry] = {}
        self._by_index: dict[int, list[int]] = {}

    def begin(self) -> None:
        """Start a header block from the fields that the last one left in the table."""
        super().begin()
        self._working = {}
        self._by_index = {}
        for index, entry in enumerate(self.table.entries):
            if entry.referenced:
                self._work(entry, index)

    def indexed(self, index: int) -> bool:
        """Take out all fields that have the index, or put in the entry that has it."""
        serials = self._by_index.pop(index, None)
        if serials is not None:
            for serial in serials:
                del self._working[serial]
            return True
        found = self.table.locate(index)
        if not isinstance(found, Entry):
            return False
        self._work(found, index)
        return True

    def literal(self, field: HeaderField, indexing: Indexing, replaces: int) -> bool:
        """Put a field in, with the index of its entry if it now has one."""
        entry: Entry | None = None
        if indexing == "incremental":
            entry = self.table.insert(field)
        elif indexing == "substitution":
            old = self.table.locate(replaces)
            if not isinstance(old, Entry):
                return False
            entry = self.table.overwrite(old, field)
            self.table.evict()
        # hpack-00 3.2 has the number of entries before the insertion for an index. Where some are
        # dropped for the new one, which renumbers the others, it is taken after that.
        if entry is None:
            self._work(Entry(field), None)
        else:
            self._work(entry, self.table.position(entry))
        return True

    def end(self) -> list[HeaderField]:
        """Finish the header block; what is both in the set and in the table stays referenced.

        A literal that was not to enter the table is not in it, even if an entry is equal to it.
        hpack-00 3.4 says so of the set that a literal adds to, but speaks of headers, which are
        names and values, where it says what stays.
        """
        for entry in self.table.entries:
            entry.referenced = False
        for entry in self._working.values():
            entry.referenced = True
            self.emit(entry.field)
        return super().end()

    def _work(self, entry: Entry, index: int | None) -> None:
        self._serial += 1
        self._working[self._serial] = entry
        if index is not None:
            self._by_index.setdefault(index, []).append(self._serial)


def _size_after(table: HeaderTable, field: HeaderField, old: Entry | None) -> int:
    return table.size + field.size - (old.field.size if old else 0)
