"""What a connection reports: frames that came in, and rules that they break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import Payload


@dataclass(frozen=True)
class HeaderBlock:
    """A header block that is complete.

    `fields` is None where the block could not be decoded; `octets` is the block as it was encoded.
    `promised` is the promised stream of a PUSH_PROMISE. `trailers` says that the message on this
    stream already had its header section.
    """

    stream: int
    kind: Literal["HEADERS", "PUSH_PROMISE"]
    fields: tuple[HeaderField, ...] | None
    end_stream: bool
    promised: int | None
    trailers: bool
    octets: bytes = b""


@dataclass(frozen=True)
class Received:
    """A frame that came in.

    `name` is None where the version does not define the type, `payload` None where its fields could
    not be read. `block` is set on the frame that completes a header block.
    """

    frame: Frame
    name: str | None
    payload: Payload | None
    block: HeaderBlock | None


@dataclass(frozen=True)
class Breach:
    """A rule that the other side broke.

    `scope` and `code` say which error a server makes of it in the version: of the connection or of
    the stream, and the name of the error code. What only clients hold against servers has neither.
    """

    requirement: str
    scope: Literal["connection", "stream"] | None
    code: str
    stream: int
    message: str
    status: str = ""
    """What a request is answered with that breaks it; empty where it is an error only."""
