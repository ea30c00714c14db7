"""The parts that steps are made of: numbers, octets, header blocks, settings.

They are as much part of the language as `h2spec_py.case.model`, which takes them on; whoever uses
the language imports all of it from there.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Tag, model_validator

from h2spec_py.case.values import (
    FLAGS,
    U31,
    U32,
    Boolean,
    FlagsOctet,
    HexOctets,
    Integer,
    Large,
    Octet,
    by_key,
    by_shape,
)


def _hyphens(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Part(BaseModel):
    """Base of every mapping in a case: immutable, with unknown keys refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_hyphens,
        populate_by_name=True,
        ser_json_bytes="hex",
    )


class Limit(Part):
    """A number that is relative to a setting of the target, e.g. one above its frame size."""

    setting: str
    """Name of a setting; the target's value, or the version's initial value."""
    plus: Annotated[Integer, Field(ge=-(2**32), le=2**32)] = 0


NUMBER = by_shape("an integer, or a mapping of setting and plus")
U32OrLimit = Annotated[Annotated[U32, Tag("<text>")] | Annotated[Limit, Tag("<mapping>")], NUMBER]
Count = Annotated[Integer, Field(ge=0, le=2**24)]
CountOrLimit = Annotated[
    Annotated[Count, Tag("<text>")] | Annotated[Limit, Tag("<mapping>")], NUMBER
]
Turns = Annotated[Integer, Field(ge=1, le=10_000)]
TurnsOrLimit = Annotated[
    Annotated[Turns, Tag("<text>")] | Annotated[Limit, Tag("<mapping>")], NUMBER
]
LargeOrLimit = Annotated[
    Annotated[Large, Tag("<text>")] | Annotated[Limit, Tag("<mapping>")], NUMBER
]
U31OrLimit = Annotated[Annotated[U31, Tag("<text>")] | Annotated[Limit, Tag("<mapping>")], NUMBER]


class Octets(Part):
    """Some octets: given as text (UTF-8), as hexadecimal, or as a count of one fill octet."""

    text: str | None = None
    hex: HexOctets | None = None
    count: CountOrLimit | None = None
    fill: Octet = 0x61

    @model_validator(mode="after")
    def _one_form(self) -> Octets:
        if sum(form is not None for form in (self.text, self.hex, self.count)) != 1:
            raise ValueError("give exactly one of text, hex, count")
        return self


TextOrOctets = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[Octets, Tag("<mapping>")],
    by_shape("text, or a mapping of one of text, hex and count"),
]


PadCount = Annotated[Integer, Field(ge=0, le=65535)]


class Padding(Part):
    """Padding whose declared length and actual octets may disagree (octets)."""

    declared: PadCount
    """More than 255 only in draft-12, which has a second octet for it."""
    octets: PadCount = 0
    fill: Octet = 0


PaddingOrCount = Annotated[
    Annotated[PadCount, Tag("<text>")] | Annotated[Padding, Tag("<mapping>")],
    by_shape("a number of octets up to 65535, or a mapping of declared, octets and fill"),
]


class Priority(Part):
    """Priority fields; `weight` is the wire value plus one (1 to 256)."""

    depends_on: U31 = 0
    weight: Annotated[Integer, Field(ge=1, le=256)] = 16
    exclusive: Boolean = False


Overlong = Annotated[Integer, Field(ge=0, le=1024)]
Coding = Literal["none", "name", "value", "both"]


class Indexed(Part):
    """An indexed representation. `overlong` adds that many zero continuation octets."""

    indexed: Large
    overlong: Overlong = 0


class Literal_(Part):  # noqa: N801 - `Literal` is taken by typing
    """A literal representation; `name` is text, or give `index` for an indexed name.

    `huffman` says which strings are Huffman coded. A `substitution` takes the place of the entry
    with the index `replaces`. `overlong` adds that many zero octets to the index of a name that
    does not fit its prefix.
    """

    literal: Literal["incremental", "without", "never", "substitution"]
    name: str | None = None
    index: Large | None = None
    value: TextOrOctets = ""
    huffman: Coding = "none"
    replaces: Large | None = None
    overlong: Overlong = 0

    @model_validator(mode="after")
    def _one_name(self) -> Literal_:
        if (self.name is None) == (self.index is None):
            raise ValueError("give exactly one of name, index")
        if (self.replaces is None) == (self.literal == "substitution"):
            raise ValueError("replaces is for a substitution, which cannot do without")
        return self


class SizeUpdate(Part):
    """A change of the header table's size (octets)."""

    size_update: LargeOrLimit


class EmptyReferenceSet(Part):
    """The instruction to empty the reference set, in generations that have one."""

    empty_reference_set: Boolean


class RawBlock(Part):
    """Octets put into the header block as they are."""

    raw: HexOctets


class AllOf(Part):
    """All the representations of a plain request (`fields: request`) or of given fields.

    They are literals with their names spelled out, all of the same form and coding.
    """

    fields: Headers
    literal: Literal["incremental", "without", "never"] = "without"
    huffman: Coding = "none"


Representation = Annotated[
    Annotated[Indexed, Tag("<indexed>")]
    | Annotated[Literal_, Tag("<literal>")]
    | Annotated[SizeUpdate, Tag("<size-update>")]
    | Annotated[EmptyReferenceSet, Tag("<empty-reference-set>")]
    | Annotated[RawBlock, Tag("<raw>")]
    | Annotated[AllOf, Tag("<fields>")],
    by_key(
        "representation",
        *("fields", "indexed", "literal", "size-update", "empty-reference-set", "raw"),
    ),
]

Field_ = tuple[TextOrOctets, TextOrOctets]


class Edited(Part):
    """A plain request with changes, applied in this order: without, set, copy, first, add.

    `method` picks the plain request (GET has no body; POST goes to the upload path). `set` replaces
    the value of a field in its place, or appends it. `copy` makes fields with the value that
    another has in the plain request: pseudo-header fields before all, others after all. `first` are
    put before all fields and `add` after all, duplicates included.
    """

    method: str = "GET"
    without: list[str] = []
    set: dict[str, TextOrOctets] = {}
    copy_: dict[str, str] = {}
    first: list[Field_] = []
    add: list[Field_] = []


Headers = Annotated[
    Annotated[Literal["request", "post", "head", "trailers"], Tag("<text>")]
    | Annotated[Edited, Tag("<mapping>")]
    | Annotated[list[Field_], Tag("<list>")],
    by_shape("request, post, head or trailers, a mapping of changes, or a list of [name, value]"),
]

AllOf.model_rebuild()


class SettingEntry(Part):
    """One entry of a SETTINGS frame, by name or by number; entries may repeat."""

    id: str
    value: U32OrLimit


Flags = Annotated[
    Annotated[FlagsOctet, Tag("<text>")] | Annotated[list[str], Tag("<list>")],
    by_shape(FLAGS),
]
SettingsValue = Annotated[
    Annotated[dict[str, U32OrLimit], Tag("<mapping>")]
    | Annotated[list[SettingEntry], Tag("<list>")],
    by_shape("a mapping of settings to values, or a list of entries of id and value"),
]
