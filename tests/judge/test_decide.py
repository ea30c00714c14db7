"""From findings to verdicts: levels, breaches on the way, legal twins."""

from __future__ import annotations

import pytest

from h2spec_py.case.model import Expectation
from h2spec_py.judge.decide import against_twin, decide, ending
from h2spec_py.judge.matching import fits_status
from h2spec_py.judge.observation import Observation, Response
from h2spec_py.judge.rules import Finding, Met
from h2spec_py.judge.verdict import Outcome, Verdict
from h2spec_py.peer.events import Breach
from h2spec_py.spec import find_version
from h2spec_py.spec.catalogue import catalogue

RFC9113 = find_version("9113")
ERROR = Expectation(connection_error="PROTOCOL_ERROR")
MALFORMED = Expectation(malformed=1)
MUST = catalogue()["data.stream-zero"]
SHOULD = catalogue()["error.goaway-first"]


@pytest.mark.parametrize(
    ("requirement", "met", "outcome"),
    [
        (MUST, Met.YES, Outcome.PASS),
        (MUST, Met.PARTLY, Outcome.NON_STRICT),
        (MUST, Met.NO, Outcome.FAIL),
        (SHOULD, Met.YES, Outcome.PASS),
        (SHOULD, Met.NO, Outcome.NON_STRICT),
    ],
)
def test_level_decides_what_an_unmet_expectation_means(
    requirement: object, met: Met, outcome: Outcome
) -> None:
    verdict = decide(ERROR, Observation(RFC9113), Finding(met, "why"), [requirement])  # type: ignore[list-item]
    assert verdict.outcome is outcome
    assert verdict.reason == "why"


def test_a_breach_on_the_way_fails_a_case_that_would_pass() -> None:
    seen = Observation(RFC9113)
    seen.note(Breach("flow.stream-window", "stream", "FLOW_CONTROL_ERROR", 1, "too much DATA"))
    verdict = decide(ERROR, seen, Finding(Met.YES, "fine"), [MUST])
    assert verdict.outcome is Outcome.FAIL
    assert "too much DATA" in verdict.reason
    assert "flow.stream-window" in verdict.reason


def test_a_failure_keeps_its_own_reason_beside_a_breach() -> None:
    seen = Observation(RFC9113)
    seen.note(Breach("flow.stream-window", "stream", "FLOW_CONTROL_ERROR", 1, "too much DATA"))
    verdict = decide(ERROR, seen, Finding(Met.NO, "the case itself"), [MUST])
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, "the case itself")


def test_a_failure_also_names_a_header_block_that_could_not_be_decoded() -> None:
    seen = Observation(RFC9113)
    seen.note(Breach("flow.stream-window", "stream", "FLOW_CONTROL_ERROR", 1, "too much DATA"))
    seen.note(
        Breach("hpack.index-out-of-range", "connection", "COMPRESSION_ERROR", 0, "no entry 70")
    )
    missing = decide(MALFORMED, seen, Finding(Met.NO, "no answer came"), [MUST])
    assert missing.reason == "no answer came; no entry 70 (hpack.index-out-of-range, rfc7541 2.3.3)"
    answered = decide(MALFORMED, seen, Finding(Met.NO, "it answered 200", True), [MUST])
    assert answered.reason == "it answered 200"
    assert missing.outcome is answered.outcome is Outcome.FAIL


def test_the_order_of_fields_is_the_matter_of_the_cases_about_it() -> None:
    breach = Breach("message.pseudo-first", "stream", "PROTOCOL_ERROR", 1, "a field comes late")
    beside = Observation(find_version("04"))
    about = Observation(find_version("04"), frozenset({"message.pseudo-first"}))
    for seen in (beside, about):
        seen.note(breach)
    assert beside.breaches == []
    assert about.breaches == [breach]


def test_endings() -> None:
    def facing(**facts: object) -> Observation:
        seen = Observation(RFC9113)
        for name, value in facts.items():
            setattr(seen, name, value)
        return seen

    assert ending(ERROR, facing(goaways=[0, 1], end="closed")) == "goaway(PROTOCOL_ERROR)"
    assert ending(ERROR, facing(goaways=[0], end="closed")) == "closed"
    assert ending(ERROR, facing(resets={1: 8})) == "reset(CANCEL)"
    assert ending(ERROR, facing(end="tcp-reset")) == "tcp-reset"
    assert ending(ERROR, facing(barrier=True)) == "alive"
    assert ending(ERROR, facing(silent=True)) == "silence"
    answered = {1: Response("400")}
    assert ending(MALFORMED, facing(responses=answered, barrier=True)) == "response(400)"


