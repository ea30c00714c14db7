"""Checks of an exchange as a whole: header blocks that stay open, streams that nobody opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h2spec_py.case.model import (
    Await,
    Barrier,
    Case,
    Expectation,
    ExpectNow,
    Raw,
    Repeat,
    Request,
    Send,
    Step,
)
from h2spec_py.case.reporter import Reporter
from h2spec_py.case.validate import Path
from h2spec_py.spec import Version

ERRORS = frozenset({"connection-error", "stream-error", "malformed", "refused"})
"""Kinds of expectation that a refusal meets."""

QUALIFIERS = {
    "stream": "stream-error",
    "status": "response",
    "body": "response",
    "complete": "response",
    "gracefully": "closed",
}
"""Keys of an expectation that say more about one kind."""

NEED_BARRIER = ("ignored", "never")
BLOCK_FRAMES = frozenset({"HEADERS", "PUSH_PROMISE", "CONTINUATION"})


def is_error_case(expect: Expectation) -> bool:
    """Whether only a refusal meets the expectation, which takes a twin to be proof of anything."""
    if expect.any_:
        return all(is_error_case(one) or one.kind == "closed" for one in expect.any_) and any(
            is_error_case(one) for one in expect.any_
        )
    return expect.kind in ERRORS


def steps_of(case: Case) -> Iterator[tuple[Path, Step]]:
    """All steps with their paths, those of a repetition once."""
    for index, step in enumerate(case.steps):
        yield ("steps", index), step
        if isinstance(step, Repeat):
            for inner, one in enumerate(step.steps):
                yield ("steps", index, "steps", inner), one


def check_flow(case: Case, say: Reporter) -> None:
    """Check how the connection starts, and what the steps do one after the other."""
    _check_open(case, say)
    _check_blocks(case, say)
    for path, step in steps_of(case):
        if isinstance(step, Repeat) and len(path) > 2:
            say.key((*path, "repeat"), "repeat: a repetition cannot be in another one")
        if isinstance(step, Barrier) and not step.barrier:
            say.at((*path, "barrier"), "barrier: expected true; leave the step out instead")


def _check_open(case: Case, say: Reporter) -> None:
    how = case.open
    for key, part in (("upgrade", how.upgrade), ("tls", how.tls)):
        if part is not None and key not in case.needs:
            say.key(("open", key), f"{key}: takes '{key}' in 'needs' of the case")
    if how.upgrade is not None and how.tls is not None:
        say.key(("open", "upgrade"), "upgrade and tls: a connection starts in one of these ways")


def _check_blocks(case: Case, say: Reporter) -> None:
    """Find PINGs that would fall into a header block, and frames that do so in legal exchanges."""
    legal = case.expect.kind in {"response", "ignored", "never", "frame"}
    # In draft-04, further frames of the same type go on with a block.
    going_on = BLOCK_FRAMES & say.version.frames.keys()
    if "CONTINUATION" in going_on:
        going_on = frozenset({"CONTINUATION"})
    left: Path | None = None
    for path, step in steps_of(case):
        if isinstance(step, Barrier) and left:
            say.key((*path, "barrier"), "barrier: its PING would fall into an open header block")
        if isinstance(step, Await | ExpectNow | Barrier | Repeat):
            continue
        continues = isinstance(step, Send) and step.send in going_on
        if left and legal and not continues:
            say.at(path, f"the header block of step {_number(left)} is still open here")
        opens = isinstance(step, Send) and _leaves_open(step, say.version)
        left = path if opens else None
    if left and case.barrier:
        message = (
            "the header block is left open, and the PING that closes the steps would fall into it:"
            " add END_HEADERS, or 'barrier: false' to the case"
        )
        say.key((*left, "send"), message)


def _leaves_open(send: Send, version: Version) -> bool:
    frame = version.frames.get(send.send)
    if frame is None or frame.name not in BLOCK_FRAMES:
        return False
    if isinstance(send.flags, int):
        return not send.flags & frame.flags["END_HEADERS"]
    return "END_HEADERS" not in send.flags


def _number(path: Path) -> str:
    return ".".join(str(part + 1) for part in path if isinstance(part, int))


def check_expectation(case: Case, say: Reporter) -> None:
    """Check what is expected, alone and against the steps."""
    _check_one(case, ("expect",), case.expect, say)


def _check_one(case: Case, path: Path, expect: Expectation, say: Reporter) -> None:
    kind = expect.kind
    given = expect.model_fields_set
    for key, owner in QUALIFIERS.items():
        if key in given and owner != kind:
            say.key((*path, key), f"{key} goes with {owner}, not with {kind}")
    for key in ("ignored", "closed", "refused"):
        if getattr(expect, key) is False:
            say.at((*path, key), f"{key}: expected true; name another kind instead")
    if kind in NEED_BARRIER and not case.barrier:
        say.key((*path, kind), f"{kind} takes the PING that closes the steps to be seen")
    if expect.any_ is not None and len(expect.any_) < 2:
        say.at((*path, "any"), "any: expected at least 2 in the list")
    for index, one in enumerate(expect.any_ or []):
        _check_one(case, (*path, "any", index), one, say)
    _check_stream(case, path, expect, say)


def _check_stream(case: Case, path: Path, expect: Expectation, say: Reporter) -> None:
    kind = expect.kind
    streams = {
        "stream-error": expect.stream,
        "malformed": expect.malformed,
        "response": expect.response,
    }
    stream = streams.get(kind)
    if stream is None:
        return
    key = "stream" if kind == "stream-error" and "stream" in expect.model_fields_set else kind
    if stream == 0:
        say.at((*path, key), f"{kind}: stream 0 is the connection")
    elif not _touches(case.steps, stream) and (stream != 1 or case.open.upgrade is None):
        say.at((*path, key), f"{kind}: no step has to do with stream {stream}")


def _touches(steps: Sequence[Step], stream: int) -> bool:
    for step in steps:
        match step:
            case Raw() | Repeat():
                return True
            case Request() if step.stream == stream:
                return True
            case Send() if stream in (step.stream, step.promised):
                return True
            case Await() if step.await_.promised == stream:
                return True
            case _:
                pass
    return False
