"""The interpreter of payload layouts (`FrameType.layout`): octets to named values, and back.

It knows the kinds of fields (`h2spec_py.spec.model`) and no frame type in particular.
"""

from __future__ import annotations

from typing import Any, Literal

from h2spec_py.spec.model import (
    Bits,
    Counted,
    Entries,
    FrameType,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
)

PAD_LENGTH = Bits("pad length", 8)


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

    Numbers are integers, groups and entries are mappings of integers, all else is octets. Where
    other pad length fields are there than the fewest that can count the padding, `pad_flags` holds
    their flags. Raises PayloadError.
    """
    return _Reader(frame_type, flags, octets).read()


def write_fields(
    frame_type: FrameType, holder: object, pad_length: int | None, padding: bytes
) -> bytes:
    """Write the fields that `holder` has as attributes; a group that is None is left out.

    `pad_length` is declared unless it is None, in the fields of the flags in `holder.pad_flags` or
    else in the fewest that can hold it; `padding` is put where the type has padding. Octets of a
    fixed size are written as they are given. Raises ValueError for a number that is not there or
    does not fit in its field.
    """
    parts: list[bytes] = []
    pads = _pad_flags(frame_type, holder, pad_length)
    for field in frame_type.layout:
        match field:
            case Numbers(group=group):
                part = holder if group is None else getattr(holder, group)
                if part is not None:
                    parts.append(_join(field, part))
            case PadLength(flag=flag, unit=unit) if pad_length is not None and flag in pads:
                count, pad_length = divmod(pad_length, unit)
                parts.append(_checked(count, PAD_LENGTH).to_bytes(1, "big"))
            case Octets(name=name):
                parts.append(getattr(holder, name))
            case Counted(name=name):
                octets: bytes = getattr(holder, name)
                length = _checked(len(octets), Bits(f"length of {name}", 8))
                parts += (length.to_bytes(1, "big"), octets)
            case Entries(name=name, entry=entry):
                parts += (_join(entry, part) for part in getattr(holder, name))
            case PaddingOctets():
                parts.append(padding)
    if pads and pad_length:
        raise ValueError(f"pad length: {pad_length} octets are too few for {' and '.join(pads)}")
    return b"".join(parts)


def optional_flags(frame_type: FrameType, holder: object, pad_length: int | None) -> int:
    """Compute the flags that announce the optional fields which `write_fields` would write."""
    flags = 0
    pads = _pad_flags(frame_type, holder, pad_length)
    for field in frame_type.layout:
        match field:
            case Numbers(flag=str(flag), group=str(group)) if getattr(holder, group) is not None:
                flags |= frame_type.flags[flag]
            case PadLength(flag=flag) if flag in pads:
                flags |= frame_type.flags[flag]
    return flags


def _pad_flags(frame_type: FrameType, holder: object, pad_length: int | None) -> tuple[str, ...]:
    """Pick the flags of the pad length fields to write: those `holder` names, or the fewest."""
    if pad_length is None:
        return ()
    named: tuple[str, ...] | None = getattr(holder, "pad_flags", None)
    return _fewest(frame_type, pad_length) if named is None else named


def _fewest(frame_type: FrameType, pad_length: int) -> tuple[str, ...]:
    """Give the flags of the fewest pad length fields that can hold a number.

    Those that count larger units are only needed for larger numbers.
    """
    fields = (field for field in frame_type.layout if isinstance(field, PadLength))
    return tuple(field.flag for field in fields if field.unit == 1 or pad_length >= field.unit)


class _Reader:
    """A payload while its fields are taken off its front."""

    def __init__(self, frame_type: FrameType, flags: int, octets: bytes) -> None:
        self._type = frame_type
        self._flags = flags
        self._octets = octets
        self._at = 0
        self._padding: int | None = None
        self._pads: tuple[str, ...] = ()

    def read(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._type.layout:
            match field:
                case Numbers(flag=flag, group=group) if self._has(flag):
                    numbers = _split(field, self._take(field.octets))
                    values |= numbers if group is None else {group: numbers}
                case PadLength(flag=str(flag), unit=unit) if self._has(flag):
                    self._padding = (self._padding or 0) + unit * self._take(1)[0]
                    self._pads += (flag,)
                case Octets(name=name, length=length):
                    values[name] = self._take(self._rest() if length is None else length)
                case Counted(name=name):
                    values[name] = self._take(self._take(1)[0])
                case Entries(name=name, entry=entry):
                    values[name] = self._entries(entry)
                case PaddingOctets(name=name) if self._padding is not None:
                    values[name] = self._take(self._padding)
        if self._at < len(self._octets):
            raise self._length_error()
        if self._padding is not None and self._pads != _fewest(self._type, self._padding):
            values["pad_flags"] = self._pads
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
        value = getattr(holder, field.name, None)
        if value is None:
            raise ValueError(f"{field.name}: there is none in {holder!r}")
        whole = whole << field.bits | _checked(value, field)
    return whole.to_bytes(numbers.octets, "big")


def _checked(value: int, field: Bits) -> int:
    if not 0 <= value < 1 << field.bits:
        raise ValueError(f"{field.name}: {value} does not fit in {field.bits} bits")
    return value
