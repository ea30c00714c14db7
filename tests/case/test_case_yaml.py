# ruff: noqa: E501 - one fault to a line
"""Reading files: whatever they are, an error is one line that says where."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from h2spec_py.case import nodes
from h2spec_py.case.errors import CaseError
from h2spec_py.case.lint import lint_paths
from h2spec_py.case.nodes import MAX_DEPTH, MAX_NODES, parse, plain
from h2spec_py.case.source import LIMIT, Source, find_sources, read_source

Faults = Callable[[str | bytes], list[str]]


def read(text: str) -> tuple[object, list[str]]:
    errors: list[CaseError] = []
    node = parse(text, "f", errors)
    return (None if node is None else plain(node)), [str(error) for error in errors]


def fault(text: str) -> str:
    with pytest.raises(CaseError) as caught:
        parse(text, "f", [])
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(autouse=True, params=["CBaseLoader", "BaseLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of its two parsers PyYAML has, the outcome is the same."""
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(nodes, "Parser", getattr(yaml, request.param))


def test_every_scalar_stays_text() -> None:
    text = "[04, 0x10, no, yes, true, null, ~, 1e3, 2026-01-01, 00000008, '', 1_0, .inf]"
    found, errors = read(text)
    assert found == [part.strip(" '") for part in text.strip("[]").split(",")]
    assert errors == []


def test_anchors_are_copies() -> None:
    assert read("[&a {x: 1}, *a]") == ([{"x": "1"}, {"x": "1"}], [])


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n"])
def test_a_file_of_nothing_is_nothing(text: str) -> None:
    assert read(text) == (None, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "f:1:5: not YAML: while parsing a flow node, expected the node content, but found '<stream end>'"),
        ("a: b: c", "f:1:5: not YAML: mapping values are not allowed here"),
        ("\ta: 1", "f:1:1: a tab; YAML is indented with spaces"),
        ("- a\n\t- b", "f:2:1: a tab; YAML is indented with spaces"),
        ("- %x", "f:1:3: not YAML: while scanning for the next token, found character '%' that cannot start any token"),
        ("--- a\n--- b\n", "f:2:1: a second document; a case file is one list of cases"),
        ("a\0b", "f:1:2: character U+0000 is not allowed in YAML"),
        ("a\n\x07", "f:2:1: character U+0007 is not allowed in YAML"),
        ("a: !!int 3", "f:1:4: tag 'tag:yaml.org,2002:int': tags have no meaning in a case"),
        ("a: !ruby/object x", "f:1:4: tag '!ruby/object': tags have no meaning in a case"),
        ("? [a]\n: b", "f:1:3: a key must be text, not a list or a mapping"),
        ("x: &x {}\ny: {<<: *x}", "f:2:5: merge keys (<<) are not part of the case language"),
        ("a: *x", "f:1:4: alias '*x' has no anchor before it"),
        ("a: &x [*x]", "f:1:8: alias '*x' contains itself"),
        ("a: &x {b: {c: *x}}", "f:1:15: alias '*x' contains itself"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(text: str, message: str) -> None:
    assert fault(text) == message


def test_halves_of_surrogate_pairs_are_no_text() -> None:
    assert fault('a: "\\ud800"').startswith("f:1:")


def test_duplicate_keys_and_missing_values_are_all_told() -> None:
    assert read("a: 1\nb:\na: 2\nc: {x: 1, x: 2}\n")[1] == [
        'f:2:3: the value is missing; write "" for no text',
        "f:4:11: key 'x' is already in this mapping, line 4",
        "f:3:1: key 'a' is already in this mapping, line 1",
    ]


def test_aliases_cannot_multiply_without_end() -> None:
    levels = [f"- &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 40)]
    bomb = "\n".join(["- &b0 [x, x, x, x, x, x, x, x, x]", *levels])
    assert f"more than {MAX_NODES} values, too much for a case file" in fault(bomb)


def test_aliases_cannot_nest_without_end() -> None:
    bomb = "\n".join(["- &b0 x", *(f"- &b{n} [*b{n - 1}]" for n in range(1, 200))])
    assert f"nested more than {MAX_DEPTH} deep" in fault(bomb)


def test_nesting_is_bounded() -> None:
    assert fault("[" * 100_000) == f"f:1:{MAX_DEPTH + 1}: nested more than {MAX_DEPTH} deep"


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MAX_NODES", 500)
    assert fault("- a\n" * 500) == "f:500:3: more than 500 values, too much for a case file"


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"- a\n- b\xff\n", "2:4: not UTF-8 text: octet 0xff"),
        (b"\x89PNG\r\n\x1a\n", "1:1: not UTF-8 text: octet 0x89"),
        (bytes(range(128)), "1:1: character U+0000 is not allowed in YAML"),
        (b"", "empty; a case file is a list of cases"),
        (b"# x\n", "empty; a case file is a list of cases"),
        (b"id: x\n", "1:1: a case file is a list of cases, not a mapping"),
        (b"hello\n", "1:1: a case file is a list of cases, not 'hello'"),
        (b"[]\n", "1:1: a list without any case"),
        (b"- hello\n", "1:3: a case is a mapping, not 'hello'"),
        (b"- [a]\n", "1:3: a case is a mapping, not a list"),
        (b"\x1b[31m: [", "1:1: character U+001B is not allowed in YAML"),
    ],
)
def test_files_of_other_kinds(faults: Faults, octets: bytes, message: str) -> None:
    assert faults(octets) == [message]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf- a: \xff")
    with pytest.raises(CaseError) as caught:
        read_source(Source(path, "a.yaml"))
    assert (caught.value.line, caught.value.column) == (1, 6)
    path.write_bytes(b"\xef\xbb\xbf- a")
    assert read_source(Source(path, "a.yaml")) == "- a"


def test_huge_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert [str(error) for error in lint_paths([path])] == [
        f"{path}: larger than {LIMIT} octets, too much for a case file"
    ]


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "readme.txt").touch()
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    missing = tmp_path / "no\nsuch.yaml"
    found = [str(error) for error in lint_paths([empty, pipe, missing, Path("x\0y"), loop])]
    assert found[0] == f"{empty}: no case files (.yaml or .yml) in here"
    assert found[2] == f"{tmp_path}/no\\nsuch.yaml: no such file or directory"
    assert found[3] == f"{pipe}: not a regular file"
    assert found[1].startswith(f"{loop}: ")
    assert found[4] == "x\\x00y: embedded null byte"


def test_unreadable_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.yaml"
    path.touch()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CaseError, match=r"secret.yaml: permission denied$"):
        read_source(Source(path, str(path)))


def test_directories_are_searched_in_order_and_files_count_once(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "sub/c.yaml", ".hidden/d.yaml", "e.txt", ".f.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "dir.yaml").mkdir()
    sources, errors = find_sources([tmp_path, tmp_path / "b.yaml"])
    assert [str(source.path.relative_to(tmp_path)) for source in sources] == [
        "a.yml", "b.yaml", "sub/c.yaml",
    ]  # fmt: skip
    assert errors == []


def test_all_faults_of_all_files_come_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("- x\n- y\n")
    (tmp_path / "a.yaml").write_text("[")
    lines = [str(error) for error in lint_paths([tmp_path / "b.yaml", tmp_path / "a.yaml"])]
    assert [line.removeprefix(f"{tmp_path}/")[:10] for line in lines] == [
        "a.yaml:1:2", "b.yaml:1:3", "b.yaml:2:3",
    ]  # fmt: skip
