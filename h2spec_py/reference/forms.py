"""Which forms of HPACK a header block is made of, without decoding what they mean."""

from __future__ import annotations

from h2spec_py.wire.hpack import HpackError, find_generation
from h2spec_py.wire.hpack.generation import Generation
from h2spec_py.wire.hpack.integer import read_integer


class _Scanner:
    def __init__(self, generation: Generation, block: bytes) -> None:
        self._generation = generation
        self._block = block
        self._at = 0
        self.forms: set[str] = set()

    def scan(self) -> None:
        while self._at < len(self._block):
            pattern = self._generation.first_octets[self._block[self._at]]
            if pattern.kind == "literal":
                self.forms.add(f"literal-{pattern.indexing}")
                if self._integer(pattern.prefix) == 0:
                    self._string()
                if pattern.indexing == "substitution":
                    self._integer(0)
                self._string()
            elif pattern.kind == "empty-reference-set":
                self.forms.add(pattern.kind)
                self._at += 1  # whatever bits its pattern leaves are no integer
            else:
                self.forms.add(pattern.kind)
                self._integer(pattern.prefix)

    def _integer(self, prefix: int) -> int:
        start = self._at
        value, self._at = read_integer(self._block, self._at, prefix, forgive_overflow=True)
        if self._at - start > 1 or prefix == 0:
            self.forms.add("integer")
        if self._at - start > 2 and self._block[self._at - 1] == 0:
            self.forms.add("integer-overlong")
        return value

    def _string(self) -> None:
        coded = self._generation.huffman is not None
        if coded and self._at < len(self._block) and self._block[self._at] & 128:
            self.forms.add("huffman")
        length = self._integer(self._generation.string_prefix)
        self._at += length


def forms_of(generation: str, block: bytes) -> set[str]:
    """Name the forms in a header block.

    They are `indexed`, `literal-incremental` and its like, `size-update`, `empty-reference-set`,
    `huffman` for a string so coded, `integer` for one that does not fit its prefix, and
    `integer-overlong` for one with superfluous octets.
    """
    scanner = _Scanner(find_generation(generation), block)
    try:
        scanner.scan()
    except HpackError:
        scanner.forms.add("truncated")
    return scanner.forms
