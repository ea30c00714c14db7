"""What a version of HTTP/2 says about octets, as data: the types that its table is written in.

A table (`h2spec_py.spec.versions`) is one `Version` literal and nothing else. Frame payloads are
described by their layout, a list of fields that `h2spec_py.wire.layout` interprets, so that a
version with other fields (two pad length octets, settings entries of five octets, a 31-bit
priority) is another list and not other code. What follows from a table is worked out once, for each
frame takes some of it: so these classes have no slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from h2spec_py.spec.documents import document_title, section_url


@dataclass(frozen=True)
class HeaderLayout:
    """The frame header: length, type, flags, reserved bit, stream identifier.

    `octets` is the size of the whole header, `length_bits` that of its length. The bits that are
    left before the length are reserved.
    """

    octets: int
    length_bits: int

    @cached_property
    def length_octets(self) -> int:
        """Octets that hold the length and the reserved bits before it."""
        return self.octets - 6

    @cached_property
    def reserved_bits(self) -> int:
        """Reserved bits before the length."""
        return 8 * self.length_octets - self.length_bits

    @cached_property
    def max_length(self) -> int:
        """The greatest length that can be declared (octets)."""
        return (1 << self.length_bits) - 1


@dataclass(frozen=True, slots=True)
class Bits:
    """An unsigned number of `bits` bits; `reserved` names bits without meaning."""

    name: str
    bits: int


@dataclass(frozen=True)
class Numbers:
    """Numbers that fill whole octets together, the first one in the highest bits.

    With `flag`, they are only there when that flag is set. With `group`, they make up one value of
    that name.
    """

    fields: tuple[Bits, ...]
    flag: str | None = None
    group: str | None = None

    @cached_property
    def octets(self) -> int:
        """The size of all of them (octets)."""
        return sum(number.bits for number in self.fields) // 8

    @property
    def names(self) -> tuple[str, ...]:
        """What a payload calls them."""
        return (self.group,) if self.group else tuple(number.name for number in self.fields)


@dataclass(frozen=True, slots=True)
class PadLength:
    """An octet that adds `unit` octets of padding for each 1; only there when `flag` is set."""

    flag: str
    unit: int = 1


@dataclass(frozen=True, slots=True)
class Octets:
    """As many octets as `length` says; with None, all up to the padding or up to the end."""

    name: str
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Octets behind an octet that counts them."""

    name: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Any number of equal entries up to the end."""

    name: str
    entry: Numbers


@dataclass(frozen=True, slots=True)
class PaddingOctets:
    """The padding itself: as many octets as the pad lengths before it add up to."""

    name: str = "padding"


PayloadField = Numbers | PadLength | Octets | Counted | Entries | PaddingOctets


@dataclass(frozen=True, eq=False)
class FrameType:
    """One type of frame.

    `flags` maps each defined flag to its bit; `stream` says where the type belongs: on the
    connection ("zero"), on a stream ("nonzero"), or on both ("either"). `section` is where the
    version's document defines the type. A flag that a later version took over under another name
    has that newer name everywhere; `renamed` maps it to the one in this version's document. `also`
    maps a flag to another bit for it, where the document gives it two.
    """

    name: str
    code: int
    section: str
    stream: Literal["zero", "nonzero", "either"]
    flags: Mapping[str, int]
    layout: tuple[PayloadField, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, int] = field(default_factory=dict)

    def bits(self, flag: str) -> int:
        """The bits, any of which sets a flag; 0 where the type does not define it."""
        return self.flags.get(flag, 0) | self.also.get(flag, 0)

    @cached_property
    def defined(self) -> int:
        """All bits that set a flag."""
        return sum(self.flags.values()) | sum(self.also.values())

    def called(self, flag: str) -> str:
        """Name a flag as the version's document does: `PONG` for `ACK`."""
        return self.renamed.get(flag, flag)

    @cached_property
    def bit_names(self) -> Mapping[int, str]:
        """The flags in the words of the version's document, by their bits."""
        pairs = (*self.flags.items(), *self.also.items())
        return {bit: self.called(flag) for flag, bit in pairs}

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that a payload of this type can hold, such as `priority`."""
        names: list[str] = []
        for part in self.layout:
            match part:
                case Numbers():
                    names += part.names
                case (
                    Octets(name=name)
                    | Counted(name=name)
                    | Entries(name=name)
                    | PaddingOctets(name=name)
                ):
                    names.append(name)
        return tuple(names)

    @property
    def min_length(self) -> int:
        """Octets of the fields that are always there."""
        return sum(_octets(part)[0] for part in self.layout)

    @property
    def length(self) -> int | None:
        """The one length that a payload can have (octets), or None where it varies."""
        sizes = [_octets(part) for part in self.layout]
        return self.min_length if all(least == most for least, most in sizes) else None


def _octets(part: PayloadField) -> tuple[int, int | None]:
    """Give the least and the greatest size of a field (octets); None where it has no limit."""
    match part:
        case Numbers(flag=None):
            return part.octets, part.octets
        case Numbers():
            return 0, part.octets
        case PadLength():
            return 0, 1
        case Octets(length=int(length)):
            return length, length
        case Counted():
            return 1, 256
        case _:
            return 0, None


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One setting: `initial` is None where the document sets no limit at first.

    A value outside `minimum` to `maximum` is a connection error `error`; with `error` None the
    range is that of the field and no value is refused by itself. `server_maximum` is for a setting
    of which a server may announce less.
    """

    name: str
    id: int
    section: str
    initial: int | None
    minimum: int = 0
    maximum: int = 2**32 - 1
    error: str | None = None
    server_maximum: int | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Version:
    """Everything that differs from one version of HTTP/2 to the next on the wire.

    What a later version took over under another name has the newest version's name everywhere, so
    that one name means the same in all versions; `renamed`, here for error codes and in a frame
    type for its flags, maps it to the name in this version's document.

    `name` is also that of its document, `short` is what a user types; `hpack` names the document of
    its header compression, and `hpack_cited` the one that it cites, where that is another with the
    same octets on the wire. `alpn` and `upgrade` are the tokens that identify the version in TLS
    and in the HTTP/1.1 Upgrade field. `max_frame_size` is the initial limit of a payload (octets),
    `initial_window` that of both flow-control windows (octets). `pseudo` maps the plain names
    `method`, `scheme`, `authority`, `path` and `status` to header fields. `generic_errors` are the
    codes that may stand for any more specific one, `malformed_errors` those that a malformed
    request may be refused with; empty where the version names none. `unknown_error` is the
    connection error that a frame type or a setting that the version does not define is refused
    with; None where it is ignored. `upgrade_settings` are those that a client has to put into
    HTTP2-Settings when it upgrades. `deprecated` names what the document advises against: the
    `upgrade`, a frame type such as `PRIORITY`, or one flag such as `HEADERS PRIORITY`.
    """

    name: str
    short: str
    preface: bytes
    alpn: str
    upgrade: str
    hpack: str
    header: HeaderLayout
    max_frame_size: int
    initial_window: int
    settings_ack: bool
    frames: Mapping[str, FrameType]
    settings: Mapping[str, Setting]
    errors: Mapping[str, int]
    pseudo: Mapping[str, str]
    generic_errors: tuple[str, ...]
    malformed_errors: tuple[str, ...]
    unknown_error: str | None = None
    upgrade_settings: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    hpack_cited: str = ""

    def __repr__(self) -> str:
        """Name the version: its tables would fill pages in every message that shows one."""
        return f"<Version {self.name}>"

    @property
    def title(self) -> str:
        """The document's name for readers: `RFC 9113`, `draft-ietf-httpbis-http2-13`."""
        return document_title(self.name)

    @property
    def url(self) -> str:
        """Where the document is published."""
        return section_url(self.name)

    def section_url(self, section: str) -> str:
        """Where a section of the document, such as `6.1`, is published."""
        return section_url(self.name, section)

    def frame_by_code(self, code: int) -> FrameType | None:
        """Find the frame type of a code, or None where the version defines none."""
        return self._by_code.get(code)

    def setting_by_id(self, identifier: int) -> Setting | None:
        """Find the setting of an identifier, or None where the version defines none."""
        return self._by_id.get(identifier)

    def frame_name(self, code: int) -> str:
        """Name a frame type; one that is not defined is named by its code, such as `0x42`."""
        frame = self.frame_by_code(code)
        return f"0x{code:02x}" if frame is None else frame.name

    def setting_name(self, identifier: int) -> str:
        """Name a setting; one that is not defined is named by its identifier, such as `0x99`."""
        setting = self.setting_by_id(identifier)
        return f"0x{identifier:02x}" if setting is None else setting.name

    def error_name(self, code: int) -> str:
        """Name an error code as the version's document does.

        One that is not defined is named by its number, such as `0x99`.
        """
        name = self._by_number.get(code)
        return self.called(name) if name else f"0x{code:02x}"

    def called(self, error: str) -> str:
        """Name an error code as the version's document does: `FRAME_TOO_LARGE`."""
        return self.renamed.get(error, error)

    def flag_names(self, code: int, flags: int) -> list[str]:
        """Name the flags that are set in a frame of type `code` for readers, lowest bit first.

        The names are those of the version's document. A bit that the type does not define is named
        by its value, such as `0x40`.
        """
        frame = self.frame_by_code(code)
        names = {} if frame is None else frame.bit_names
        bits = (1 << position for position in range(8))
        return [names.get(bit, f"0x{bit:02x}") for bit in bits if flags & bit]

    def has_flag(self, code: int, flags: int, name: str) -> bool:
        """Say whether the flag `name` is defined for frames of type `code`, and set."""
        frame = self.frame_by_code(code)
        return frame is not None and bool(flags & frame.bits(name))

    @cached_property
    def _by_code(self) -> Mapping[int, FrameType]:
        return {frame.code: frame for frame in self.frames.values()}

    @cached_property
    def _by_id(self) -> Mapping[int, Setting]:
        return {setting.id: setting for setting in self.settings.values()}

    @cached_property
    def _by_number(self) -> Mapping[int, str]:
        return {code: name for name, code in self.errors.items()}


def frames_by_name(frames: Iterable[FrameType]) -> dict[str, FrameType]:
    """Index frame types by name, for use in a table."""
    return {frame.name: frame for frame in frames}


def settings_by_name(settings: Iterable[Setting]) -> dict[str, Setting]:
    """Index settings by name, for use in a table."""
    return {setting.name: setting for setting in settings}
