"""What a frame of each type carries, one class for each type, in whatever version it exists.

The fields are those that a layout may hold in any version (`h2spec_py.wire.payload` reads and
writes them); what a version lacks stays at its default.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriorityFields:
    """Priority fields; `weight_octet` is what is on the wire, one less than the weight it means."""

    depends_on: int = 0
    weight_octet: int = 15
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class PriorityNumber:
    """The priority where it is one number, in draft-04 to draft-09; 0 is the highest."""

    number: int = 2**30
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """DATA. `padding` is None where the frame has no pad length.

    `pad_flags`, here and in other types: the flags of the pad length fields that are there, None
    when they are the fewest that can count the padding.
    """

    data: bytes = b""
    padding: bytes | None = None
    pad_flags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Headers:
    """HEADERS: a field block fragment, and the priority fields where the frame has them."""

    block: bytes = b""
    priority: PriorityFields | PriorityNumber | None = None
    padding: bytes | None = None
    pad_flags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """PRIORITY."""

    priority: PriorityFields | PriorityNumber = PriorityFields()


@dataclass(frozen=True, slots=True)
class RstStream:
    """RST_STREAM with the number of its error code."""

    error: int = 0


@dataclass(frozen=True, slots=True)
class SettingsEntry:
    """One entry of a SETTINGS frame; `reserved` only where entries have such bits."""

    id: int
    value: int
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """SETTINGS: its entries in the order in which they stand, repeated ones included."""

    settings: tuple[SettingsEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PushPromise:
    """PUSH_PROMISE."""

    promised: int = 0
    block: bytes = b""
    padding: bytes | None = None
    reserved: int = 0
    pad_flags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """PING with its 8 octets."""

    opaque: bytes = bytes(8)


@dataclass(frozen=True, slots=True)
class Goaway:
    """GOAWAY with the number of its error code."""

    last_stream: int = 0
    error: int = 0
    debug: bytes = b""
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class WindowUpdate:
    """WINDOW_UPDATE; `increment` in octets."""

    increment: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Continuation:
    """CONTINUATION; it has padding in draft-12."""

    block: bytes = b""
    padding: bytes | None = None
    pad_flags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AltSvc:
    """ALTSVC of draft-12; `max_age` in seconds, `origin` empty where it is left out."""

    max_age: int = 0
    port: int = 0
    protocol: bytes = b""
    host: bytes = b""
    origin: bytes = b""
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Blocked:
    """BLOCKED of draft-12, which carries nothing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The payload of a type that the version does not define."""

    payload: bytes = b""


Payload = (
    Data
    | Headers
    | Priority
    | RstStream
    | Settings
    | PushPromise
    | Ping
    | Goaway
    | WindowUpdate
    | Continuation
    | AltSvc
    | Blocked
    | Unknown
)
