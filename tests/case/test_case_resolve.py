# ruff: noqa: E501 - one fault to a line
"""Values that are keyed by version, and families."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from h2spec_py.case import resolve as module
from h2spec_py.case.errors import CaseError
from h2spec_py.case.library import Library
from h2spec_py.case.model import Send
from h2spec_py.case.nodes import MappingNode, Node, parse, plain
from h2spec_py.case.resolve import expand, resolve
from h2spec_py.spec import find_version

Load = Callable[..., Library]
Expect = Callable[..., None]


def node(text: str) -> Node:
    found = parse(text, "f", [])
    assert found is not None
    return found


def resolved(text: str, version: str) -> object:
    errors: list[CaseError] = []
    found = resolve(node(text), version, errors)
    assert errors == []
    return None if found is None else plain(found)


def expanded(text: str) -> list[tuple[str, object]]:
    errors: list[CaseError] = []
    entry = node(text)
    assert isinstance(entry, MappingNode)
    members = expand(entry, errors)
    assert [str(error) for error in errors] == []
    return [(one.suffix, plain(one.node)) for one in members]


def refused(text: str) -> list[str]:
    errors: list[CaseError] = []
    entry = node(text)
    assert isinstance(entry, MappingNode)
    assert expand(entry, errors) == [] or errors
    return [str(error) for error in errors]


@pytest.mark.parametrize(
    ("version", "value"), [("04", "old"), ("12", "old"), ("13", "new"), ("9113", "new")]
)
def test_the_range_of_the_version_is_taken(version: str, value: str) -> None:
    assert resolved('a: {"..12": old, "13..": new}', version) == {"a": value}


def test_without_a_range_the_key_is_absent() -> None:
    text = 'a: {"13": x}\nb: [{"..12": 1}, 2, {"13..14": {"13": 3}}]'
    assert resolved(text, "13") == {"a": "x", "b": ["2", "3"]}
    assert resolved(text, "12") == {"b": ["1", "2"]}
    assert resolved(text, "7540") == {"b": ["2"]}


def test_a_mapping_without_ranges_stays() -> None:
    assert resolved("{a: {b: 1}, c: {}}", "13") == {"a": {"b": "1"}, "c": {}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: {"..13": 1, "12..": 2}', "f:1:16: range '12..' overlaps '..13'"),
        ('a: {"..13": 1, "99..": 2}', "f:1:16: unknown version '99': known are 04, 06, 09, 12, 13, 14, 16, 17, 7540, 9113"),
        ('a: {"13..12": 1}', "f:1:5: no version lies in '13..12': its ends are the wrong way round"),
        ('a: {"..13": 1, other: 2}', "f:1:16: not a range of versions: 'other'"),
    ],
)  # fmt: skip
def test_ranges_that_make_no_sense(text: str, message: str) -> None:
    errors: list[CaseError] = []
    resolve(node(text), "13", errors)
    assert [str(error) for error in errors] == [message]


def test_a_family_has_a_case_for_each_choice() -> None:
    text = "{each: {frame: [DATA, PING]}, title: 'a ${frame} frame', x: ['${frame}']}"
    assert expanded(text) == [
        ("[DATA]", {"title": "a DATA frame", "x": ["DATA"]}),
        ("[PING]", {"title": "a PING frame", "x": ["PING"]}),
    ]


def test_a_family_of_two_parameters_is_their_product() -> None:
    found = expanded("{each: {a: [x, y], b: ['1', '2']}, t: '${b}${a}'}")
    assert found == [
        ("[x,1]", {"t": "1x"}), ("[x,2]", {"t": "2x"}),
        ("[y,1]", {"t": "1y"}), ("[y,2]", {"t": "2y"}),
    ]  # fmt: skip


def test_choices_may_be_mappings_and_whole_nodes_are_put_in() -> None:
    text = """
each:
  f:
    - {name: one, type: DATA, extra: {deep: [1, 2]}, "13": x}
    - {name: two, type: PING, extra: text}
