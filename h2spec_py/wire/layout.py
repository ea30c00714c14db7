"""The interpreter of payload layouts (`FrameType.layout`): octets to named values, and back.

It knows the kinds of fields (`h2spec_py.spec.model`) and no frame type in particular.
"""

from __future__ import annotations

from typing import Any, Literal

from h2spec_py.spec.model import (
    Bits,
    Entries,
    FrameType,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
)


class PayloadError(Exception):
    """A payload whose fields cannot be told apart.

    `problem` is `length` (too short or too long for the fields of its type) or `padding` (the
    padding would reach past the end).
    """

    def __init__(self, problem: Literal["length", "padding"], message: str) -> None:
        super().__init__(message)
        self.problem: Literal["length", "padding"] = problem
        self.message = message


def read_fields(frame_type: FrameType, flags: int, octets: bytes) -> dict[str, Any]:
    """Read the fields of a payload, by name; those that are not there are absent.

    Numbers are integers, groups and entries are mappings of integers, all else is octets. Raises
    PayloadError.
    """
    return _Reader(frame_type, flags, octets).read()


def write_fields(
    frame_type: FrameType, holder: object, pad_length: int | None, padding: bytes
) -> bytes:
    """Write the fields that `holder` has as attributes; a group that is None is left out.

    `pad_length` is declared unless it is None; `padding` is put where the type has padding. Octets
    of a fixed size are written as they are given. Raises ValueError for a number that does not fit
    in its field.
    """
    parts: list[bytes] = []
    for field in frame_type.layout:
        match field:
            case Numbers(group=group):
                part = holder if group is None else getattr(holder, group)
                if part is not None:
                    parts.append(_join(field, part))
            case PadLength(unit=unit) if pad_length is not None and _needed(field, pad_length):
                count, pad_length = divmod(pad_length, unit)
                parts.append(_checked(count, Bits("pad length", 8)).to_bytes(1, "big"))
            case Octets(name=name):
                parts.append(getattr(holder, name))
            case Entries(name=name, entry=entry):
                parts += (_join(entry, part) for part in getattr(holder, name))
            case PaddingOctets():
                parts.append(padding)
    return b"".join(parts)


def optional_flags(frame_type: FrameType, holder: object, pad_length: int | None) -> int:
    """Compute the flags that announce the optional fields which `write_fields` would write."""
    flags = 0
    for field in frame_type.layout:
        match field:
            case Numbers(flag=str(flag), group=str(group)) if getattr(holder, group) is not None:
                flags |= frame_type.flags[flag]
            case PadLength(flag=flag) if pad_length is not None and _needed(field, pad_length):
                flags |= frame_type.flags[flag]
    return flags


def _needed(field: PadLength, pad_length: int) -> bool:
    """Say whether a pad length field is written: one that counts larger units only if it counts."""
    return field.unit == 1 or pad_length >= field.unit


class _Reader:
    """A payload while its fields are taken off its front."""

    def __init__(self, frame_type: FrameType, flags: int, octets: bytes) -> None:
        self._type = frame_type
        self._flags = flags
        self._octets = octets
        self._at = 0
        self._padding: int | None = None

    def read(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._type.layout:
            match field:
                case Numbers(flag=flag, group=group) if self._has(flag):
                    numbers = _split(field, self._take(field.octets))
                    values |= numbers if group is None else {group: numbers}
                case PadLength(flag=flag, unit=unit) if self._has(flag):
                    self._padding = (self._padding or 0) + unit * self._take(1)[0]
                case Octets(name=name, length=length):
                    values[name] = self._take(self._rest() if length is None else length)
                case Entries(name=name, entry=entry):
                    values[name] = self._entries(entry)
                case PaddingOctets(name=name) if self._padding is not None:
                    values[name] = self._take(self._padding)
        if self._at < len(self._octets):
            raise self._length_error()
        return values

    def _has(self, flag: str | None) -> bool:
        return flag is None or bool(self._flags & self._type.flags[flag])

    def _take(self, count: int) -> bytes:
        octets = self._octets[self._at : self._at + count]
        if len(octets) < count:
            raise self._length_error()
        self._at += count
        return octets

    def _rest(self) -> int:
        """Octets between here and the padding."""
        rest = len(self._octets) - self._at
        padding = self._padding or 0
        if padding > rest:
            message = (
                f"{self._type.name} declares {padding} octets of padding where {rest} are left"
            )
            raise PayloadError("padding", message)
        return rest - padding

    def _entries(self, entry: Numbers) -> list[dict[str, int]]:
        if self._rest() % entry.octets:
            raise self._length_error()
        count = self._rest() // entry.octets
        return [_split(entry, self._take(entry.octets)) for _ in range(count)]

    def _length_error(self) -> PayloadError:
        length = len(self._octets)
        return PayloadError("length", f"{self._type.name} with a payload of {length} octets")


def _split(numbers: Numbers, octets: bytes) -> dict[str, int]:
    whole = int.from_bytes(octets, "big")
    left = 8 * numbers.octets
    values = {}
    for field in numbers.fields:
        left -= field.bits
        values[field.name] = whole >> left & (1 << field.bits) - 1
    return values


def _join(numbers: Numbers, holder: object) -> bytes:
    whole = 0
    for field in numbers.fields:
        whole = whole << field.bits | _checked(getattr(holder, field.name), field)
    return whole.to_bytes(numbers.octets, "big")


def _checked(value: int, field: Bits) -> int:
    if not 0 <= value < 1 << field.bits:
        raise ValueError(f"{field.name}: {value} does not fit in {field.bits} bits")
    return value
