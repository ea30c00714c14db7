"""What is wrong with cases that fit the schema: names, twins, and exchanges that make no sense.

Names are looked up in the table of each version that a case applies in. What one case alone can
tell is in `lint_frames` (frames and their parts) and `lint_flow` (the order of steps, and what is
expected of them); here are the checks that take the catalogue or other cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from h2spec_py.case.errors import CaseError, Faults, Place, hint, listing, shown
from h2spec_py.case.library import Entry, Library, LoadedCase
from h2spec_py.case.lint_flow import check_expectation, check_flow, is_error_case
from h2spec_py.case.lint_frames import check_part
from h2spec_py.case.reporter import Reporter
from h2spec_py.case.validate import find
from h2spec_py.spec import ORDER, VERSIONS, in_range
from h2spec_py.spec.catalogue import Requirement

ROLE = "server"
"""The role of the targets that cases are played against."""


def lint(library: Library, requirements: Mapping[str, Requirement]) -> list[CaseError]:
    """Everything that is wrong with the cases of a library, though each fits the schema."""
    errors = list(_duplicates(library))
    for entry in library.entries:
        faults = Faults()
        for version, cases in entry.cases.items():
            for loaded in cases:
                say = Reporter(loaded, faults.of(version))
                _check_requirements(loaded, requirements, say)
                _check_words(loaded, say)
                _check_only(loaded, say)
                _check_twin(loaded, library, say)
                for path, part in say.parts():
                    check_part(path, part, say)
                check_flow(loaded.case, say)
                check_expectation(loaded.case, say)
        errors += faults.merged()
        if not library.is_partial:
            errors += _proving_nothing(entry, requirements)
    return errors


def _duplicates(library: Library) -> Iterator[CaseError]:
    seen: dict[str, Entry] = {}
    for entry in library.entries:
        first = seen.setdefault(entry.id, entry)
        if first is not entry:
            where = f"{first.place.path}:{first.place.line}"
            yield CaseError(entry.place, f"id {shown(entry.id)} is already used at {where}")


def _check_requirements(
    loaded: LoadedCase, requirements: Mapping[str, Requirement], say: Reporter
) -> None:
    proves = loaded.case.proves
    for index, name in enumerate(proves):
        if name in proves[:index]:
            say.at(("proves", index), f"requirement {shown(name)} is there twice")
        known = requirements.get(name)
        if known is not None and (why := _unprovable(known)):
            say.at(("proves", index), f"{name} cannot be proven of a {ROLE}: {why}")


def _unprovable(requirement: Requirement) -> str:
    """Why a requirement cannot be proven of the role that is played against, if so."""
    if requirement.binds not in (ROLE, "both"):
        return f"it binds the {requirement.binds}"
    if requirement.provable_for(ROLE):
        return ""
    return requirement.why_unprovable() or f"it shows in what a {requirement.provable} does"


def _proving_nothing(entry: Entry, requirements: Mapping[str, Requirement]) -> Iterator[CaseError]:
    """Requirements that an entry proves in none of the versions that it applies in."""
    proven: dict[tuple[Place, str], bool] = {}
    for cases in entry.cases.values():
        for loaded in cases:
            applying = {one.id for one in loaded.requirements}
            for index, name in enumerate(loaded.case.proves):
                place = find(loaded.node, ("proves", index)).place
                proven[place, name] = proven.get((place, name), False) or name in applying
    for (place, name), somewhere in proven.items():
        known = requirements.get(name)
        if known is not None and not somewhere:
            names = [one.name for one in VERSIONS if known.applies_to(one)]
            where = listing(names, "and") if names else "none"
            message = f"{name} is proven in no version that this case applies in: it is demanded in"
            yield CaseError(place, f"{message} {where}")


def _check_words(loaded: LoadedCase, say: Reporter) -> None:
    case = loaded.case
    if not case.title.strip() or "\n" in case.title.strip():
        say.at(("title",), "title: expected one line of text")
    for index, alias in enumerate(case.aliases):
        if (
            len(alias.split("/")) < 2
            or not all(alias.split("/"))
            or alias != "".join(alias.split())
        ):
            say.at(("aliases", index), f"alias {shown(alias)}: expected the form 'http2/6.1/1'")
        if alias in case.aliases[:index]:
            say.at(("aliases", index), f"alias {shown(alias)} is there twice")


def _check_only(loaded: LoadedCase, say: Reporter) -> None:
    only = loaded.case.only
    if only is None:
        return
    if not only.because.strip():
        say.at(("only", "because"), "because: expected the reason for the narrowing")
    try:
        excluded = [short for short in ORDER if not in_range(only.versions, short)]
    except ValueError as error:
        say.at(("only", "versions"), f"versions: {error}")
        return
    if not excluded:
        say.at(("only", "versions"), f"range {shown(only.versions)} excludes no version")


def _check_twin(loaded: LoadedCase, library: Library, say: Reporter) -> None:
    name = loaded.case.twin
    if name is None:
        if is_error_case(loaded.case.expect):
            kind = loaded.case.expect.kind
            message = f"{kind}: an error case names its legal 'twin', or a refusal proves nothing"
            say.key(("expect", kind), message)
        return
    twin = library.find(name, loaded.version)
    if name == loaded.id:
        say.at(("twin",), "a case cannot be its own twin")
    elif twin is not None:
        if is_error_case(twin.case.expect):
            kind = twin.case.expect.kind
            say.at(("twin",), f"twin {shown(name)} is an error case itself ({kind})")
    elif not library.is_doubtful(name):
        say.at(("twin",), _no_twin(name, loaded, library))


def _no_twin(name: str, loaded: LoadedCase, library: Library) -> str:
    family = [one.id for one in library.family(name, loaded.version)]
    if family:
        some = listing(map(shown, family[:2]))
        return f"twin {shown(name)} is a family; name one of its cases, such as {some}"
    elsewhere = library.versions_of(name)
    if elsewhere:
        missing = [v.name for v in VERSIONS if v.name not in elsewhere]
        if loaded.version.name in missing:
            return f"twin {shown(name)} does not apply in every version that this case applies in"
    return f"no case {shown(name)}, which is to be the twin{hint(name, library.ids())}"
