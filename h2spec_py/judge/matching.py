"""Whether a frame or a status fits its description in a case."""

from __future__ import annotations

from collections.abc import Mapping

from h2spec_py.case.model import Match
from h2spec_py.judge.observation import status_of
from h2spec_py.judge.phrase import phrase_code
from h2spec_py.peer.events import Received
from h2spec_py.spec import Version
from h2spec_py.wire.payload import Goaway, Ping, PushPromise, RstStream, Settings


def fits_status(pattern: str, status: str) -> bool:
    """Whether a status code fits a pattern.

    `200` is exact, `4xx` a class, `!400` anything final but that one, `final` anything but 1xx, and
    `legal` what a server may answer to a request that is in order: final, not 400 and not 5xx.
    """
    if pattern == "legal":
        return fits_status("final", status) and status != "400" and status[0] != "5"
    final = bool(status) and not status.startswith("1")
    if pattern == "final":
        return final
    if pattern.startswith("!"):
        return final and not fits_status(pattern[1:], status)
    if pattern.endswith("xx"):
        return status[:1] == pattern[0]
    return status == pattern


def same_kind(match: Match, event: Received, version: Version) -> bool:
    """Whether the frame is of the type, and on the stream, that the description names.

    For a description with a status, `event` is the frame that completes the header block. A frame
    with ACK and one without are of different kinds where the description cares: what the target
    sends of its own is no wrong acknowledgement.
    """
    wanted = version.frames.get(match.frame)
    if match.status is not None:
        if event.block is None or event.block.kind != match.frame:
            return False
    elif wanted is None or event.frame.type != wanted.code:
        return False
    if wanted is not None and "ACK" in (*match.flags, *match.unset):
        ack = bool(event.frame.flags & wanted.flags["ACK"])
        if ack is not ("ACK" in match.flags):
            return False
    return match.stream is None or event.frame.stream == match.stream


def fits(match: Match, event: Received, version: Version) -> bool:
    """Whether a received frame is as described."""
    return same_kind(match, event, version) and not misfits(match, event, version)


def misfits(match: Match, event: Received, version: Version) -> list[str]:
    """What about a frame of the right kind is not as described: one phrase for each."""
    found: list[str] = []
    flags = version.frames[match.frame].flags
    found += [f"{name} is not set" for name in match.flags if not event.frame.flags & flags[name]]
    found += [f"{name} is set" for name in match.unset if event.frame.flags & flags[name]]
    length = len(event.frame.payload)
    if match.length is not None and length != match.length:
        found.append(f"length is {length}, not {match.length} octets")
    if match.min_length is not None and length < match.min_length:
        found.append(f"length is {length}, under {match.min_length} octets")
    if match.max_length is not None and length > match.max_length:
        found.append(f"length is {length}, over {match.max_length} octets")
    payload = event.payload
    if match.error is not None:
        code = payload.error if isinstance(payload, Goaway | RstStream) else None
        if code != error_code(match.error, version):
            name = "none" if code is None else version.error_name(code)
            found.append(f"error code is {name}, not {phrase_code(match.error, version)}")
    if match.opaque is not None and not (
        isinstance(payload, Ping) and payload.opaque == match.opaque
    ):
        found.append(f"opaque data is not {match.opaque.hex()}")
    if match.last_stream is not None:
        last = payload.last_stream if isinstance(payload, Goaway) else None
        if last != match.last_stream:
            found.append(f"last stream is {last}, not {match.last_stream}")
    if match.promised is not None:
        promised = payload.promised if isinstance(payload, PushPromise) else None
        if promised != match.promised:
            found.append(f"promised stream is {promised}, not {match.promised}")
    if isinstance(payload, Settings):
        found += _too_small(match.at_least or {}, payload, version)
    if match.status is not None:
        status = status_of(event, version) or ""
        if not fits_status(match.status, status):
            found.append(f"status is {status or 'absent'}, not {match.status}")
    return found


def _too_small(bounds: Mapping[str, int], payload: Settings, version: Version) -> list[str]:
    """Which settings of a frame are below their bounds."""
    least = {version.settings[name].id: (name, value) for name, value in bounds.items()}
    return [
        f"{name} is {entry.value}, under {value}"
        for entry in payload.settings
        for name, value in [least.get(entry.id, ("", 0))]
        if entry.value < value
    ]


def error_code(name: str | int, version: Version) -> int:
    """The number of an error code, by name or as it is."""
    return name if isinstance(name, int) else version.errors[name]
