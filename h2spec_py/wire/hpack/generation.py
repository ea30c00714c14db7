"""The generations of HPACK, as data: which octets spell what, and which parts each one is made of.

| generation | index space | static or initial table | reference set | changes the table's size |
|---|---|---|---|---|
| hpack-00 | table, from 0 | two initial ones | of copies, with their indices | with the setting |
| hpack-02 | table, from 0 | two initial ones | yes | with the setting |
| hpack-05 | table, then static | one | yes | with the setting |
| hpack-07 | table, then static | one | yes | with the setting, or in the block |
| hpack-08 | table, then static | one | yes | in the block |
| hpack-09 | static, then table | one | no | in the block |
| hpack-10 | static, then table | one | no | first in the block |
| rfc7541 | static, then table | one | no | first in the block |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from h2spec_py.wire.hpack import lengths
from h2spec_py.wire.hpack import static as tables
from h2spec_py.wire.hpack.context import HeaderList, ReferenceSet, Substituting, WorkingSet
from h2spec_py.wire.hpack.huffman import HuffmanCode
from h2spec_py.wire.hpack.model import HeaderField, Indexing
from h2spec_py.wire.hpack.table import (
    HeaderTable,
    Located,
    oldest_first,
    static_first,
    static_last,
)

Direction = Literal["request", "response"]
"""Who sends the header block: `request` for the client, `response` for the server."""

Kind = Literal["indexed", "literal", "size-update", "empty-reference-set"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The first octet of a representation: `bits` at its start, then an integer in the rest."""

    bits: str
    kind: Kind
    indexing: Indexing = "without"

    @property
    def prefix(self) -> int:
        """The number of bits that the pattern leaves to the integer."""
        return 8 - len(self.bits)

    @property
    def octet(self) -> int:
        """The first octet with the integer's bits at zero."""
        return int(self.bits, 2) << self.prefix


@dataclass(frozen=True)
class Generation:
    """One generation of HPACK. Tables and codes are pairs: from the client, from the server."""

    name: str
    patterns: tuple[Pattern, ...]
    context: type[HeaderList]
    locate: Callable[[HeaderTable, int], Located]
    static: tuple[tables.Entries, tables.Entries] = ((), ())
    initial: tuple[tables.Entries, tables.Entries] = ((), ())
    """What the table starts with."""
    first_index: int = 1
    """The lowest index; a literal's name index is counted up from it, from 1 in the octets."""
    string_prefix: int = 7
    """Bits of the prefix of a string's length; the eighth says if it is Huffman coded."""
    huffman: tuple[HuffmanCode, HuffmanCode] | None = None
    limit_resizes: bool = False
    """A new SETTINGS_HEADER_TABLE_SIZE changes the table by itself."""
    smallest_first: bool = False
    """After several changes of the limit, the smallest has to be signalled."""
    unchecked: frozenset[str] = frozenset()
    """Rules that this generation does not have."""

    @cached_property
    def first_octets(self) -> tuple[Pattern, ...]:
        """The pattern of each first octet."""
        return tuple(
            next(pattern for pattern in self.patterns if f"{octet:08b}".startswith(pattern.bits))
            for octet in range(256)
        )

    def pattern(self, kind: Kind, indexing: Indexing = "without") -> Pattern:
        """Find the pattern of a representation. Raises ValueError when there is none."""
        for pattern in self.patterns:
            if pattern.kind == kind and pattern.indexing == indexing:
                return pattern
        wanted = f"{kind} ({indexing})" if kind == "literal" else kind
        raise ValueError(f"{self.name} has no representation {wanted}")

    def table(self, maximum: int, direction: Direction) -> HeaderTable:
        """Make the table of a new connection, of a maximum size in octets."""
        at = direction == "response"
        return HeaderTable(maximum, self.locate, self.static[at], self.initial[at])

    def static_table(self, direction: Direction) -> tuple[HeaderField, ...]:
        """Return the static table for header blocks in a direction."""
        return self.static[direction == "response"]

    def huffman_code(self, direction: Direction) -> HuffmanCode | None:
        """Return the code for strings in a direction; None if the generation has none."""
        return self.huffman and self.huffman[direction == "response"]


