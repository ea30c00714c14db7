"""Properties of HPACK, with the `hpack` package as an oracle for rfc7541."""

from __future__ import annotations

import hpack as oracle
import hpack.huffman_table
import pytest
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hypothesis import given, settings
from hypothesis import strategies as st

from h2spec_py.wire.hpack import (
    GENERATIONS,
    RULES,
    Decoder,
    Direction,
    EmptyReferenceSet,
    Encoder,
    HeaderField,
    HpackError,
    Indexed,
    LiteralField,
    RawOctets,
    Representation,
    TableSizeUpdate,
    find_generation,
)
from h2spec_py.wire.hpack.huffman import HuffmanCode
from h2spec_py.wire.hpack.integer import read_integer, write_integer
from h2spec_py.wire.hpack.lengths import EOS

# How long one example takes says more about the machine than about the code.
unhurried = settings(deadline=None)

generations = st.sampled_from(sorted(GENERATIONS))
directions = st.sampled_from(["request", "response"])
octets = st.binary(max_size=200)
pairs = st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.binary(max_size=60)), max_size=8)
legal = st.lists(
    st.one_of(
        st.builds(Indexed, st.integers(1, 61)),
        st.builds(
            LiteralField,
            st.sampled_from(["incremental", "without", "never"]),
            st.one_of(st.integers(1, 61), st.binary(min_size=1, max_size=40)),
            st.binary(max_size=80),
            st.booleans(),
            st.booleans(),
        ),
    ),
    max_size=12,
)
anything: st.SearchStrategy[Representation] = st.one_of(
    st.builds(Indexed, st.integers(0, 2**33), st.integers(0, 8)),
    st.builds(
        LiteralField,
        st.just("incremental"),
        st.one_of(st.integers(0, 2**33), octets),
        octets,
    ),
    st.builds(LiteralField, st.just("without"), st.one_of(st.integers(0, 200), octets), octets),
    st.builds(RawOctets, octets),
)
extra: dict[str, list[st.SearchStrategy[Representation]]] = {
    "size-update": [st.builds(TableSizeUpdate, st.integers(0, 2**33), st.integers(0, 8))],
    "empty-reference-set": [st.just(EmptyReferenceSet())],
}


def codes() -> list[HuffmanCode]:
    found = [
        code
        for generation in GENERATIONS.values()
        for code in (generation.huffman_code("request"), generation.huffman_code("response"))
    ]
    return list(dict.fromkeys(code for code in found if code is not None))


def outcome(decoder: Decoder, block: bytes) -> str:
    try:
        fields = decoder.decode(block)
    except HpackError as error:
        return error.rule
    return "fields" if all(isinstance(field, HeaderField) for field in fields) else "other"


def pair(field: HeaderField) -> tuple[bytes, bytes]:
    return field.name, field.value


@given(st.lists(legal, max_size=4), st.sampled_from([4096, 100, 0]))
@unhurried
def test_oracle_decodes_what_we_encode(blocks: list[list[Representation]], size: int) -> None:
    encoder, ours, theirs = Encoder("rfc7541"), Decoder("rfc7541"), oracle.Decoder()
    for count, representations in enumerate(blocks):
        update: list[Representation] = [TableSizeUpdate(size)] if count == 1 else []
        block = encoder.encode([*update, *representations])
        fields = [(bytes(name), bytes(value)) for name, value in theirs.decode(block, raw=True)]
        assert list(map(pair, ours.decode(block))) == fields
        table = [(bytes(name), bytes(value)) for name, value in theirs.header_table.dynamic_entries]
        assert list(map(pair, encoder.table.fields)) == table


@given(st.lists(pairs, max_size=4), st.booleans(), st.sampled_from([4096, 100, 0]))
@unhurried
def test_we_decode_what_the_oracle_encodes(
    blocks: list[list[tuple[bytes, bytes]]], huffman: bool, size: int
) -> None:
    encoder, decoder = oracle.Encoder(), Decoder("rfc7541")
    for count, fields in enumerate(blocks):
        if count == 1:
            encoder.header_table_size = size
            decoder.set_limit(size)
        assert list(map(pair, decoder.decode(encoder.encode(fields, huffman=huffman)))) == fields


