"""Each rule of decoding: refused by its name, and with a defined continuation when forgiven."""

from __future__ import annotations

import time

import pytest

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
    plain,
)

GET = HeaderField(b":method", b"GET")
A = HeaderField(b"a", b"b")

# generation, rule, the block, and what it decodes to when the rule is forgiven
BROKEN = [
    ("rfc7541", "hpack.index-zero", "82 80 82", [GET, GET]),
    ("rfc7541", "hpack.index-out-of-range", "82 be 82", [GET, GET]),
    ("rfc7541", "hpack.index-out-of-range", "82 ff 80 ff ff ff 0f 82", [GET, GET]),
    ("rfc7541", "hpack.index-out-of-range", "82 7f ff 3f 01 62 82", [GET, GET]),
    ("rfc7541", "hpack.index-out-of-range", "82 0f 7f 01 62 82", [GET, GET]),
    ("rfc7541", "hpack.integer-overflow", "82 ff 81 ff ff ff 0f 82", [GET, GET]),
    ("rfc7541", "hpack.integer-overflow", "82 ff ff ff ff ff ff ff ff ff 7f 82", [GET, GET]),
    ("rfc7541", "hpack.integer-overflow", "82 ff 80 80 80 80 80 00 82", [GET, GET]),
    ("rfc7541", "hpack.integer-overflow", "82 7f ff ff ff ff 7f 01 62 82", [GET, GET]),
    ("rfc7541", "hpack.integer-overflow", "82 00 7f ff ff ff ff 7f 61 01 62", [GET]),
    ("rfc7541", "hpack.integer-overflow", "3f ff ff ff ff 7f 82", [GET]),
    ("rfc7541", "hpack.truncated", "82 ff", [GET]),
    ("rfc7541", "hpack.truncated", "82 ff 80", [GET]),
    ("rfc7541", "hpack.truncated", "82 00", [GET]),
    ("rfc7541", "hpack.truncated", "82 00 02 61", [GET]),
    ("rfc7541", "hpack.truncated", "82 00 01 61", [GET]),
    ("rfc7541", "hpack.truncated", "82 00 01 61 02 62", [GET]),
    ("rfc7541", "hpack.truncated", "82 00 01 61 ff ff", [GET]),
    ("rfc7541", "hpack.huffman-eos", "00 01 61 84 ff ff ff ff", [HeaderField(b"a", b"")]),
    ("rfc7541", "hpack.huffman-padding-length", "00 01 61 82 1f ff", [HeaderField(b"a", b"a")]),
    ("rfc7541", "hpack.huffman-padding-length", "00 01 61 81 ff", [HeaderField(b"a", b"")]),
    ("rfc7541", "hpack.huffman-padding-ones", "00 01 61 81 18", [HeaderField(b"a", b"a")]),
    ("rfc7541", "hpack.huffman-padding-ones", "00 01 61 81 1e", [HeaderField(b"a", b"a")]),
    ("rfc7541", "hpack.size-update-limit", "3f e2 1f 82", [GET]),
    ("rfc7541", "hpack.size-update-late", "82 20", [GET]),
    ("hpack-10", "hpack.index-zero", "82 80 82", [GET, GET]),
    ("hpack-10", "hpack.size-update-limit", "3f e2 1f 82", [GET]),
    ("hpack-10", "hpack.size-update-late", "82 20 82", [GET, GET]),
    ("hpack-09", "hpack.index-zero", "82 80 82", [GET, GET]),
    ("hpack-09", "hpack.size-update-limit", "82 3f e2 1f", [GET]),
    ("hpack-08", "hpack.index-zero", "80 82", [GET]),
    ("hpack-08", "hpack.index-out-of-range", "be 82", [GET]),
    ("hpack-08", "hpack.size-update-limit", "2f f2 1f 82", [GET]),
    ("hpack-08", "hpack.reference-set-emptying", "31 82", [GET]),
    ("hpack-08", "hpack.reference-set-emptying", "32 82", [GET]),
    ("hpack-08", "hpack.reference-set-emptying", "34 82", [GET]),
    ("hpack-08", "hpack.reference-set-emptying", "38 82", [GET]),
    ("hpack-08", "hpack.reference-set-emptying", "3f 82", [GET]),
    ("hpack-07", "hpack.index-zero", "80 82", [GET]),
    ("hpack-07", "hpack.huffman-padding-length", "00 01 61 81 ff", [HeaderField(b"a", b"")]),
    ("hpack-05", "hpack.index-out-of-range", "bd 82", [GET]),
    ("hpack-05", "hpack.truncated", "82 40 01 61", [GET]),
    ("hpack-02", "hpack.index-out-of-range", "9e 84", [GET]),
    ("hpack-02", "hpack.index-out-of-range", "7f 00 01 62 84", [GET]),
    ("hpack-02", "hpack.index-out-of-range", "04 1e 01 62 84", [GET]),
    ("hpack-02", "hpack.integer-overflow", "04 ff ff ff ff 7f 01 62 84", [GET]),
    ("hpack-00", "hpack.index-out-of-range", "a6 80", [HeaderField(b":scheme", b"http")]),
    ("hpack-00", "hpack.index-out-of-range", "04 26 01 62 80", [HeaderField(b":scheme", b"http")]),
    ("hpack-00", "hpack.truncated", "80 04", [HeaderField(b":scheme", b"http")]),
]
IDS = [f"{generation}-{rule}-{block.replace(' ', '')}" for generation, rule, block, _ in BROKEN]


