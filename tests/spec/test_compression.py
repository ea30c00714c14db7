"""What is told of header compression, of one version and of two."""

from __future__ import annotations

from itertools import combinations

import pytest

from h2spec_py.spec import VERSIONS, find_version
from h2spec_py.spec.compression import compression, compression_beside
from h2spec_py.wire.hpack import GENERATIONS, Generation

NEWEST = {
    "document": "rfc7541",
    "indexed field": "1, index with a 7-bit prefix",  # rfc7541 6.1
    "literal with incremental indexing": "01, index of the name with a 6-bit prefix",  # 6.2.1
    "literal without indexing": "0000, index of the name with a 4-bit prefix",  # 6.2.2
    "literal never indexed": "0001, index of the name with a 4-bit prefix",  # 6.2.3
    "size update": "001, size with a 5-bit prefix",  # 6.3
    "string length": "7-bit prefix behind the bit for Huffman coding",  # 5.2
    "Huffman code": "'0' is 00000, EOS has 30 bits",  # B
    "index space": "from 1 the static table; behind it the dynamic table, newest entry first",
    "static table": "61 entries",  # A
    "reference set": "none",
    "change of the table's size": "by a size update",  # 4.2
    "place of a size update": "in front of the fields",  # 4.2
    "announcement of several limits": "the smallest is announced too, before the last",  # 4.2
}

OLDEST = {
    "document": "hpack-00",
    "indexed field": "1, index with a 7-bit prefix",  # hpack-00 4.3
    "literal with incremental indexing": "010, index of the name + 1 with a 5-bit prefix",  # 4.4.2
    "literal without indexing": "011, index of the name + 1 with a 5-bit prefix",  # 4.4.1
    "literal with substitution indexing": "00, index of the name + 1 with a 6-bit prefix,"
    " index of the entry with a 0-bit prefix",  # 4.4.3
    "string length": "0-bit prefix",  # 4.2.2
    "Huffman code": "none",
    "index space": "from 0 the table, oldest entry first",  # 3.2
    "initial table from a client": "38 entries",  # A.1
    "initial table from a server": "35 entries",  # A.2
    "reference set": "fields, each with the index that it had when it came in",  # 3.4
    "change of the table's size": "never: the setting for it has no number",  # 5
}


def test_the_newest_and_the_oldest() -> None:
    assert compression(find_version("9113")) == NEWEST
    assert compression(find_version("04")) == OLDEST


@pytest.mark.parametrize(
    ("name", "subject", "told"),
    [
        ("06", "reference set", "entries of the table"),  # hpack-02 3.1.3
        ("09", "literal with incremental indexing", "00, index of the name with a 6-bit prefix"),
        ("09", "literal without indexing", "01, index of the name with a 6-bit prefix"),
        ("09", "emptying the reference set", "10000000"),  # hpack-05 4.2: index 0
        (
            "09",
            "Huffman code",  # hpack-05 C and D
            (
                "from a client '0' is 00101, EOS has 26 bits;"
                " from a server '0' is 0001, EOS has 24 bits"
            ),
        ),
        ("09", "change of the table's size", "with the setting"),  # hpack-05 3.3.2
        ("12", "size update", "0010, size with a 4-bit prefix"),  # hpack-07 4.4
        ("12", "emptying the reference set", "00110000"),
        ("12", "Huffman code", "'0' is 0000, EOS has 25 bits"),  # hpack-07 C
        ("12", "change of the table's size", "with the setting, or by a size update"),
        ("12", "place of a size update", "anywhere in a header block"),
        (
            "13",
            "place of a size update",  # hpack-08 5.1
            "first in the block behind a new limit, else anywhere",
        ),
        ("17", "document", "hpack-11, on the wire as hpack-10"),
    ],
)
def test_those_between(name: str, subject: str, told: str) -> None:
    assert compression(find_version(name))[subject] == told


@pytest.mark.parametrize(
    ("old", "new", "subject", "told"),
    [
        ("12", "13", "static table", "61 entries; only here: 16 accept-encoding"),
        (
            "13",
            "12",
            "static table",
            "61 entries; only here: 16 accept-encoding: gzip, deflate",
        ),
        (
            "09",
            "12",
            "static table",
            "60 entries; only here: 11 :status: 403, 13 :status: 401; 49 others at another index",
        ),
        (
            "06",
            "04",
            "initial table from a client",
            "30 entries; only here: 4 :method: GET; 19 others at another index",
        ),
        ("06", "09", "initial table from a client", "30 entries"),
        ("14", "16", "static table", "61 entries"),
    ],
)
def test_a_table_is_told_beside_another(old: str, new: str, subject: str, told: str) -> None:
    assert compression_beside(find_version(old), find_version(new))[subject] == told


def parts(generation: Generation) -> tuple[object, ...]:
    """All that a generation consists of, but its name, the codes as the bits of their symbols."""
    codes = generation.huffman and tuple(code.codes for code in generation.huffman)
    fields = {**vars(generation), "huffman": codes}
    cached = {"name", "first_octets"}
    return tuple(value for name, value in sorted(fields.items()) if name not in cached)


def test_whatever_differs_is_told() -> None:
    """Two versions are told alike only if header blocks are coded alike in them."""
    for one, other in combinations(VERSIONS, 2):
        told, beside = compression_beside(one, other), compression_beside(other, one)
        same = {**told, "document": ""} == {**beside, "document": ""}
        alike = parts(GENERATIONS[one.hpack]) == parts(GENERATIONS[other.hpack])
        assert same == alike, (one, other)


def test_different_codes_are_told_differently() -> None:
    codes = {code.codes for generation in GENERATIONS.values() for code in generation.huffman or ()}
    assert len({(code[ord("0")], len(code[256])) for code in codes}) == len(codes) == 4
