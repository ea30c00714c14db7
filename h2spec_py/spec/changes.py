"""What two versions do not have in common, and one version's table as text.

Both come from the same `facts`: a version put into words, one fact for each thing that a version
can say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from h2spec_py.spec.compression import compression, compression_beside
from h2spec_py.spec.model import (
    Counted,
    Entries,
    FrameType,
    Numbers,
    Octets,
    PaddingOctets,
    PadLength,
    PayloadField,
    Setting,
    Version,
)

AREAS: Mapping[str, str] = {
    "start": "Start",
    "header": "Frame header and limits",
    "frame type": "Frame types",
    "flag": "Flags",
    "layout": "Payloads, with the bits of each number",
    "setting": "Settings",
    "error code": "Error codes",
    "error use": "Use of error codes",
    "field": "Header fields",
    "compression": "Header compression",
}
"""The kinds of facts, in the order in which they are told, with their headings."""

PLACES = {
    "zero": "on stream 0",
    "nonzero": "on a stream",
    "either": "on stream 0 or on a stream",
}

Facts = Mapping[tuple[str, str], str]
"""Facts by area and subject, such as `("flag", "PING ACK")`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that is not the same; `old` is None for what is new, `new` for what is gone.

    `area` is one of `AREAS`. A frame type that is new or gone is one change, with its flags and its
    layout in the text.
    """

    area: str
    subject: str
    old: str | None
    new: str | None


def changes(old: Version, new: Version) -> tuple[Change, ...]:
    """List what changed from one version to another, in the order of `AREAS`.

    The versions need not be neighbours, nor in the order of their publication.
    """
    before, after = _joined(old, new), _joined(new, old)
    keys = [*before, *(key for key in after if key not in before)]
    found = (Change(*key, before.get(key), after.get(key)) for key in keys)
    areas = list(AREAS)
    return tuple(
        sorted(
            (change for change in found if change.old != change.new),
            key=lambda change: areas.index(change.area),
        )
    )


def table_text(version: Version) -> str:
    """Print a version's table: a heading for each area, a line for each fact."""
    told = facts(version)
    width = max(len(subject) for _, subject in told)
    lines = [version.title, version.url]
    for area, heading in AREAS.items():
        lines += ["", heading]
        subjects = [subject for kind, subject in told if kind == area]
        lines += [f"  {subject:{width}}  {told[area, subject]}" for subject in subjects]
    return "\n".join(lines) + "\n"


def facts(version: Version) -> Facts:
    """Put into words what a version says, by area and subject."""
    found = {
        ("start", "preface"): repr(version.preface.decode("ascii")),
        ("start", "TLS token"): version.alpn,
        ("start", "Upgrade token"): version.upgrade,
        ("start", "HTTP2-Settings"): _upgrade_settings(version),
        ("start", "SETTINGS"): "acknowledged" if version.settings_ack else "not acknowledged",
        ("header", "frame header"): _header(version),
        ("header", "frame size"): _frame_size(version),
        ("header", "flow-control window"): f"{version.initial_window} octets at first",
    }
    for frame in version.frames.values():
        found["frame type", frame.name] = f"{frame.code:#x} {PLACES[frame.stream]}"
        for flag, text in _flags(frame).items():
            found["flag", f"{frame.name} {flag}"] = text
        found["layout", frame.name] = _layout(frame)
    for setting in version.settings.values():
        found["setting", setting.name] = _setting(setting)
    for error, code in version.errors.items():
        found["error code", error] = f"{code:#x}" + _then(error, version.called(error))
    generic, malformed = version.generic_errors, version.malformed_errors
    found["error use", "code that may stand for any other"] = " or ".join(generic) or "no code"
    # A request: draft-04 has a status for one, and names a code for a response.
    found["error use", "for a malformed request"] = " or ".join(malformed) or "not named"
    unknown = version.unknown_error or "none, it is ignored"
    found["error use", "for an unknown type or setting"] = unknown
    found["field", "header block"] = _header_block(version)
    for name, field in version.pseudo.items():
        found["field", name] = field
    found |= {("compression", subject): text for subject, text in compression(version).items()}
    keys = (key for name in version.deprecated for key in _advised_against(name) if key in found)
    return found | {key: f"{found[key]}, deprecated" for key in keys}


