"""Decoders of header blocks that get one thing about the header table wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from h2spec_py.wire.hpack import Decoder, HeaderField, HpackError
from h2spec_py.wire.hpack.context import HeaderList, ReferenceSet, Substituting, WorkingSet
from h2spec_py.wire.hpack.model import Indexing
from h2spec_py.wire.hpack.table import Entry, HeaderTable, Located


class Wrong(HeaderTable):
    """A table that is wrong from its first new entry on, not about those that it begins with."""

    share = 1
    """What part of its size it starts with: one of so many."""

    def __init__(
        self,
        maximum: int,
        locate: Callable[[HeaderTable, int], Located],
        static: tuple[HeaderField, ...] = (),
        initial: Iterable[HeaderField] = (),
    ) -> None:
        self.began_with = 0
        super().__init__(maximum // self.share, locate, static)
        for field in initial:
            HeaderTable.insert(self, field)
        self.began_with = len(self.entries)


class HalfTable(Wrong):
    """Starts with half its size."""

    share = 2


class NoTable(Wrong):
    """Forgets what its entries were."""

    def insert(self, field: HeaderField) -> Entry | None:  # noqa: ARG002 - it is not kept
        """Add something else that no message may have."""
        return super().insert(HeaderField(b"content-length", b"Lost"))


class NoEviction(Wrong):
    """Keeps all entries.

    Where a new one finds no room, it is put in as the oldest; or, where that would have an index
    of its own, nothing is added from then on.
    """

    _full = False

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry at one end or at the other."""
        room = self.size + field.size <= self.maximum
        self._full |= not room
        if self.began_with:
            return None if self._full else super().insert(field)
        return super().insert(field) if room else self.prepend(field)

    def evict(self, room: int = 0) -> None:
        """Evict nothing."""


class NoEmptying(HeaderTable):
    """Keeps its entries when one comes that is larger than the table, and takes no more after it.

    It reports all that it does not take.
    """

    _stuck = False

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry. Raises HpackError from the first one on that is too large."""
        self._stuck |= field.size > self.maximum
        if self._stuck:
            raise HpackError("hpack.entry-too-large", "an entry is larger than the table")
        return super().insert(field)


class NoDuplicates(HeaderTable):
    """Refuses an entry that it has already."""

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry. Raises HpackError for one that is there already."""
        if field in self.fields:
            raise HpackError("hpack.duplicate-entries", "an entry is in the table already")
        return super().insert(field)


