"""Whether an expectation is met by what happened: one function for each kind of expectation.

A finding can be final before the exchange is over: `conclusive` says that nothing which may still
come could change it. The engine waits until then, or until the barrier and its grace, or until the
timeout, and takes the finding that stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from h2spec_py.case.model import Expectation, Match
from h2spec_py.judge.matching import fits, fits_status, misfits, same_kind
from h2spec_py.judge.observation import NO_ERROR, Observation
from h2spec_py.judge.phrase import Wanted, phrase_codes
from h2spec_py.spec import Version

ANSWERS = frozenset({"HEADERS", "DATA", "PUSH_PROMISE"})
"""Frames that a server sends when its application is ready, not when it reads a barrier."""


class Met(IntEnum):
    """How far an expectation is met; the order counts."""

    NO = 0
    PARTLY = 1
    """The target protected itself, but not as written."""
    YES = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """How far an expectation is met, why, and whether that is final."""

    met: Met
    reason: str
    conclusive: bool = False


def evaluate(expect: Expectation, seen: Observation) -> Finding:
    """Hold an expectation against what has happened so far."""
    return RULES[expect.kind](expect, seen)


def allows_refusal(expect: Expectation) -> bool:
    """Whether a target may turn HTTP/2 down before it begins."""
    return bool(expect.refused) or any(map(allows_refusal, expect.any_ or ()))


def awaits_answer(expect: Expectation) -> bool:
    """Whether what is expected may come after the barrier's acknowledgement.

    Applications answer requests in their own time; connections answer frames in order.
    """
    if expect.any_ is not None:
        return any(awaits_answer(one) for one in expect.any_)
    if expect.frame is not None:
        return expect.frame.frame in ANSWERS
    return expect.kind in {"response", "malformed"}


def answer_due(expect: Expectation, seen: Observation) -> bool:
    """Whether an application's answer on which the finding depends is still to come.

    What an answer that has come leaves open, connections decide in order, up to the barrier. To
    wait for more would only show how long a target keeps an idle connection.
    """
    if expect.any_ is not None:
        return any(answer_due(one, seen) for one in expect.any_)
    if expect.malformed is not None:
        response = seen.responses.get(expect.malformed)
        return response is None or not response.status
    return awaits_answer(expect) and not evaluate(expect, seen).conclusive


def grade(code: int, codes: Wanted, version: Version) -> Met:
    """How well an error code answers a fault for which `codes` are required.

    From RFC 9113 on a generic code may stand for a specific one (rfc9113 5.4). Where none is
    required, any will do.
    """
    wanted = [codes] if isinstance(codes, str) else codes
    admitted = {version.errors[name] for name in (*wanted, *version.generic_errors)}
    return Met.YES if code in admitted or not wanted else Met.PARTLY


def _ended(seen: Observation) -> Finding | None:
    """The finding for a connection that ended without an error code, if it did."""
    if not seen.end:
        return None
    if seen.declined:
        return Finding(Met.NO, f"HTTP/2 did not come about: {seen.declined}", True)
    if seen.end == "flood":
        return Finding(Met.NO, "it flooded the connection past our bounds", True)
    how = {
        "closed": "closed the connection",
        "tcp-reset": "reset the TCP connection (a GOAWAY sent before may have been destroyed)",
        "http/1.1": "answered in HTTP/1.1",
    }[seen.end]
    named = "behind GOAWAY(NO_ERROR)" if seen.goaways else "without a GOAWAY that names an error"
    return Finding(Met.PARTLY, f"it {how} {named}", True)


def _went_on(seen: Observation, stream: int) -> str:
    """How the target carried on, for the reason of a refusal that did not come.

    `stream` is the one that matters most; with Upgrade, others have answers of their own.
    """
    if seen.resets:
        first, code = next(iter(seen.resets.items()))
        name = seen.version.error_name(code)
        return f"it sent only RST_STREAM({name}) on stream {first}"
    response = seen.responses.get(stream)
    if response and response.status:
        return f"it answered {response.status} on stream {stream}"
    if seen.barrier:
        return "it went on: the PING behind the fault was acknowledged"
    return "it neither refused nor acknowledged the PING behind the fault"


def _goaway(expect_codes: Wanted, seen: Observation, kind: str) -> Finding | None:
    if seen.error is None:
        return None
    name = seen.version.error_name(seen.error)
    met = grade(seen.error, expect_codes, seen.version)
    if met is Met.YES:
        return Finding(met, f"it sent GOAWAY({name})", True)
    wanted = phrase_codes(expect_codes, seen.version)
    return Finding(met, f"it sent GOAWAY({name}); {kind} {wanted} is required", True)


def _connection_error(expect: Expectation, seen: Observation) -> Finding:
    codes = expect.connection_error or ()
    found = _goaway(codes, seen, "connection error") or _ended(seen)
    if found:
        return found
    how = _went_on(seen, expect.stream)
    wanted = phrase_codes(codes, seen.version)
    return Finding(Met.NO, f"connection error {wanted} is required, but {how}")


def _stream_error(expect: Expectation, seen: Observation) -> Finding:
    codes = expect.stream_error or ()
    code = seen.resets.get(expect.stream, NO_ERROR)
    if code != NO_ERROR:
        name = seen.version.error_name(code)
        met = grade(code, codes, seen.version)
        wanted = phrase_codes(codes, seen.version)
        also = "" if met is Met.YES else f"; stream error {wanted} is required"
        return Finding(met, f"it sent RST_STREAM({name}){also}", True)
    found = _goaway(codes, seen, "stream error") or _ended(seen)
    if found:
        return found
    wanted = phrase_codes(codes, seen.version)
    said = f"stream error {wanted} on stream {expect.stream} is required"
    return Finding(Met.NO, f"{said}, but {_went_on(seen, expect.stream)}")


def _malformed(expect: Expectation, seen: Observation) -> Finding:
    stream = expect.malformed or 0
    codes = seen.version.malformed_errors
    if stream in seen.resets and seen.resets[stream] != NO_ERROR:
        name = seen.version.error_name(seen.resets[stream])
        met = grade(seen.resets[stream], codes, seen.version)
        wanted = phrase_codes(codes, seen.version)
        also = "" if met is Met.YES else f"; stream error {wanted} is required"
        return Finding(met, f"it sent RST_STREAM({name}){also}", True)
    found = _goaway(codes, seen, "stream error")
    if found:
        return found
    response = seen.responses.get(stream)
    if response and response.status:
        if fits_status("4xx", response.status):
            return Finding(Met.YES, f"it answered {response.status}", True)
        said = f"it answered {response.status} to a malformed request"
        if fits_status("5xx", response.status):
            return Finding(Met.PARTLY, f"{said}, which blames itself", response.ended)
        return Finding(Met.NO, said, response.ended and seen.barrier)
    return _ended(seen) or Finding(Met.NO, f"no answer came on stream {stream}")


def _response(expect: Expectation, seen: Observation) -> Finding:
    stream = expect.response or 0
    response = seen.responses.get(stream)
    if response and response.status:
        said = f"it answered {response.status}"
        if not fits_status(expect.status, response.status):
            return Finding(Met.NO, f"{said}; a status that fits {expect.status} is due", True)
        if not (expect.complete or expect.body is not None):
            return Finding(Met.YES, said, True)
        if seen.window_used and expect.body is None:
            return Finding(Met.YES, f"{said}, as far as our window lets it", True)
        if response.ended:
            if expect.body is not None and response.octets != expect.body:
                said += f" with a body of {response.octets} octets instead of {expect.body}"
                return Finding(Met.NO, said, True)
            return Finding(Met.YES, f"{said} in full", True)
    refused = None
    if stream in seen.resets:
        refused = f"RST_STREAM({seen.version.error_name(seen.resets[stream])})"
    elif seen.error is not None:
        refused = f"GOAWAY({seen.version.error_name(seen.error)})"
    if refused and expect.status[0] == "4":
        return Finding(
            Met.NO, f"it sent {refused}; a status that fits {expect.status} is due", True
        )
    if refused:
        return Finding(Met.NO, f"it refused with {refused} what it is to accept", True)
    ended = _ended(seen)
    if ended:
        return Finding(Met.NO, ended.reason.replace(" that names an error", ""), True)
    what = "the end of the response" if response and response.status else "a response"
    return Finding(Met.NO, f"{what} on stream {stream} did not come")


def _refusal(seen: Observation) -> Finding | None:
    """The finding for a target that refused what it must accept, if it did.

    One that has acknowledged the barrier, and then goes in peace, has refused nothing: a server may
    have enough of an idle connection at any time (rfc9113 5.4.1).
    """
    if seen.error is not None:
        name = seen.version.error_name(seen.error)
        return Finding(Met.NO, f"it refused with GOAWAY({name}) what it is to accept", True)
    for stream, code in seen.resets.items():
        if code != NO_ERROR:
            name = seen.version.error_name(code)
            reset = f"RST_STREAM({name}) on stream {stream}"
            said = f"it refused with {reset} what it is to accept"
            return Finding(Met.NO, said, True)
    ended = _ended(seen)
    if ended and not seen.left:
        return Finding(Met.NO, ended.reason.replace(" that names an error", ""), True)
    return None


def _ignored(_: Expectation, seen: Observation) -> Finding:
    refused = _refusal(seen)
    if refused:
        return refused
    if seen.barrier:
        return Finding(Met.YES, "it went on: the PING behind was acknowledged")
    return Finding(Met.NO, "the PING behind was not acknowledged")


def _frame(expect: Expectation, seen: Observation) -> Finding:
    match = _match(expect.frame)
    near = ""
    for event in seen.frames_since(seen.cursor):
        if same_kind(match, event, seen.version):
            wrong = misfits(match, event, seen.version)
            if not wrong:
                return Finding(Met.YES, f"it sent the {match.frame} frame that is due", True)
            near = near or f"; it sent one whose {', '.join(wrong)}"
    ended = " before the connection ended" if seen.end else ""
    return Finding(Met.NO, f"the {match.frame} frame that is due did not come{ended}{near}")


def _never(expect: Expectation, seen: Observation) -> Finding:
    match = _match(expect.never)
    if any(fits(match, event, seen.version) for event in seen.frames_since(seen.since)):
        return Finding(Met.NO, f"it sent a {match.frame} frame that it must not send", True)
    refused = _refusal(seen)
    if refused:
        return refused
    if seen.barrier:
        return Finding(Met.YES, f"it sent no such {match.frame} frame before the barrier")
    return Finding(Met.NO, "the PING behind was not acknowledged")


def _closed(expect: Expectation, seen: Observation) -> Finding:
    if expect.gracefully and seen.error is not None:
        name = seen.version.error_name(seen.error)
        return Finding(Met.NO, f"it refused with GOAWAY({name}) what it is to accept", True)
    if seen.end == "flood":
        return Finding(Met.NO, "it flooded the connection past our bounds", True)
    if seen.end:
        how = {"http/1.1": "it answered in HTTP/1.1"}.get(seen.end, "the connection ended")
        return Finding(Met.YES, how, True)
    return Finding(Met.NO, "the connection is still open")


def _refused(_: Expectation, seen: Observation) -> Finding:
    if seen.declined:
        return Finding(Met.YES, seen.declined, True)
    if seen.end == "http/1.1":
        return Finding(Met.YES, "it answered in HTTP/1.1", True)
    if seen.started:
        return Finding(Met.NO, "it started HTTP/2", bool(seen.end))
    if seen.end or seen.error is not None:
        return Finding(Met.YES, "it ended the connection before it started HTTP/2", True)
    return Finding(Met.YES if seen.silent else Met.NO, "it started no HTTP/2")


def _any(expect: Expectation, seen: Observation) -> Finding:
    found = [evaluate(one, seen) for one in expect.any_ or []]
    best = max(found, key=lambda finding: finding.met)
    final = best.conclusive and best.met is Met.YES
    reason = best.reason if best.met else "; ".join(dict.fromkeys(one.reason for one in found))
    return Finding(best.met, reason, final or all(one.conclusive for one in found))


def _match(match: Match | None) -> Match:
    assert match is not None  # noqa: S101 - the kind was chosen by this field being given
    return match


RULES: dict[str, Callable[[Expectation, Observation], Finding]] = {
    "connection-error": _connection_error,
    "stream-error": _stream_error,
    "malformed": _malformed,
    "response": _response,
    "ignored": _ignored,
    "frame": _frame,
    "never": _never,
    "closed": _closed,
    "refused": _refused,
    "any": _any,
}
