"""The commands over the requirement catalogue: coverage, diff-versions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click

from h2spec_py.case.library import Library
from h2spec_py.case.loader import load_library
from h2spec_py.case.reaction import answers
from h2spec_py.report import (
    PLACE,
    OutputError,
    check_path,
    coverage_html,
    coverage_text,
    differences_text,
    take_paths,
    write_text,
)
from h2spec_py.spec import VERSIONS, UnknownVersion, Version, find_version
from h2spec_py.spec.accounts import exemptions
from h2spec_py.spec.catalogue import Requirement, SectionRef, catalogue
from h2spec_py.spec.coverage import Coverage, figures, measure
from h2spec_py.spec.differences import Answers, Differences, Expected, as_data, differences
from h2spec_py.spec.sentences import sentences

FORMATS = ("html", "json")


def _versions(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[Version, ...]:
    """The versions of `--draft`, each once; without any, or with `all`, every one."""
    if not value or set(value) == {"all"}:
        return VERSIONS
    if "all" in value:
        raise click.BadParameter("all means every version: give it alone", context, parameter)
    try:
        return tuple(dict.fromkeys(find_version(name) for name in value))
    except UnknownVersion as error:
        raise click.BadParameter(f"{error}, or all", context, parameter) from None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that `--output` asks for; `path` may hold `{version}`."""

    format: str
    path: str

    def of(self, version: Version) -> Path:
        """The file of a version."""
        return Path(self.path.replace(PLACE, version.name))


def read_outputs(
    texts: Sequence[str], versions: Sequence[Version], formats: Sequence[str] = FORMATS
) -> list[Wanted]:
    """Read `FORMAT=PATH` for each output; a page is of one version, JSON is of all.

    Raises OutputError, whose message names the option; two outputs cannot be the same file.
    """
    taken: set[Path] = set()
    found = []
    for text in texts:
        wanted = _output(text, versions, formats)
        take_paths(text, {wanted.of(version) for version in versions}, taken)
        found.append(wanted)
    return found


def _output(text: str, versions: Sequence[Version], formats: Sequence[str]) -> Wanted:
    name, _, path = text.partition("=")
    if name not in formats or not path:
        known = " or ".join(f"{one}=PATH" for one in formats)
        raise OutputError(f"--output {text!a}: expected {known}")
    if name == "html" and PLACE not in path and len(versions) > 1:
        raise OutputError(f"--output {text!a}: over several versions, the path needs {PLACE}")
    wanted = Wanted(name, path)
    for file in {wanted.of(version) for version in versions}:
        check_path(text, file)
    return wanted


def write_output(wanted: Wanted, path: Path, text: str) -> None:
    """Write one file of an output. Raises OutputError, whose message names the option."""
    try:
        write_text(path, text)
    except OutputError as error:
        raise OutputError(f"--output {wanted.format}={error}") from None


def json_text(value: object) -> str:
    """Write JSON that is read in a diff: a line for each value, always in the same order."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@click.command("coverage")
@click.option(
    "--draft",
    "versions",
    multiple=True,
    metavar="VERSION",
    callback=_versions,
    help="Version of HTTP/2; repeatable. Without it, or with all: every one.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Write html=PATH, a page for each version with {version} in PATH, or json=PATH; "
    "repeatable.",
)
def coverage_command(versions: tuple[Version, ...], outputs: tuple[str, ...]) -> None:
    """Print what each version demands and how much of it is proven by a case."""
    wanted = read_outputs(outputs, versions)
    library = load_library(version=versions[0] if len(versions) == 1 else None)
    measured = [measured_in(version, library) for version in versions]
    for output in wanted:
        if output.format == "json":
            for path in dict.fromkeys(output.of(version) for version in versions):
                own = [one for one in measured if output.of(one.version) == path]
                write_output(output, path, json_text(figures(own)))
            continue
        for one in measured:
            page = coverage_html.render(one, _links(output, one.version, versions))
            write_output(output, output.of(one.version), page)
    click.echo(coverage_text.render(measured), nl=False)


def _links(output: Wanted, own: Version, versions: Sequence[Version]) -> Mapping[str, str]:
    """The way from the page of a version to those of all that are written, none to itself."""
    folder = output.of(own).absolute().parent
    return {
        one.name: ""
        if one is own
        else quote(Path(os.path.relpath(output.of(one).absolute(), folder)).as_posix())
        for one in versions
    }


def measured_in(version: Version, library: Library) -> Coverage:
    """Measure a version with the cases of a library."""
    cases: dict[str, list[str]] = {}
    for loaded in library.cases(version):
        for requirement in loaded.requirements:
            cases.setdefault(requirement.id, []).append(loaded.id)
    known = {name: tuple(sentences(name)) for name in (version.name, version.hpack)}
    exempt: dict[str, dict[str, str]] = {}
    for (document, sentence), reason in exemptions().items():
        exempt.setdefault(document, {})[sentence] = reason
    return measure(version, catalogue().values(), cases, known, exempt)


def _version(context: click.Context, parameter: click.Parameter, value: str) -> Version:
    try:
        return find_version(value)
    except UnknownVersion as error:
        raise click.BadParameter(str(error), context, parameter) from None


@click.command("diff-versions")
@click.argument("old", metavar="A", callback=_version)
@click.argument("new", metavar="B", callback=_version)
@click.option(
    "--output", "outputs", multiple=True, metavar="json=PATH", help="Write the same as JSON."
)
def diff_versions_command(old: Version, new: Version, outputs: tuple[str, ...]) -> None:
    """Print what an implementer who moves from version A to B has to do."""
    if old is new:
        raise click.UsageError(f"A and B are the same version, {old.name}: name two")
    for text in outputs:
        if PLACE in text:
            raise OutputError(f"--output {text!a}: what is written is of two versions: no {PLACE}")
    wanted = read_outputs(outputs, (old,), ("json",))
    found = compared(old, new, load_library())
    for output in wanted:
        write_output(output, Path(output.path), json_text(as_data(found)))
    click.echo(differences_text.render(found), nl=False)


def compared(old: Version, new: Version, library: Library) -> Differences:
    """Compare two versions with what the cases of a library expect in each.

    A case that does not do the same in both is another fault in each, and left out.
    """
    wanted: dict[tuple[str, str], dict[str, Answers | None]] = {}
    played = {one.id: one.case.steps for one in library.cases(old)}
    for version in (old, new):
        for loaded in library.cases(version):
            if played.get(loaded.id, loaded.case.steps) != loaded.case.steps:
                continue
            for requirement in loaded.requirements:
                own = wanted.setdefault((version.name, requirement.id), {})
                own[loaded.id] = answers(loaded.case.expect, version)

    def expected(version: Version, requirement: Requirement) -> Expected:
        return wanted.get((version.name, requirement.id), {})

    return differences(old, new, catalogue().values(), expected, _digest)


def _digest(reference: SectionRef) -> str:
    return sentences(reference.document)[f"{reference.section}#{reference.sentence}"].digest


def register(group: click.Group) -> None:
    """Add the commands to the group."""
    group.add_command(coverage_command)
    group.add_command(diff_versions_command)
