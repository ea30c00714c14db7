"""Which versions a target speaks, found out before any case is played.

Over TLS and with Upgrade the version's token decides. With prior knowledge on cleartext all
versions start alike, so that there the target's own frames have to tell: a version is ruled out by
a start that does not come about in it and, where several are left, by what a target does that one
of them forbids and another one does not. What is left then cannot be told apart, and is not guessed
at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from h2spec_py.case.model import Edited, Open, Request, Send
from h2spec_py.engine.options import Options, Target
from h2spec_py.engine.play import unopened
from h2spec_py.engine.session import Session
from h2spec_py.judge.decide import UNREADABLE
from h2spec_py.net import ConnectError, Patience, connect
from h2spec_py.peer.streams import Input, State, transitions
from h2spec_py.spec import VERSIONS, Version
from h2spec_py.wire.frame import Frame, decode_header
from h2spec_py.wire.payload import PayloadError, parse_payload

ANSWER = "in answer to"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A version that the target speaks, as far as can be told."""

    version: Version
    note: str = ""
    """Which other versions it could as well be, if so."""


@dataclass(frozen=True, slots=True)
class Unspoken:
    """A version that the target does not speak."""

    version: Version
    reason: str
    """How that is known: one line."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found out, oldest version first."""

    spoken: tuple[Spoken, ...]
    unspoken: tuple[Unspoken, ...]


async def survey(
    target: Target, options: Options, versions: Sequence[Version] = VERSIONS
) -> Survey:
    """Find out which of `versions` the target speaks; that of `target` itself does not matter.

    Never raises for what the target does. Each question takes a connection of its own.
    """
    found = _Found(target, options, list(versions))
    await found.start()
    if not (target.endpoint.tls or target.upgrade):
        for question in (_get, _continued, _acknowledged, _idle_priority):
            await found.ask(question)
        await found.ask_for_upgrade()
    reasons = found.reasons
    spoken = [
        Spoken(one, "" if target.endpoint.tls or target.upgrade else _twins(one, found.left))
        for one in found.left
    ]
    unspoken = [Unspoken(one, reasons[one.name]) for one in versions if one.name in reasons]
    return Survey(tuple(spoken), tuple(unspoken))


def _twins(version: Version, left: Sequence[Version]) -> str:
    others = [one.name for one in left if one is not version]
    return f"cannot be told from {', '.join(others)} on cleartext" if others else ""


Question = Callable[[Session, Options], Awaitable[str]]
"""Something that the version of a started connection allows or asks for; returns how the target
refused or left it, empty where it did not."""