def _advised_against(name: str) -> tuple[tuple[str, str], ...]:
    """Find the facts that an entry of `Version.deprecated` is about."""
    if name == "upgrade":
        return (("start", "Upgrade token"),)
    return (("flag" if " " in name else "frame type", name),)


def _upgrade_settings(version: Version) -> str:
    """What the field carries, which is never empty: its value is a token68 (rfc7540 3.2.1)."""
    if "upgrade" in version.deprecated and not version.upgrade_settings:
        return "not described"
    needed = " and ".join(version.upgrade_settings) or "at least one setting"
    return f"base64url of a SETTINGS payload, without =, with {needed}"


def _header_block(version: Version) -> str:
    goes_on = "CONTINUATION" if "CONTINUATION" in version.frames else "frames of the same type"
    return f"goes on in {goes_on}"


def _joined(version: Version, other: Version) -> dict[tuple[str, str], str]:
    """Put a version into words, with all about a type that only it has in one fact.

    Of the tables of header compression, it is told what the other version's do not have.
    """
    own = set(version.frames) - set(other.frames)
    found = {
        (area, subject): text
        for (area, subject), text in facts(version).items()
        if not (area in {"flag", "layout"} and subject.split()[0] in own)
    }
    beside = compression_beside(version, other)
    found |= {("compression", subject): text for subject, text in beside.items()}
    for name in own:
        frame = version.frames[name]
        flags = [f"{flag} {text}" for flag, text in _flags(frame).items()]
        parts = (found["frame type", name], *flags, f"payload: {_layout(frame)}")
        found["frame type", name] = "; ".join(parts)
    return found


def _header(version: Version) -> str:
    header = version.header
    reserved = f" behind {header.reserved_bits} reserved ones" if header.reserved_bits else ""
    return f"{header.octets} octets, length of {header.length_bits} bits{reserved}"


def _frame_size(version: Version) -> str:
    size, longest = version.max_frame_size, version.header.max_length
    if "MAX_FRAME_SIZE" in version.settings:
        return f"{size} octets of payload at first"
    others = f" in frames for HTTP messages, {longest} in others" if size < longest else ""
    return f"{size} octets of payload{others}"


def _then(name: str, called: str) -> str:
    return "" if called == name else f", called {called}"


def _flags(frame: FrameType) -> dict[str, str]:
    return {
        flag: " or ".join(f"{one:#x}" for one in (bit, frame.also.get(flag)) if one)
        + _then(flag, frame.called(flag))
        for flag, bit in frame.flags.items()
    }


def _setting(setting: Setting) -> str:
    initial = "no limit" if setting.initial is None else str(setting.initial)
    text = f"{setting.id:#x}, {initial} at first"
    if setting.error is not None:
        text += f", {setting.minimum} to {setting.maximum} or {setting.error}"
    if setting.server_maximum is not None:
        text += f", from a server at most {setting.server_maximum}"
    return text


def _layout(frame: FrameType) -> str:
    """Spell a payload: numbers with their bits, octets with dots, what depends on a flag in []."""
    parts = (part for field in frame.layout for part in _parts(field, frame))
    return ", ".join(parts) or "nothing"


def _parts(field: PayloadField, frame: FrameType) -> Iterator[str]:
    match field:
        case Numbers(flag=flag):
            text = ", ".join(f"{number.name} {number.bits}" for number in field.fields)
            yield text if flag is None else f"[{frame.called(flag)}: {text}]"
        case PadLength(flag=flag, unit=unit):
            yield f"[{frame.called(flag)}: pad length 8{'' if unit == 1 else f', times {unit}'}]"
        case Octets(name=name, length=length):
            yield f"{name} ..." if length is None else f"{name} {8 * length}"
        case Counted(name=name):
            yield f"length of {name} 8, {name} ..."
        case Entries(entry=entry):
            text = ", ".join(f"{number.name} {number.bits}" for number in entry.fields)
            yield f"({text}) ..."
        case PaddingOctets(name=name):
            yield f"{name} ..."