title: "${f.name}: ${f.type}"
part: ${f.extra}
inner: {"${f.type}": 1}
"""
    assert expanded(text) == [
        ("[one]", {"title": "one: DATA", "part": {"deep": ["1", "2"]}, "inner": {"DATA": "1"}}),
        ("[two]", {"title": "two: PING", "part": "text", "inner": {"PING": "1"}}),
    ]


def test_what_a_choice_lacks_in_a_version_is_absent_where_it_is_put() -> None:
    text = '{each: {f: [{name: a, x: {"13": 1}}]}, x: "${f.x}", l: ["${f.x}"]}'
    for version, value in (("13", {"x": "1", "l": ["1"]}), ("14", {"l": []})):
        found = resolve(node(text), version, [])
        assert isinstance(found, MappingNode)
        assert [plain(one.node) for one in expand(found, [])] == [value]


def test_a_dollar_without_braces_is_text() -> None:
    assert expanded("{each: {a: [x]}, t: '$a ${ $ {a}'}") == [("[x]", {"t": "$a ${ $ {a}"})]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{each: [DATA], t: x}", ["f:1:8: each: expected a mapping of parameters to lists, found a list"]),
        ("{each: {}, t: x}", ["f:1:8: each: expected a mapping of parameters to lists, found a mapping"]),
        ("{each: {f: DATA}, t: x}", ["f:1:12: parameter 'f': expected a list, found 'DATA'"]),
        ("{each: {f: [[x]]}, t: x}", ["f:1:13: parameter 'f': expected text, or a mapping with a name for the id, found a list"]),
        ("{each: {f: [{type: x}]}, t: x}", ["f:1:13: parameter 'f': expected text, or a mapping with a name for the id, found a mapping without a name"]),
        ("{each: {f: [a b, 'x,y', '[z]']}, t: x}", [
            "f:1:13: 'a b' goes into the id: no spaces, commas or brackets in it",
            "f:1:18: 'x,y' goes into the id: no spaces, commas or brackets in it",
            "f:1:25: '[z]' goes into the id: no spaces, commas or brackets in it",
        ]),
        ("{each: {f: [x, x]}, t: x}", ["f:1:16: choice 'x' is there twice"]),
        ("{each: {F f: [x]}, t: x}", ["f:1:9: parameter 'F f': expected small letters, digits and hyphens"]),
        ("{each: {f: [x]}, t: '${g}'}", ["f:1:21: unknown placeholder '${g}': known is ${f}"]),
        ("{each: {f: [x], g: [y]}, t: 'a ${h}'}", ["f:1:29: unknown placeholder '${h}': known are ${f} and ${g}"]),
        ("{each: {f: [{name: x, type: y}]}, t: '${f.typ}'}", ["f:1:38: ${f.typ}: this choice has no 'typ'; did you mean 'type'?"]),
        ("{each: {f: [x]}, t: '${f.y}'}", ["f:1:21: ${f.y}: this choice has no 'y'"]),
        ("{each: {f: [{name: x}]}, t: 'a ${f}'}", ["f:1:29: ${f} is a mapping, which cannot be put into text"]),
        ("{each: {f: [{name: x, y: [1]}]}, '${f.y}': 1}", ["f:1:34: a key must be text, and ${f.y} is a list"]),
        ("{each: {f: [a]}, x: {'${f}': 1, a: 2}}", ["f:1:33: key 'a' is already in this mapping, line 1"]),
        ("{t: 'a ${f}', u: ['${g}'], v: {'${h}': 1}}", [
            "f:1:5: placeholder '${f}' in a case that has no 'each'",
            "f:1:19: placeholder '${g}' in a case that has no 'each'",
            "f:1:32: placeholder '${h}' in a case that has no 'each'",
        ]),
    ],
)  # fmt: skip
def test_families_that_make_no_sense(text: str, messages: list[str]) -> None:
    assert refused(text) == messages


def test_families_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = f"[{', '.join(f'x{n}' for n in range(100))}]"
    text = f"{{each: {{a: {many}, b: {many}, c: {many}}}, t: x}}"
    assert refused(text) == ["f:1:8: a family of 1000000 cases is too large"]
    monkeypatch.setattr(module, "MAX_TEXT", 20)
    assert refused(f"{{each: {{a: ['{'x' * 12}']}}, t: '${{a}}${{a}}'}}") == [
        "f:1:34: more than 20 characters after replacement"
    ]


def test_a_member_is_a_case_of_its_own(load: Load) -> None:
    library = load("""
- id: data/family
  title: ${frame} of ${size} octets
  proves: [data.stream-zero]
  each: {frame: [DATA, SETTINGS], size: ["8", 0x10]}
  steps: [{send: "${frame}", payload: {count: "${size}"}, length: "${size}", stream: 0x1}]
  expect: {ignored: true}
""")
    found = library.cases(find_version("9113"))
    assert [one.id for one in found] == [
        "data/family[DATA,8]", "data/family[DATA,0x10]",
        "data/family[SETTINGS,8]", "data/family[SETTINGS,0x10]",
    ]  # fmt: skip
    assert {one.family for one in found} == {"data/family"}
    assert [one.case.title for one in found][:2] == ["DATA of 8 octets", "DATA of 0x10 octets"]
    steps = [one.case.steps[0] for one in found]
    assert [step.length for step in steps if isinstance(step, Send)] == [8, 16, 8, 16]


def test_a_fault_of_a_choice_is_told_where_the_choice_is_written(
    expect_case_faults: Expect,
) -> None:
    expect_case_faults(
        """
each:
  step:
    - {name: a, send: {send: DATA, stream: »x}}
    - {name: b, send: {send: PING, »opaqe: 00}}
steps: ["${step.send}"]
""",
        "stream: expected an integer, decimal or 0x hexadecimal, found 'x'",
        "unknown key 'opaqe'; did you mean 'opaque'?",
    )
