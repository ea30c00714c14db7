"""A small catalogue, and files written on the spot, for the tests of the case language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from h2spec_py.case import loader
from h2spec_py.case.lint import lint_paths
from h2spec_py.case.loader import Library, load_library
from h2spec_py.case.source import shipped_sources
from h2spec_py.spec.catalogue import Requirement, SectionRef

HTTP2 = ("draft-13", "rfc7540", "rfc9113")
EARLY = ("draft-04", "draft-06", "draft-09")

Where = Mapping[str, tuple[str, ...]]


def requirement(
    identifier: str, where: Where, provable: str = "server", binds: str = "both"
) -> Requirement:
    refs = {
        document: tuple(SectionRef(document, section) for section in sections)
        for document, sections in where.items()
    }
    levels = dict.fromkeys(where, "MUST")
    return Requirement(identifier, dict.fromkeys(refs, "it does"), binds, levels, refs, provable)


STUB = {
    one.id: one
    for one in (
        requirement("data.stream-zero", dict.fromkeys(HTTP2, ("6.1",))),
        requirement("settings.length", dict.fromkeys(HTTP2, ("6.5", "6.5.2"))),
        requirement("frame.fifty", dict.fromkeys(HTTP2, ("6.50",))),
        requirement("only.newest", {"rfc9113": ("8.2.1",)}),
        requirement("only.oldest", {"draft-13": ("8.1",)}),
        requirement("hpack.index-zero", {"rfc7541": ("6.1",), "hpack-08": ("4.2",)}),
        requirement("only.early", dict.fromkeys(EARLY, ("6.2",))),
        requirement("not.yet", {"draft-05": ("6.1",)}),
        requirement("not.shown", dict.fromkeys(HTTP2, ("9.1",)), "leaves no trace on the wire"),
        requirement("client.duty", dict.fromkeys(HTTP2, ("9.2",)), "client"),
        requirement("client.only", dict.fromkeys(HTTP2, ("9.3",)), "client", "client"),
        requirement("proxy.duty", dict.fromkeys(HTTP2, ("9.4",)), "server", "intermediary"),
    )
}

PLAIN = """\
- id: twin/plain
  title: a legal exchange
  proves: [data.stream-zero]
  steps: [{request: GET}]
  expect: {response: 1}
"""
"""A sound case that others can have for a twin."""


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Requirement]:
    """The small catalogue. Few shipped cases mean anything to it, so that few files are read."""
    few = [source for source in shipped_sources() if source.name == "cases/data.yaml"]
    monkeypatch.setattr(loader, "shipped_sources", lambda: few)
    return STUB


@pytest.fixture
def load(tmp_path: Path, catalogue: Mapping[str, Requirement]) -> Callable[..., Library]:
    """Load files that are given as text: the first is `a.yaml`, the next `b.yaml`."""

    def load(*texts: str) -> Library:
        for name, text in zip("abcdef", texts, strict=False):
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_library([tmp_path], catalogue=catalogue)

    return load


@pytest.fixture
def faults(
    tmp_path: Path, catalogue: Mapping[str, Requirement]
) -> Callable[[str | bytes], list[str]]:
    """Lint one file; the faults come as `LINE:COLUMN: message`."""

    def faults(text: str | bytes) -> list[str]:
        path = tmp_path / "case.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found = [str(error) for error in lint_paths([path], catalogue=catalogue)]
        assert all("\n" not in line and line.startswith(f"{path}:") for line in found)
        return [line.removeprefix(f"{path}:").strip() for line in found]

    return faults


@pytest.fixture
def expect_faults(faults: Callable[[str | bytes], list[str]]) -> Callable[..., None]:
    """Check that a file has these faults, at the places that are marked with `»` in its text."""

    def expect(text: str, *messages: str) -> None:
        places = []
        while (at := text.find("»")) >= 0:
            before = text[:at]
            places.append(f"{before.count(chr(10)) + 1}:{at - before.rfind(chr(10))}")
            text = before + text[at + 1 :]
        assert len(places) == len(messages), "a mark for each message"
        wanted = [f"{place}: {message}" for place, message in zip(places, messages, strict=True)]
        assert faults(text) == wanted

    return expect


@pytest.fixture
def expect_case_faults(expect_faults: Callable[..., None]) -> Callable[..., None]:
    """The same for one case, given without what every case has; a legal twin comes behind it."""

    def expect(text: str, *messages: str) -> None:
        rest = {
            "id: ": "id: data/it",
            "title: ": "title: it",
            "proves: ": "proves: [data.stream-zero]",
            "steps:": "steps: [{request: GET}]",
            "expect: ": "expect: {response: 1}",
        }
        unmarked = text.replace("»", "")
        lines = [
            *text.strip("\n").split("\n"),
            *(
                line
                for key, line in rest.items()
                if not any(one.startswith(key) for one in unmarked.split("\n"))
            ),
        ]
        entry = "\n".join(("- " if number == 0 else "  ") + one for number, one in enumerate(lines))
        expect_faults(f"{entry}\n{PLAIN}", *messages)

    return expect
