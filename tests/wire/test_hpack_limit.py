"""What a lowered SETTINGS_HEADER_TABLE_SIZE calls for."""

from __future__ import annotations

import pytest

from h2spec_py.wire.hpack import (
    Decoder,
    Encoder,
    HeaderField,
    HpackError,
    LiteralField,
    TableSizeUpdate,
)

GET = HeaderField(b":method", b"GET")
A = HeaderField(b"a", b"b")

IN_BLOCK = ["hpack-08", "hpack-09", "hpack-10", "rfc7541"]
"""The generations in which a smaller limit calls for a size update."""


@pytest.mark.parametrize("generation", IN_BLOCK)
@pytest.mark.parametrize("octets", ["82", ""])
def test_update_must_come_first(generation: str, octets: str) -> None:
    block = bytes.fromhex(octets)
    decoder = Decoder(generation)
    decoder.set_limit(100)
    with pytest.raises(HpackError) as caught:
        decoder.decode(block)
    assert caught.value.rule == "hpack.size-update-missing"
    decoder = Decoder(generation)
    decoder.set_limit(100)
    update = Encoder(generation).encode([TableSizeUpdate(100)])
    assert decoder.decode(update + block) == [GET] * len(block)
    assert decoder.table.maximum == 100


def test_what_an_empty_block_would_keep_is_gone_in_hpack_08() -> None:
    decoder = Decoder("hpack-08")
    assert decoder.decode(bytes.fromhex("40 0161 0162")) == [A]
    decoder.set_limit(0)
    with pytest.raises(HpackError, match="size-update-missing"):
        decoder.decode(b"")


def test_emptying_does_not_come_before_the_update_in_hpack_08() -> None:
    decoder = Decoder("hpack-08")
    decoder.set_limit(0)
    with pytest.raises(HpackError) as caught:
        decoder.decode(bytes.fromhex("30 20 82"))
    assert caught.value.rule == "hpack.size-update-missing"


def test_update_is_called_for_once() -> None:
    decoder = Decoder("rfc7541")
    decoder.set_limit(100)
    assert decoder.limit == 100
    assert decoder.decode(bytes.fromhex("3f45 82")) == [GET]
    assert decoder.decode(b"\x82") == [GET]


def test_missing_update_can_be_forgiven() -> None:
    decoder = Decoder("rfc7541", forgive={"hpack.size-update-missing"})
    decoder.set_limit(100)
    assert decoder.decode(b"\x82") == [GET]
    assert decoder.table.maximum == 4096


@pytest.mark.parametrize("generation", ["hpack-09", "hpack-10", "rfc7541"])
def test_smallest_of_several_limits_must_be_signalled(generation: str) -> None:
    for block, fine in (
        ("3f45 82", False),
        ("82", False),
        ("", False),
        ("20 3f45 82", True),
        ("20 82", True),
    ):
        decoder = Decoder(generation)
        decoder.set_limit(0)
        decoder.set_limit(100)
        if fine:
            assert decoder.decode(bytes.fromhex(block)) == [GET]
        else:
            with pytest.raises(HpackError) as caught:
                decoder.decode(bytes.fromhex(block))
            assert caught.value.rule == "hpack.size-update-smallest"


def test_smallest_limit_need_not_be_signalled_in_hpack_08() -> None:
    decoder = Decoder("hpack-08")
    decoder.set_limit(0)
    decoder.set_limit(4096)
    assert decoder.decode(b"\x82") == [GET]


def test_limit_above_the_chosen_size_calls_for_nothing() -> None:
    decoder = Decoder("rfc7541")
    decoder.decode(b"\x20")
    decoder.set_limit(100)
    assert decoder.decode(b"\x82") == [GET]
    decoder.set_limit(8192)
    assert decoder.decode(b"\x82") == [GET]


def test_update_above_the_lowered_limit_is_a_breach_of_the_limit() -> None:
    decoder = Decoder("rfc7541")
    decoder.set_limit(100)
    with pytest.raises(HpackError) as caught:
        decoder.decode(bytes.fromhex("3f46 82"))
    assert caught.value.rule == "hpack.size-update-limit"


@pytest.mark.parametrize("generation", ["hpack-00", "hpack-02", "hpack-05", "hpack-07"])
def test_table_follows_the_limit_by_itself(generation: str) -> None:
    decoder, encoder = Decoder(generation), Encoder(generation)
    octets = encoder.encode([LiteralField("incremental", b"a", b"b")])
    assert A in decoder.decode(octets)
    for limit in (34, 0, 64):
        decoder.set_limit(limit)
        encoder.set_limit(limit)
        assert decoder.table.maximum == encoder.table.maximum == limit
        assert decoder.table.size <= limit
    octets = encoder.encode([LiteralField("without", b"c", b"")])
    assert HeaderField(b"c", b"") in decoder.decode(octets)


def test_size_chosen_in_a_block_outlasts_a_raised_limit_in_hpack_07() -> None:
    decoder = Decoder("hpack-07")
    decoder.decode(b"\x20")
    decoder.set_limit(8192)
    assert decoder.table.maximum == 0
