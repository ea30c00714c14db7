"""Expectations in words, for reports."""

from __future__ import annotations

from h2spec_py.case.model import Codes, Expectation, Match


def phrase(expect: Expectation) -> str:
    """What is expected of the target, in one line."""
    match expect.kind:
        case "connection-error":
            return f"a connection error {_codes(expect.connection_error)}: GOAWAY, then the end"
        case "stream-error":
            codes = _codes(expect.stream_error)
            return f"a stream error {codes} on stream {expect.stream}, or a connection error"
        case "malformed":
            where = f"the request on stream {expect.malformed}"
            return f"{where} is malformed: a stream error PROTOCOL_ERROR or a 4xx response"
        case "response":
            return _response(expect)
        case "ignored":
            return "no error: the target goes on and acknowledges a PING"
        case "frame":
            return f"the target sends {phrase_match(expect.frame)}"
        case "never":
            return f"the target does not send {phrase_match(expect.never)}, and goes on"
        case "closed":
            return "the connection ends"
        case "refused":
            return "no HTTP/2 comes about"
        case _:
            return "; or ".join(phrase(one) for one in expect.any_ or [])


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


def _codes(codes: Codes | None) -> str:
    return codes if isinstance(codes, str) else " or ".join(codes or [])


def phrase_match(match: Match | None) -> str:
    """A described frame in words."""
    if match is None:
        return "a frame"
    parts = [match.frame]
    if match.stream is not None:
        parts.append(f"on stream {match.stream}")
    if match.flags:
        parts.append(f"with {' and '.join(match.flags)}")
    if match.unset:
        parts.append(f"without {' and '.join(match.unset)}")
    qualifiers = {
        "of {} octets": match.length,
        "of at least {} octets": match.min_length,
        "of at most {} octets": match.max_length,
        "with error code {}": match.error,
        "with opaque data {}": match.opaque.hex() if match.opaque is not None else None,
        "with last stream {}": match.last_stream,
        "with status {}": match.status,
    }
    parts += [text.format(value) for text, value in qualifiers.items() if value is not None]
    least = (match.at_least or {}).items()
    parts += [f"with {name} of at least {value}, if any" for name, value in least]
    return " ".join(parts)