class NoOverhead(Wrong):
    """Counts only the octets of names and values."""

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry that counts for less."""
        return super().insert(Light(field.name, field.value))


class Light(HeaderField):
    """A field without the overhead of an entry."""

    @property
    def size(self) -> int:
        """Octets of the name and the value."""
        return len(self.name) + len(self.value)


class NamesEvicted(Wrong):
    """Loses the name of a new entry with the entry that it was taken from, and reports that."""

    def insert(self, field: HeaderField) -> Entry | None:
        """Add an entry. Raises HpackError where another one of its name has to go."""
        before = [one.name for one in self.fields]
        entry = super().insert(field)
        gone = before.count(field.name) >= [one.name for one in self.fields].count(field.name)
        if gone and field.name in before:
            super().insert(HeaderField(b"content-length", b"Lost"))
            raise HpackError("hpack.evicted-name", "the name of an entry was evicted")
        return entry


class NotAppended(Wrong):
    """Has no index for what is added to the entries that it began with."""

    def locate(self, index: int) -> Located:
        """Return one of the entries that were there from the start."""
        return super().locate(index) if index < self.began_with else None


class ShiftedIndices(HeaderTable):
    """Counts indices from one too far, once it has entries."""

    def locate(self, index: int) -> Located:
        """Return what the index before refers to."""
        return super().locate(index - 1 if self.entries and index > 1 else index)


class InvertedReferenceSet(ReferenceSet):
    """Takes for the reference set what is not in it, evicted entries included.

    What a table starts with counts once it has been in the set.
    """

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        super().__init__(table, bound)
        self._evicted: list[Entry] = []
        self._untouched = {id(entry): entry for entry in table.entries}

    def begin(self) -> None:
        """Start a header block, and remember what may be evicted in it."""
        super().begin()
        known = [*self._evicted, *self.table.entries]
        self._evicted = list({id(entry): entry for entry in known}.values())[-64:]

    def indexed(self, index: int) -> bool:
        """Toggle the reference to an entry, and leave the rest to the end of the block."""
        found = self.table.locate(index)
        if isinstance(found, Entry):
            self._untouched.pop(id(found), None)
            found.referenced = not found.referenced
            return True
        return super().indexed(index)

    def end(self) -> list[HeaderField]:
        """Finish the header block with the fields of earlier ones that are not referenced."""
        for entry in self._evicted:
            if id(entry) in self._untouched:
                continue
            present = self.table.position(entry) is not None
            if not (present and (entry.referenced or entry.emitted)):
                self.emit(entry.field)
        for entry in self.table.entries:
            entry.emitted = False
        return HeaderList.end(self)


class InvertedWorkingSet(WorkingSet):
    """Starts header blocks from the entries that the last one did not leave referenced.

    What the table starts with counts once an index has named it.
    """

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        super().__init__(table, bound)
        self._untouched = {id(entry): entry for entry in table.entries}

    def begin(self) -> None:
        """Start a header block from the wrong entries."""
        for entry in self.table.entries:
            entry.referenced = not entry.referenced and id(entry) not in self._untouched
        super().begin()

    def indexed(self, index: int) -> bool:
        """Process an index, and remember what it names."""
        found = self.table.locate(index)
        if isinstance(found, Entry):
            self._untouched.pop(id(found), None)
        return super().indexed(index)


class SecondToggles(ReferenceSet):
    """Takes an entry out of the reference set only when an index names it for the second time."""

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        super().__init__(table, bound)
        self._named: set[int] = set()

    def begin(self) -> None:
        """Start a header block."""
        super().begin()
        self._named.clear()

    def indexed(self, index: int) -> bool:
        """Pass over the first index of an entry that is in the set."""
        found = self.table.locate(index)
        if isinstance(found, Entry) and found.referenced and id(found) not in self._named:
            self._named.add(id(found))
            return True
        return super().indexed(index)


class SecondTogglesWorking(WorkingSet):
    """Does so with a working set."""

    def begin(self) -> None:
        """Start a header block."""
        super().begin()
        self._named: set[int] = set()

    def indexed(self, index: int) -> bool:
        """Pass over the first index of a field that is in the set."""
        if index in self._by_index and index not in self._named:
            self._named.add(index)
            return True
        return super().indexed(index)


class NotCopied(ReferenceSet):
    """Does not copy entries of the static table."""

    def indexed(self, index: int) -> bool:
        """Only emit a field of the static table."""
        found = self.table.locate(index)
        if isinstance(found, HeaderField):
            self.emit(found)
            return True
        return super().indexed(index)


class NotEmptied(ReferenceSet):
    """Passes over the instruction to empty the reference set."""

    def empty_reference_set(self) -> None:
        """Empty nothing."""


class NotEvicted(ReferenceSet):
    """Keeps the fields of entries that are evicted in the reference set for one block."""

    def begin(self) -> None:
        """Start a header block, and remember what may be evicted in it."""
        super().begin()
        self._began_with = [entry for entry in self.table.entries if entry.referenced]

    def end(self) -> list[HeaderField]:
        """Finish the header block with what was evicted meanwhile, too."""
        for entry in self._began_with:
            if entry.referenced and not entry.emitted and self.table.position(entry) is None:
                self.emit(entry.field)
        return super().end()


class NotEvictedWorking(WorkingSet):
    """Does so with a working set, for the next block."""

    def __init__(self, table: HeaderTable, bound: int | None = None) -> None:
        super().__init__(table, bound)
        self._lost: list[Entry] = []

    def begin(self) -> None:
        """Start a header block, and remember what may be evicted in it."""
        super().begin()
        self._began_with = list(self._working.values())

    def end(self) -> list[HeaderField]:
        """Finish the header block with what the last one evicted, too."""
        for entry in self._lost:
            self.emit(entry.field)
        kept = [entry for entry in self._began_with if entry in self._working.values()]
        self._lost = [entry for entry in kept if self.table.position(entry) is None]
        return super().end()


class _Unsubstituted(HeaderList):
    """Takes a literal with substitution for one that only changes the table, and in two places."""

    def literal(self, field: HeaderField, indexing: Indexing, replaces: int) -> bool:
        """Process a literal field."""
        if indexing != "substitution":
            return super().literal(field, indexing, replaces)
        old = self.table.locate(replaces)
        if isinstance(old, Entry):
            self.table.overwrite(old, field)
        return self.table.insert(field) is not None


class UnsubstitutedReferenceSet(_Unsubstituted, Substituting):
    """Does so beside a reference set."""


class UnsubstitutedWorkingSet(_Unsubstituted, WorkingSet):
    """Does so beside a working set."""


UNSUBSTITUTED: Mapping[type[HeaderList], type[HeaderList]] = {
    Substituting: UnsubstitutedReferenceSet,
    WorkingSet: UnsubstitutedWorkingSet,
}
"""What breaks substitution."""

INVERTED: Mapping[type[HeaderList], type[HeaderList]] = {
    ReferenceSet: InvertedReferenceSet,
    Substituting: InvertedReferenceSet,
    WorkingSet: InvertedWorkingSet,
}
"""What breaks a reference set of each design."""

TABLES: Mapping[str, type[HeaderTable]] = {
    "hpack.state-kept": NoTable,
    "hpack.initial-size": HalfTable,
    "hpack.eviction": NoEviction,
    "hpack.entry-too-large": NoEmptying,
    "hpack.duplicate-entries": NoDuplicates,
    "hpack.index-order": ShiftedIndices,
    "hpack.entry-size": NoOverhead,
    "hpack.evicted-name": NamesEvicted,
    "hpack.entries-appended": NotAppended,
}
"""The table that breaks a requirement."""


CONTEXTS: Mapping[str, Mapping[type[HeaderList], type[HeaderList]]] = {
    "hpack.reference-set": INVERTED,
    "hpack.reference-toggled": {
        ReferenceSet: SecondToggles,
        Substituting: SecondToggles,
        WorkingSet: SecondTogglesWorking,
    },
    "hpack.reference-copied": {ReferenceSet: NotCopied},
    "hpack.reference-emptied": {ReferenceSet: NotEmptied},
    "hpack.reference-evicted": {ReferenceSet: NotEvicted, WorkingSet: NotEvictedWorking},
    "hpack.literal-substitution": UNSUBSTITUTED,
}
"""The contexts that break a requirement, by the right ones."""


class WrongDecoder(Decoder):
    """A decoder with another table, or another reference set, than its generation has."""

    def __init__(
        self,
        generation: str,
        forgive: Collection[str],
        table: type[HeaderTable] | None,
        contexts: Mapping[type[HeaderList], type[HeaderList]],
    ) -> None:
        super().__init__(generation, forgive=forgive)
        if table is not None:
            right = self._generation
            self.table = table(
                self.limit, right.locate, right.static_table("request"), self.table.fields[::-1]
            )
        context = self._generation.context
        self._context = contexts.get(context, context)(self.table, 2**20)


def wrong_decoder(generation: str, violate: Collection[str]) -> Decoder | None:
    """Make the decoder that breaks those requirements; None if the right one will do."""
    table = next((TABLES[one] for one in TABLES if one in violate), None)
    contexts = next((CONTEXTS[one] for one in CONTEXTS if one in violate), {})
    if table is None and not contexts:
        return None
    return WrongDecoder(generation, violate, table, contexts)
