"""What a verdict is: an outcome, how the exchange ended, and one line that says why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The six outcomes of a case."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    """The target did what the version requires."""
    NON_STRICT = "non-strict"
    """It protected itself, but not as written, or did not honour a SHOULD."""
    FAIL = "fail"
    """A MUST was broken."""
    INFO = "info"
    """The version allows either; this is what the target does."""
    SKIP = "skip"
    """The case does not apply to this target."""
    ERROR = "error"
    """Our side or the network failed: no statement about the target."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of judging one case."""

    outcome: Outcome
    ending: str
    """`goaway(CODE)`, `reset(CODE)`, `response(status)`, `closed`, `tcp-reset`, `alive`,
    `silence`, `flood`, `http/1.1`, `refused` (HTTP/2 in this version did not come about), or `-`
    where nothing was exchanged."""
    reason: str
    """One line."""
