"""Encoding header blocks from explicit representations, legal or not."""

from __future__ import annotations

from collections.abc import Iterable

from h2spec_py.wire.hpack.decoder import Decoder
from h2spec_py.wire.hpack.generation import Direction, find_generation
from h2spec_py.wire.hpack.integer import write_integer
from h2spec_py.wire.hpack.model import (
    RULES,
    EmptyReferenceSet,
    HeaderField,
    Indexed,
    LiteralField,
    RawOctets,
    Representation,
    TableSizeUpdate,
)
from h2spec_py.wire.hpack.table import HeaderTable


class Encoder:
    """The encoding context of one direction of a connection.

    It chooses nothing: a block is exactly the representations that it is given. Its table follows
    by decoding what was encoded, with every rule forgiven (see `Decoder`), so that even after an
    illegal block it is what the table of a peer would be that let it pass.

    `limit` is the table's maximum size at the start (octets).
    """

    def __init__(
        self, generation: str, limit: int = 4096, *, direction: Direction = "request"
    ) -> None:
        self._generation = find_generation(generation)
        self._huffman = self._generation.huffman_code(direction)
        self._mirror = Decoder(generation, limit, RULES, direction=direction, decoded_size=None)

    @property
    def table(self) -> HeaderTable:
        """The header table, or dynamic table."""
        return self._mirror.table

    @property
    def reference_set(self) -> list[HeaderField]:
        """The fields in the reference set; always empty in generations without one."""
        return self._mirror.reference_set

    def set_limit(self, octets: int) -> None:
        """Note the SETTINGS_HEADER_TABLE_SIZE of the other side (octets)."""
        self._mirror.set_limit(octets)

    def encode(self, representations: Iterable[Representation]) -> bytes:
        """Encode one whole header block.

        Raises ValueError for a representation that the generation does not have at all.
        """
        block = b"".join(map(self._write, representations))
        self._mirror.decode(block)
        return block

    def _write(self, representation: Representation) -> bytes:
        match representation:
            case Indexed(index, overlong):
                pattern = self._generation.pattern("indexed")
                return write_integer(index, pattern.prefix, pattern.octet, overlong)
            case LiteralField():
                return self._literal(representation)
            case TableSizeUpdate(size, overlong):
                pattern = self._generation.pattern("size-update")
                return write_integer(size, pattern.prefix, pattern.octet, overlong)
            case EmptyReferenceSet():
                return bytes([self._generation.pattern("empty-reference-set").octet])
            case RawOctets(octets):
                return octets

    def _literal(self, literal: LiteralField) -> bytes:
        pattern = self._generation.pattern("literal", literal.indexing)
        if isinstance(literal.name, int):
            number = literal.name + 1 - self._generation.first_index
            name = write_integer(number, pattern.prefix, pattern.octet, literal.overlong)
        else:
            name = bytes([pattern.octet]) + self._string(literal.name, literal.huffman_name)
        if literal.indexing == "substitution":
            name += write_integer(literal.replaces, 0)
        return name + self._string(literal.value, literal.huffman_value)

    def _string(self, octets: bytes, huffman: bool) -> bytes:
        if not huffman:
            return write_integer(len(octets), self._generation.string_prefix) + octets
        if self._huffman is None:
            raise ValueError(f"{self._generation.name} has no Huffman coding")
        octets = self._huffman.encode(octets)
        return write_integer(len(octets), 7, 128) + octets
