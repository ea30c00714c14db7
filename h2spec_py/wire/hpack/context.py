"""What representations do: to the table, to the reference set, and to the decoded fields.

Three designs followed one another. Each is a class with the same few methods; the octets that
spell a representation are none of their business.

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
        """Process a literal field."""
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
