"""The normative sentences of the documents, by number: what the catalogue has to account for.

`sentences/DOCUMENT.txt` beside this module has a line for each sentence with a word of RFC 2119 in
capitals, in the order of the document: its id, the digest of its text, and the words. `6.5#4` is
the fourth such sentence of section 6.5. The texts themselves are not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from h2spec_py.spec.reading import shown
from h2spec_py.spec.versions import TABLES

DIRECTORY = Path(__file__).resolve().parent / "sentences"

SERIES = (
    tuple(version.name for version in TABLES),
    tuple(dict.fromkeys(version.hpack for version in TABLES)),
)
"""The documents of HTTP/2 and those of HPACK, each oldest first."""

DOCUMENTS = (*SERIES[0], *SERIES[1])
"""The documents that have sentences."""

WORDS = (
    *("MAY", "MUST", "MUST NOT", "NOT RECOMMENDED", "OPTIONAL", "RECOMMENDED", "REQUIRED"),
    *("SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT"),
)

LINE = re.compile(r"((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)#([1-9][0-9]*) +([0-9a-f]{16})  (\S.*)")


class SentencesError(Exception):
    """A file of sentences that cannot be understood; the message starts with FILE:LINE."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One normative sentence: its place in the document, its words, and the digest of its text.

    `levels` are words of RFC 2119, in the order of the alphabet. `place` is FILE:LINE of its line.
    """

    document: str
    section: str
    number: int
    levels: tuple[str, ...]
    digest: str
    place: str

    @property
    def id(self) -> str:
        """The id within its document, such as `6.5#4`."""
        return f"{self.section}#{self.number}"


@cache
def sentences(document: str) -> Mapping[str, Sentence]:
    """The normative sentences of a document by id, in its order.

    Raises LookupError for a document that has none here, and SentencesError.
    """
    if document not in DOCUMENTS:
        raise LookupError(f"no sentences of {document!r}")
    return MappingProxyType(read_sentences(DIRECTORY / f"{document}.txt"))


def read_sentences(path: Path) -> dict[str, Sentence]:
    """Read a file of sentences, whose name is that of the document. Raises SentencesError."""
    found: dict[str, Sentence] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        place = f"{shown(path)}:{number}"
        match = LINE.fullmatch(line)
        if match is None:
            raise SentencesError(f"{place}: not a sentence such as '6.5#4  0123456789abcdef  MUST'")
        levels = tuple(match[4].split(", "))
        for word in levels:
            if word not in WORDS:
                raise SentencesError(f"{place}: {word!r} is not one of {', '.join(WORDS)}")
        sentence = Sentence(path.stem, match[1], int(match[2]), levels, match[3], place)
        if sentence.id in found:
            raise SentencesError(f"{place}: {sentence.id} is already at {found[sentence.id].place}")
        found[sentence.id] = sentence
    return found


def sentence_line(identifier: str, levels: Iterable[str], text: str) -> str:
    """Write the line of a sentence, from its text."""
    return f"{identifier:<11}  {sentence_digest(text)}  {', '.join(sorted(levels))}"


def sentence_digest(text: str) -> str:
    """The first 16 hexadecimal digits of SHA-256 of a text whose words are one space apart."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:16]
