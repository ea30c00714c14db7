# ruff: noqa: E501 - one selector to a line
"""What `--select` and `--skip` take."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from h2spec_py.case.library import Library
from h2spec_py.case.select import SelectionError, select
from h2spec_py.spec import find_version

Load = Callable[..., Library]

NEWEST = find_version("9113")

CASES = [
    ("data/closed", "data.stream-zero", "{x: [HEADERS, DATA]}", "[http2/6.1/1]"),
    ("data/open", "data.stream-zero", "", "[http2/6.10/1, generic/3.1/1]"),
    ("settings/length", "settings.length", "", "[http2/6.5/1, http2/6.5.2/1]"),
    ("settings/deep/er", "settings.length", "", "[http2/6.5.2/2]"),
    ("frame/fifty", "frame.fifty", "", "[]"),
    ("hpack/index-zero", "hpack.index-zero", "", "[hpack/6.1/1]"),
    ("message/new", "only.newest", "", "[http2/8.1.2/1]"),
    ("message/old", "only.oldest", "", "[http2/8.1.2/9]"),
]


@pytest.fixture
def library(load: Load) -> Library:
    return load(
        "\n".join(
            f"- {{id: {identifier}, title: x, proves: [{proves}], aliases: {aliases},"
            f" {'each: ' + each + ',' if each else ''} steps: [], expect: {{ignored: true}}}}"
            for identifier, proves, each, aliases in CASES
        )
    )


@pytest.mark.parametrize(
    ("selector", "ids"),
    [
        ("data/open", ["data/open"]),
        ("data/closed", ["data/closed[HEADERS]", "data/closed[DATA]"]),
        ("data/closed[DATA]", ["data/closed[DATA]"]),
        ("data/closed[*]", ["data/closed[HEADERS]", "data/closed[DATA]"]),
        ("data/closed[D?TA]", ["data/closed[DATA]"]),
        ("data", ["data/closed[HEADERS]", "data/closed[DATA]", "data/open"]),
        ("*/l*", ["settings/length"]),
        ("settings/*", ["settings/length", "settings/deep/er"]),
        ("settings.length", ["settings/length", "settings/deep/er"]),
        ("6.5", ["settings/length", "settings/deep/er"]),
        ("6.5.2", ["settings/length", "settings/deep/er"]),
        ("6.50", ["frame/fifty"]),
        ("6", ["data/closed[HEADERS]", "data/closed[DATA]", "data/open", "settings/length", "settings/deep/er", "frame/fifty"]),
        ("hpack:6.1", ["hpack/index-zero"]),
        ("hpack:6", ["hpack/index-zero"]),
        ("hpack", ["hpack/index-zero"]),
        ("http2/6.5", ["settings/length", "settings/deep/er"]),
        ("http2/6.5.2", ["settings/length", "settings/deep/er"]),
        ("http2/6.5/1", ["settings/length"]),
        ("http2/6.5.2/2", ["settings/deep/er"]),
        ("http2/6.1", ["data/closed[HEADERS]", "data/closed[DATA]"]),
        ("generic/3", ["data/open"]),
        ("hpack/6.1/1", ["hpack/index-zero"]),
    ],
)  # fmt: skip
def test_what_a_selector_takes(library: Library, selector: str, ids: list[str]) -> None:
    assert [one.id for one in library.select(NEWEST, [selector])] == ids


def test_without_selectors_all_are_taken(library: Library) -> None:
    assert library.select(NEWEST) == library.cases(NEWEST)
    assert len(library.cases(NEWEST)) == 8


def test_selectors_add_up_and_skip_takes_away_in_the_order_of_the_files(library: Library) -> None:
    found = library.select(NEWEST, ["6.50", "data"], ["data/closed[DATA]", "hpack"])
    assert [one.id for one in found] == ["data/closed[HEADERS]", "data/open", "frame/fifty"]
    assert library.select(NEWEST, ["data"], ["data"]) == []


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("data/opn", "selector 'data/opn' matches no case; did you mean 'data/open'?"),
        ("data/closed[PING]", "selector 'data/closed[PING]' matches no case; did you mean 'data/closed'?"),
        ("settings.lenght", "selector 'settings.lenght' matches no case; did you mean 'settings.length'?"),
        ("http2/6.5/3", "selector 'http2/6.5/3' matches no case; did you mean 'http2/6.5/1'?"),
        ("http2/6.5/1/1", "selector 'http2/6.5/1/1' matches no case; did you mean 'http2/6.5/1'?"),
        ("9.9", "selector '9.9' matches no case"),
        ("hpack:6.3", "selector 'hpack:6.3' matches no case"),
        ("zzz/*", "selector 'zzz/*' matches no case"),
        ("", "selector '' matches no case"),
        ("a\nb", "selector 'a\\nb' matches no case"),
        ("message/old", "selector 'message/old' applies in draft-13, not in rfc9113"),
        ("http2/8.1.2/9", "selector 'http2/8.1.2/9' applies in draft-13, not in rfc9113"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["select", "skip"])
def test_a_selector_that_matches_nothing(
    library: Library, selector: str, message: str, how: str
) -> None:
    with pytest.raises(SelectionError) as caught:
        library.select(NEWEST, *([[selector]] if how == "select" else [[], [selector]]))
    assert str(caught.value) == message
    assert caught.value.selector == selector


def test_sections_are_those_of_the_version(library: Library) -> None:
    oldest = find_version("13")
    assert [one.id for one in library.select(oldest, ["8.1"])] == ["message/old"]
    assert [one.id for one in library.select(oldest, ["hpack:4.2"])] == ["hpack/index-zero"]
    assert [one.id for one in select(library.cases(NEWEST), ["8.2"])] == ["message/new"]
