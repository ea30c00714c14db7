"""A whole run: probe the target, play the legal twins, play the rest, many cases at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from h2spec_py.case.loader import LoadedCase
from h2spec_py.case.model import Await, ExpectNow
from h2spec_py.engine.options import Facts, Options, Target
from h2spec_py.engine.play import Listener, play
from h2spec_py.engine.probe import PATH, UnreachableError, probe, unmet
from h2spec_py.engine.result import CaseResult, no_statement, skipped
from h2spec_py.engine.spread import Done, spread
from h2spec_py.judge.decide import against_twin
from h2spec_py.judge.matching import fits_status
from h2spec_py.judge.verdict import Outcome, Verdict

AGAIN = 10
"""The most cases without a statement that are played once more."""

ListenerFor = Callable[[LoadedCase], Listener | None]


@dataclass(slots=True)
class Run:
    """The state of a run; it can be read at any time, also after an interruption."""

    cases: Sequence[LoadedCase]
    """The selected cases, in the order of the library."""
    library: Sequence[LoadedCase]
    """All cases of the version: twins are played even when they are not selected."""
    target: Target
    options: Options
    on_probed: Callable[[], None] = lambda: None
    """Called once, when the facts about the target are known or it proved out of reach."""
    on_result: Callable[[CaseResult], None] = lambda _: None
    listener_for: ListenerFor = lambda _: None
    facts: Facts = field(default_factory=Facts)
    probed: bool = False
    unreachable: str = ""
    """Why the target could not be reached, if so."""
    results: dict[str, CaseResult] = field(default_factory=dict)
    """Results by case id, unselected twins included."""
    _selected: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._selected = frozenset(loaded.case.id for loaded in self.cases)

    async def execute(self) -> None:
        """Play everything. Never raises for what the target does; can be cancelled."""
        known = {loaded.case.id: loaded for loaded in self.library}
        known |= {loaded.case.id: loaded for loaded in self.cases}
        twins = dict.fromkeys(one.case.twin for one in self.cases if one.case.twin in known)
        first = [known[twin] for twin in twins if twin is not None]
        needs = {need for one in (*first, *self.cases) for need in one.case.needs}
        try:
            self.facts = await probe(self.target, self.options, needs)
        except UnreachableError as error:
            self.unreachable = str(error)
        self.probed = True
        self.on_probed()
        if self.unreachable:
            for loaded in self.cases:
                self._done(no_statement(loaded, self.unreachable))
            return
        self.target = self.target.at(self.facts.address)
        played = {loaded.case.id for loaded in first}
        await self._play_twice(first, 1)
        rest = [one for one in self.cases if one.case.id not in played]
        rest.sort(key=_waits, reverse=True)  # what is silent is silent while others are played
        await self._play_twice(rest, self.options.processes)

    def ordered(self) -> list[CaseResult]:
        """The results of the selected cases that are there, in the order of the library."""
        return [self.results[one.case.id] for one in self.cases if one.case.id in self.results]

    def _done(self, result: CaseResult) -> None:
        self.results[result.loaded.case.id] = result
        if result.loaded.case.id in self._selected:
            self.on_result(result)

    async def _play_twice(self, cases: Sequence[LoadedCase], processes: int) -> None:
        """Play cases, and once more, by itself, what came to no statement on the target's side.

        A few such cases tell of a busy machine; where they are many, or the first of them comes to
        nothing again, the target is to blame and none is repeated.
        """
        held: list[CaseResult] = []

        def done(result: CaseResult) -> None:
            unstated = result.verdict.outcome is Outcome.ERROR and not result.ours
            if unstated and len(held) <= AGAIN:
                held.append(result)
            else:
                self._done(result)

        try:
            await spread(cases, self.options.jobs, processes, self._play_all, done)
            while 0 < len(held) <= AGAIN:
                again = await self._play_one(held[0].loaded)
                del held[0]
                self._done(again)
                if again.verdict.outcome is Outcome.ERROR:
                    break
        finally:
            for result in held:
                self._done(result)

    async def _play_all(self, cases: Sequence[LoadedCase], jobs: int, done: Done) -> None:
        queue = list(reversed(cases))

        async def work() -> None:
            while queue:
                done(await self._play_one(queue.pop()))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(jobs, len(cases))):
                group.create_task(work())

    async def _play_one(self, loaded: LoadedCase) -> CaseResult:
        lacking = unmet(loaded.case.needs, self.facts)
        if lacking:
            return skipped(loaded, lacking.reason, lacking.remedies)
        result = await play(loaded, self.target, self.options, self.listener_for(loaded))
        return self._with_baseline(self._with_twin(result))

    def _with_twin(self, result: CaseResult) -> CaseResult:
        case = result.loaded.case
        twin = self.results.get(case.twin or "")
        if case.twin is None or twin is None:
            return result
        verdict = against_twin(
            case.expect, result.verdict, case.twin, twin.verdict, result.status, twin.status
        )
        return result if verdict is result.verdict else result.judged(verdict, twin.remedies)

    def _with_baseline(self, result: CaseResult) -> CaseResult:
        """Withdraw a failure that only shows that the target's resource itself does not work."""
        expect = result.loaded.case.expect
        failed = result.verdict.outcome in {Outcome.FAIL, Outcome.NON_STRICT}
        if result.breached or not (failed and expect.kind == "response" and result.status):
            return result
        plain = {self.facts.get_status, self.facts.post_status}
        if result.status not in plain or fits_status("legal", result.status):
            return result
        why = f"a plain request is answered {result.status} as well; give another --path"
        return result.judged(Verdict(Outcome.SKIP, result.verdict.ending, why), (PATH,))


def _waits(loaded: LoadedCase) -> bool:
    """Whether a case waits between its steps, for what a target may leave us to time out for."""
    return any(isinstance(step, Await | ExpectNow) for step in loaded.case.steps)
