"""Payloads and their fields, in both directions, for every version.

A payload is read and written by the layout of its type in the version's table, into and from the
classes of `h2spec_py.wire.content`. Reading refuses only what cannot be read: a payload too short
or too long for its fields, or padding longer than the rest. Everything else, reserved bits and
non-zero padding included, is kept, so that writing what was read gives the same octets. What a
connection makes of the values is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from h2spec_py.spec.model import FrameType, Numbers, Version
from h2spec_py.wire.content import (
    AltSvc,
    Blocked,
    Continuation,
    Data,
    Goaway,
    Headers,
    Payload,
    Ping,
    Priority,
    PriorityFields,
    PriorityNumber,
    PushPromise,
    RstStream,
    Settings,
    SettingsEntry,
    Unknown,
    WindowUpdate,
)
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.layout import PayloadError, optional_flags, read_fields, write_fields

__all__ = [
    "AltSvc",
    "Blocked",
    "Continuation",
    "Data",
    "Goaway",
    "Headers",
    "Payload",
    "PayloadError",
    "Ping",
    "Priority",
    "PriorityFields",
    "PriorityNumber",
    "PushPromise",
    "RstStream",
    "Settings",
    "SettingsEntry",
    "Unknown",
    "WindowUpdate",
    "describe",
    "fit_priority",
    "implied_flags",
    "parse_payload",
    "shorten_hex",
    "shorten_text",
    "write_payload",
]

MAX_OCTETS = 64
"""Octets of data, blocks and debug data that are shown."""
MAX_ENTRIES = 32
"""Settings entries that are shown."""

_AS_TEXT = frozenset({"data", "debug", "protocol", "host", "origin"})

_CLASSES: Mapping[str, type[Payload]] = {
    "DATA": Data,
    "HEADERS": Headers,
    "PRIORITY": Priority,
    "RST_STREAM": RstStream,
    "SETTINGS": Settings,
    "PUSH_PROMISE": PushPromise,
    "PING": Ping,
    "GOAWAY": Goaway,
    "WINDOW_UPDATE": WindowUpdate,
    "CONTINUATION": Continuation,
    "ALTSVC": AltSvc,
    "BLOCKED": Blocked,
}
_NAMES = {cls: name for name, cls in _CLASSES.items()}
_FIELDS = {cls: tuple(f.name for f in fields(cls)) for cls in (*_NAMES, Unknown)}


def parse_payload(version: Version, frame: Frame) -> Payload:
    """Read the fields of a frame's payload; the flags say which optional ones are there.

    The length that counts is that of `frame.payload`. A SETTINGS acknowledgement with entries is
    read like any other SETTINGS frame. Raises PayloadError.
    """
    frame_type = version.frame_by_code(frame.type)
    if frame_type is None or frame_type.name not in _CLASSES:
        return Unknown(frame.payload)
    values = read_fields(frame_type, frame.flags, frame.payload)
    if "priority" in values:
        values["priority"] = _priority(values["priority"])
    if "settings" in values:
        values["settings"] = tuple(SettingsEntry(**entry) for entry in values["settings"])
    return _CLASSES[frame_type.name](**values)


def write_payload(
    version: Version, payload: Payload, padding: tuple[int | None, bytes] | None = None
) -> bytes:
    """Write the fields of a payload, and padding where it has any.

    `padding` replaces the payload's own: the pad length to declare (None: as many as there are) and
    the octets to put at the end. A type without padding ignores it. Octets of a fixed size, as in
    PING, are written as given. Raises ValueError for a number that does not fit in its field, for a
    priority of the other kind, and for a type that the version does not define.
    """
    if isinstance(payload, Unknown):
        return payload.payload
    return write_fields(_frame_type(version, payload), payload, *_padding(payload, padding))


def implied_flags(
    version: Version, payload: Payload, padding: tuple[int | None, bytes] | None = None
) -> int:
    """Compute the flags that announce a payload's optional fields: of padding, and PRIORITY.

    Raises ValueError for a type that the version does not define.
    """
    if isinstance(payload, Unknown):
        return 0
    pad_length, _ = _padding(payload, padding)
    return optional_flags(_frame_type(version, payload), payload, pad_length)


def _frame_type(version: Version, payload: Payload) -> FrameType:
    name = _NAMES[type(payload)]
    if name not in version.frames:
        raise ValueError(f"{version.name} defines no frame type {name}")
    return version.frames[name]


def _padding(
    payload: Payload, padding: tuple[int | None, bytes] | None
) -> tuple[int | None, bytes]:
    """Pick the pad length to declare, None for none, and the octets at the end."""
    if padding is None:
        own: bytes | None = getattr(payload, "padding", None)
        return (None, b"") if own is None else (len(own), own)
    declared, octets = padding
    return (len(octets) if declared is None else declared), octets


def fit_priority(version: Version, priority: PriorityFields) -> PriorityFields | PriorityNumber:
    """Say a priority as a version can.

    Where it is one number, only the weight is kept: the greater it is, the smaller the number.
    """
    parts = (part for part in version.frames["PRIORITY"].layout if isinstance(part, Numbers))
    names = {bits.name for part in parts for bits in part.fields}
    if "number" in names:
        return PriorityNumber((255 - priority.weight_octet) << 23)
    return priority


def _priority(values: Mapping[str, int]) -> PriorityFields | PriorityNumber:
    if "number" in values:
        return PriorityNumber(**values)
    return PriorityFields(values["depends_on"], values["weight_octet"], bool(values["exclusive"]))


def describe(version: Version, frame: Frame) -> dict[str, object]:
    """Show what a frame's payload says, and what is odd about its header.

    Values are numbers, texts, booleans and lists of texts. A payload that cannot be read is shown
    as hexadecimal octets with the reason as `malformed`. Never raises.
    """
    shown: dict[str, object] = {}
    if frame.length is not None and frame.length != len(frame.payload):
        shown["declared_length"] = frame.length
    if frame.reserved:
        shown["reserved_bit"] = frame.reserved
    if frame.length_reserved:
        shown["reserved_length_bits"] = frame.length_reserved
    try:
        payload = parse_payload(version, frame)
    except PayloadError as error:
        return shown | {"malformed": error.message, "payload": shorten_hex(frame.payload)}
    return shown | _describe_payload(version, payload)


def _describe_payload(version: Version, payload: Payload) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name in _FIELDS[type(payload)]:
        value = getattr(payload, name)
        match value:
            case None:
                continue
            case _ if name == "pad_flags":
                continue  # the flags of the frame show them
            case PriorityFields():
                shown["depends_on"] = value.depends_on
                shown["weight"] = value.weight_octet + 1
                shown["exclusive"] = value.exclusive
            case PriorityNumber():
                shown["priority"] = value.number
                if value.reserved:
                    shown["reserved"] = value.reserved
            case tuple():
                shown[name] = _describe_settings(version, value)
            case bytes() if name == "padding":
                shown[name] = _describe_padding(value)
            case bytes() if name in _AS_TEXT:
                if value:
                    shown[name] = shorten_text(value)
            case bytes():
                shown[name] = shorten_hex(value)
            case _ if name == "error":
                shown[name] = version.error_name(value)
            case _ if name != "reserved" or value:
                shown[name] = value
    return shown


def _describe_settings(version: Version, entries: tuple[SettingsEntry, ...]) -> list[str]:
    texts = [
        f"{version.setting_name(entry.id)}={entry.value}"
        + (f" (reserved {entry.reserved})" if entry.reserved else "")
        for entry in entries[:MAX_ENTRIES]
    ]
    if len(entries) > MAX_ENTRIES:
        texts.append(f"… {len(entries) - MAX_ENTRIES} more")
    return texts


def _describe_padding(padding: bytes) -> str:
    unit = "octet" if len(padding) == 1 else "octets"
    return f"{len(padding)} {unit}" + (", not all zero" if any(padding) else "")


def shorten_hex(octets: bytes) -> str:
    """Show octets in hexadecimal, at most `MAX_OCTETS` of them, and how many there are if more."""
    return octets[:MAX_OCTETS].hex() + _ellipsis(octets)


def shorten_text(octets: bytes) -> str:
    r"""Show octets as ASCII text, all else escaped (`\x00`), shortened as `shorten_hex` does."""
    text = octets[:MAX_OCTETS].decode("latin-1").encode("unicode_escape").decode("ascii")
    return text + _ellipsis(octets)


def _ellipsis(octets: bytes) -> str:
    return f"… ({len(octets)} octets)" if len(octets) > MAX_OCTETS else ""
