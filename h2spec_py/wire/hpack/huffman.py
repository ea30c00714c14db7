"""Huffman coding of strings (rfc7541 5.2), for any of the codes in `lengths`.

Encoding looks up each octet's code. Decoding walks the code's tree an octet of input at a time:
the first time that an octet is met at some node the walk of its eight bits is made and kept, so a
decoder pays for the part of the table that it uses, and no more than one look-up per octet after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from h2spec_py.wire.hpack.lengths import EOS
from h2spec_py.wire.hpack.model import HpackError

ROOT = 0


class HuffmanCode:
    """A canonical Huffman code over the 256 octets and EOS.

    `lengths` gives the number of bits of each symbol's code.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths = lengths
        self._steps: dict[int, tuple[int, bytes, bool]] = {}

    # Only the code of the version in use is worth the time that it takes to make.

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The code of each symbol, as a string of `0` and `1`."""
        return _canonical_codes(self._lengths)

    @cached_property
    def _tree(self) -> _Tree:
        return _Tree(self.codes)

    def encode(self, octets: bytes) -> bytes:
        """Encode a string, padded to a whole octet with the first bits of EOS."""
        bits = "".join(map(self.codes.__getitem__, octets))
        if not bits:
            return b""
        bits += self.codes[EOS][: -len(bits) % 8]
        return int(bits, 2).to_bytes(len(bits) // 8, "big")

    def decode(self, octets: bytes, forgive: Collection[str] = ()) -> bytes:
        """Decode a string.

        Raises HpackError when EOS occurs in it or its padding is wrong, unless that rule is
        forgiven: then EOS stands for nothing, and the padding may be any incomplete code.
        """
        steps = self._steps
        node = ROOT
        parts = []
        ended = False
        for octet in octets:
            step = steps.get(node << 8 | octet)
            if step is None:
                step = self._walk(node, octet)
            node, text, eos = step
            parts.append(text)
            ended |= eos
        if ended and "hpack.huffman-eos" not in forgive:
            raise HpackError("hpack.huffman-eos", "a Huffman-coded string contains EOS")
        padding = self._tree.paths[node]
        if len(padding) > 7 and "hpack.huffman-padding-length" not in forgive:
            raise HpackError(
                "hpack.huffman-padding-length",
                f"a Huffman-coded string ends with {len(padding)} bits of padding",
            )
        if not self.codes[EOS].startswith(padding) and "hpack.huffman-padding-ones" not in forgive:
            raise HpackError(
                "hpack.huffman-padding-ones",
                f"the padding of a Huffman-coded string is {padding}, not the first bits of EOS",
            )
        return b"".join(parts)

    def _walk(self, node: int, octet: int) -> tuple[int, bytes, bool]:
        """Follow eight bits from a node: the node reached, the octets decoded, whether EOS was."""
        start = node
        nodes = self._tree.nodes
        text = bytearray()
        eos = False
        for shift in range(7, -1, -1):
            node = nodes[node][octet >> shift & 1]
            if node < 0:
                if ~node == EOS:
                    eos = True
                else:
                    text.append(~node)
                node = ROOT
        step = self._steps[start << 8 | octet] = node, bytes(text), eos
        return step


class _Tree:
    """The tree of a code. `paths` are the bits that lead to each node."""

    def __init__(self, codes: Sequence[str]) -> None:
        # A node is the pair of what follows on 0 and on 1: another node, or ~symbol for a leaf.
        self.nodes: list[list[int]] = [[ROOT, ROOT]]
        self.paths: list[str] = [""]
        for symbol, code in enumerate(codes):
            self._plant(symbol, code)

    def _plant(self, symbol: int, code: str) -> None:
        """Add the leaf of a symbol, with the nodes on the way to it."""
        node = ROOT
        for depth, bit in enumerate(map(int, code[:-1]), 1):
            if self.nodes[node][bit] == ROOT:
                self.nodes[node][bit] = len(self.nodes)
                self.nodes.append([ROOT, ROOT])
                self.paths.append(code[:depth])
            node = self.nodes[node][bit]
        self.nodes[node][int(code[-1])] = ~symbol


def _canonical_codes(lengths: Sequence[int]) -> tuple[str, ...]:
    codes = [""] * len(lengths)
    code = previous = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths)):
        code <<= length - previous
        codes[symbol] = f"{code:0{length}b}"
        code += 1
        previous = length
    return tuple(codes)