class _Found:
    """What is known so far: the versions that are left, and why the others are not."""

    def __init__(self, target: Target, options: Options, versions: list[Version]) -> None:
        self.left = versions
        self.reasons: dict[str, str] = {}
        self._target = target
        self._options = options

    async def start(self) -> None:
        """Leave the versions in which a connection starts."""
        reasons = await self._each(self._start)
        self.reasons |= {name: reason for name, reason in reasons.items() if reason}
        self.left = [one for one in self.left if one.name not in self.reasons]

    async def ask(self, question: Question) -> None:
        """Leave the versions that the answer to a question fits."""
        if len(self.left) > 1:
            self._narrow(await self._each(lambda target: self._answer(target, question)))

    async def ask_for_upgrade(self) -> None:
        """Leave the versions whose Upgrade tokens the target takes, if it takes any."""
        if len(self.left) > 1:
            self._narrow(await self._each(self._upgrade))

    def _narrow(self, reasons: Mapping[str, str]) -> None:
        """Rule out versions by what contradicts them, unless that contradicts all alike.

        A fault of the target's that all of them would forbid tells none of them from another.
        """
        fit = [one for one in self.left if not reasons[one.name]]
        if fit:
            self.reasons |= {name: reason for name, reason in reasons.items() if reason}
            self.left = fit

    async def _each(self, ask: Callable[[Target], Awaitable[str]]) -> dict[str, str]:
        """Ask about each version that is left, some at a time. Returns the answers by name."""
        turn = asyncio.Semaphore(self._options.jobs)

        async def one(version: Version) -> str:
            async with turn:
                try:
                    async with Patience(self._options.bound):
                        return await ask(replace(self._target, version=version))
                except TimeoutError:
                    return f"no answer came to an end in {self._options.bound:g} s"

        answers = await asyncio.gather(*map(one, self.left))
        return {version.name: said for version, said in zip(self.left, answers, strict=True)}

    async def _start(self, target: Target) -> str:
        try:
            async with self._session(target) as session:
                if not await session.open(_opening(target)):
                    alike = _alike(session)
                    return f"its first frame is that of {alike}" if alike else unopened(session)
                if target.endpoint.tls or target.upgrade:
                    return ""  # what is wrong with a version that was agreed on is for its cases
                return _refusal(session)
        except ConnectError as error:
            # What was offered is the version's token: each line says so already.
            return f"{error.kind}: {str(error).partition(' by ALPN, offered: ')[0]}"

    async def _answer(self, target: Target, question: Question) -> str:
        try:
            async with self._session(target) as session:
                if await session.open(_opening(target)):
                    return await question(session, self._options)
        except ConnectError:
            pass
        return ""  # it started before: this says nothing

    async def _upgrade(self, target: Target) -> str:
        try:
            async with self._session(replace(target, upgrade=True)) as session:
                await session.open(Open())
        except ConnectError as error:
            return f"{error.kind}: {error}"
        return ""

    def _session(self, target: Target) -> Session:
        return Session(target, self._options.limits, self._options.timeout)


def _opening(target: Target) -> Open:
    """Start with a setting that changes nothing; its size tells some versions from others."""
    if target.endpoint.tls or target.upgrade:
        return Open()
    return Open(settings={"INITIAL_WINDOW_SIZE": target.version.initial_window})


def _refusal(session: Session, what: str = "") -> str:
    """How the target broke off, or sent what cannot be read in the version; empty if neither.

    What the version merely forbids is no sign of another one: that is for the cases.
    """
    seen = session.seen
    behind = f" {what}" if what else " at the start"
    if seen.error is not None:
        return f"the target sent GOAWAY({seen.version.error_name(seen.error)}){behind}"
    for breach in seen.breaches:
        if breach.code == UNREADABLE:
            return f"{breach.message}{behind}"
    if seen.end:
        return f"the target ended the connection{behind}"
    return ""


async def _get(session: Session, options: Options) -> str:
    """Ask for the path: a header block each way."""
    frames = session.composer.request(Request(request="GET", stream=1))
    return await _answered(session, options, frames, f"{ANSWER} GET")


async def _continued(session: Session, options: Options) -> str:
    """Ask with a header block in two frames: CONTINUATION replaced a second HEADERS (draft-06)."""
    name = "CONTINUATION" if "CONTINUATION" in session.version.frames else "HEADERS"
    edited = Edited(method="GET")
    ends = [] if name == "HEADERS" else ["END_STREAM"]
    parts = [
        Send(send="HEADERS", stream=1, headers=edited, keep=1, flags=ends),
        Send(send=name, stream=1, flags=["END_HEADERS", *([] if ends else ["END_STREAM"])]),
    ]
    frames = [session.composer.frame(part) for part in parts]
    return await _answered(session, options, frames, f"{ANSWER} HEADERS and {name}")


async def _acknowledged(session: Session, _: Options) -> str:
    """See whether SETTINGS were acknowledged before the PING behind them was (draft-09 6.5.3)."""
    if session.settings_acked or not session.version.settings_ack:
        return ""
    return "the target does not acknowledge SETTINGS"


