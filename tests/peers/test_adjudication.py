"""The reader of adjudications is strict, and what it read is held against results both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2spec_py.case.errors import CaseErrors
from h2spec_py.case.loader import load_library
from h2spec_py.engine import CaseResult
from h2spec_py.judge.verdict import Outcome, Verdict
from h2spec_py.spec import find_version
from tests.peers.adjudication import DEFENCE, counts, disputes, read_entries

VERSION = find_version("9113")
KNOWN = {VERSION.name: VERSION}
CASES = {loaded.id: loaded for loaded in load_library().cases(VERSION)}
ENTRY = {
    "case": "data/stream-zero",
    "section": "rfc9113 6.1",
    "verdict": "fail alive",
    "because": "the stream of DATA must not be 0, and this server reads on",
}
FAILURE = Verdict(Outcome.FAIL, "alive", "it went on")


def written(path: Path, **changes: str | None) -> Path:
    fields = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    lines = [f"{key}: {value}" for key, value in fields.items()]
    path /= "server.yaml"
    path.write_text(f"# A server: {DEFENCE} …\n\n- " + "\n  ".join(lines) + "\n")
    return path


def result(case: str = "data/stream-zero", verdict: Verdict = FAILURE) -> CaseResult:
    return CaseResult(CASES[case], verdict)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"because": None}, "server.yaml:3:3: key 'because' is missing"),
        ({"because": "it is wrong"}, "is no reason"),
        ({"becuase": "no"}, "unknown key 'becuase'; did you mean 'because'?"),
        ({"verdict": "pass"}, "server.yaml:5:12: verdict: not `fail`"),
        ({"section": "rfc9113 6.99"}, "there is no rfc9113 6.99"),
        ({"section": "6.1"}, "'6.1' is not a section"),
        ({"section": "draft-13 6.1"}, "'draft-13 6.1' is not a section"),
        ({"versions": "13"}, "13 has none of rfc9113"),
        ({"versions": "new"}, "not a range of versions"),
        ({"transports": "[quic]"}, "a list of some of tls, cleartext is expected"),
        ({"transports": "tls"}, "a list of some of tls, cleartext is expected"),
        ({"case": "[data]"}, "case: text is expected"),
    ],
)
def test_a_faulty_entry_is_refused(
    tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    with pytest.raises(CaseErrors) as refused:
        read_entries(written(tmp_path, **changes), KNOWN)
    assert said in str(refused.value)


def test_a_file_is_a_list_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "server.yaml"
    path.write_text(f"# nothing fails: {DEFENCE} …\n")
    assert read_entries(path, KNOWN) == []
    path.write_text("# nothing fails\n")
    with pytest.raises(CaseErrors, match=f"the head comment does not say: {DEFENCE}"):
        read_entries(path, KNOWN)
    path.write_text("case: data/stream-zero\n")
    with pytest.raises(CaseErrors, match="a list of entries is expected"):
        read_entries(path, KNOWN)
    path.write_text("- data/stream-zero\n")
    with pytest.raises(CaseErrors, match="an entry is a mapping"):
        read_entries(path, KNOWN)


@pytest.mark.parametrize("case", ["data/stream-zero", "data/*", "*-zero"])
@pytest.mark.parametrize("verdict", ["fail alive", "fail"])
def test_a_listed_failure_is_no_dispute(tmp_path: Path, case: str, verdict: str) -> None:
    quoted = f"'{case}'"
    entries = read_entries(written(tmp_path, case=quoted, verdict=verdict), KNOWN)
    assert disputes(entries, [result()], VERSION, "tls") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"case": "data/plain"},
        {"verdict": "fail goaway(CANCEL)"},
        {"transports": "[cleartext]"},
        {"case": "data/stream-zer?"},
    ],
)
def test_a_failure_that_no_entry_is_about_is_ours(
    tmp_path: Path, changes: dict[str, str | None]
) -> None:
    entries = read_entries(written(tmp_path, **changes), KNOWN)
    found = disputes(entries, [result()], VERSION, "tls")
    assert found[0].startswith("not adjudicated: data/stream-zero: fail alive: it went on (rfc9113")


def test_an_entry_that_nothing_fails_has_outlived_itself(tmp_path: Path) -> None:
    entries = read_entries(written(tmp_path), KNOWN)
    accepted = result(verdict=Verdict(Outcome.NON_STRICT, "alive", ""))
    assert disputes(entries, [accepted], VERSION, "tls") == [
        "server.yaml:3: data/stream-zero does not fail (any more, or with another ending)"
    ]


def test_a_race_within_the_server_may_go_either_way(tmp_path: Path) -> None:
    entries = read_entries(written(tmp_path, unless="it reads the next frame first"), KNOWN)
    accepted = result(verdict=Verdict(Outcome.PASS, "alive", ""))
    assert disputes(entries, [accepted], VERSION, "tls") == []
    assert disputes(entries, [result()], VERSION, "tls") == []
    [dispute] = disputes(entries, [result("data/plain")], VERSION, "tls")
    assert dispute.startswith("not adjudicated: data/plain: fail")


def test_no_statement_is_a_dispute() -> None:
    silent = result(verdict=Verdict(Outcome.ERROR, "-", "refused"))
    assert disputes([], [silent], VERSION, "tls") == [
        "no statement: data/stream-zero: error -: refused"
    ]


def test_counts_are_one_line() -> None:
    passed = result("data/plain", Verdict(Outcome.PASS, "alive", ""))
    assert counts([result(), passed]) == "1 pass, 0 non-strict, 1 fail, 0 info, 0 skip, 0 error"
