"""The terminal: the summary and the progress bar, and no say in either for the target."""

from __future__ import annotations

import re
from io import BytesIO, StringIO, TextIOWrapper
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2spec_py.report.progress import Progress
from h2spec_py.report.summary import print_summary, render
from h2spec_py.results_lines import OUTCOMES
from tests.report import sample
from tests.report.hostile import HOSTILE, hostile_results

RESULTS = sample.make(*sample.realistic_cases(2))


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_the_summary_counts_by_section_and_lists_what_did_not_pass() -> None:
    text = render(RESULTS)
    lines = text.splitlines()
    assert lines[0] == "RFC 9113 at https://www.example.org/"
    assert lines[-1] == (
        "61 cases: 52 pass, 2 non-strict, 3 fail, 2 info, 1 skip, 1 error in 1.9 s"
    )
    assert re.search(r"rfc9113 6\.1 +DATA +4 +1 *$", text, re.MULTILINE)
    assert text.index("rfc9113 6.9 ") < text.index("rfc9113 6.10 ")
    assert "fail        data/stream-zero  rfc9113 6.1  DATA on stream 0\n" in text
    assert "            alive: the PING behind the frame was acknowledged" in text
    assert "error       message/value-newline  rfc9113 8.2.1" in text
    assert "            the connection could not be opened" in text
    assert "skip        stream/concurrency-limit  rfc9113 5.1.2  one stream too many\n" in text
    assert "data/plain" not in text
    assert text.index("\nfail ") < text.index("\nerror ") < text.index("\nnon-strict ")


def test_what_says_nothing_about_the_target_is_said_once() -> None:
    errors = [sample.case(f"data/{index}", "error", ending="-") for index in range(500)]
    fails = [sample.case(f"ping/{index}", "fail") for index in range(3)]
    text = render(sample.make(*errors, *fails, sample.case("data/other", "error", reason="else")))
    assert "error       500 cases  the connection could not be opened" in text
    assert "            data/0, data/1, data/2, data/3, data/4, data/5 and 494 more\n" in text
    assert "error       data/other" in text
    assert text.count("\nfail ") == 3
    assert len(text.splitlines()) < 25


def test_a_run_ends_by_saying_what_options_would_add() -> None:
    def skip(name: str, *remedies: str) -> sample.Line:
        return sample.case(name, "skip") | {"remedies": list(remedies)}

    skips = [skip(f"push/{index}", "another --path") for index in range(3)]
    skips += [skip("tls/a", "an https target"), skip("tls/b", "an https target", "another --path")]
    lines = render(sample.make(*skips, skip("goaway/limit"))).splitlines()
    assert lines[-2] == (
        "More cases: 3 with another --path, 1 with an https target,"
        " 1 with an https target and another --path"
    )
    assert "More cases" not in render(sample.make(skip("goaway/limit")))


def test_the_table_keeps_to_its_width_and_nothing_else_is_wrapped() -> None:
    reason = "because " * 40
    text = render(sample.make(sample.case(outcome="fail", reason=reason)), width=80)
    table, _, rest = text.partition("\nfail ")
    assert max(map(len, table.splitlines())) <= 80
    assert reason.strip() in rest


def test_a_pipe_gets_no_colour_and_a_terminal_does() -> None:
    pipe, terminal = StringIO(), Terminal()
    print_summary(RESULTS, pipe)
    print_summary(RESULTS, terminal)
    assert "\x1b" not in pipe.getvalue()
    assert "\x1b[" in terminal.getvalue()


def test_no_colour_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    print_summary(RESULTS, terminal)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", terminal.getvalue())
    assert "data/stream-zero" in terminal.getvalue()


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(RESULTS)
    assert "data/stream-zero" in capsys.readouterr().out


def test_an_encoding_without_the_characters_is_enough() -> None:
    octets = BytesIO()
    file = TextIOWrapper(octets, encoding="ascii")
    odd = sample.case(outcome="fail", reason="Grüße …", title="→", section_title="Ü" * 99)
    print_summary(sample.make(odd), file)
    file.flush()
    shown = octets.getvalue().decode("ascii")
    assert "Gr\\xfc\\xdfe ..." in shown
    assert "|rfc9113 6.1" in shown


def test_a_run_that_proves_less_says_so() -> None:
    assert "Incomplete: no case was run\n0 cases: 0 pass" in render(sample.make())
    cut = sample.make(sample.case(), head={"cases": 3}, foot={"interrupted": True})
    assert "Incomplete: interrupted after 1 of 3 cases\n1 case: 1 pass" in render(cut)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_does_nothing_to_a_terminal(text: str) -> None:
    results = hostile_results(lambda: text)
    shown = render(results)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert len(shown) < 50_000
    terminal = Terminal()
    print_summary(results, terminal)
    # Colours are ours; nothing else may be said to the terminal.
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert all(character.isprintable() or character == "\n" for character in without_colours)


def test_titles_are_whole_unless_a_terminal_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    title = "Entry Eviction when Dynamic Table Size Changes"
    cases = [
        sample.case(f"a/{outcome}", outcome, place="rfc7541 6.2.10", section_title=title)
        for outcome in OUTCOMES
    ]
    results = sample.make(*cases)
    log = StringIO()
    print_summary(results, log)
    assert title in log.getvalue()
    monkeypatch.setenv("COLUMNS", "60")
    narrow = StringIO()
    print_summary(results, narrow)
    assert title not in narrow.getvalue()


def test_markup_of_the_target_is_only_text() -> None:
    assert "[bold]x[/] :smile:" in render(sample.make(sample.case("a/[bold]x[/] :smile:", "fail")))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters()), min_size=1, max_size=20))
def test_any_text_keeps_the_summary_in_its_lines(texts: list[str]) -> None:
    supply = cycle(texts)
    shown = render(hostile_results(lambda: next(supply)))
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert shown.splitlines()[-1].startswith("6 cases: 1 pass, 1 non-strict, 1 fail, 1 info")


def test_progress_shows_how_far_the_run_has_come() -> None:
    terminal = Terminal()
    progress = Progress(terminal)
    progress.start(3)
    progress.case(sample.case(outcome="pass"))
    progress.case(sample.case(outcome="fail", reason="\x1b]0;x\x07", title="[bold]"))
    progress.case({})
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "3/3" in shown
    assert "1 fail" in shown
    assert "\x1b]" not in terminal.getvalue()
    progress.stop()
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is wiped
    progress.stop()


def test_progress_is_silent_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    for file in (StringIO(), Terminal()):
        progress = Progress(file)
        progress.case({"outcome": "pass"})
        progress.start(1)
        progress.case({"outcome": "pass"})
        progress.stop()
        assert file.getvalue() == ""
