"""From a finding to a verdict: levels, breaches that were seen on the way, and legal twins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from h2spec_py.case.model import Expectation
from h2spec_py.judge.observation import NO_ERROR, Observation
from h2spec_py.judge.rules import Finding, Met
from h2spec_py.judge.verdict import Outcome, Verdict
from h2spec_py.peer import Breach
from h2spec_py.spec import Version
from h2spec_py.spec.catalogue import Requirement, catalogue

OUTCOMES: dict[str, dict[Met, Outcome]] = {
    "MUST": {Met.YES: Outcome.PASS, Met.PARTLY: Outcome.NON_STRICT, Met.NO: Outcome.FAIL},
    "SHOULD": {Met.YES: Outcome.PASS, Met.PARTLY: Outcome.NON_STRICT, Met.NO: Outcome.NON_STRICT},
    "MAY": {Met.YES: Outcome.INFO, Met.PARTLY: Outcome.INFO, Met.NO: Outcome.INFO},
}
"""Strength of a requirement, and how far it was met, to the outcome."""

ERROR_KINDS = frozenset({"connection-error", "stream-error", "malformed"})
HELD_AGAINST_TWIN = ERROR_KINDS | {"any", "closed", "refused"}
"""Kinds of expectation that a target may meet by refusing everything, or by doing nothing."""
TWIN_HOLDS = frozenset({Outcome.PASS, Outcome.NON_STRICT, Outcome.INFO})
FAILED = frozenset({Outcome.FAIL, Outcome.NON_STRICT})
UNREADABLE = "COMPRESSION_ERROR"
"""The code of a breach behind which nothing is known of what a header block says."""


def strength(requirements: Sequence[Requirement], version: Version) -> str:
    """The greatest strength among requirements in a version: MUST, SHOULD or MAY."""
    found = {one.level_in(version).removesuffix(" NOT") for one in requirements}
    return next((level for level in OUTCOMES if level in found), "MUST")


def ending(expect: Expectation, seen: Observation) -> str:
    """How the exchange ended, as the second axis of the verdict."""
    name = seen.version.error_name
    if seen.error is not None:
        return f"goaway({name(seen.error)})"
    focus = expect.malformed or expect.response or expect.stream
    resets = {stream: code for stream, code in seen.resets.items() if code != NO_ERROR}
    if resets:
        return f"reset({name(resets.get(focus, next(iter(resets.values()))))})"
    if seen.end and not seen.left:  # who leaves behind the barrier may be seen to, or not yet
        return seen.end
    answers = {stream: one.status for stream, one in seen.responses.items() if one.status}
    if answers and expect.kind in {"malformed", "response"}:
        return f"response({answers.get(focus, next(iter(answers.values())))})"
    if seen.barrier or not seen.silent:
        return "alive"
    return f"response({next(iter(answers.values()))})" if answers else "silence"


def decide(
    expect: Expectation,
    seen: Observation,
    finding: Finding,
    requirements: Sequence[Requirement],
) -> Verdict:
    """The verdict for a finding, with what else the target broke during the exchange.

    A breach of a MUST that was seen on the way fails the case, whatever it was about: a reply that
    is itself illegal is no conforming reply. Of a case that fails in any case, the reason also
    names a header block that could not be decoded: what is missing may have been in there.
    """
    version = seen.version
    outcome = OUTCOMES[strength(requirements, version)][finding.met]
    verdict = Verdict(outcome, ending(expect, seen), finding.reason)
    # An answer that did not come may have come unreadable, which the breach then says.
    settled = verdict.outcome is Outcome.FAIL and (expect.kind != "response" or finding.conclusive)
    if settled:
        unread = next((one for one in seen.breaches if one.code == UNREADABLE), None)
        if unread is not None and not finding.conclusive:
            return replace(verdict, reason=f"{finding.reason}; {_told(unread, version)}")
        return verdict
    for breach in seen.breaches:
        broken = weigh(breach, version)
        if broken is not Outcome.INFO:
            return replace(verdict, outcome=broken, reason=_told(breach, version))
    return verdict


def weigh(breach: Breach, version: Version) -> Outcome:
    """The outcome that a breach on the way has by itself."""
    known = catalogue().get(breach.requirement)
    level = strength([known], version) if known and known.applies_to(version) else "MUST"
    return OUTCOMES[level][Met.NO]


def _told(breach: Breach, version: Version) -> str:
    requirement = catalogue().get(breach.requirement)
    sections = requirement.sections_in(version) if requirement else ()
    where = f", {sections[0]}" if sections else ""
    return f"{breach.message} ({breach.requirement}{where})"


def against_twin(
    expect: Expectation, verdict: Verdict, twin: str, other: Verdict, status: str, twin_status: str
) -> Verdict:
    """Withdraw a verdict that proves nothing, because the legal exchange fares no better.

    That is a refusal where the twin is refused as well, or whatever else a target may do where it
    does not do its part in the twin; and a legal exchange that fails as its twin does, which is the
    same but for what the case is about. `status` and `twin_status` are what the target answered to
    the two requests.
    """
    why = ""
    if verdict.outcome in TWIN_HOLDS and expect.kind in HELD_AGAINST_TWIN:
        if not _accepted(other):
            why = f"its legal twin {twin} was not accepted either ({other.outcome}: {other.reason})"
        elif (
            verdict.ending.startswith("response(")
            and status == twin_status
            and status[:1] in {"4", "5"}
        ):
            same = f"the target answers {status} to the legal twin {twin} too"
            why = f"{same}; if the resource is why, give another --path or --upload-path"
    elif (
        expect.kind not in ERROR_KINDS
        and verdict.outcome in FAILED
        and (other.outcome, other.ending) == (Outcome.FAIL, verdict.ending)
    ):
        why = f"its twin {twin} fails in the same way ({other.reason})"
    return replace(verdict, outcome=Outcome.SKIP, reason=why) if why else verdict


def _accepted(twin: Verdict) -> bool:
    """Whether a legal exchange was accepted, also where the version allows to refuse it."""
    if twin.outcome is Outcome.INFO:
        return twin.ending == "alive" or twin.ending.startswith("response(")
    return twin.outcome in TWIN_HOLDS
