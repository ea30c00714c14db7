"""The examples of the specifications, with the state that they give after each step.

Those of header blocks stand in appendices, those of integers in one only from hpack-07 on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from h2spec_py.wire.hpack import (
    Decoder,
    Encoder,
    HeaderField,
    Indexed,
    LiteralField,
    RawOctets,
    Representation,
    TableSizeUpdate,
)
from h2spec_py.wire.hpack.integer import read_integer, write_integer

GROUPS = yaml.safe_load(Path(__file__).with_name("hpack_examples.yaml").read_text("utf-8"))
EXAMPLES = [
    pytest.param(document, group, id=f"{document}-{section}")
    for group in GROUPS
    for document, section in group["in"].items()
]
ORDERED = ("hpack-09", "hpack-10", "rfc7541")
MARKED = ("hpack-07", "hpack-08", *ORDERED)
"""The documents with a literal that is never to be indexed."""


def field(text: str) -> HeaderField:
    """Read `name: value`, where the name may start with a colon."""
    name, _, value = text[1:].partition(": ")
    return HeaderField((text[0] + name).encode(), value.encode())


def unmarked(fields: list[HeaderField]) -> list[HeaderField]:
    return [HeaderField(one.name, one.value) for one in fields]


@pytest.mark.parametrize(("document", "group"), EXAMPLES)
def test_example_decodes_to_its_fields_and_leaves_its_table(
    document: str, group: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    decoder = Decoder(document, group["limit"], direction=group["direction"])
    record_property("hpack", [document, "appendix", len(group["blocks"])])
    for block in group["blocks"]:
        if "references" in block:
            assert decoder.reference_set == [field(text) for text in block["references"]]
        fields = unmarked(decoder.decode(bytes.fromhex(block["hex"])))
        expected = [field(text) for text in block["fields"]]
        if document in ORDERED:
            assert fields == expected
        else:
            assert Counter(fields) == Counter(expected)
        assert decoder.table.fields == [field(text) for text in block["table"]]
        assert decoder.table.size == block["size"]


@pytest.mark.parametrize(("document", "group"), EXAMPLES)
def test_encoder_follows_the_examples_octets(document: str, group: dict[str, Any]) -> None:
    encoder = Encoder(document, group["limit"], direction=group["direction"])
    for block in group["blocks"]:
        octets = bytes.fromhex(block["hex"])
        assert encoder.encode([RawOctets(octets)]) == octets
        assert encoder.table.fields == [field(text) for text in block["table"]]


def test_every_example_of_every_document_is_there() -> None:
    """Those of integers, and of hpack-00 and hpack-02, are below."""
    counts: Counter[str] = Counter()
    for group in GROUPS:
        for document in group["in"]:
            counts[document] += len(group["blocks"])
    assert counts == {
        "hpack-05": 16,
        "hpack-07": 16,
        "hpack-08": 17,
        "hpack-09": 16,
        "hpack-10": 16,
        "rfc7541": 16,
    }


# value, bits of prefix, octets; hpack-00 and hpack-02 have the first two.
INTEGERS = [(10, 5, "0a"), (1337, 5, "1f9a0a"), (42, 8, "2a")]


@pytest.mark.parametrize(
    ("document", "section", "integers"),
    [
        ("hpack-00", "4.2.1", INTEGERS[:2]),
        ("hpack-02", "4.1.1", INTEGERS[:2]),
        ("hpack-05", "4.1.1", INTEGERS),
        ("hpack-07", "D.1", INTEGERS),
        ("hpack-08", "D.1", INTEGERS),
        ("hpack-09", "D.1", INTEGERS),
        ("hpack-10", "C.1", INTEGERS),
        ("rfc7541", "C.1", INTEGERS),
    ],
)
def test_integer_examples(
    document: str,
    section: str,
    integers: list[tuple[int, int, str]],
    record_property: Callable[[str, object], None],
) -> None:
    """All generations spell integers alike."""
    where = "text" if section[0].isdigit() else "appendix"
    record_property("hpack", [document, where, len(integers)])
    for value, prefix, octets in integers:
        assert write_integer(value, prefix).hex() == octets
        assert read_integer(bytes.fromhex(octets), 0, prefix) == (value, len(octets) // 2)


@pytest.mark.parametrize("document", MARKED)
def test_never_indexed_example_keeps_its_mark(document: str) -> None:
    """rfc7541 C.2.3, hpack-08 D.2.3; hpack-07 has the literal, but no example of it."""
    block = bytes.fromhex("1008 7061 7373 776f 7264 0673 6563 7265 74")
    assert Decoder(document).decode(block) == [HeaderField(b"password", b"secret", True)]
    assert Encoder(document).encode([LiteralField("never", b"password", b"secret")]) == block


REQUESTS: list[tuple[list[Representation], str]] = [
    (
        [
            Indexed(2),
            Indexed(6),
            Indexed(4),
            LiteralField("incremental", 1, b"www.example.com", huffman_value=True),
        ],
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    ),
    (
        [
            *(Indexed(index) for index in (2, 6, 4, 62)),
            LiteralField("incremental", 24, b"no-cache", huffman_value=True),
        ],
        "828684be5886a8eb10649cbf",
    ),
    (
        [
            *(Indexed(index) for index in (2, 7, 5, 63)),
            LiteralField("incremental", b"custom-key", b"custom-value", True, True),
        ],
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ),
]


def test_representations_are_spelled_as_in_the_example() -> None:
    """rfc7541 C.4."""
    encoder = Encoder("rfc7541")
    for representations, octets in REQUESTS:
        assert encoder.encode(representations).hex() == octets
    assert encoder.table.size == 164


# hpack-02 C prints the example of hpack-00 B with another header name, but with the indices of an
# older initial table; here they are those of its own (hpack-02 B.1).
SUBSTITUTION = {
    "hpack-00": (38, 12, b"x-my-header", "4416 4d0d 400b 05 a6a80426 5f0a06"),
    "hpack-02": (30, 11, b"mynewheader", "4416 4c0d 400b 05 9ea0041e 5f0206"),
}


@pytest.mark.parametrize("document", SUBSTITUTION)
def test_substitution_example(
    document: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("hpack", [document, "appendix", 2])  # header sets
    start, agent, own, octets = SUBSTITUTION[document]
    path, first, second = b"/my-example/index.html", b"first", b"second"
    script = b"/my-example/resources/script.js"
    pieces = [bytes.fromhex(text) for text in octets.split()]
    encoder, decoder = Encoder(document), Decoder(document)

    block = encoder.encode(
        [
            LiteralField("incremental", 3, path),
            LiteralField("incremental", agent, b"my-user-agent"),
            LiteralField("incremental", own, first),
        ]
    )
    assert block == (
        pieces[0] + path + pieces[1] + b"my-user-agent" + pieces[2] + own + pieces[3] + first
    )
    fields = [
        HeaderField(b":path", path),
        HeaderField(b"user-agent", b"my-user-agent"),
        HeaderField(own, first),
    ]
    assert decoder.decode(block) == fields
    assert decoder.table.fields[:3] == fields[::-1]
    assert len(decoder.table.entries) == start + 3
    assert decoder.reference_set == fields[::-1]

    block = encoder.encode(
        [
            Indexed(start),
            Indexed(start + 2),
            LiteralField("substitution", 3, script, replaces=start),
            LiteralField("incremental", start + 2, second),
        ]
    )
    assert block == pieces[4] + b"\x1f" + script + pieces[5] + second
    fields = [
        HeaderField(b":path", script),
        HeaderField(b"user-agent", b"my-user-agent"),
        HeaderField(own, first),
        HeaderField(own, second),
    ]
    assert Counter(decoder.decode(block)) == Counter([*fields[:2], fields[3]])
    assert decoder.table.fields[:4] == fields[::-1]
    assert decoder.reference_set == [fields[3], *fields[1::-1]]
    assert encoder.table.fields == decoder.table.fields


def test_size_update_is_spelled_by_generation() -> None:
    """rfc7541 6.3 has a prefix of 5 bits, hpack-08 7.3 one of 4."""
    assert Encoder("rfc7541").encode([TableSizeUpdate(30)]) == b"\x3e"
    assert Encoder("hpack-08").encode([TableSizeUpdate(30)]) == b"\x2f\x0f"
