"""The generations of HPACK, as data: which octets spell what, and which parts each one is made of.

| generation | index space | static or initial table | reference set | changes the table's size |
|---|---|---|---|---|
| hpack-08 | table, then static | one | yes | in the block |
| rfc7541 | static, then table | one | no | first in the block |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from h2spec_py.wire.hpack import lengths, static
from h2spec_py.wire.hpack.context import HeaderList, ReferenceSet
from h2spec_py.wire.hpack.huffman import HuffmanCode
from h2spec_py.wire.hpack.model import HeaderField, Indexing
from h2spec_py.wire.hpack.table import HeaderTable, Located, static_first, static_last

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


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of HPACK. Tables and codes are pairs: from the client, from the server."""

    name: str
    patterns: tuple[Pattern, ...]
    context: type[HeaderList]
    locate: Callable[[HeaderTable, int], Located]
    static: tuple[static.Entries, static.Entries] = ((), ())
    huffman: tuple[HuffmanCode, HuffmanCode] | None = None
    unchecked: frozenset[str] = frozenset()
    """Rules that this generation does not have."""
    first_octets: tuple[Pattern, ...] = field(init=False, repr=False)
    """The pattern of each first octet."""

    def __post_init__(self) -> None:
        by_octet = tuple(
            next(pattern for pattern in self.patterns if f"{octet:08b}".startswith(pattern.bits))
            for octet in range(256)
        )
        object.__setattr__(self, "first_octets", by_octet)

    def pattern(self, kind: Kind, indexing: Indexing = "without") -> Pattern:
        """Find the pattern of a representation. Raises ValueError when there is none."""
        for pattern in self.patterns:
            if pattern.kind == kind and pattern.indexing == indexing:
                return pattern
        wanted = f"{kind} ({indexing})" if kind == "literal" else kind
        raise ValueError(f"{self.name} has no representation {wanted}")

    def table(self, maximum: int, direction: Direction) -> HeaderTable:
        """Make the table of a new connection, of a maximum size in octets."""
        return HeaderTable(maximum, self.locate, self.static_table(direction))

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

RFC7541 = Generation(
    name="rfc7541",
    patterns=(Pattern("1", "indexed"), *_LITERALS, Pattern("001", "size-update")),
    context=HeaderList,
    locate=static_first,
    static=(static.RFC7541, static.RFC7541),
    huffman=(_CODE, _CODE),
    unchecked=frozenset({"hpack.reference-set-emptying"}),
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
    static=(static.RFC7541, static.RFC7541),
    huffman=(_CODE, _CODE),
    # An update that no setting called for may stand anywhere (hpack-08 7.3).
    unchecked=frozenset({"hpack.size-update-late"}),
)

GENERATIONS = {generation.name: generation for generation in (HPACK_08, RFC7541)}
"""All generations by the name of their document, in chronological order."""


def find_generation(name: str) -> Generation:
    """Return a generation by the name of its document. Raises ValueError for an unknown one."""
    try:
        return GENERATIONS[name]
    except KeyError:
        known = ", ".join(GENERATIONS)
        raise ValueError(f"unknown generation of HPACK {name!r}; known are {known}") from None