PASSED = Verdict(Outcome.PASS, "goaway(PROTOCOL_ERROR)", "refused")
CLOSED = Verdict(Outcome.NON_STRICT, "closed", "closed")
ACCEPTED = Verdict(Outcome.PASS, "response(200)", "answered")
DROPPED = Verdict(Outcome.FAIL, "closed", "it closed the connection")


def test_a_refusal_proves_nothing_where_the_legal_twin_is_refused() -> None:
    for refusal in (PASSED, CLOSED):
        verdict = against_twin(ERROR, refusal, "data/plain", DROPPED, "", "")
        assert verdict.outcome is Outcome.SKIP
        assert "data/plain" in verdict.reason
        assert against_twin(ERROR, refusal, "data/plain", ACCEPTED, "", "200") is refusal


def test_a_failure_stands_whatever_the_twin_did() -> None:
    failure = Verdict(Outcome.FAIL, "alive", "went on")
    assert against_twin(ERROR, failure, "data/plain", DROPPED, "", "") is failure


@pytest.mark.parametrize("ending", ["closed", "goaway(PROTOCOL_ERROR)", "reset(CANCEL)"])
def test_a_twin_that_may_be_refused_and_is_proves_nothing(ending: str) -> None:
    refused = Verdict(Outcome.INFO, ending, "refused")
    answered = Verdict(Outcome.INFO, "response(405)", "it answered 405")
    assert against_twin(MALFORMED, PASSED, "m/c", refused, "", "").outcome is Outcome.SKIP
    assert against_twin(MALFORMED, PASSED, "m/c", answered, "", "405") is PASSED


def test_a_legal_exchange_is_not_blamed_for_what_its_twin_fails() -> None:
    either = Expectation(any_=[Expectation(ignored=True), Expectation(closed=True)])
    for expect in (either, Expectation(ignored=True)):
        verdict = against_twin(expect, DROPPED, "goaway/plain", DROPPED, "", "")
        assert verdict.outcome is Outcome.SKIP
        assert "goaway/plain fails in the same way (it closed" in verdict.reason
        assert against_twin(expect, DROPPED, "goaway/plain", ACCEPTED, "", "200") is DROPPED
    other = Verdict(Outcome.FAIL, "goaway(PROTOCOL_ERROR)", "it refused")
    assert against_twin(either, DROPPED, "goaway/plain", other, "", "") is DROPPED


def test_the_end_of_a_connection_proves_nothing_where_the_legal_twin_ends_too() -> None:
    ended = Expectation(closed=True)
    closed = Verdict(Outcome.PASS, "closed", "the connection ended")
    assert against_twin(ended, closed, "preface/plain", DROPPED, "", "").outcome is Outcome.SKIP
    assert against_twin(ended, closed, "preface/plain", ACCEPTED, "", "200") is closed


def test_a_status_that_the_twin_gets_as_well_proves_nothing() -> None:
    refusal = Verdict(Outcome.PASS, "response(405)", "it answered 405")
    assert (
        against_twin(MALFORMED, refusal, "m/post", ACCEPTED, "405", "405").outcome is Outcome.SKIP
    )
    assert against_twin(MALFORMED, refusal, "m/post", ACCEPTED, "405", "200") is refusal


def test_what_is_met_under_any_is_held_against_the_twin_too() -> None:
    either = Expectation(any_=[ERROR, Expectation(ignored=True)])
    for met in (Verdict(Outcome.PASS, "alive", "ignored"), PASSED):
        assert against_twin(either, met, "data/plain", DROPPED, "", "").outcome is Outcome.SKIP
        assert against_twin(either, met, "data/plain", ACCEPTED, "", "200") is met


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("200", ["200"], ["201", "100", ""]),
        ("4xx", ["400", "499"], ["200", "500"]),
        ("final", ["200", "400", "503"], ["100", "103", ""]),
        ("legal", ["200", "301", "404", "405"], ["400", "500", "100", ""]),
        ("!400", ["200", "500"], ["400", "100", ""]),
    ],
)
def test_status_patterns(pattern: str, fitting: list[str], other: list[str]) -> None:
    assert all(fits_status(pattern, status) for status in fitting)
    assert not any(fits_status(pattern, status) for status in other)