@pytest.mark.parametrize(("generation", "rule", "block", "forgiven"), BROKEN, ids=IDS)
def test_breach_is_refused_by_name(
    generation: str, rule: str, block: str, forgiven: list[HeaderField]
) -> None:
    octets = bytes.fromhex(block)
    with pytest.raises(HpackError) as caught:
        Decoder(generation).decode(octets)
    assert caught.value.rule == rule
    assert rule in str(caught.value)
    with pytest.raises(HpackError):
        Decoder(generation, forgive=RULES - {rule}).decode(octets)
    assert Decoder(generation, forgive={rule}).decode(octets) == forgiven


@pytest.mark.parametrize(("generation", "rule", "block", "forgiven"), BROKEN, ids=IDS)
def test_encoder_is_in_step_with_a_peer_that_forgives(
    generation: str, rule: str, block: str, forgiven: list[HeaderField]
) -> None:
    encoder, decoder = Encoder(generation), Decoder(generation, forgive={rule})
    octets = encoder.encode([RawOctets(bytes.fromhex(block))])
    assert decoder.decode(octets) == forgiven
    octets = encoder.encode([LiteralField("incremental", b"later", b"")])
    assert HeaderField(b"later", b"") in decoder.decode(octets)
    assert decoder.table.fields == encoder.table.fields
    assert decoder.table.maximum == encoder.table.maximum


def test_rules_that_every_generation_must_have_a_breach_for() -> None:
    limits = {"hpack.size-update-missing", "hpack.size-update-smallest"}  # after a change of those
    assert {rule for _, rule, _, _ in BROKEN} | limits == RULES


# generation, block: what that generation has no rule against, or what is legal at its bound
FINE = [
    ("rfc7541", "", []),
    ("rfc7541", "3f e1 1f 82", [GET]),
    ("rfc7541", "20 3f e1 1f 82", [GET]),
    ("rfc7541", "3f e1 9f 80 00 82", [GET]),
    ("rfc7541", "00 01 61 80", [HeaderField(b"a", b"")]),
    ("rfc7541", "00 01 61 7f 80 80 80 80 00" + "00" * 127, [HeaderField(b"a", b"\0" * 127)]),
    ("hpack-09", "82 20", [GET]),
    ("hpack-08", "82 20", [GET]),
    ("hpack-08", "82 30", [GET]),
    ("hpack-07", "82 3f", [GET]),
    ("hpack-05", "82 80 81", [GET, GET]),
    ("hpack-05", "40 01 61 81 40", [HeaderField(b"a", b"a")]),
    ("hpack-05", "40 01 61 82 47 ff", [HeaderField(b"a", b"a")]),
    ("hpack-05", "40 01 61 84 ff ff f7 3f", [HeaderField(b"a", b"")]),
]


@pytest.mark.parametrize(("generation", "block", "fields"), FINE)
def test_legal_block_is_accepted(generation: str, block: str, fields: list[HeaderField]) -> None:
    assert Decoder(generation).decode(bytes.fromhex(block)) == fields


