"""Views of a results file: pages, CI formats, the terminal's summary.

A view is a module with a function `render(results) -> str`. One that has a constant `FORMAT` can
be asked for by that name, as `FORMAT=PATH`. Adding such a module here is all that a new format
takes. Beside them, `coverage_*` and `differences_*` tell of the catalogue, and have no results.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from h2spec_py.files import check_writable
from h2spec_py.results import Results

Renderer = Callable[[Results], str]


class OutputError(Exception):
    """An output that cannot be made; the message is one line."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file to make from a run."""

    format: str
    path: Path


def _discover() -> Mapping[str, Renderer]:
    found: dict[str, Renderer] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "FORMAT"):
            found[module.FORMAT] = module.render
    return MappingProxyType(found)


OUTPUTS: Mapping[str, Renderer] = _discover()
"""What writes each format, by the format's name."""


def parse_outputs(texts: Iterable[str]) -> list[Output]:
    """Read `FORMAT=PATH` for each output.

    Raises OutputError when a format is unknown, when something is missing, or when the file cannot
    be written: all that can be known before a run, so that no run is made in vain.
    """
    outputs = []
    for text in texts:
        name, equals, path = text.partition("=")
        known = ", ".join([*OUTPUTS, INDEX])
        if not equals or not name or not path:
            raise OutputError(f"--output {text!a}: expected FORMAT=PATH with one of {known}")
        if name not in OUTPUTS:
            raise OutputError(f"--output {text!a}: unknown format, expected one of {known}")
        output = Output(name, Path(path))
        check_path(text, output.path)
        outputs.append(output)
    return outputs


def check_path(text: str, path: Path) -> None:
    """See that the file of an output can be written. Raises OutputError, which names `text`."""
    if not path.parent.is_dir():
        raise OutputError(f"--output {text!a}: no such folder: {path.parent}")
    if path.is_dir():
        raise OutputError(f"--output {text!a}: the path is a folder")
    try:
        check_writable(path)
    except OSError as error:
        raise OutputError(f"--output {text!a}: {error.strerror}") from None


INDEX = "index"
"""The name of the page over several runs, which is asked for like a format."""

PLACE = "{version}"
"""What stands for the name of the version in the path of an output."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to make from several runs."""

    runs: tuple[tuple[Output, ...], ...]
    """Those of each run, in the order of the runs."""
    index: tuple[Path, ...]


def plan_outputs(texts: Iterable[str], versions: Sequence[str]) -> Plan:
    """Read outputs for a run of each version; `{version}` in a path is the version's name.

    Raises OutputError as `parse_outputs` does, and when two outputs would be the same file.
    """
    taken: set[Path] = set()
    runs: list[list[Output]] = [[] for _ in versions]
    index = []
    for text in texts:
        if text.startswith(f"{INDEX}="):
            path = Path(text.removeprefix(f"{INDEX}="))
            check_path(text, path)
            take_paths(text, [path], taken)
            index.append(path)
            continue
        for version, outputs in zip(versions, runs, strict=True):
            outputs.extend(parse_outputs([text.replace(PLACE, version)]))
        if PLACE not in text and len(versions) > 1:
            raise OutputError(f"--output {text!a}: over several versions, the path needs {PLACE}")
        if len({outputs[-1].path for outputs in runs}) < len(runs):
            raise OutputError(f"--output {text!a}: two of the runs are of the same version")
        take_paths(text, [outputs[-1].path for outputs in runs], taken)
    return Plan(tuple(tuple(outputs) for outputs in runs), tuple(index))


def take_paths(text: str, paths: Iterable[Path], taken: set[Path]) -> None:
    """Add the files of an output to those that are taken. Raises OutputError where one is."""
    own = {path.resolve() for path in paths}
    if own & taken:
        raise OutputError(f"--output {text!a}: another output has the same path")
    taken |= own


def write_text(path: Path, text: str) -> None:
    """Write a file of ours. Raises OutputError."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from None


def write_outputs(results: Results, outputs: Iterable[str | Output]) -> None:
    """Write the files that are asked for, each as `FORMAT=PATH` or parsed. Raises OutputError."""
    for output in outputs:
        for parsed in parse_outputs([output]) if isinstance(output, str) else [output]:
            write_text(parsed.path, OUTPUTS[parsed.format](results))
