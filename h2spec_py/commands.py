"""The commands beside the main job: list, show, lint, schema, report, serve, versions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from h2spec_py.case.errors import hint
from h2spec_py.case.lint import lint_paths
from h2spec_py.case.loader import LoadedCase, load_library
from h2spec_py.case.model import Open
from h2spec_py.case.schema import json_schema
from h2spec_py.job import Exit, JobError
from h2spec_py.judge.phrase import phrase
from h2spec_py.report import plan_outputs, write_outputs, write_text
from h2spec_py.report.index import Row, text_lines
from h2spec_py.report.index import render as render_index
from h2spec_py.report.summary import print_lines, print_summary
from h2spec_py.report.view import BINDS
from h2spec_py.results import read_results
from h2spec_py.spec import VERSIONS, UnknownVersion, Version, find_version
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.changes import table_text
from h2spec_py.spec.overview import between, overview

if TYPE_CHECKING:
    from h2spec_py.reference.listener import Listening


def _version(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> Version | None:
    try:
        return None if value is None else find_version(value)
    except UnknownVersion as error:
        raise click.BadParameter(str(error), context, parameter) from None


def _one_version(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> Version | None:
    if len(values) > 1:
        raise click.BadParameter("one version is expected here", context, parameter)
    return _version(context, parameter, values[0])


draft_option = click.option(
    "--draft",
    "version",
    multiple=True,  # so that a second one is refused, and does not take the place of the first
    default=("9113",),
    show_default="9113",
    metavar="VERSION",
    callback=_one_version,
    help="Version of HTTP/2.",
)
cases_option = click.option(
    "--cases",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="Case files of your own instead of the library.",
)


@click.command("list")
@draft_option
@cases_option
@click.option("--select", multiple=True, metavar="WHAT", help="Only these; as in a run.")
@click.option("--skip", multiple=True, metavar="WHAT", help="Without these.")
def list_command(
    version: Version, cases: tuple[Path, ...], select: tuple[str, ...], skip: tuple[str, ...]
) -> None:
    """List the cases of a version, one to a line: id, section, level, title."""
    library = load_library(list(cases) or None, version=version)
    chosen = library.select(version, select, skip)
    if not chosen:
        raise JobError("no case is left by --select and --skip")
    for loaded in chosen:
        level = loaded.requirements[0].level_in(version)
        click.echo(f"{loaded.case.id}\t{loaded.section}\t{level}\t{loaded.case.title}")


@click.command("show")
@click.argument("case")
@draft_option
@cases_option
def show_command(case: str, version: Version, cases: tuple[Path, ...]) -> None:
    """Show one case: what it proves, where that stands, what it sends and expects."""
    library = load_library(list(cases) or None, version=version)
    for loaded in library.select(version, (case,)):
        click.echo(_shown(loaded, version))


def _shown(loaded: LoadedCase, version: Version) -> str:
    case = loaded.case
    lines = [f"{case.id}: {case.title}", f"  file      {loaded.file}:{loaded.line}"]
    for one in loaded.requirements:
        sections = ", ".join(dict.fromkeys(map(str, one.sections_in(version))))
        lines.append(f"  proves    {one.id} ({one.level_in(version)}, {sections})")
        lines.append(f"            {one.says_in(version)}")
    if case.needs:
        lines.append(f"  needs     {', '.join(case.needs)}")
    if case.twin:
        lines.append(f"  twin      {case.twin}")
    if case.aliases:
        lines.append(f"  aliases   {', '.join(case.aliases)}")
    if case.open != Open():
        content = case.open.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        lines.append(f"  opens     {json.dumps(content)}")
    for step in case.steps:
        content = step.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        lines.append(f"  step      {json.dumps(_called(content, version))}")
    lines.append(f"  expects   {phrase(case.expect, version)}")
    return "\n".join(lines)


def _called(content: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """Name the flags and the error codes of a step as the version's document does."""
    frame = version.frames.get(str(content.get("send") or content.get("frame")))
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found[key] = _called(value, version)
        elif frame and key in ("flags", "unset") and isinstance(value, list):
            found[key] = [frame.called(flag) for flag in value]
        elif key == "error" and isinstance(value, str):
            found[key] = version.called(value)
        else:
            found[key] = value
    return found


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def lint_command(paths: tuple[Path, ...]) -> None:
    """Check case files; every error is one line with file, line and column."""
    errors = lint_paths(list(paths))
    for error in errors:
        click.echo(str(error), err=True)
    if errors:
        raise click.exceptions.Exit(int(Exit.USAGE))
    click.echo("no errors")


