"""Whatever is in a file, the outcome is cases or errors, each of them one line with its place."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from h2spec_py.case.lint import lint_paths
from h2spec_py.case.source import shipped_sources

pytestmark = pytest.mark.no_cover  # much of the same, which takes its time

LINE = re.compile(r".*fuzz\.yaml(:[1-9][0-9]*:[1-9][0-9]*)?: \S.*")

SCALARS = [
    "", "~", "no", "04", "-1", "0x", "1e9", "9" * 50, "${x}", "${", "..13", "13..", "[]", "é\u2028",
    "DATA", "request", "a/b", "a.b", "*", "?", ":path", "\x07", "x" * 300, "true", "<send>", "each",
]  # fmt: skip


@cache
def shipped_text() -> list[str]:
    return [source.path.read_text(encoding="utf-8") for source in shipped_sources()]


def shaken(value: object, chance: random.Random) -> object:
    """A copy in which now and then something is left out, doubled or replaced."""
    dice = chance.random()
    if dice < 0.01:
        return chance.choice([chance.choice(SCALARS), [], {}, [value], {"13": value}, {"x": value}])
    if isinstance(value, list):
        items = [shaken(item, chance) for item in value if chance.random() > 0.02]
        return items + items[:1] if dice < 0.03 else items
    if isinstance(value, dict):
        return {
            chance.choice(SCALARS) if chance.random() < 0.01 else key: shaken(item, chance)
            for key, item in value.items()
            if chance.random() > 0.01
        }
    return chance.choice(SCALARS) if dice < 0.03 else value


def check(path: Path, octets: bytes) -> int:
    path.write_bytes(octets)
    errors = [str(error) for error in lint_paths([path])]
    assert [line for line in errors if not LINE.fullmatch(line)] == []
    return len(errors)


@pytest.mark.parametrize("seed", range(8))
def test_cases_with_faults_anywhere(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    found = 0
    for text in chance.sample(shipped_text(), min(2, len(shipped_text()))):
        value = shaken(yaml.load(text, yaml.BaseLoader), chance)  # noqa: S506 - text only
        octets = yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()
        found += check(tmp_path / "fuzz.yaml", octets)
    assert found


@pytest.mark.parametrize("seed", range(12))
def test_files_with_octets_changed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    octets = bytearray(chance.choice(shipped_text()).encode()[:4000])
    for _ in range(6):
        place = chance.randrange(len(octets))
        match chance.randrange(4):
            case 0:
                octets[place] = chance.randrange(256)
            case 1:
                del octets[place : place + chance.randrange(40)]
            case 2:
                octets[place:place] = chance.choice(b"[]{}:,&*!|>'\"%@`#-?\t\n\x00\xff").to_bytes()
            case _:
                octets[place:place] = octets[: chance.randrange(60)]
        check(tmp_path / "fuzz.yaml", bytes(octets))


@pytest.mark.parametrize("seed", range(4))
def test_files_of_random_octets(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for size in (1, 10, 1000):
        assert check(tmp_path / "fuzz.yaml", chance.randbytes(size))
