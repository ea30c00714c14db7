"""Plays one case against a target and has it judged.

All steps between two waits go out in one write, the last ones together with a PING, the barrier:
frames are processed in order, so its acknowledgement tells that the target has read the fault and
lived on. A finding that is still open then gets a short grace, and another PING to stretch it where
the target is slow; only a target that falls silent costs the timeout, and only after a fresh
connection has shown that the target is not merely slow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from h2spec_py.case.loader import LoadedCase
from h2spec_py.case.model import (
    Await,
    Barrier,
    Expectation,
    ExpectNow,
    Match,
    Raw,
    Repeat,
    Request,
    Step,
    Upload,
)
from h2spec_py.engine.compose import BeyondReachError
from h2spec_py.engine.options import Options, Target
from h2spec_py.engine.result import CaseResult, no_statement, skipped
from h2spec_py.engine.session import Session
from h2spec_py.engine.transcript import Entry
from h2spec_py.engine.waiting import SLOWNESS, Waiting
from h2spec_py.judge.decide import ERROR_KINDS, decide, weigh
from h2spec_py.judge.matching import fits, misfits, same_kind
from h2spec_py.judge.observation import Observation
from h2spec_py.judge.phrase import phrase_match
from h2spec_py.judge.rules import ANSWERS, Finding, Met, allows_refusal, answer_due, evaluate
from h2spec_py.judge.verdict import Outcome
from h2spec_py.net import ConnectError, Patience, printable
from h2spec_py.peer.events import Received
from h2spec_py.wire.frame import Frame

Listener = Callable[[Entry], None]
APART = 1.0
"""Seconds that may lie between two pieces: there are servers that wait for no more than two."""
CALM = "ENHANCE_YOUR_CALM"
"""With which a target may refuse any number of frames that it finds too many."""
REFUSALS = frozenset({"RST_STREAM", "GOAWAY"})
"""Frames that answer a fault when it is read: behind a barrier there is none to wait for."""


class SlowError(Exception):
    """What is to follow comes so late that the target may have given up waiting for it."""


class StoppedError(Exception):
    """The steps of a case could not be completed; `finding` says what that means."""

    def __init__(self, finding: Finding, *, skip: bool) -> None:
        super().__init__(finding.reason)
        self.finding = finding
        self.skip = skip


class Player:
    """Plays the steps of one case on one session."""

    def __init__(self, loaded: LoadedCase, session: Session, options: Options) -> None:
        self.loaded = loaded
        self.case = loaded.case
        self.session = session
        self.options = options
        self._waiting = Waiting(loaded.case, session, options)
        self._pending: list[Frame] = []

    @property
    def seen(self) -> Observation:
        """What was observed so far."""
        return self.session.seen

    async def steps(self) -> None:
        """Play all steps; the last frames stay queued for the barrier. Raises StoppedError."""
        for step in self.case.steps:
            await self._step(step)

    async def _step(self, step: Step) -> None:
        match step:
            case Await():
                await self._await(step.await_)
            case ExpectNow():
                self._flush()
                await self._expect(step.expect)
            case Barrier():
                await self._barrier()
            case Raw():
                self._flush()
                octets = self.session.composer.octets(step.raw)
                if step.apart:
                    await self.session.send_apart(octets)
                    # Nothing here tells that the target has read a part of something, but a
                    # connection does that has come about since.
                    taken = await self._waiting.control()
                    if taken > APART:
                        raise SlowError(f"it took {taken:.1f} s to send something in two pieces")
                else:
                    self.session.send_octets("octets", octets)
            case Upload():
                await self._upload(step)
            case Repeat():
                await self._repeat(step)
            case Request():
                self._pending += self.session.composer.request(step)
            case _:
                self._pending.append(self.session.composer.frame(step))

    async def _repeat(self, step: Repeat) -> None:
        for turn in range(self.session.composer.number(step.repeat)):
            for one in step.steps:
                stream = getattr(one, "stream", 0)
                moved = one.model_copy(update={"stream": stream + 2 * turn}) if stream else one
                await self._step(moved)

    async def _upload(self, step: Upload) -> None:
        self._flush()
        composer, connection = self.session.composer, self.session.connection
        number = composer.stream(step.stream)
        overhead = 0 if step.padding is None else step.padding + 1
        left = step.upload

        def room() -> int:
            stream = connection.stream(number)
            return min(connection.send_window, connection.send_window_of(stream))

        while left:
            least = min(left, overhead + 1)
            await self._waiting.wait(lambda: self.seen.answered(number) or room() >= least)  # noqa: B023
            if self.seen.answered(number):
                return
            if room() < least:
                said = f"{left} octets of the request wait for a window that is not given back"
                raise StoppedError(Finding(Met.NO, said), skip=False)
            octets = min(step.frame, left, room())
            left -= octets
            self.session.send([composer.content(step, octets, end=not left)])

    def _flush(self) -> None:
        if self._pending:
            self.seen.since = len(self.seen.received)
            frames, self._pending = self._pending, []
            self.session.send(frames)

    # Waiting inside the steps

    def _target(self, match: Match) -> Match:
        """The description with the stream as it is numbered on the wire."""
        if match.stream is None:
            return match
        return match.model_copy(update={"stream": self.session.composer.stream(match.stream)})

    async def _await(self, described: Match) -> None:
        match = self._target(described)
        version = self.seen.version
        wanted = phrase_match(described, version)
        ping = self.session.ping() if match.frame in REFUSALS and self.case.barrier else None
        if ping is not None:
            self._pending.append(ping)
        self._flush()
        if match.total is not None:
            came = await self._amount(match, nudge=True)
        else:
            stream = match.stream if match.frame in ANSWERS else None
            event = await self._next(lambda event: fits(match, event, version), ping, stream)
            came = event is not None
        if not came:
            gone = self.seen.end or self.seen.error is not None
            if match.total is not None and gone and self.case.expect.kind not in ERROR_KINDS:
                said = f"the connection ended before {wanted} came"
                raise StoppedError(Finding(Met.NO, said), skip=False)
            said = f"the target sent no {wanted}, which the case builds on"
            raise StoppedError(Finding(Met.NO, said), skip=True)

    async def _expect(self, described: Match) -> None:
        match = self._target(described)
        version = self.seen.version
        wanted = phrase_match(described, version)
        if match.total is not None:
            if not await self._amount(match):
                came = self.seen.amounts.get(match.stream or 0, 0)
                said = f"{wanted} is due, of which {came} octets came"
                raise StoppedError(Finding(Met.NO, said), skip=False)
            return
        event = await self._next(
            lambda event: same_kind(match, event, version) and not self.session.own(event)
        )
        if event is None and self._too_much():
            said = f"the target takes what it was sent for an attack: GOAWAY({CALM})"
            raise StoppedError(Finding(Met.NO, said), skip=True)
        if event is None:
            how = " before the connection ended" if self.seen.end else ""
            said = f"{wanted} is due but did not come{how}"
            raise StoppedError(Finding(Met.NO, said), skip=False)
        wrong = misfits(match, event, version)
        if wrong:
            said = f"{wanted} is due; the one that came: {', '.join(wrong)}"
            raise StoppedError(Finding(Met.NO, said), skip=False)

    def _too_much(self) -> bool:
        """Whether the target ended the connection for the load of it (`rfc9113 10.5`)."""
        error = self.seen.error
        return error is not None and error == self.seen.version.errors.get(CALM)

    async def _amount(self, match: Match, *, nudge: bool = False) -> bool:
        """Wait until DATA comes to an amount, and move the cursor behind the frame that does it."""
        stream, total = match.stream or 0, match.total or 0
        came = lambda: self.seen.amounts.get(stream, 0) >= total  # noqa: E731
        if nudge:
            await self._waiting.nudge(came)
        if not await self._waiting.wait(came):
            return False
        place = self.seen.reached(stream, total)
        self.seen.cursor = max(self.seen.cursor, -1 if place is None else place + 1)
        return True

    async def _next(
        self, fit: Callable[[Received], bool], ping: Frame | None = None, stream: int | None = None
    ) -> Received | None:
        """Wait for the next frame that fits, and move the cursor behind it; None if none comes.

        With a PING, no longer than for its acknowledgement and the grace; with a stream, no longer
        than until the response there has ended, which a nudge may bring on.
        """

        def at() -> int | None:
            received = self.seen.received
            places = range(self.seen.cursor, len(received))
            return next((place for place in places if fit(received[place])), None)

        def passed() -> bool:
            response = self.seen.responses.get(stream or 0)
            ended = response is not None and response.ended
            return ended or (ping is not None and self.session.acknowledged(ping))

        if stream is not None:
            await self._waiting.nudge(lambda: at() is not None or passed())
        await self._waiting.wait(lambda: at() is not None or passed())
        if at() is None and passed():
            await self._waiting.linger(lambda: at() is not None or bool(self.seen.end))
        place = at()
        if place is None:
            return None
        self.seen.cursor = place + 1
        return self.seen.received[place]

    async def _barrier(self) -> None:
        ping = self.session.ping()
        self._pending.append(ping)
        self._flush()
        if not await self._waiting.wait(lambda: self.session.acknowledged(ping)):
            said = "a PING between the steps was not acknowledged"
            if self.seen.error is not None:
                name = self.seen.version.error_name(self.seen.error)
                said = f"it sent GOAWAY({name}) between the steps"
            raise StoppedError(Finding(Met.NO, said), skip=False)

    # The end

    async def settle(self, expect: Expectation) -> Finding:
        """Close the steps with the barrier and wait until a finding stands."""
        ping = self.session.ping() if self.case.barrier else None
        frames, self._pending = self._pending, []
        # Frames may have come in one read with those that the steps waited for: they count as well.
        self.seen.since = len(self.seen.received) if frames else self.seen.answered_from
        self.session.send([*frames, ping] if ping else frames)

        def conclusive() -> bool:
            if ping is not None:
                self.seen.barrier = self.session.acknowledged(ping)
            version = self.seen.version  # a breach of a SHOULD decides nothing yet
            grave = any(weigh(one, version) is Outcome.FAIL for one in self.seen.breaches)
            return grave or evaluate(expect, self.seen).conclusive

        def over() -> bool:
            return conclusive() and bool(self.seen.end or self.seen.error is not None)

        await self._waiting.wait(lambda: conclusive() or self.seen.barrier)
        if ping is not None and conclusive():  # what else it does, and how it ends, shows by then
            await self.session.wait(lambda: over() or self.seen.barrier, self.options.timeout)
        if not conclusive() and self.seen.barrier and not self.seen.end:
            await self._waiting.linger(lambda: conclusive() or bool(self.seen.end))
            if evaluate(expect, self.seen).met is not Met.YES:
                await self._waiting.wait(lambda: conclusive() or not answer_due(expect, self.seen))
        self.seen.silent = not (conclusive() or self.seen.barrier or self.seen.end)
        return evaluate(expect, self.seen)


def shifted(expect: Expectation, session: Session) -> Expectation:
    """The expectation with streams as they are numbered on the wire."""
    stream = session.composer.stream
    changes: dict[str, object] = {"stream": stream(expect.stream)}
    for name in ("malformed", "response"):
        value = getattr(expect, name)
        if value is not None:
            changes[name] = stream(value)
    for name in ("frame", "never"):
        match = getattr(expect, name)
        if match is not None and match.stream is not None:
            changes[name] = match.model_copy(update={"stream": stream(match.stream)})
    if expect.any_ is not None:
        changes["any_"] = [shifted(one, session) for one in expect.any_]
    return expect.model_copy(update=changes)


async def play(
    loaded: LoadedCase, target: Target, options: Options, listener: Listener | None = None
) -> CaseResult:
    """Play a case on a connection of its own. Never raises: what goes wrong is in the result."""
    start = time.monotonic()
    if loaded.case.open.upgrade is not None:  # its streams are numbered as it says
        target = replace(target, upgrade=False)
    session = Session(target, options.limits, SLOWNESS * options.timeout, listener)
    try:
        async with session, Patience(options.bound):
            result = await _play(loaded, session, options)
    except ConnectError as error:
        result = no_statement(loaded, f"{error.kind}: {error}", ours=error.kind == "local")
    except SlowError as error:
        result = no_statement(loaded, str(error))
    except TimeoutError:
        result = no_statement(loaded, f"the case did not come to an end in {options.bound:g} s")
    except Exception as error:
        said = printable(f"{type(error).__name__}: {error}")
        result = no_statement(loaded, f"internal error: {said}", ours=True)
    return replace(
        result,
        transcript=session.transcript.finish(),
        duration=round(time.monotonic() - start, 4),
        breached=bool(session.seen.breaches),
    )


async def _play(loaded: LoadedCase, session: Session, options: Options) -> CaseResult:
    case = loaded.case
    seen = session.seen
    seen.about = frozenset(one.id for one in loaded.requirements)
    opened = await session.open(case.open)
    if not opened:
        return _unopened(loaded, session)
    # The steps are about what comes after the SETTINGS exchange; an upgrade is answered before it.
    if not case.open.bare and case.open.upgrade is None:
        seen.cursor = seen.since = len(seen.received)
    expect = shifted(case.expect, session)
    player = Player(loaded, session, options)
    try:
        await player.steps()
    except BeyondReachError as error:
        return skipped(loaded, str(error))
    except StoppedError as stopped:
        if stopped.skip and not seen.breaches:
            return skipped(loaded, stopped.finding.reason)
        seen.silent = not seen.end
        return CaseResult(loaded, decide(expect, seen, stopped.finding, loaded.requirements))
    finding = await player.settle(expect)
    focus = expect.malformed or expect.response or 0
    answer = seen.responses.get(focus)
    return CaseResult(
        loaded,
        decide(expect, seen, finding, loaded.requirements),
        status=answer.status if answer else "",
    )


def _unopened(loaded: LoadedCase, session: Session) -> CaseResult:
    """What it means that a connection did not start, which some cases are about."""
    case, seen = loaded.case, session.seen
    if seen.declined and case.open.upgrade is not None and not allows_refusal(case.expect):
        return skipped(loaded, f"the target need not upgrade, and did not: {seen.declined}")
    if case.open.upgrade is None and case.open.tls is None:
        return no_statement(loaded, unopened(session))
    seen.silent = not seen.end
    finding = evaluate(case.expect, seen)
    return CaseResult(loaded, decide(case.expect, seen, finding, loaded.requirements))


def unopened(session: Session) -> str:
    """Why a connection did not get past the SETTINGS exchange: one line."""
    seen = session.seen
    first = session.first_octets
    if seen.end == "http/1.1":
        return f"the target speaks HTTP/1.1: {printable(first.splitlines()[0])}"
    if seen.goaways:
        return f"the target sent GOAWAY({seen.version.error_name(seen.goaways[0])}) at the start"
    if session.connection.settings_seen:
        return "the target did not acknowledge our SETTINGS"
    how = {"closed": "closed the connection", "tcp-reset": "reset the TCP connection"}.get(seen.end)
    sent = f"; it sent {printable(first)}" if first else ""
    return f"no SETTINGS came: the target {how or 'stayed silent'}{sent}"