@click.command("schema")
def schema_command() -> None:
    """Print a JSON Schema of the case language, for editors."""
    click.echo(json.dumps(json_schema(), indent=2))


@click.command("report")
@click.argument(
    "results",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Write html=PATH, junit=PATH, or index=PATH over all results; repeatable.",
)
def report_command(results: tuple[Path, ...], outputs: tuple[str, ...]) -> None:
    """Make reports from results files; without --output, print the summaries."""
    read = [read_results(path) for path in results]
    plan = plan_outputs(outputs, [one.header["version"] for one in read])
    rows = []
    for path, one, own in zip(results, read, plan.runs, strict=True):
        write_outputs(one, own)
        if not outputs:
            print_summary(one)
        pages = [output.path for output in own if output.format == "html"]
        beside = path.with_suffix(".html")
        rows.append(Row(one, pages[0] if pages else beside if beside.exists() else None))
    for path in plan.index:
        write_text(path, render_index(rows, [], path.parent))
    if not outputs and len(rows) > 1:
        print_lines(text_lines(rows, []))


@click.command("serve")
@draft_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="any free port")
@click.option("--cleartext", is_flag=True, help="No TLS: prior knowledge or Upgrade.")
@click.option(
    "--violate", multiple=True, metavar="REQUIREMENT", help="Break this requirement; repeatable."
)
def serve_command(version: Version, port: int, cleartext: bool, violate: tuple[str, ...]) -> None:
    """Run the reference target on loopback until interrupted."""
    for requirement in violate:
        if problem := _unbreakable(requirement, version):
            raise JobError(f"--violate {requirement!a}: {problem}")
    asyncio.run(_serve(version, port, cleartext, violate))


def _unbreakable(requirement: str, version: Version) -> str:
    """Say why the reference target cannot break a requirement; empty where it can."""
    from h2spec_py.reference.violations import REQUIREMENTS  # noqa: PLC0415 - as in a job

    known = catalogue().get(requirement)
    if known is None:
        return f"unknown requirement{hint(requirement, catalogue())}"
    if not known.applies_to(version):
        return f"{version.name} has no such requirement; it is one of {', '.join(known.where)}"
    if requirement not in REQUIREMENTS:
        why = known.why_unprovable(version) or f"it binds {BINDS[known.binds]}"
        return f"not a requirement that a server can be seen to break ({why})"
    return ""


async def _serve(version: Version, port: int, cleartext: bool, violate: tuple[str, ...]) -> None:
    from h2spec_py.reference.listener import serve as serve_reference  # noqa: PLC0415 - as in a job

    try:
        async with serve_reference(
            version, tls=not cleartext, violate=violate, port=port
        ) as listening:
            click.echo(f"{version.title} at {listening.url}")
            click.echo(f"test it with: {_tested(listening, version)}")
            await asyncio.Event().wait()
    except (ValueError, OSError) as error:
        raise JobError(str(error)) from None


def _tested(listening: Listening, version: Version) -> str:
    """The command line that tests the reference target as a run without --target does."""
    words = ["h2spec-py", "--target", listening.url, "--draft", version.short]
    if listening.server_name is not None:  # which draft-06 and draft-09 demand of a client
        words += ["--insecure", "--sni", listening.server_name]
    return " ".join([*words, "--path", listening.path])


@click.command("versions")
@click.argument("version", required=False, callback=_version)
@click.argument("other", required=False, callback=_version)
def versions_command(version: Version | None, other: Version | None) -> None:
    """Print the versions side by side; the table of one; or what changed between two."""
    if version is None:
        text = overview(VERSIONS)
    elif other is None:
        text = table_text(version)
    else:
        text = between(version, other)
    click.echo(text, nl=False)


def register(group: click.Group) -> None:
    """Add all commands to the group."""
    for command in (
        list_command,
        show_command,
        lint_command,
        schema_command,
        report_command,
        serve_command,
        versions_command,
    ):
        group.add_command(command)
