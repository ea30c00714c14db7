"""The numbered sentences: the reader, and the shipped lines held against the texts."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path

import pytest

from h2spec_py.spec import VERSIONS
from h2spec_py.spec.sentences import (
    DIRECTORY,
    DOCUMENTS,
    SentencesError,
    read_sentences,
    sentence_digest,
    sentence_line,
    sentences,
)
from tests.support.texts import text_of

WHOLE = """\
6.1#1        0123456789abcdef  MUST
6.1#2        00000000ffffffff  MAY, MUST NOT
A#1          0123456789abcdef  SHOULD
"""


def normative(name: str) -> list[dict[str, object]]:
    """The sentences of a document with their texts."""
    return [json.loads(line) for line in text_of(name, ".normative.jsonl").splitlines()]


def differences(name: str, lines: list[str], texts: list[dict[str, object]]) -> list[str]:
    """Where the shipped lines are not those of the texts: FILE:LINE, and the line expected."""
    wanted = [
        sentence_line(str(one["id"]), one["levels"], str(one["text"]))  # type: ignore[arg-type]
        for one in texts
    ]
    return [
        f"sentences/{name}.txt:{number}: "
        f"expected {new or 'no more lines'!r}, found {old or 'nothing'!r}"
        for number, (old, new) in enumerate(zip_longest(lines, wanted), start=1)
        if old != new
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_sentences_are_those_of_the_text(name: str) -> None:
    lines = (DIRECTORY / f"{name}.txt").read_text("utf-8").splitlines()
    assert differences(name, lines, normative(name)) == []


def test_a_line_that_is_off_is_named() -> None:
    texts: list[dict[str, object]] = [
        {"id": "1#1", "levels": ["MUST"], "text": "It MUST."},
        {"id": "1#2", "levels": ["MAY"], "text": "It MAY."},
    ]
    first = sentence_line("1#1", ["MUST"], "It MUST.")
    second = sentence_line("1#2", ["MAY"], "It  MAY not.")
    (fault,) = differences("rfc9113", [first, second], texts)
    assert fault.startswith("sentences/rfc9113.txt:2: expected '1#2 ")
    (fault,) = differences("rfc9113", [first], texts)
    assert fault.endswith("found 'nothing'")


def test_documents_are_those_of_the_versions() -> None:
    assert set(DOCUMENTS) == {name for one in VERSIONS for name in (one.name, one.hpack)}
    assert {path.name for path in DIRECTORY.iterdir()} == {f"{name}.txt" for name in DOCUMENTS}


def test_sentences_by_id() -> None:
    found = sentences("rfc9113")
    assert list(found)[:3] == ["2.2#1", "3.2#1", "3.2#2"]
    one = found["3.4#1"]
    assert (one.document, one.section, one.number, one.id) == ("rfc9113", "3.4", 1, "3.4#1")
    assert one.levels == ("MAY", "MUST")
    assert one.place == "sentences/rfc9113.txt:6"
    assert sum(len(sentences(name)) for name in DOCUMENTS) == 2408
    assert sentences("rfc9113") is found


def test_document_without_sentences() -> None:
    with pytest.raises(LookupError, match="no sentences of 'draft-05'"):
        sentences("draft-05")


def test_digest_is_that_of_the_words() -> None:
    assert sentence_digest("It\n  MUST. ") == sentence_digest("It MUST.") == "b6aa87dee7cd57e4"
    assert sentence_digest("It MAY.") != sentence_digest("It MUST.")


def test_written_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rfc9113.txt"
    path.write_text(sentence_line("6.5.2#12", ["MUST NOT", "MAY"], "It MAY.") + "\n", "utf-8")
    (one,) = read_sentences(path).values()
    assert (one.id, one.levels) == ("6.5.2#12", ("MAY", "MUST NOT"))
    assert one.digest == sentence_digest("It MAY.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("6.1#2 ", "6.1.2 ", "rfc9113.txt:2: not a sentence such as"),
        ("00000000ffffffff", "00000000fffffff", "rfc9113.txt:2: not a sentence"),
        ("MUST NOT", "MUST not", "rfc9113.txt:2: 'MUST not' is not one of MAY, MUST"),
        ("A#1", "6.1#1", "rfc9113.txt:3: 6.1#1 is already at {}/rfc9113.txt:1"),
    ],
)
def test_refusals_name_the_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    path = tmp_path / "rfc9113.txt"
    path.write_text(WHOLE.replace(old, new), "utf-8")
    with pytest.raises(SentencesError) as caught:
        read_sentences(path)
    assert str(caught.value).startswith(f"{tmp_path.name}/{message.format(tmp_path.name)}")
