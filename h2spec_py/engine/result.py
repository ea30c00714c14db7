"""What playing one case gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from h2spec_py.case.loader import LoadedCase
from h2spec_py.engine.transcript import Entry
from h2spec_py.judge.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case with its verdict and its evidence. `duration` is in seconds."""

    loaded: LoadedCase
    verdict: Verdict
    transcript: list[Entry] = field(default_factory=list)
    duration: float = 0.0
    status: str = ""
    """Final status of the response that the case is about, if there was one."""
    breached: bool = False
    """Whether the target broke some other requirement on the way."""
    remedies: tuple[str, ...] = ()
    """For outcome `skip`: what the run can be given, all together, for the case to apply."""
    ours: bool = False
    """For outcome `error`: whether the fault is on our side rather than the network's."""

    def judged(self, verdict: Verdict, remedies: tuple[str, ...] = ()) -> CaseResult:
        """The same with another verdict."""
        return replace(self, verdict=verdict, remedies=remedies)


def no_statement(loaded: LoadedCase, reason: str, *, ours: bool = False) -> CaseResult:
    """A result that says nothing about the target."""
    return CaseResult(loaded, Verdict(Outcome.ERROR, "-", reason), ours=ours)


def skipped(loaded: LoadedCase, reason: str, remedies: tuple[str, ...] = ()) -> CaseResult:
    """A result for a case that does not apply to the target."""
    return CaseResult(loaded, Verdict(Outcome.SKIP, "-", reason), remedies=remedies)