async def _idle_priority(session: Session, options: Options) -> str:
    """Prioritise an idle stream: allowed from draft-16 on, an error before (draft-16 6.3)."""
    if (State.IDLE, Input.RECV_PRIORITY) not in transitions(session.version.short):
        return ""
    name = session.version.name
    ping = session.ping()
    session.send([session.composer.frame(Send(send="PRIORITY", stream=5)), ping])
    await session.wait(lambda: session.acknowledged(ping) or _over(session), options.timeout)
    await session.wait(lambda: _over(session), options.grace)
    return _refusal(session, f"{ANSWER} PRIORITY on an idle stream, which {name} allows")


async def _answered(session: Session, options: Options, frames: Sequence[Frame], what: str) -> str:
    """Send a request on stream 1 and wait for its status, or for a refusal."""
    session.send(frames)

    def answered() -> bool:
        response = session.seen.responses.get(1)
        return _over(session) or 1 in session.seen.resets or bool(response and response.status)

    await session.wait(answered, options.timeout)
    return _refusal(session, what)


def _over(session: Session) -> bool:
    return bool(_refusal(session))


# What a target speaks in place of a version that was asked for


async def refused(target: Target, options: Options, error: ConnectError) -> str:
    """Say in one line how connecting failed; over TLS also what the target chooses instead."""
    asked = f"{error.kind}: asked for {target.version.name}"
    if error.kind == "alpn":
        chosen = await _choice(target, options)
        if chosen:
            return f"{asked} ({target.version.alpn}); the target chose {chosen}"
    return f"{asked}; {error}" if error.kind in {"alpn", "upgrade"} else f"{error.kind}: {error}"


def unstarted(session: Session) -> str:
    """Say in one line that a connection did not start, and which versions it starts like."""
    asked = f"asked for {session.version.name}; {unopened(session)}"
    alike = _alike(session)
    return f"{asked}; its first frame is that of {alike}" if alike else asked


def doubtful(session: Session) -> bool:
    """Whether a target that started with prior knowledge may speak another version after all.

    Its first frame tells, but among those versions that start like one without acknowledgements.
    """
    like = [one for one in VERSIONS if starts(one, session.first_octets)]
    return session.version not in like or not all(one.settings_ack for one in like)


async def mistaken(target: Target, options: Options) -> str:
    """Say in one line which versions the target speaks instead of the one that was asked for.

    Empty where it may speak that one, or none at all.
    """
    found = await survey(target, options)
    spoken = [one.version.name for one in found.spoken]
    why = {one.version.name: one.reason for one in found.unspoken}.get(target.version.name)
    if not spoken or why is None:
        return ""
    return f"asked for {target.version.name}; {why}; the target speaks {' or '.join(spoken)}"


def _alike(session: Session) -> str:
    """Name the versions that the target's first frame is of; empty where it fits this one."""
    alike = [one for one in VERSIONS if starts(one, session.first_octets)]
    return "" if session.version in alike else ", ".join(one.name for one in alike)


async def _choice(target: Target, options: Options) -> str:
    """Which protocol the target chooses when it may choose any; empty when it chooses none."""
    tokens = dict.fromkeys(one.alpn for one in reversed(VERSIONS))
    try:
        channel = await connect(target.endpoint, [*tokens, "http/1.1"], options.timeout)
    except ConnectError:
        return ""
    async with channel:
        return channel.alpn or ""


def starts(version: Version, octets: bytes) -> bool:
    """Say whether octets begin with a well-formed SETTINGS frame of a version's."""
    layout, known = version.header, version.frames["SETTINGS"]
    if len(octets) < layout.octets:
        return False
    head = decode_header(layout, octets[: layout.octets])
    if (head.type, head.flags, head.stream, head.length_reserved) != (known.code, 0, 0, 0):
        return False
    if head.declared > version.max_frame_size:
        return False
    try:
        parse_payload(version, replace(head, payload=bytes(head.declared), length=None))
    except PayloadError:
        return False
    return True
