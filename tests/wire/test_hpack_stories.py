"""Header blocks by independent encoders: each story is one connection's blocks in sequence."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from h2spec_py.wire.hpack import (
    Decoder,
    Direction,
    EmptyReferenceSet,
    Encoder,
    HeaderField,
    Indexed,
    Indexing,
    LiteralField,
    Representation,
    TableSizeUpdate,
)
from h2spec_py.wire.hpack.table import Entry

pytestmark = pytest.mark.no_cover  # much of the same, which takes its time

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "hpack"
DOCUMENTS = {
    "05": ["hpack-05"],
    "07": ["hpack-07"],
    "08": ["hpack-08"],
    "09": ["hpack-09", "hpack-10", "rfc7541"],
}
ORDERED = ("hpack-09", "hpack-10", "rfc7541")
IN_BLOCK = ("hpack-07", "hpack-08", *ORDERED)


def stories() -> Iterator[object]:
    for folder, documents in DOCUMENTS.items():
        for path in sorted((VECTORS / folder).glob("*/*.json")):
            for document in documents:
                yield pytest.param(document, path, id=f"{document}-{path.parent.name}-{path.stem}")
    if not VECTORS.is_dir():
        missing = pytest.mark.skip(reason=f"no vectors beside the repository ({VECTORS})")
        yield pytest.param("", Path(), marks=missing, id="none")


def same(document: str, fields: list[HeaderField], expected: list[HeaderField]) -> bool:
    """Compare decoded fields: in order where the generation keeps one."""
    fields = [HeaderField(field.name, field.value) for field in fields]
    return fields == expected if document in ORDERED else Counter(fields) == Counter(expected)


class Chooser:
    """Represents fields at random in every way that the generation has, but correctly.

    `limit` is the SETTINGS_HEADER_TABLE_SIZE in force (octets).
    """

    def __init__(self, document: str, seed: str) -> None:
        self.document = document
        self.random = random.Random(seed)
        self.limit = 4096
        self.from_zero = document in ("hpack-00", "hpack-02")

    def encode(self, encoder: Encoder, fields: list[HeaderField]) -> bytes:
        """Encode one by one, as each choice depends on the table that the one before it left."""
        return b"".join(encoder.encode([one]) for one in self.choose(encoder, fields))

    def choose(self, encoder: Encoder, fields: list[HeaderField]) -> Iterator[Representation]:
        owed = encoder.table.maximum > self.limit
        if self.document in IN_BLOCK and (owed or self.random.random() < 0.2):
            yield TableSizeUpdate(min(self.limit, self.random.choice([0, 200, self.limit])))
        fields = list(fields)
        if self.document not in ORDERED:
            yield from self.difference(encoder, fields)
        # From its first literal on, hpack-00 knows by other indices what it has in its working set.
        indexable = True
        for field in fields:
            one = self.represent(encoder, field, indexable)
            indexable = self.document != "hpack-00" or (indexable and isinstance(one, Indexed))
            yield one

    def difference(self, encoder: Encoder, fields: list[HeaderField]) -> Iterator[Representation]:
        """Take out of the reference set what is not wanted, and out of the fields what it has."""
        space = encoder.table.maximum - encoder.table.size
        keep = sum(field.size for field in fields) <= space
        if not self.from_zero and (not keep or self.random.random() < 0.3):
            yield EmptyReferenceSet()
            return
        for index, found in located(encoder):
            if not isinstance(found, Entry) or not found.referenced:
                continue
            if keep and found.field in fields:
                fields.remove(found.field)
            else:
                yield Indexed(index)

    def represent(self, encoder: Encoder, field: HeaderField, indexable: bool) -> Representation:
        whole: list[int] = []
        names: list[int] = []
        for index, found in located(encoder):
            known = found.field if isinstance(found, Entry) else found
            if known.name == field.name:
                names.append(index)
                if known.value == field.value and not getattr(found, "referenced", False):
                    whole.append(index)
        if whole and indexable and self.random.random() < 0.8:
            return Indexed(self.random.choice(whole))
        kinds: list[Indexing] = ["incremental", "incremental", "without"]
        if self.document in IN_BLOCK:
            kinds.append("never")
        # In hpack-02 a reference is lost with its entry, and the field with it if not yet emitted.
        replaceable = [
            index
            for index, entry in enumerate(encoder.table.entries)
            if self.document == "hpack-00" or not entry.referenced
        ]
        if self.from_zero and replaceable:
            kinds.append("substitution")
        return LiteralField(
            self.random.choice(kinds),
            self.random.choice(names) if names and self.random.random() < 0.8 else field.name,
            field.value,
            not self.from_zero and self.random.random() < 0.5,
            not self.from_zero and self.random.random() < 0.5,
            replaces=self.random.choice(replaceable or [0]),
        )


def located(encoder: Encoder) -> list[tuple[int, Entry | HeaderField]]:
    """List all that indices refer to, entries and static fields."""
    count = len(encoder.table.static) + len(encoder.table.entries)
    all_of_them = ((index, encoder.table.locate(index)) for index in range(count + 1))
    return [(index, found) for index, found in all_of_them if found is not None]


@pytest.mark.parametrize(("document", "path"), list(stories()))
def test_story_decodes_and_survives_reencoding(
    document: str, path: Path, record_property: Callable[[str, object], None]
) -> None:
    story = json.loads(path.read_text("utf-8"))
    record_property("hpack", [document, "foreign", len(story["cases"])])
    direction: Direction = story.get("context", "request")
    decoder = Decoder(document, direction=direction)
    again = Decoder(document, direction=direction)
    encoder = Encoder(document, direction=direction)
    chooser = Chooser(document, path.stem)
    assert story["cases"]
    for case in story["cases"]:
        limit = case.get("header_table_size", decoder.limit)
        if limit != decoder.limit:
            decoder.set_limit(limit)
            change_limit(limit, encoder, again, chooser)
        expected = [
            HeaderField(name.encode(), value.encode())
            for field in case["headers"]
            for name, value in field.items()
        ]
        assert same(document, decoder.decode(bytes.fromhex(case["wire"])), expected)
        reencode(document, encoder, again, chooser, expected)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("document", ["hpack-00", "hpack-02", *DOCUMENTS["05"], *IN_BLOCK])
def test_random_fields_survive_encoding(document: str, direction: Direction, seed: int) -> None:
    """Also where no one else's blocks are at hand, with tables so small that entries leave."""
    source = random.Random(seed)
    limit = source.choice([0, 100, 400, 4096])
    encoder = Encoder(document, limit, direction=direction)
    decoder = Decoder(document, limit, direction=direction)
    decoder.set_limit(4096)
    encoder.set_limit(4096)
    chooser = Chooser(document, f"{seed}")
    names = [b":path", b"user-agent", b"etag", b"x", b"set-cookie", b"y" * 60]
    before: list[HeaderField] = []
    for _ in range(20):
        if source.random() < 0.2:
            limit = source.choice([0, 100, 400, 4096])
            change_limit(limit, encoder, decoder, chooser)
        fields = [
            HeaderField(source.choice(names), source.randbytes(source.choice([0, 1, 9, 300])))
            for _ in range(source.randrange(6))
        ]
        # Some are those of the last block, and some are there twice (hpack-08 2.1).
        known = [*before, *fields]
        fields += source.choices(known, k=3) if known else []
        reencode(document, encoder, decoder, chooser, fields)
        before = fields


def change_limit(limit: int, encoder: Encoder, decoder: Decoder, chooser: Chooser) -> None:
    """Let both ends know of a new SETTINGS_HEADER_TABLE_SIZE (octets)."""
    encoder.set_limit(limit)
    decoder.set_limit(limit)
    chooser.limit = limit


def reencode(
    document: str,
    encoder: Encoder,
    decoder: Decoder,
    chooser: Chooser,
    fields: list[HeaderField],
) -> None:
    """Encode fields in one block of random choices and decode it again."""
    block = chooser.encode(encoder, fields)
    assert same(document, decoder.decode(block), fields)
    assert decoder.table.fields == encoder.table.fields
    assert decoder.reference_set == encoder.reference_set
