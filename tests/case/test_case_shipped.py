"""The cases that are shipped: free of faults, and known to the JSON Schema."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from h2spec_py.case.lint import lint_paths
from h2spec_py.case.loader import load_library
from h2spec_py.case.schema import json_schema
from h2spec_py.case.source import Source, shipped_sources
from h2spec_py.spec import VERSIONS, Version


class EditorLoader(yaml.SafeLoader):
    """YAML as an editor reads it: with numbers and booleans, but without dates."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def problems(text: str) -> list[str]:
    value: Any = yaml.load(text, EditorLoader)  # noqa: S506 - it is a SafeLoader
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(value)]


def test_the_shipped_cases_have_no_fault() -> None:
    found = [str(error) for error in lint_paths()]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_every_version_has_cases_with_a_section(version: Version) -> None:
    cases = load_library().cases(version)
    assert cases
    assert all(one.section.document in (version.name, version.hpack) for one in cases)
    assert len({one.id for one in cases}) == len(cases)


@pytest.mark.parametrize("source", shipped_sources(), ids=lambda source: source.name)
def test_the_schema_takes_the_shipped_cases(source: Source) -> None:
    assert problems(source.path.read_text(encoding="utf-8")) == []


SOUND = """
- id: data/it
  title: 13
  proves: [data.stream-zero]
  each: {frame: [DATA, 3, {name: x, type: y}], n: {"..13": [1]}}
  needs: [upload, "${need}"]
  barrier: {"..13": true, "14..": "${b}"}
  open: {settings: {ENABLE_PUSH: 0x0, 3: 1}}
  steps:
    - {send: "${frame}", stream: 1, flags: [END_STREAM], payload: {count: 010}}
    - {send: 0x42, flags: 0xff, payload: {text: true}}
    - {send: HEADERS, stream: "1", flags: "${flags}", headers: request, padding: 3}
    - {send: HEADERS, block: [{indexed: 18446744073709551632}, {raw: 00}], keep: 3}
    - {send: PING, opaque: 0102030405060708}
    - "${step}"
    - {"..13": {request: GET}, "14..": {barrier: true}}
    - {repeat: {setting: MAX_CONCURRENT_STREAMS, plus: 1}, steps: [{request: GET}]}
  expect: {connection-error: {"..13": PROTOCOL_ERROR, "14..": [A, B]}}
"""


def test_the_schema_takes_what_only_the_loader_resolves() -> None:
    assert problems(SOUND) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("title: 13", "titel: 13"),
        ("title: 13", "title: [x]"),
        ("id: data/it", "id: Data"),
        ("proves: [data.stream-zero]", "proves: data.stream-zero"),
        ("proves: [data.stream-zero]", "proves: [data]"),
        ("[DATA, 3, {name: x, type: y}]", "[DATA, {type: y}]"),
        ("[DATA, 3, {name: x, type: y}]", "DATA"),
        ("needs: [upload", "needs: [magic"),
        ("stream: 1,", "stream: one,"),
        ("stream: 1,", "stream: -1,"),
        ("stream: 1,", "stream: 1.5,"),
        ("stream: 1,", "last_stream: 1,"),
        ("send: 0x42", "sned: 0x42"),
        ("{count: 010}", "{cuont: 010}"),
        ("headers: request", "headers: requets"),
        ("indexed: 18446744073709551632", "index: 1"),
        ("opaque: 0102030405060708", "opaque: 0g"),
        ("{barrier: true}}", "{barrier: maybe}}"),
        ('"..13": {request: GET}', '"..99": {request: GET}'),
        ("{setting: MAX_CONCURRENT_STREAMS, plus: 1}", "{plus: 1}"),
        ("expect: {connection-error", "expect: {conection-error"),
        ("[A, B]", "[]"),
    ],
)
def test_the_schema_refuses_what_is_wrong(right: str, wrong: str) -> None:
    assert SOUND.count(right) == 1
    assert problems(SOUND.replace(right, wrong)) != []


def test_the_schema_refuses_what_is_no_list_of_cases() -> None:
    assert problems("{cases: []}") != []
    assert problems("[x]") != []
    assert problems("[{}]") != []
