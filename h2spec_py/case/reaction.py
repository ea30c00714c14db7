"""How a case wants a target to answer the fault that it commits."""

from __future__ import annotations

from h2spec_py.case.model import Codes, Expectation
from h2spec_py.spec import Version
from h2spec_py.spec.differences import ANY, Answers


def answers(expect: Expectation, version: Version) -> Answers | None:
    """List the answers that an expectation takes; None where the fault may also go unanswered.

    An answer is a connection error or a stream error with its code, which is named as in the newest
    version, or a response with a pattern of its status. What a version lets stand for an answer is
    not among them.
    """
    match expect.kind:
        case "connection-error":
            return _coded("connection error", expect.connection_error)
        case "stream-error":
            return _coded("stream error", expect.stream_error)
        case "malformed":
            codes = list(version.malformed_errors) or [ANY]
            return _coded("stream error", codes) | {("response", "4xx")}
        case "response" if expect.status.startswith("4"):
            return frozenset({("response", expect.status)})
        case "any":
            found: set[tuple[str, str]] = set()
            for one in expect.any_ or []:
                own = answers(one, version)
                if own is None:
                    return None
                found |= own
            return frozenset(found)
        case _:
            return None


def _coded(kind: str, codes: Codes | None) -> Answers:
    names = [codes] if isinstance(codes, str) else codes or []
    return frozenset((kind, name) for name in names)