@given(st.binary(max_size=60), st.booleans())
@unhurried
def test_we_agree_with_the_oracle_on_any_octets(block: bytes, prefixed: bool) -> None:
    block = b"\x82\x41\x8a\xa0\xe4\x1d\x13\x9d\x09\xb8\xf0\x1e\x07" * prefixed + block
    try:
        fields = list(map(pair, Decoder("rfc7541").decode(block)))
    except HpackError as error:
        # It reads integers without bound, and lets a size update or short padding stand anywhere.
        if error.rule in (
            "hpack.index-zero",
            "hpack.index-out-of-range",
            "hpack.huffman-eos",
            "hpack.size-update-limit",
        ):
            with pytest.raises((oracle.HPACKError, UnicodeDecodeError)):
                oracle.Decoder().decode(block, raw=True)
    else:
        theirs = oracle.Decoder().decode(block, raw=True)
        assert fields == [(bytes(name), bytes(value)) for name, value in theirs]


@given(generations, directions, st.lists(st.binary(max_size=300), max_size=4), st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_octets_give_fields_or_an_error(
    generation: str, direction: str, blocks: list[bytes], forgiving: bool
) -> None:
    decoder = Decoder(
        generation,
        forgive=RULES if forgiving else (),
        direction="response" if direction == "response" else "request",
    )
    for block in blocks:
        assert outcome(decoder, block) in ("fields", *(() if forgiving else RULES))
        table = decoder.table
        assert table.size == sum(field.size for field in table.fields) <= table.maximum


@given(st.data(), generations)
@unhurried
def test_encoder_takes_any_representation_and_stays_in_step(
    data: st.DataObject, generation: str
) -> None:
    kinds = {pattern.kind for pattern in find_generation(generation).patterns}
    more = [one for kind in kinds for one in extra.get(kind, ())]
    blocks = data.draw(st.lists(st.lists(st.one_of(anything, *more), max_size=6), max_size=3))
    encoder = Encoder(generation)
    decoder = Decoder(generation, forgive=RULES, decoded_size=None)
    for representations in blocks:
        decoder.decode(encoder.encode(representations))
        assert decoder.table.fields == encoder.table.fields
        assert decoder.reference_set == encoder.reference_set


@given(st.integers(0, 2**32 - 1), st.integers(0, 8), st.integers(0, 3))
@unhurried
def test_integers_survive(value: int, prefix: int, overlong: int) -> None:
    encoded = write_integer(value, prefix, 0, overlong)
    if len(encoded) - bool(prefix) <= 5:
        assert read_integer(encoded + b"\xff", 0, prefix) == (value, len(encoded))
    else:
        with pytest.raises(HpackError, match="integer-overflow"):
            read_integer(encoded, 0, prefix)


@given(octets)
@unhurried
def test_strings_survive_every_huffman_code(text: bytes) -> None:
    for code in codes():
        assert code.decode(code.encode(text)) == text


@given(octets)
@unhurried
def test_huffman_code_is_the_oracles(text: bytes) -> None:
    theirs = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)
    ours = find_generation("rfc7541").huffman_code("request")
    assert ours is not None
    encoded = ours.encode(text)
    assert encoded == theirs.encode(text)
    assert hpack.huffman_table.decode_huffman(encoded) == text


def test_there_are_four_codes_and_each_is_complete() -> None:
    assert len(codes()) == 4
    for code in codes():
        assert len(code.codes) == EOS + 1
        assert sum(2.0 ** -len(bits) for bits in code.codes) == 1
        assert code.codes[EOS].startswith("1" * 8)


def test_rfc7541_code_is_the_oracles() -> None:
    ours = find_generation("rfc7541").huffman_code("request")
    assert ours is not None
    assert [int(bits, 2) for bits in ours.codes] == list(REQUEST_CODES)
    assert [len(bits) for bits in ours.codes] == list(REQUEST_CODES_LENGTH)


def test_rfc7541_static_table_is_the_oracles() -> None:
    fields = find_generation("rfc7541").static_table("request")
    assert tuple(map(pair, fields)) == oracle.table.HeaderTable.STATIC_TABLE


@pytest.mark.parametrize(
    ("generation", "direction", "slash", "eos"),
    [
        ("rfc7541", "request", "011000", f"{0x3FFFFFFF:030b}"),
        ("hpack-08", "response", "011000", f"{0x3FFFFFFF:030b}"),
        ("hpack-07", "request", "00111", f"{0x1FFFFDC:025b}"),
        ("hpack-05", "request", "0000", f"{0x3FFFFDC:026b}"),
        ("hpack-05", "response", "1101011", f"{0xFFFFDD:024b}"),
    ],
)
def test_codes_are_those_of_the_documents(
    generation: str, direction: Direction, slash: str, eos: str
) -> None:
    """EOS is among the longest, so its code comes of the lengths of nearly all others."""
    code = find_generation(generation).huffman_code(direction)
    assert code is not None
    assert code.codes[ord("/")] == slash
    assert code.codes[EOS] == eos
