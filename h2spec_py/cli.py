"""The command line: options in, a job out. What is done is elsewhere (`h2spec_py.job`)."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from h2spec_py import __version__, catalogue_commands
from h2spec_py.case.errors import CaseErrors
from h2spec_py.case.select import SelectionError
from h2spec_py.commands import register
from h2spec_py.engine import Options
from h2spec_py.engine.spread import processors
from h2spec_py.engine.transcript import Entry
from h2spec_py.job import Exit, Job, JobError, Watcher
from h2spec_py.net import Endpoint
from h2spec_py.report import Output, OutputError, plan_outputs, write_outputs
from h2spec_py.report.index import text_lines
from h2spec_py.report.progress import Progress
from h2spec_py.report.summary import print_lines, print_summary
from h2spec_py.report.text import entry_line, visible
from h2spec_py.results import ResultsError
from h2spec_py.series import Part, none_spoken, run_series
from h2spec_py.spec import VERSIONS, UnknownVersion, Version, find_version

F = TypeVar("F", bound=Callable[..., Any])

EXPECTED = (CaseErrors, SelectionError, JobError, ResultsError, OutputError)
"""What can be wrong with a request; the message says it all."""


class VersionType(click.ParamType[Version | None]):
    """A version by its short or full name; None for `all`."""

    name = "version"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Version | None:
        """Find the version, or fail with the list of those that there are."""
        if value is None or isinstance(value, Version):
            return value
        if value == "all":
            return None
        try:
            return find_version(str(value))
        except UnknownVersion as error:
            self.fail(f"{error}, or all", param, ctx)


class TargetType(click.ParamType[Endpoint]):
    """A target: URL or `host:port`."""

    name = "target"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Endpoint:
        """Read the endpoint, or fail with one line."""
        try:
            return value if isinstance(value, Endpoint) else Endpoint.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class HeaderType(click.ParamType[tuple[str, str]]):
    """A request field, `name: value`; names are lower case in HTTP/2."""

    name = "name: value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first colon, or fail."""
        if isinstance(value, tuple):
            return value[0], value[1]
        name, colon, content = str(value).partition(":")
        if not colon or not name.strip() or not str(value).isprintable():
            self.fail(f"{value!r} is not of the form 'name: value'", param, ctx)
        return name.strip().lower(), content.strip()


VERSION = VersionType()


@dataclass
class LiveWatcher(Watcher):
    """Shows progress on a terminal, or with `-v` every frame, on standard error."""

    verbose: bool
    progress: Progress

    def start(self, total: int) -> None:
        """Begin the progress display."""
        if not self.verbose:
            self.progress.start(total)

    def case(self, line: dict[str, Any]) -> None:
        """Count a case, or print its verdict behind its frames."""
        if self.verbose:
            said = f"{line['outcome']} {line['ending']}: {line['reason']}"
            click.echo(f"{line['id']}: {visible(said, 500)}", err=True)
        else:
            self.progress.case(line)

    def listener(self, case: str) -> Callable[[Entry], None] | None:
        """Print the frames of a case as they are exchanged."""
        if not self.verbose:
            return None

        def show(entry: Entry) -> None:
            click.echo(f"{case}: {entry_line(entry)}", err=True)  # type: ignore[arg-type]

        return show

    def stop(self) -> None:
        """End the progress display."""
        self.progress.stop()


def target_options(command: F) -> F:
    """Options that say where the target is and how it is asked."""
    for option in reversed(
        [
            click.option(
                "--target",
                type=TargetType(),
                metavar="URL",
                help="https://host:port/path, http://…, or host:port for TLS. "
                "Without it: the embedded reference target.",
            ),
            click.option(
                "--draft",
                "versions",
                type=VERSION,
                multiple=True,
                default=["9113"],
                show_default=True,
                metavar="VERSION",
                help="Version of HTTP/2 to test; repeatable. all: every one that is spoken.",
            ),
            click.option(
                "--upgrade", is_flag=True, help="Start with HTTP/1.1 Upgrade (cleartext targets)."
            ),
            click.option(
                "--cleartext", is_flag=True, help="Reach the embedded target without TLS."
            ),
            click.option("--insecure", is_flag=True, help="Do not verify the certificate."),
            click.option(
                "--cafile",
                type=click.Path(exists=True, dir_okay=False),
                help="Certificate authorities to trust (PEM).",
            ),
            click.option("--sni", metavar="NAME", help="Server name to send in TLS."),
            click.option("--authority", metavar="TEXT", help="Value of :authority."),
            click.option("--path", metavar="PATH", help="Resource to GET, with a body."),
            click.option("--upload-path", metavar="PATH", help="Resource that accepts POST."),
            click.option(
                "--header",
                "headers",
                type=HeaderType(),
                multiple=True,
                help="Field that every request carries; repeatable.",
            ),
            click.option(
                "--keylog",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="Append TLS secrets to FILE, for Wireshark.",
            ),
        ]
    ):
        command = option(command)
    return command