class TestBounds:
    def test_decoded_size_is_bounded(self) -> None:
        octets = Encoder("rfc7541").encode([LiteralField("incremental", b"a", b"b" * 4000)])
        with pytest.raises(HpackError) as caught:
            Decoder("rfc7541").decode(octets + b"\xbe" * 10_000)
        assert caught.value.rule == "hpack.too-large"

    def test_bound_is_on_the_size_of_the_fields(self) -> None:
        octets = Encoder("rfc7541").encode(plain([A, A]))
        assert Decoder("rfc7541", decoded_size=68).decode(octets) == [A, A]
        with pytest.raises(HpackError, match="67 octets"):
            Decoder("rfc7541", decoded_size=67).decode(octets)

    @pytest.mark.no_cover  # which takes its time
    @pytest.mark.parametrize("generation", GENERATIONS)
    def test_hostile_blocks_take_little_time(self, generation: str) -> None:
        start = time.process_time()
        for octet in (0x00, 0x20, 0x2F, 0x30, 0x3F, 0x40, 0x7F, 0x80, 0x81, 0x82, 0xFF):
            for forgive in ((), RULES):
                decoder = Decoder(generation, forgive=forgive)
                try:
                    fields = decoder.decode(bytes([octet]) * 50_000)
                except HpackError:
                    continue
                assert len(fields) <= 2**20 // 32
        assert time.process_time() - start < 10

    def test_response_sized_huffman_string_is_quick(self) -> None:
        code = find_generation("rfc7541").huffman_code("response")
        assert code is not None
        text = bytes(range(32, 127)) * 180
        octets = code.encode(text)
        assert code.decode(octets) == text
        start = time.process_time()
        for _ in range(10):
            code.decode(octets)
        assert (time.process_time() - start) / 10 < 0.1


class TestEncoder:
    def test_overlong_integer(self) -> None:
        encoder = Encoder("rfc7541")
        assert encoder.encode([Indexed(130, 2)]) == bytes.fromhex("ff 83 80 00")
        assert encoder.encode([Indexed(127, 1)]) == bytes.fromhex("ff 80 00")
        assert encoder.encode([Indexed(2, 9)]) == b"\x82"
        assert encoder.encode([TableSizeUpdate(4096, 1)]) == bytes.fromhex("3f e1 9f 00")

    def test_overlong_integer_is_accepted_up_to_five_octets(self) -> None:
        octets = Encoder("rfc7541").encode([TableSizeUpdate(4096, 3)])
        assert Decoder("rfc7541").decode(octets) == []
        with pytest.raises(HpackError, match="integer-overflow"):
            Decoder("rfc7541").decode(Encoder("rfc7541").encode([TableSizeUpdate(4096, 4)]))

    @pytest.mark.parametrize(
        ("generation", "representation"),
        [
            ("rfc7541", EmptyReferenceSet()),
            ("rfc7541", LiteralField("substitution", b"a", b"b")),
            ("hpack-05", LiteralField("never", b"a", b"b")),
            ("hpack-05", TableSizeUpdate(0)),
            ("hpack-02", EmptyReferenceSet()),
            ("hpack-02", LiteralField("without", b"a", b"b", huffman_value=True)),
        ],
    )
    def test_what_a_generation_cannot_say_is_refused(
        self, generation: str, representation: Representation
    ) -> None:
        with pytest.raises(ValueError, match=generation):
            Encoder(generation).encode([representation])

    @pytest.mark.parametrize("generation", GENERATIONS)
    def test_plain_fields_leave_no_state(self, generation: str) -> None:
        fields = [GET, A, HeaderField(b"long", b"x" * 300), HeaderField(b"", b"")]
        encoder, decoder = Encoder(generation), Decoder(generation)
        before = encoder.table.fields
        for _ in range(2):
            assert decoder.decode(encoder.encode(plain(fields))) == fields
        assert encoder.table.fields == decoder.table.fields == before
        assert decoder.reference_set == []

    def test_unknown_generation_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"hpack-06.*rfc7541"):
            Encoder("hpack-06")


class TestReferenceSet:
    """hpack-08 4.1 and 4.2."""

    def test_index_toggles(self) -> None:
        decoder = Decoder("hpack-08")
        assert decoder.decode(b"\x82") == [GET]
        assert decoder.reference_set == [GET]
        assert decoder.decode(b"") == [GET]
        assert decoder.decode(b"\x81") == []
        assert decoder.reference_set == []
        assert decoder.decode(b"\x81") == [GET]
        assert decoder.decode(b"\x81\x81") == [GET]
        assert decoder.reference_set == [GET]

    def test_index_takes_out_what_the_same_block_has_put_in(self) -> None:
        """hpack-08 4.1: it stays emitted, and is emitted again when it is put back."""
        decoder = Decoder("hpack-08")
        assert decoder.decode(b"\x82\x81") == [GET]
        assert decoder.reference_set == []
        assert decoder.decode(b"\x81\x81\x81") == [GET, GET]
        assert decoder.reference_set == [GET]
        assert decoder.decode(bytes.fromhex("30 40 0161 0162 81")) == [A]
        assert decoder.reference_set == []
        assert decoder.decode(b"") == []

    def test_field_that_was_emitted_is_not_emitted_again(self) -> None:
        decoder = Decoder("hpack-08")
        block = bytes.fromhex("40 0161 0162")
        assert decoder.decode(block) == [A]
        assert decoder.decode(block) == [A, A]
        assert decoder.decode(b"\x30" + block) == [A]

    def test_what_does_not_fit_is_emitted_but_not_referenced(self) -> None:
        decoder = Decoder("hpack-08", 34)
        assert decoder.decode(bytes.fromhex("40 0161 0162")) == [A]
        assert decoder.decode(b"") == [A]
        assert decoder.decode(bytes.fromhex("30 40 0161 026262")) == [HeaderField(b"a", b"bb")]
        assert decoder.decode(b"") == []
        assert decoder.table.entries == type(decoder.table.entries)()

    def test_eviction_takes_the_reference_along(self) -> None:
        decoder = Decoder("hpack-08")
        decoder.decode(b"\x82")
        assert decoder.decode(b"\x20") == []
        assert decoder.reference_set == []


