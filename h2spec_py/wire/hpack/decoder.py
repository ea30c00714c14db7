"""Decoding header blocks, strictly or with chosen rules forgiven."""

from __future__ import annotations

from collections.abc import Collection

from h2spec_py.wire.hpack.generation import Direction, Pattern, find_generation
from h2spec_py.wire.hpack.integer import OVERFLOW, read_integer
from h2spec_py.wire.hpack.model import HeaderField, HpackError
from h2spec_py.wire.hpack.table import Entry, HeaderTable

DECODED_SIZE = 2**20
"""Default bound on the decoded size of one header block (octets)."""


class _Abandoned(Exception):  # noqa: N818 - not an error: the way out of a block whose end is missing
    """The rest of the block cannot be read, and that is forgiven."""


class Decoder:
    """The decoding context of one direction of a connection.

    `limit` is the SETTINGS_HEADER_TABLE_SIZE in force (octets). `decoded_size` bounds what one
    block may decode to (octets, each field counted as its entry would be); None is no bound.
    Rules in `enforce` are enforced where the document only tells encoders about them as well.

    Rules in `forgive` are not enforced. Decoding then goes on like this: an index that refers to
    nothing makes its representation a no-op; an integer that overflows makes its representation a
    no-op, or ends the block if it is the length of a string; a truncated block ends before the
    representation that is incomplete; EOS and padding in a Huffman-coded string stand for nothing;
    size updates are applied whatever their place and value; bits that should be zero are ignored.
    """

    def __init__(
        self,
        generation: str,
        limit: int = 4096,
        forgive: Collection[str] = (),
        *,
        direction: Direction = "request",
        decoded_size: int | None = DECODED_SIZE,
        enforce: Collection[str] = (),
    ) -> None:
        self._generation = find_generation(generation)
        self._forgive = frozenset(forgive) | (self._generation.unchecked - frozenset(enforce))
        self._limit = limit
        self._huffman = self._generation.huffman_code(direction)
        self.table: HeaderTable = self._generation.table(limit, direction)
        """The header table, or dynamic table."""
        self._context = self._generation.context(self.table, decoded_size)
        self._owed: int | None = None
        """The size that the next block must not start without coming down to."""
        self._size_chosen = False
        self._block = b""
        self._position = 0

    @property
    def reference_set(self) -> list[HeaderField]:
        """The fields in the reference set; always empty in generations without one."""
        return self._context.reference_set

    @property
    def limit(self) -> int:
        """The SETTINGS_HEADER_TABLE_SIZE in force: announced and acknowledged (octets)."""
        return self._limit

    def set_limit(self, octets: int) -> None:
        """Note that a new SETTINGS_HEADER_TABLE_SIZE has been acknowledged (octets).

        Below the table's maximum size the next block must start with a size update; after several
        changes, with one down to the smallest of them (rfc7541 4.2). In the generations before
        hpack-08 the table itself follows, until the other side has chosen a size of its own,
        which a smaller limit still cuts, and a greater one does not restore (hpack-07 3.3.1 does
        not say).
        """
        self._limit = octets
        if self._generation.limit_resizes:
            if octets < self.table.maximum or not self._size_chosen:
                self.table.resize(octets)
        elif self._generation.smallest_first and self._owed is not None:
            self._owed = min(octets, self._owed)
        else:
            self._owed = octets if octets < self.table.maximum else None

    def decode(self, block: bytes) -> list[HeaderField]:
        """Decode one whole header block; returns its fields in the order of their emission.

        Raises HpackError, after which the context is not in step with the other side any more.
        """
        self._block = block
        self._position = 0
        self._context.begin()
        fields_began = False
        try:
            while self._position < len(block):
                pattern = self._generation.first_octets[block[self._position]]
                if pattern.kind == "size-update":
                    self._size_update(pattern, late=fields_began)
                    continue
                self._check_owed()
                fields_began = True
                if pattern.kind == "indexed":
                    self._indexed(pattern)
                elif pattern.kind == "literal":
                    self._literal(pattern)
                else:
                    self._empty_reference_set(pattern)
            self._check_owed()  # a block without fields is the first one, too
        except _Abandoned:
            pass
        return self._context.end()

    def _refuse(self, rule: str, message: str) -> None:
        """Raise HpackError, unless the rule is forgiven."""
        if rule not in self._forgive:
            raise HpackError(rule, message)

    def _integer(self, prefix: int) -> int:
        try:
            value, self._position = read_integer(
                self._block,
                self._position,
                prefix,
                forgive_overflow="hpack.integer-overflow" in self._forgive,
            )
        except HpackError as error:
            self._refuse(error.rule, error.message)
            raise _Abandoned from None
        return value

    def _string(self) -> bytes:
        huffman = False
        if self._huffman is not None and self._position < len(self._block):
            huffman = self._block[self._position] >= 128
        length = self._integer(self._generation.string_prefix)
        end = self._position + length
        if end > len(self._block):
            if length != OVERFLOW:
                missing = end - len(self._block)
                self._refuse(
                    "hpack.truncated", f"the header block ends {missing} octets before a string"
                )
            raise _Abandoned
        octets = self._block[self._position : end]
        self._position = end
        if huffman and self._huffman is not None:
            return self._huffman.decode(octets, self._forgive)
        return octets

    def _indexed(self, pattern: Pattern) -> None:
        index = self._integer(pattern.prefix)
        if index == OVERFLOW:
            return
        if index < self._generation.first_index:
            self._refuse("hpack.index-zero", "an indexed field has index 0")
        elif not self._context.indexed(index):
            self._out_of_range(index)

    def _literal(self, pattern: Pattern) -> None:
        index = self._integer(pattern.prefix)
        name: bytes | None = self._name(index) if index else self._string()
        # The index of a replaced entry comes like a length in hpack-02: no bits of prefix.
        replaces = self._integer(0) if pattern.indexing == "substitution" else 0
        value = self._string()
        if name is None or replaces == OVERFLOW:
            return
        field = HeaderField(name, value, pattern.indexing == "never")
        if not self._context.literal(field, pattern.indexing, replaces):
            self._out_of_range(replaces)

    def _name(self, number: int) -> bytes | None:
        """Find the name that a number in the octets of a literal refers to; None if there is none.

        The number is the index plus what makes the lowest index 1, as 0 says that a name follows.
        """
        if number == OVERFLOW:
            return None
        index = number - 1 + self._generation.first_index
        found = self.table.locate(index)
        if found is None:
            self._out_of_range(index)
            return None
        return found.field.name if isinstance(found, Entry) else found.name

    def _out_of_range(self, index: int) -> None:
        entries = len(self.table.static) + len(self.table.entries)
        self._refuse(
            "hpack.index-out-of-range",
            f"index {index} is beyond the {entries} entries that there are",
        )

    def _empty_reference_set(self, pattern: Pattern) -> None:
        octet = self._block[self._position]
        if octet != pattern.octet:
            self._refuse(
                "hpack.reference-set-emptying",
                f"the instruction to empty the reference set is 0x{octet:02x}",
            )
        self._position += 1
        self._context.empty_reference_set()

    def _size_update(self, pattern: Pattern, *, late: bool) -> None:
        size = self._integer(pattern.prefix)
        if late:
            self._refuse("hpack.size-update-late", "a size update comes after a header field")
        if size == OVERFLOW:
            return
        if size > self._limit:
            self._refuse(
                "hpack.size-update-limit",
                f"a size update to {size} octets is above the limit of {self._limit}",
            )
            self._owed = None
        self._check_owed(size)
        self._size_chosen = True
        self.table.resize(size)

    def _check_owed(self, size: int | None = None) -> None:
        """Check the first representation after the limit came down; `size` if it is an update."""
        owed, self._owed = self._owed, None
        if owed is not None and (size is None or size > owed):
            restored = self._limit > owed
            self._refuse(
                "hpack.size-update-smallest" if restored else "hpack.size-update-missing",
                f"the limit came down to {owed} octets, and no size update to that came first",
            )
