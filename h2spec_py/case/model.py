"""The case language as types: what one case may say, after versions and families are resolved.

Every class here, in `h2spec_py.case.contents` and in `h2spec_py.case.opening`, is one mapping of
the YAML language. Keys in YAML are spelled with hyphens (`last-stream`), attributes with
underscores (`last_stream`). The strict loader (`h2spec_py.case.loader`) resolves what differs by
version (`{"..12": A, "13..": B}`) and expands `each:` before it builds these models, so that the
engine only ever sees plain values.

Names of frames, flags, settings and error codes are those of the newest version; the table of the
version under test maps them (`h2spec_py.spec`).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag, model_validator

from h2spec_py.case.contents import (
    AllOf,
    Edited,
    EmptyReferenceSet,
    Field_,
    Flags,
    Headers,
    Indexed,
    Limit,
    Literal_,
    Octets,
    Padding,
    PaddingOrCount,
    Part,
    Priority,
    RawBlock,
    Representation,
    SettingEntry,
    SettingsValue,
    SizeUpdate,
    TurnsOrLimit,
    U31OrLimit,
)
from h2spec_py.case.opening import Http2Settings, Open, Tls, Upgrade
from h2spec_py.case.values import (
    U31,
    U32,
    Boolean,
    ErrorCode,
    HexOctets,
    Integer,
    NeedId,
    Octet,
    RequirementId,
    Slug,
    StatusPattern,
    StreamId,
    by_key,
    by_shape,
)

__all__ = [
    "KINDS",
    "AllOf",
    "Await",
    "Barrier",
    "Case",
    "Codes",
    "Edited",
    "EmptyReferenceSet",
    "ExpectNow",
    "Expectation",
    "Field_",
    "Flags",
    "Headers",
    "Http2Settings",
    "Indexed",
    "Limit",
    "Literal_",
    "Match",
    "Octets",
    "Only",
    "Open",
    "Padding",
    "PaddingOrCount",
    "Part",
    "Priority",
    "Raw",
    "RawBlock",
    "Repeat",
    "Representation",
    "Request",
    "Send",
    "SettingEntry",
    "SettingsValue",
    "SizeUpdate",
    "Step",
    "Tls",
    "TurnsOrLimit",
    "U31OrLimit",
    "Upgrade",
    "Upload",
]


class Send(Part):
    """One frame. Fields that the type does not have are refused by the loader.

    `flags` as a list adds to those that the other fields imply (`padding` sets PADDED, `priority`
    on HEADERS sets PRIORITY); as a number it replaces them all. `payload` replaces the whole
    payload, except on DATA, where it is the data. `length` replaces the declared length (octets).
    """

    send: str
    """A frame type by name, or `0xNN` for a type that the version does not define."""
    stream: StreamId = 0
    flags: Flags = Field(default_factory=list)
    length: Annotated[Integer, Field(ge=0, le=2**24 - 1)] | None = None
    reserved: Annotated[Integer, Field(ge=0, le=1)] = 0
    """The bit before the stream identifier."""
    length_reserved: Annotated[Integer, Field(ge=0, le=3)] = 0
    """The two bits before a 14-bit length."""
    payload: Octets | None = None
    padding: PaddingOrCount | None = None
    priority: Priority | None = None
    headers: Headers | None = None
    block: list[Representation] | None = None
    keep: U32 | None = None
    """Octets of the header block that go into this frame; the rest waits for CONTINUATION."""
    settings: SettingsValue | None = None
    error: ErrorCode | None = None
    last_stream: U31 | None = None
    debug: Octets | None = None
    increment: U31OrLimit | None = None
    promised: U31 | None = None
    opaque: HexOctets | None = None


class Request(Part):
    """A whole request: HEADERS with END_HEADERS, then DATA when there is a body.

    The last of these frames carries END_STREAM unless `end: false`.
    """

    request: str
    """The method."""
    stream: StreamId = 1
    headers: Headers | None = None
    body: Octets | None = None
    end: Boolean = True


class Raw(Part):
    """Octets written as they are, outside any frame.

    With `apart` they go out by themselves, and the target has the time to read them, before
    anything behind them is written.
    """

    raw: Octets
    apart: Boolean = False


class Match(Part):
    """A frame of the target's, described by the fields that matter.

    `flags` must all be set and `unset` must all be clear. `length` is of the payload (octets).
    `total` is for DATA in a step: the frame by which the payloads of all DATA so far, of the stream
    or without one of all streams, come to as many octets or more.
    `status` is a pattern such as `200`, `4xx`, `!400`, `final` (not 1xx) or `legal` (final, neither
    400 nor 5xx); it needs a decoded header block.
    `at-least` is for settings: those that the frame has are no smaller.
    """

    frame: str
    stream: StreamId | None = None
    flags: list[str] = Field(default_factory=list)
    unset: list[str] = Field(default_factory=list)
    length: U32 | None = None
    min_length: U32 | None = None
    max_length: U32 | None = None
    total: U32 | None = None
    error: ErrorCode | None = None
    opaque: HexOctets | None = None
    last_stream: U31 | None = None
    promised: U31 | None = None
    status: StatusPattern | None = None
    at_least: dict[str, U32] | None = None


class Await(Part):
    """Wait for a frame that the case needs before it goes on; without it the case is `skip`.

    Where a `total` does not come because the connection ended, a legal exchange has failed.
    """

    await_: Match


class ExpectNow(Part):
    """Wait for a frame that the requirement demands here.

    The next frame of that type on that stream must match; another one, or none, is `fail`.
    """

    expect: Match


class Barrier(Part):
    """Write a PING and wait for its acknowledgement: the target has read all before it."""

    barrier: Boolean


class Upload(Part):
    """Content of a request, sent as the target's windows allow and go on to allow.

    It goes in DATA frames of up to `frame` octets, of which the last one carries END_STREAM, behind
    a header block that is out. `padding` is that of each frame (octets). Windows that stay closed
    are a `fail`; an answer that is complete, or a refusal, ends the step.
    """

    upload: Annotated[Integer, Field(ge=1, le=2**24)]
    """How many octets, as flow control counts them."""
    stream: StreamId = 1
    frame: Annotated[Integer, Field(ge=512, le=16_383)] = 16_383
    padding: Octet | None = None


class Repeat(Part):
    """Some steps that are played a number of times, such as once more than a setting allows.

    In each turn the streams of the steps, but not stream 0, are numbered 2 higher than in the last.
    """

    repeat: TurnsOrLimit
    steps: Annotated[list[Step], Field(min_length=1)]


Step = Annotated[
    Annotated[Send, Tag("<send>")]
    | Annotated[Request, Tag("<request>")]
    | Annotated[Raw, Tag("<raw>")]
    | Annotated[Await, Tag("<await>")]
    | Annotated[ExpectNow, Tag("<expect>")]
    | Annotated[Barrier, Tag("<barrier>")]
    | Annotated[Upload, Tag("<upload>")]
    | Annotated[Repeat, Tag("<repeat>")],
    by_key("step", "send", "request", "raw", "await", "expect", "barrier", "upload", "repeat"),
]

Repeat.model_rebuild()

Codes = Annotated[
    Annotated[str, Tag("<text>")] | Annotated[list[str], Field(min_length=1), Tag("<list>")],
    by_shape("an error code, or a list of error codes"),
]


class Expectation(Part):
    """What the requirement demands in the end. Exactly one kind, with its qualifiers.

    | kind | met when |
    |---|---|
    | `connection-error: CODES` | GOAWAY with one of the codes, or just the end (non-strict) |
    | `stream-error: CODES` | RST_STREAM with one of the codes on `stream`, or a connection error |
    | `malformed: STREAM` | a stream error with a code that the version names, or a 4xx response |
    | `response: STREAM` | a final response on that stream whose status fits `status` |
    | `ignored: true` | the barrier is acknowledged and no error was sent |
    | `frame: MATCH` | such a frame arrives before or at the barrier |
    | `never: MATCH` | no such frame arrives up to the barrier, which is acknowledged |
    | `closed: true` | the connection ends, by any means |
    | `refused: true` | no HTTP/2 comes about where `open` asks for it in its own way |
    | `any: [..]` | one of these is met |
    """

    connection_error: Codes | None = None
    stream_error: Codes | None = None
    stream: StreamId = 1
    """For `stream-error`: the stream that must be reset."""
    malformed: StreamId | None = None
    response: StreamId | None = None
    status: StatusPattern = "legal"
    """For `response`: `200`, `2xx`, `final` …"""
    body: U32 | None = None
    """For `response`: the body's exact length (octets); waits for END_STREAM."""
    complete: Boolean = False
    """For `response`: also wait for END_STREAM."""
    ignored: Boolean | None = None
    frame: Match | None = None
    never: Match | None = None
    closed: Boolean | None = None
    gracefully: Boolean = False
    """For `closed`: without a GOAWAY that names an error."""
    refused: Boolean | None = None
    any_: list[Expectation] | None = None

    @property
    def kind(self) -> str:
        """The one kind that is given, as spelled in YAML."""
        return next(kind for kind in KINDS if getattr(self, KINDS[kind]) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Expectation:
        given = [kind for kind, name in KINDS.items() if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(KINDS)}")
        return self


KINDS = {
    "connection-error": "connection_error",
    "stream-error": "stream_error",
    "malformed": "malformed",
    "response": "response",
    "ignored": "ignored",
    "frame": "frame",
    "never": "never",
    "closed": "closed",
    "refused": "refused",
    "any": "any_",
}


class Only(Part):
    """A case's own narrowing of the versions that it runs in, with the reason."""

    versions: str
    """A range such as `..7540` or `13..`."""
    because: str


class Case(Part):
    """One conformance case in one version."""

    id: Slug
    title: str
    proves: Annotated[list[RequirementId], Field(min_length=1)]
    aliases: list[str] = Field(default_factory=list)
    """Ids by which other tools know this case, such as h2spec's `http2/6.1/1`."""
    needs: list[NeedId] = Field(default_factory=list)
    only: Only | None = None
    twin: Slug | None = None
    """The legal exchange without the fault; if the target refuses that, this case is `skip`."""
    note: str = ""
    open: Open = Open()
    steps: list[Step]
    expect: Expectation
    barrier: Boolean = True
    """Whether a PING may close the steps; false where it would itself be a fault."""