class TestSubstitution:
    def test_entry_is_replaced_in_its_place(self) -> None:
        decoder, encoder = Decoder("hpack-02"), Encoder("hpack-02")
        block = encoder.encode([LiteralField("substitution", b"a", b"b", replaces=4)])
        assert decoder.decode(block) == [A]
        assert decoder.table.locate(4) is decoder.table.entries[4]
        assert decoder.table.entries[4].field == A
        assert len(decoder.table.entries) == 30

    def test_replacement_of_an_evicted_entry_becomes_the_first(self) -> None:
        """hpack-02 3.2.4."""
        encoder = Encoder("hpack-02")
        size = encoder.table.size
        encoder.set_limit(size)
        field = HeaderField(b":scheme", b"x" * 50)
        encoder.encode([LiteralField("substitution", 0, field.value, replaces=1)])
        assert encoder.table.entries[0].field == field
        assert encoder.table.entries[1].field == HeaderField(b":path", b"/")
        assert len(encoder.table.entries) == 28
        assert encoder.table.size <= size

    def test_replacement_can_be_dropped_itself(self) -> None:
        """hpack-00 3.2: the entry is in its place before the table is cut down."""
        encoder = Encoder("hpack-00")
        size = encoder.table.size
        encoder.set_limit(size)
        encoder.encode([LiteralField("substitution", 0, b"x" * 50, replaces=0)])
        assert encoder.table.entries[0].field == HeaderField(b":scheme", b"https")
        assert encoder.reference_set == []

    @pytest.mark.parametrize(("generation", "left"), [("hpack-00", 34), ("hpack-02", 0)])
    def test_replacement_larger_than_the_table_is_not_kept(
        self, generation: str, left: int
    ) -> None:
        encoder, decoder = Encoder(generation), Decoder(generation)
        huge = LiteralField("substitution", b"a", b"b" * 5000, replaces=3)
        fields = decoder.decode(encoder.encode([huge]))
        assert fields == [HeaderField(b"a", b"b" * 5000)]
        assert decoder.table.fields == encoder.table.fields
        assert len(decoder.table.entries) == left
        assert decoder.table.size == sum(field.size for field in decoder.table.fields)

    def test_working_set_keeps_the_indices_that_fields_came_with(self) -> None:
        """hpack-00 3.4: one index can stand for several fields, and takes them all out."""
        decoder, encoder = Decoder("hpack-00"), Encoder("hpack-00")
        other = HeaderField(b"c", b"d")
        block = encoder.encode(
            [
                LiteralField("substitution", b"a", b"b", replaces=2),
                LiteralField("substitution", b"c", b"d", replaces=2),
            ]
        )
        assert decoder.decode(block) == [A, other]
        assert decoder.reference_set == [other]
        block = encoder.encode(
            [LiteralField("substitution", b"a", b"b", replaces=2), Indexed(2), Indexed(2)]
        )
        assert decoder.decode(block) == [A]
        assert decoder.reference_set == encoder.reference_set == [A]

    @pytest.mark.parametrize("generation", ["hpack-00", "hpack-02"])
    def test_directions_have_tables_of_their_own(self, generation: str) -> None:
        status = HeaderField(b":status", b"200")
        assert Decoder(generation, direction="response").decode(b"\x80") == [status]
        assert Decoder(generation, direction="request").decode(b"\x80") != [status]


def test_strings_are_coded_by_direction_in_hpack_05() -> None:
    literal = LiteralField("without", b"a", b"www.example.com", huffman_value=True)
    directions: tuple[Direction, ...] = ("request", "response")
    blocks = {
        direction: Encoder("hpack-05", direction=direction).encode([literal])
        for direction in directions
    }
    assert blocks["request"] != blocks["response"]
    for direction, block in blocks.items():
        decoder = Decoder("hpack-05", direction=direction)
        assert decoder.decode(block) == [HeaderField(b"a", b"www.example.com")]
