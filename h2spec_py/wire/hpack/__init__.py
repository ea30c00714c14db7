"""HPACK header compression: any block, however illegal, can be written; reading is strict.

The names of the generations are those of their documents (`rfc7541`, `hpack-08` …).
"""

from h2spec_py.wire.hpack.decoder import DECODED_SIZE, Decoder
from h2spec_py.wire.hpack.encoder import Encoder
from h2spec_py.wire.hpack.generation import GENERATIONS, Direction, Generation, find_generation
from h2spec_py.wire.hpack.model import (
    RULES,
    EmptyReferenceSet,
    HeaderField,
    HpackError,
    Indexed,
    Indexing,
    LiteralField,
    RawOctets,
    Representation,
    TableSizeUpdate,
    plain,
)

__all__ = [
    "DECODED_SIZE",
    "GENERATIONS",
    "RULES",
    "Decoder",
    "Direction",
    "EmptyReferenceSet",
    "Encoder",
    "Generation",
    "HeaderField",
    "HpackError",
    "Indexed",
    "Indexing",
    "LiteralField",
    "RawOctets",
    "Representation",
    "TableSizeUpdate",
    "find_generation",
    "plain",
]
