"""Header compression put into words: one fact for each thing that a generation can say otherwise.

The generations are data of `h2spec_py.wire.hpack`, which knows nothing of this package: so these
tables are the ones that header blocks are coded with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from h2spec_py.spec.model import Version
from h2spec_py.wire.hpack.context import HeaderList, WorkingSet
from h2spec_py.wire.hpack.generation import Generation, Pattern, find_generation
from h2spec_py.wire.hpack.huffman import HuffmanCode
from h2spec_py.wire.hpack.lengths import EOS
from h2spec_py.wire.hpack.model import HeaderField
from h2spec_py.wire.hpack.table import oldest_first, static_first

REPRESENTATIONS: Mapping[tuple[str, str], str] = {
    ("indexed", "without"): "indexed field",
    ("literal", "incremental"): "literal with incremental indexing",
    ("literal", "without"): "literal without indexing",
    ("literal", "never"): "literal never indexed",
    ("literal", "substitution"): "literal with substitution indexing",
    ("size-update", "without"): "size update",
    ("empty-reference-set", "without"): "emptying the reference set",
}
"""The representations of all generations, in the order in which they are told."""

LATE = "hpack.size-update-late"
"""The rule of those that want a size update in front of the fields."""


def compression(version: Version) -> dict[str, str]:
    """Put into words how a version compresses header fields, by subject."""
    generation = find_generation(version.hpack)
    found = {"document": _document(version)}
    for (kind, indexing), subject in REPRESENTATIONS.items():
        for pattern in generation.patterns:
            if (pattern.kind, pattern.indexing) == (kind, indexing):
                found[subject] = _representation(pattern, generation)
    found["string length"] = _string_length(generation)
    found["Huffman code"] = _huffman(generation)
    found["index space"] = _index_space(generation)
    found |= {subject: _entries(fields) for subject, fields in _tables(generation).items()}
    found["reference set"] = _reference_set(generation)
    found |= _sizes(version, generation)
    return found


def compression_beside(version: Version, other: Version) -> dict[str, str]:
    """Put a version into words beside another: of their tables, what only this one has."""
    found = compression(version)
    generation = find_generation(version.hpack)
    own, others = _tables(generation), _tables(find_generation(other.hpack))
    return found | {
        subject: _entries_beside(own[subject], others[subject], generation.first_index)
        for subject in own
        if subject in others and own[subject] != others[subject]
    }


def _document(version: Version) -> str:
    if not version.hpack_cited:
        return version.hpack
    return f"{version.hpack_cited}, on the wire as {version.hpack}"


def _representation(pattern: Pattern, generation: Generation) -> str:
    match pattern.kind:
        case "empty-reference-set":
            return f"{pattern.bits:0<8}"
        case "indexed":
            what = "index"
        case "size-update":
            what = "size"
        case _:
            # As 0 says that the name follows, the first index is counted as 1.
            what = "index of the name" + (" + 1" if generation.first_index == 0 else "")
    text = f"{pattern.bits}, {what} with a {pattern.prefix}-bit prefix"
    if pattern.indexing == "substitution":
        text += f", index of the entry with a {generation.string_prefix}-bit prefix"
    return text


def _string_length(generation: Generation) -> str:
    behind = "" if generation.huffman is None else " behind the bit for Huffman coding"
    return f"{generation.string_prefix}-bit prefix{behind}"


def _huffman(generation: Generation) -> str:
    if generation.huffman is None:
        return "none"
    client, server = generation.huffman
    if client is server:
        return _code(client)
    return f"from a client {_code(client)}; from a server {_code(server)}"


def _code(code: HuffmanCode) -> str:
    """Tell a code by two of its entries: no two that a generation has ever had agree in both."""
    return f"'0' is {code.codes[ord('0')]}, EOS has {len(code.codes[EOS])} bits"


def _index_space(generation: Generation) -> str:
    if generation.locate is oldest_first:
        return f"from {generation.first_index} the table, oldest entry first"
    static, dynamic = "the static table", "the dynamic table, newest entry first"
    first, second = (static, dynamic) if generation.locate is static_first else (dynamic, static)
    return f"from {generation.first_index} {first}; behind it {second}"


def _tables(generation: Generation) -> dict[str, Sequence[HeaderField]]:
    """The tables that a generation has, each direction by itself where they differ."""
    pairs = {"static table": generation.static, "initial table": generation.initial}
    found: dict[str, Sequence[HeaderField]] = {}
    for subject, (client, server) in pairs.items():
        if client == server:
            found |= {subject: client} if client else {}
        else:
            found |= {f"{subject} from a client": client, f"{subject} from a server": server}
    return found


def _entries(fields: Sequence[HeaderField]) -> str:
    return f"{len(fields)} entries"


def _entries_beside(own: Sequence[HeaderField], others: Sequence[HeaderField], first: int) -> str:
    """Count the entries, and name those that the other table does not have, by number.

    `first` is the number of the first one: its index, if no other table is before it.
    """
    places = {field: index for index, field in enumerate(others)}
    new = [f"{at} {_field(one)}" for at, one in enumerate(own, first) if one not in places]
    moved = sum(places.get(field, index) != index for index, field in enumerate(own))
    parts = [_entries(own), *([f"only here: {', '.join(new)}"] if new else [])]
    if moved:
        parts.append(f"{moved} others at another index")
    return "; ".join(parts)


def _field(field: HeaderField) -> str:
    name, value = (part.decode("ascii") for part in (field.name, field.value))
    return f"{name}: {value}" if value else name


def _reference_set(generation: Generation) -> str:
    if generation.context is HeaderList:
        return "none"
    if generation.context is WorkingSet:
        return "fields, each with the index that it had when it came in"
    return "entries of the table"


def _sizes(version: Version, generation: Generation) -> dict[str, str]:
    """How the size of the table changes, and what an encoder has to tell of it."""
    updates = any(pattern.kind == "size-update" for pattern in generation.patterns)
    if "HEADER_TABLE_SIZE" not in version.settings:
        ways = ["never: the setting for it has no number"]
    else:
        ways = ["with the setting"] if generation.limit_resizes else []
        ways += ["by a size update"] if updates else []
    found = {"change of the table's size": ", or ".join(ways)}
    if updates:
        found["place of a size update"] = _place(generation)
    if generation.smallest_first:
        found["announcement of several limits"] = "the smallest is announced too, before the last"
    return found


def _place(generation: Generation) -> str:
    if LATE not in generation.unchecked:
        return "in front of the fields"
    if generation.limit_resizes:
        return "anywhere in a header block"
    return "first in the block behind a new limit, else anywhere"
