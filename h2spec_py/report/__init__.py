"""Views of a results file: pages, CI formats, the terminal's summary.

A view is a module with a function `render(results) -> str`. One that has a constant `FORMAT` can
be asked for by that name, as `FORMAT=PATH`. Adding such a module here is all that a new format
takes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

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

    Raises OutputError when a format is unknown, when something is missing, or when the path's
    folder is not there: all that can be known before a run, so that no run is made in vain.
    """
    outputs = []
    for text in texts:
        name, equals, path = text.partition("=")
        known = ", ".join(OUTPUTS)
        if not equals or not name or not path:
            raise OutputError(f"output {text!a}: expected FORMAT=PATH with one of {known}")
        if name not in OUTPUTS:
            raise OutputError(f"output {text!a}: unknown format, expected one of {known}")
        output = Output(name, Path(path))
        if not output.path.parent.is_dir():
            raise OutputError(f"output {text!a}: no such folder: {output.path.parent}")
        if output.path.is_dir():
            raise OutputError(f"output {text!a}: the path is a folder")
        outputs.append(output)
    return outputs


def write_outputs(results: Results, outputs: Iterable[str | Output]) -> None:
    """Write the files that are asked for, each as `FORMAT=PATH` or parsed. Raises OutputError."""
    for output in outputs:
        for parsed in parse_outputs([output]) if isinstance(output, str) else [output]:
            text = OUTPUTS[parsed.format](results)
            try:
                parsed.path.write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                raise OutputError(f"{parsed.path}: {error.strerror or error}") from None
