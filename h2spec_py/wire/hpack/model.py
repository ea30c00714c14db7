"""What header blocks are made of: header fields, their representations, and decoding errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Indexing = Literal["incremental", "without", "never", "substitution"]
"""What a literal does to the table; which of these exist depends on the generation."""

RULES = frozenset(
    {
        "hpack.huffman-eos",
        "hpack.huffman-padding-length",
        "hpack.huffman-padding-ones",
        "hpack.index-out-of-range",
        "hpack.index-zero",
        "hpack.integer-overflow",
        "hpack.reference-set-emptying",
        "hpack.size-update-late",
        "hpack.size-update-limit",
        "hpack.size-update-missing",
        "hpack.size-update-smallest",
        "hpack.truncated",
    }
)
"""The ids of all requirements that a decoder enforces and can be told to forgive."""


class HpackError(Exception):
    """A header block that cannot be decoded.

    `rule` is the id of the requirement that was broken, one of `RULES`, or `hpack.too-large` when
    the decoder's own bound on the decoded size was reached.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A name and a value; `never_indexed` if it was a literal so marked (rfc7541 6.2.3)."""

    name: bytes
    value: bytes
    never_indexed: bool = False

    @property
    def size(self) -> int:
        """Size of an entry with this field, in octets (rfc7541 4.1)."""
        return len(self.name) + len(self.value) + 32


@dataclass(frozen=True, slots=True)
class Indexed:
    """An indexed field (rfc7541 6.1); any index, valid or not.

    `overlong` ends the integer with that many octets more than it needs, all of them zero. It has
    no effect on an index below 127, which leaves no place for them: nothing follows the prefix.
    """

    index: int
    overlong: int = 0


@dataclass(frozen=True, slots=True)
class LiteralField:
    """A literal field (rfc7541 6.2).

    `name` is the name itself, or the index of an entry that has it. (Index 0 is that of an entry
    in hpack-00 and hpack-02 only; later it makes the octets say that a name follows.)

    `replaces` is the index of the entry that `substitution` overwrites (hpack-02 4.3.3).
    `overlong` is for the index of a name, as in `Indexed`.
    """

    indexing: Indexing
    name: bytes | int
    value: bytes
    huffman_name: bool = False
    huffman_value: bool = False
    replaces: int = 0
    overlong: int = 0


@dataclass(frozen=True, slots=True)
class TableSizeUpdate:
    """A new maximum size of the table, in octets (rfc7541 6.3); `overlong` as in `Indexed`."""

    size: int
    overlong: int = 0


@dataclass(frozen=True, slots=True)
class EmptyReferenceSet:
    """The instruction to empty the reference set (hpack-08 7.3, hpack-05 4.2)."""


@dataclass(frozen=True, slots=True)
class RawOctets:
    """Octets that go into the block as they are."""

    octets: bytes


Representation = Indexed | LiteralField | TableSizeUpdate | EmptyReferenceSet | RawOctets


def plain(fields: Iterable[HeaderField]) -> list[Representation]:
    """Represent fields in the form that all generations share and that leaves no state behind.

    That is a literal without indexing and without Huffman coding. The mark of a never-indexed field
    is dropped, because not every generation can express it.
    """
    return [LiteralField("without", field.name, field.value) for field in fields]
