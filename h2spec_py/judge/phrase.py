"""Expectations in words, for reports, with the names of the version."""

from __future__ import annotations

from h2spec_py.case.model import Codes, Expectation, Match
from h2spec_py.spec import Version

Wanted = Codes | tuple[str, ...]
"""Error codes, one of which is required."""


def phrase(expect: Expectation, version: Version) -> str:
    """What is expected of the target, in one line."""
    match expect.kind:
        case "connection-error":
            codes = phrase_codes(expect.connection_error or (), version)
            return f"a connection error {codes}: GOAWAY, then the end"
        case "stream-error":
            codes = phrase_codes(expect.stream_error or (), version)
            return f"a stream error {codes} on stream {expect.stream}, or a connection error"
        case "malformed":
            codes = phrase_codes(version.malformed_errors, version) or "of any code"
            where = f"the request on stream {expect.malformed}"
            return f"{where} is malformed: a stream error {codes} or a 4xx response"
        case "response":
            return _response(expect)
        case "ignored":
            return "no error: the target goes on and acknowledges a PING"
        case "frame":
            return f"the target sends {phrase_match(expect.frame, version)}"
        case "never":
            return f"the target does not send {phrase_match(expect.never, version)}, and goes on"
        case "closed":
            return "the connection ends"
        case "refused":
            return "no HTTP/2 comes about"
        case _:
            return "; or ".join(phrase(one, version) for one in expect.any_ or [])


def _response(expect: Expectation) -> str:
    statuses = {
        "legal": "a response (not 400, not 5xx)",
        "final": "a response",
    }
    text = statuses.get(expect.status, f"a response with status {expect.status}")
    if expect.body is not None:
        text += f" and a body of {expect.body} octets"
    elif expect.complete:
        text += ", in full,"
    return f"{text} on stream {expect.response}"


def phrase_codes(codes: Wanted, version: Version) -> str:
    """Error codes in words; nothing where there is none."""
    names = [codes] if isinstance(codes, str) else codes
    return " or ".join(version.called(name) for name in names)


def phrase_match(match: Match | None, version: Version) -> str:
    """A described frame in words."""
    if match is None:
        return "a frame"
    called = version.frames[match.frame].called
    parts = [match.frame]
    if match.stream is not None:
        parts.append(f"on stream {match.stream}")
    if match.flags:
        parts.append(f"with {' and '.join(map(called, match.flags))}")
    if match.unset:
        parts.append(f"without {' and '.join(map(called, match.unset))}")
    qualifiers = {
        "of {} octets": match.length,
        "of {} octets in all": match.total,
        "of at least {} octets": match.min_length,
        "of at most {} octets": match.max_length,
        "with error code {}": None if match.error is None else phrase_code(match.error, version),
        "with opaque data {}": match.opaque.hex() if match.opaque is not None else None,
        "with last stream {}": match.last_stream,
        "that promises stream {}": match.promised,
        "with status {}": match.status,
    }
    parts += [text.format(value) for text, value in qualifiers.items() if value is not None]
    least = (match.at_least or {}).items()
    parts += [f"with {name} of at least {value}, if any" for name, value in least]
    return " ".join(parts)


def phrase_code(code: str | int, version: Version) -> str:
    """An error code in words, by name or number."""
    return version.called(code) if isinstance(code, str) else version.error_name(code)