def selection_options(command: F) -> F:
    """Options that say which cases are meant."""
    for option in reversed(
        [
            click.option(
                "--select",
                multiple=True,
                metavar="WHAT",
                help="Case id, glob, topic, requirement, section such as 6.5 or hpack:6.3, "
                "or another tool's id; repeatable.",
            ),
            click.option(
                "--skip", multiple=True, metavar="WHAT", help="Leave these out; as for --select."
            ),
            click.option(
                "--cases",
                multiple=True,
                type=click.Path(exists=True, path_type=Path),
                metavar="PATH",
                help="Case files of your own instead of the library.",
            ),
        ]
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"max_content_width": 100})
@target_options
@selection_options
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=16,
    show_default=True,
    help="Cases played at the same time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.05, 600),
    default=2.0,
    show_default=True,
    help="Seconds after which a target counts as silent.",
)
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default="reports",
    show_default=True,
    metavar="DIR",
    help="Where results and pages go.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Also write html=PATH or junit=PATH; repeatable.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every frame as it is exchanged.")
@click.version_option(__version__, prog_name="h2spec-py", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context, /, **given: Any) -> None:
    """Hold a server against a version of HTTP/2 and report what it breaks."""
    if context.invoked_subcommand is not None:
        source = click.core.ParameterSource.COMMANDLINE
        misplaced = [name for name in given if context.get_parameter_source(name) is source]
        if misplaced:
            option = next(p.opts[0] for p in cli.params if p.name == misplaced[0])
            command = context.invoked_subcommand
            raise click.UsageError(
                f"{option} goes behind the command: h2spec-py {command} {option} …"
            )
        return
    job = build_job(given)
    versions = asked_versions(given["versions"])
    names = [version.name for version in versions or VERSIONS]
    plan = plan_outputs(given["outputs"], names)
    outputs = dict(zip(names, plan.runs, strict=True))

    def watcher() -> Watcher:
        return LiveWatcher(given["verbose"], Progress())

    def done(part: Part) -> None:
        write_outputs(
            part.results, [Output("html", part.job.page), *outputs[part.job.version.name]]
        )
        print_summary(part.results)
        click.echo(f"results: {part.job.results_path}\nreport:  {part.job.page}")
        if part.code is Exit.TARGET:
            cases = part.results.cases
            reason = next(case["reason"] for case in cases if case["outcome"] == "error")
            click.echo(f"h2spec-py: {visible(reason, 500)}", err=True)

    series = run_series(job, versions, watcher, done)
    if not series.parts:
        click.echo(f"h2spec-py: {visible(none_spoken(series), 500)}", err=True)
    elif len(names) > 1 or plan.index:
        series.write_index(*plan.index)
        print_lines(text_lines([part.row for part in series.parts], series.absent))
        click.echo(f"index:   {series.index}")
    context.exit(int(series.code))


def asked_versions(given: Sequence[Version | None]) -> list[Version] | None:
    """The versions of `--draft`, each once; None for all. Raises click.UsageError."""
    versions = [version for version in dict.fromkeys(given) if version is not None]
    if None not in given:
        return versions
    if versions:
        raise click.UsageError("--draft all means every version: give it alone")
    return None


def build_job(given: dict[str, Any]) -> Job:
    """The job that the options ask for, in the newest version. Raises click.UsageError."""
    endpoint: Endpoint | None = given["target"]
    if endpoint is None:
        for name in ("insecure", "cafile", "sni", "authority", "path", "keylog", "upload_path"):
            if given[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} needs --target")
    else:
        if given["cleartext"]:
            raise click.UsageError("--cleartext is for the embedded target; give an http:// target")
        if given["upgrade"] and endpoint.tls:
            raise click.UsageError("--upgrade needs a cleartext target: http://…")
        endpoint = _adjusted(endpoint, given)
    return Job(
        version=VERSIONS[-1],
        endpoint=endpoint,
        cleartext=given["cleartext"],
        upgrade=given["upgrade"],
        upload_path=given["upload_path"],
        headers=tuple(given["headers"]),
        select=tuple(given["select"]),
        skip=tuple(given["skip"]),
        cases=tuple(given["cases"]),
        options=Options(
            timeout=given["timeout"],
            jobs=given["jobs"],
            processes=1 if given["verbose"] else processors(),  # which share no terminal
        ),
        reports=given["reports"],
    )


def _adjusted(endpoint: Endpoint, given: dict[str, Any]) -> Endpoint:
    names = ("sni", "authority", "path", "cafile", "keylog")
    changes = {name: given[name] for name in names if given[name] is not None}
    try:
        if given["upload_path"] is not None:
            replace(endpoint, path=given["upload_path"])
        return replace(endpoint, insecure=given["insecure"], **changes)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


register(cli)
catalogue_commands.register(cli)


def main() -> NoReturn:
    """Run the command; every expected error is one line on standard error and an exit code."""
    # What a run makes is kept to its end. Looking for garbage among it as often as Python does by
    # itself takes a sixth of its time; and at the end, all of it goes with the process.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        click.echo(f"h2spec-py: {error.format_message()}", err=True)
        code = int(Exit.USAGE)
    except EXPECTED as error:
        click.echo(f"h2spec-py: {error}", err=True)
        code = int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        code = int(Exit.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        code = int(Exit.OURS)
    except Exception as error:
        click.echo(f"h2spec-py: internal error: {type(error).__name__}: {error}", err=True)
        code = int(Exit.OURS)
    sys.exit(code if isinstance(code, int) else 0)