_LITERALS = (
    Pattern("01", "literal", "incremental"),
    Pattern("0000", "literal", "without"),
    Pattern("0001", "literal", "never"),
)

_CODE = HuffmanCode(lengths.RFC7541)
_CODE_07 = HuffmanCode(lengths.HPACK_07)

RFC7541 = Generation(
    name="rfc7541",
    patterns=(Pattern("1", "indexed"), *_LITERALS, Pattern("001", "size-update")),
    context=HeaderList,
    locate=static_first,
    static=(tables.RFC7541, tables.RFC7541),
    huffman=(_CODE, _CODE),
    smallest_first=True,
)

HPACK_10 = replace(RFC7541, name="hpack-10")

HPACK_09 = replace(
    HPACK_10,
    name="hpack-09",
    # An update that no setting called for may stand anywhere (hpack-09 5.1).
    unchecked=frozenset({"hpack.size-update-late"}),
)

HPACK_08 = Generation(
    name="hpack-08",
    patterns=(
        Pattern("1", "indexed"),
        *_LITERALS,
        Pattern("0010", "size-update"),
        Pattern("0011", "empty-reference-set"),
    ),
    context=ReferenceSet,
    locate=static_last,
    static=(tables.RFC7541, tables.RFC7541),
    huffman=(_CODE, _CODE),
    unchecked=frozenset({"hpack.size-update-late"}),
)

HPACK_07 = replace(
    HPACK_08,
    name="hpack-07",
    static=(tables.HPACK_07, tables.HPACK_07),
    huffman=(_CODE_07, _CODE_07),
    limit_resizes=True,
    # It gives the bits of the emptying instruction as zero, but no error if they are not.
    unchecked=frozenset({"hpack.size-update-late", "hpack.reference-set-emptying"}),
)

HPACK_05 = Generation(
    name="hpack-05",
    patterns=(
        Pattern("10000000", "empty-reference-set"),
        Pattern("1", "indexed"),
        Pattern("01", "literal", "without"),
        Pattern("00", "literal", "incremental"),
    ),
    context=ReferenceSet,
    locate=static_last,
    static=(tables.HPACK_05, tables.HPACK_05),
    huffman=(HuffmanCode(lengths.HPACK_05_REQUEST), HuffmanCode(lengths.HPACK_05_RESPONSE)),
    limit_resizes=True,
    # It tells encoders how to pad, and expects no EOS, but has no error for anything else.
    unchecked=frozenset(
        {
            "hpack.huffman-eos",
            "hpack.huffman-padding-length",
            "hpack.huffman-padding-ones",
        }
    ),
)

HPACK_02 = Generation(
    name="hpack-02",
    patterns=(
        Pattern("1", "indexed"),
        Pattern("011", "literal", "without"),
        Pattern("010", "literal", "incremental"),
        Pattern("00", "literal", "substitution"),
    ),
    context=Substituting,
    locate=oldest_first,
    initial=(tables.HPACK_02_REQUEST, tables.HPACK_02_RESPONSE),
    first_index=0,
    string_prefix=0,
    # What was to carry a new size was a frame that draft-04 and draft-06 do not allow.
    limit_resizes=True,
)

HPACK_00 = replace(
    HPACK_02,
    name="hpack-00",
    context=WorkingSet,
    initial=(tables.HPACK_00_REQUEST, tables.HPACK_00_RESPONSE),
)

GENERATIONS = {
    generation.name: generation
    for generation in (
        HPACK_00,
        HPACK_02,
        HPACK_05,
        HPACK_07,
        HPACK_08,
        HPACK_09,
        HPACK_10,
        RFC7541,
    )
}
"""All generations by the name of their document, in chronological order."""


def find_generation(name: str) -> Generation:
    """Return a generation by the name of its document. Raises ValueError for an unknown one."""
    try:
        return GENERATIONS[name]
    except KeyError:
        known = ", ".join(GENERATIONS)
        raise ValueError(f"unknown generation of HPACK {name!r}; known are {known}") from None
