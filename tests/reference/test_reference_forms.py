"""Telling which forms of HPACK a block uses, and decoding it wrongly on purpose."""

from __future__ import annotations

import pytest

from h2spec_py.reference.decoders import TABLES, wrong_decoder
from h2spec_py.reference.forms import forms_of
from h2spec_py.wire.hpack import (
    EmptyReferenceSet,
    Encoder,
    HpackError,
    Indexed,
    LiteralField,
    Representation,
    TableSizeUpdate,
)

GENERATIONS = ["hpack-08", "rfc7541"]


def encoded(generation: str, *representations: Representation) -> bytes:
    return Encoder(generation).encode(representations)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    ("representation", "forms"),
    [
        (Indexed(2), {"indexed"}),
        (Indexed(2000), {"indexed", "integer"}),
        (LiteralField("incremental", b"a", b"b"), {"literal-incremental"}),
        (LiteralField("without", b"a", b"b"), {"literal-without"}),
        (LiteralField("never", 4, b"b"), {"literal-never"}),
        (LiteralField("without", 58, b"b"), {"literal-without", "integer"}),
        (LiteralField("without", b"a", b"b" * 127), {"literal-without", "integer"}),
        (LiteralField("without", b"a", b"b", huffman_value=True), {"literal-without", "huffman"}),
        (LiteralField("without", b"a", b"b", huffman_name=True), {"literal-without", "huffman"}),
        (TableSizeUpdate(0), {"size-update"}),
    ],
)
def test_forms(generation: str, representation: Representation, forms: set[str]) -> None:
    other = LiteralField("never", b"before", b"after")
    alone = encoded(generation, representation)
    assert forms_of(generation, alone) == forms
    amid = encoded(generation, other, representation, other)
    assert forms_of(generation, amid) == forms | {"literal-never"}


def test_rare_forms() -> None:
    overlong = b"\x0f\x81\x80\x00\x01b"
    assert forms_of("rfc7541", overlong) == {"literal-without", "integer", "integer-overlong"}
    assert "truncated" in forms_of("rfc7541", b"\x00\x05ab"[:1])
    assert forms_of("rfc7541", b"") == set()


@pytest.mark.parametrize("generation", ["hpack-05", "hpack-07", "hpack-08"])
def test_emptying_is_one_octet(generation: str) -> None:
    """hpack-05 4.2, hpack-08 7.3: what comes behind it is a representation of its own."""
    emptying = EmptyReferenceSet()
    assert forms_of(generation, encoded(generation, emptying)) == {"empty-reference-set"}
    block = encoded(generation, emptying, Indexed(2))
    assert forms_of(generation, block) == {"empty-reference-set", "indexed"}
    block = encoded(generation, emptying, LiteralField("incremental", b"a", b"b"))
    assert forms_of(generation, block) == {"empty-reference-set", "literal-incremental"}


def test_emptying_with_other_bits_is_no_integer() -> None:
    """hpack-08 7.3 has an error for such bits, but no meaning."""
    assert forms_of("hpack-08", b"\x3f\x82") == {"empty-reference-set", "indexed"}


def fields(generation: str, requirement: str, *blocks: tuple[Representation, ...]) -> list[bytes]:
    """Names in the last of some blocks, as a wrong decoder sees them."""
    decoder = wrong_decoder(generation, {requirement})
    assert decoder is not None
    encoder = Encoder(generation)
    for block in blocks:
        decoded = decoder.decode(encoder.encode(block))
    return [field.name for field in decoded]


ADD = LiteralField("incremental", b"x-first", b"1")
ADD_MORE = LiteralField("incremental", b"x-second", b"2")
LARGE = LiteralField("incremental", b"x-large", b"y" * 4000)


def test_entries_are_lost() -> None:
    assert fields("rfc7541", "hpack.state-kept", (ADD,), (Indexed(62),)) == [b"content-length"]


def test_entries_are_not_evicted() -> None:
    blocks = ((ADD, LARGE), (ADD_MORE,), (Indexed(62),))
    assert fields("rfc7541", "hpack.eviction", *blocks) == [b"x-large"]
    resized = ((ADD,), (TableSizeUpdate(0), Indexed(62)))
    assert fields("rfc7541", "hpack.eviction", *resized) == [b"x-first"]


def test_indices_are_shifted() -> None:
    blocks = ((ADD,), (ADD_MORE,), (Indexed(63),))
    assert fields("rfc7541", "hpack.index-order", *blocks) == [b"x-second"]
    assert fields("rfc7541", "hpack.index-order", (Indexed(2),)) == [b":method"]


@pytest.mark.parametrize(
    ("requirement", "block"),
    [
        ("hpack.duplicate-entries", (ADD, ADD)),
        ("hpack.entry-too-large", (ADD, LiteralField("incremental", b"x", b"y" * 5000))),
    ],
)
def test_legal_entries_are_refused(requirement: str, block: tuple[Representation, ...]) -> None:
    with pytest.raises(HpackError, match=requirement):
        fields("rfc7541", requirement, block)


def test_reference_set_is_inverted() -> None:
    plain = LiteralField("without", b"plain", b"")
    assert fields("hpack-08", "hpack.reference-set", (ADD,), (plain,)) == [b"plain"]
    emptied = ((ADD,), (EmptyReferenceSet(), plain))
    assert fields("hpack-08", "hpack.reference-set", *emptied) == [b"plain", b"x-first"]
    evicted = ((ADD,), (TableSizeUpdate(0), plain))
    assert fields("hpack-08", "hpack.reference-set", *evicted) == [b"plain", b"x-first"]


def test_other_requirements_leave_the_decoder_alone() -> None:
    assert wrong_decoder("rfc7541", {"ping.ack"}) is None
    assert {"hpack.eviction", "hpack.state-kept"} <= TABLES.keys()
