"""What a target can do, found out once before the cases are played."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from h2spec_py.case.model import Octets, Open, Request, Send, Tls, Upgrade
from h2spec_py.engine.options import Facts, Options, Target
from h2spec_py.engine.session import Session
from h2spec_py.engine.survey import doubtful, mistaken, refused, unstarted
from h2spec_py.net import ConnectError
from h2spec_py.net.tls import has_name
from h2spec_py.peer.receiving import FLOW_CONTROL_OFF
from h2spec_py.spec import VERSIONS

NEVER = 2**62
"""More octets than any response has."""

NEED = re.compile(r"^([a-z-]+)(?:([<>])=([0-9]+))?$")


class UnreachableError(Exception):
    """The target cannot be reached or does not speak the version; the message is one line."""


async def probe(target: Target, options: Options, needs: Collection[str] = ()) -> Facts:
    """Start a connection, then GET the path and POST to the upload path.

    Ways to start one that only some cases take are tried where they are among `needs`. Raises
    UnreachableError, also for a target that speaks another version than the one asked for, as far
    as that can be told. A target that starts HTTP/2 but answers no request is no error: cases that
    need an answer are then skipped or fail by themselves.
    """
    try:
        async with Session(target, options.limits, options.timeout) as session:
            if not await session.open(Open()):
                raise UnreachableError(unstarted(session))
            facts = await _explore(session, target, options)
            negotiated = target.endpoint.tls or target.upgrade
            doubt = doubtful(session) and not negotiated
    except ConnectError as error:
        raise UnreachableError(await refused(target, options, error)) from None
    target = target.at(facts.address)
    if doubt and (other := await mistaken(target, options)):
        raise UnreachableError(other)
    tls = target.endpoint.tls
    if not (tls or target.upgrade) and "upgrade" in needs:
        taken = await _starts(target, options, Open(upgrade=Upgrade()))
        facts = replace(facts, takes_upgrade=taken)
    if tls and "tls12" in needs:
        how = Open(tls=Tls(max_version="1.2"))
        facts = replace(facts, tls12=await _starts(target, options, how))
    return facts


async def _starts(target: Target, options: Options, how: Open) -> bool:
    """Whether the target starts HTTP/2 in a way of starting it."""
    try:
        async with Session(target, options.limits, options.timeout) as session:
            return await session.open(how)
    except ConnectError:
        return False


async def _explore(session: Session, target: Target, options: Options) -> Facts:
    channel = session.channel
    facts = Facts(
        address=channel.address if channel else None,
        tls=target.endpoint.tls,
        alpn=(channel.alpn if channel else None) or "",
        tls_version=(channel.tls_version if channel else None) or "",
        cipher=(channel.cipher if channel else None) or "",
        upgrade=target.upgrade,
        takes_upgrade=target.upgrade,
        server_name=has_name(target.endpoint),
        settings=dict(session.connection.announced_settings),
    )
    get = session.composer.stream(1)
    window = session.version.initial_window
    session.send(session.composer.request(Request(request="GET", stream=1)))
    await session.wait(lambda: _answered(session, get, window), options.timeout)
    post = session.composer.stream(3)
    waits = await _upload_waits(session, post, options)
    if waits:
        rest = Send(send="DATA", stream=3, flags=["END_STREAM"], payload=Octets(text="probe"))
        session.send([session.composer.frame(rest)])
        await session.wait(lambda: _answered(session, post, 0), options.timeout)
    seen = session.seen
    answers = seen.responses
    return replace(
        facts,
        get_status=answers[get].status if get in answers else "",
        body_octets=answers[get].octets if get in answers else 0,
        post_status=answers[post].status if post in answers else "",
        post_waits=waits,
        pushes=any(event.name == "PUSH_PROMISE" for event in seen.received),
    )


async def _upload_waits(session: Session, stream: int, options: Options) -> bool:
    """Start a POST, and see whether its answer comes to an end before the request does."""
    ping = session.ping()
    session.send([*session.composer.request(Request(request="POST", stream=3, end=False)), ping])

    def over() -> bool:
        return _answered(session, stream, NEVER)

    await session.wait(lambda: over() or session.acknowledged(ping), options.timeout)
    return not await session.wait(over, options.grace)


def _answered(session: Session, stream: int, octets: int) -> bool:
    seen = session.seen
    response = seen.responses.get(stream)
    if seen.end or seen.error is not None or stream in seen.resets:
        return True
    return (
        response is not None
        and bool(response.status)
        and (response.ended or response.octets >= octets)
    )


PATH = "another --path"
UPLOAD_PATH = "another --upload-path"
HTTPS = "an https target"
HTTP = "an http target"
PRIOR = "an http target without --upgrade"
NAME = "a name for the target, or --sni"
"""What a run can be given to meet needs."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """Needs of a case that the target does not meet."""

    reason: str
    """Which one, what is there instead and, if anything would, what would meet it: one line."""
    remedies: tuple[str, ...] = ()
    """What would meet all of them, taken together; empty where nothing would."""


def unmet(needs: list[str], facts: Facts) -> Unmet | None:
    """Which needs of a case a target does not meet, and what would; None when it meets all."""
    found = [(why, remedy) for why, remedy in (_unmet(need, facts) for need in needs) if why]
    if not found:
        return None
    why, remedy = found[0]
    remedies = tuple(sorted({one for _, one in found}))
    reason = f"{why}; give {remedy}" if remedy else why
    return Unmet(reason, () if "" in remedies else remedies)


def _unmet(need: str, facts: Facts) -> tuple[str, str]:
    """Why a target does not meet a need, empty when it does; and what would, if anything."""
    matched = NEED.match(need)
    name, sign, bound = matched.groups() if matched else (need, None, None)
    number = int(bound) if bound else 1
    match name:
        case "response-body":
            return _body(sign, number, facts), PATH
        case "upload" | "open-upload":
            return _upload(facts, ends=name == "upload"), UPLOAD_PATH
        case "concurrency-limit":
            return _limit(sign, number, facts), ""
        case "header-table" | "stream-window":
            return _amiss(name, sign, number, facts), ""
        case "tls" if not facts.tls:
            return "needs TLS", HTTPS
        case "cleartext" if facts.tls or facts.upgrade:
            return "needs cleartext with prior knowledge", PRIOR
        case "upgrade" if not facts.takes_upgrade:
            over = "there is none over TLS" if facts.tls else "the target takes none"
            return (
                f"needs the HTTP/1.1 Upgrade, which is optional; {over}",
                HTTP if facts.tls else "",
            )
        case "tls12" if not facts.tls12:
            return "needs HTTP/2 over TLS 1.2, which the target does not speak", ""
        case "tls13" if facts.tls and facts.tls_version != "TLSv1.3":
            return f"needs TLS 1.3, the target chose {facts.tls_version}", ""
        case "server-name" if not facts.server_name:
            return "needs a name for the target", NAME
        case "push" if not facts.pushes:
            return "needs a resource that pushes", PATH
        case "flow-control" if facts.settings.get("FLOW_CONTROL_OPTIONS", 0) & FLOW_CONTROL_OFF:
            return "the target has disabled flow control", ""
        case "compression" if not facts.settings.get("COMPRESS_DATA"):
            return "the target has not enabled COMPRESS_DATA", ""
        case "no-compression" if facts.settings.get("COMPRESS_DATA"):
            return "the target has enabled COMPRESS_DATA", ""
        case _:
            return "", ""


def _body(sign: str | None, number: int, facts: Facts) -> str:
    """Why the response to GET is too short, or too long, for a case; empty when it is not."""
    if sign == "<" and facts.body_octets > number:
        have = f"GET answered {facts.get_status} with {facts.body_octets} octets or more"
        return f"needs a response body of at most {number} octets: {have}"
    if sign != "<" and facts.body_octets < number:
        have = f"answered {facts.get_status or 'nothing'} with {facts.body_octets} octets"
        return f"needs a response body of {number} octets: GET {have}"
    return ""


def _upload(facts: Facts, *, ends: bool) -> str:
    """Why POST is not answered as a case needs it; empty when it is.

    Where `ends` is false, the answer must wait for the end of the request.
    """
    if facts.post_status[:1] not in {"2", "3"}:
        return f"needs a resource that accepts POST (got {facts.post_status or 'no answer'})"
    if not ends and not facts.post_waits:
        return f"needs a resource that answers POST when it ends (got {facts.post_status} before)"
    return ""


def _limit(sign: str | None, number: int, facts: Facts) -> str:
    """Why the target's limit of streams does not suit a case; empty when it does."""
    limit = facts.settings.get("MAX_CONCURRENT_STREAMS")
    if limit is None:
        return "" if sign == ">" else "the target announces no MAX_CONCURRENT_STREAMS"
    if sign == "<" and limit > number:
        return f"the target's MAX_CONCURRENT_STREAMS is {limit}, over {number}"
    if sign == ">" and limit < number:
        return f"the target's MAX_CONCURRENT_STREAMS is {limit}, under {number}"
    return ""


def _amiss(name: str, sign: str | None, number: int, facts: Facts) -> str:
    """Why a setting of the target is too small, or too large, for a case; empty when it is not."""
    setting = {"header-table": "HEADER_TABLE_SIZE", "stream-window": "INITIAL_WINDOW_SIZE"}[name]
    initial = VERSIONS[-1].settings[setting].initial or 0  # which is that of all versions
    value = facts.settings.get(setting, initial)
    if sign == "<":
        return f"the target's {setting} is {value}, over {number}" if value > number else ""
    return f"the target's {setting} is {value}, under {number}" if value < number else ""
