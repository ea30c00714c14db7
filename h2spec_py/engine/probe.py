"""What a target can do, found out once before the cases are played."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from h2spec_py.case.model import Octets, Open, Request, Tls, Upgrade
from h2spec_py.engine.options import Facts, Options, Target
from h2spec_py.engine.session import Session
from h2spec_py.engine.survey import refused, unstarted
from h2spec_py.net import ConnectError
from h2spec_py.net.tls import has_name

NEED = re.compile(r"^([a-z-]+)(?:([<>])=([0-9]+))?$")


class UnreachableError(Exception):
    """The target cannot be reached or does not speak the version; the message is one line."""


async def probe(target: Target, options: Options, needs: Collection[str] = ()) -> Facts:
    """Start a connection, then GET the path and POST to the upload path.

    Ways to start one that only some cases take are tried where they are among `needs`. Raises
    UnreachableError. A target that starts HTTP/2 but answers no request is no error: cases that
    need an answer are then skipped or fail by themselves.
    """
    try:
        async with Session(target, options.limits, options.timeout) as session:
            if not await session.open(Open()):
                raise UnreachableError(unstarted(session))
            facts = await _explore(session, target, options)
    except ConnectError as error:
        raise UnreachableError(await refused(target, options, error)) from None
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
    body = Octets(text="probe")
    session.send(session.composer.request(Request(request="POST", stream=3, body=body)))
    await session.wait(lambda: _answered(session, post, 0), options.timeout)
    seen = session.seen
    answers = seen.responses
    return replace(
        facts,
        get_status=answers[get].status if get in answers else "",
        body_octets=answers[get].octets if get in answers else 0,
        post_status=answers[post].status if post in answers else "",
        pushes=any(event.name == "PUSH_PROMISE" for event in seen.received),
    )


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


def unmet(needs: list[str], facts: Facts) -> str:
    """Why a target does not meet the needs of a case, and what would; empty when it does."""
    for need in needs:
        matched = NEED.match(need)
        name, sign, number = matched.groups() if matched else (need, None, None)
        reason = _unmet(name, sign, int(number) if number else 1, facts)
        if reason:
            return reason
    return ""


def _unmet(name: str, sign: str | None, number: int, facts: Facts) -> str:
    match name:
        case "response-body" if sign == "<" and facts.body_octets > number:
            have = f"GET answered {facts.get_status} with {facts.body_octets} octets or more"
            return f"needs a response body of at most {number} octets: {have}; give another --path"
        case "response-body" if sign != "<" and facts.body_octets < number:
            have = f"answered {facts.get_status or 'nothing'} with {facts.body_octets} octets"
            return f"needs a response body of {number} octets: GET {have}; give another --path"
        case "upload" if facts.post_status[:1] not in {"2", "3"}:
            have = facts.post_status or "no answer"
            return f"needs a resource that accepts POST (got {have}); give --upload-path"
        case "concurrency-limit":
            limit = facts.settings.get("MAX_CONCURRENT_STREAMS")
            if limit is None and sign == ">":
                return ""
            if limit is None:
                return "the target announces no MAX_CONCURRENT_STREAMS"
            if sign == "<" and limit > number:
                return f"the target's MAX_CONCURRENT_STREAMS is {limit}, over {number}"
            if sign == ">" and limit < number:
                return f"the target's MAX_CONCURRENT_STREAMS is {limit}, under {number}"
            return ""
        case "header-table" | "stream-window":
            return _short_of(name, number, facts)
        case "tls" if not facts.tls:
            return "needs TLS: give an https target"
        case "cleartext" if facts.tls or facts.upgrade:
            return "needs cleartext with prior knowledge: give an http target"
        case "upgrade" if not facts.takes_upgrade:
            over = "there is none over TLS" if facts.tls else "the target takes none"
            return f"needs the HTTP/1.1 Upgrade, which is optional; {over}"
        case "tls12" if not facts.tls12:
            return "needs HTTP/2 over TLS 1.2, which the target does not speak"
        case "server-name" if not facts.server_name:
            return "needs a name for the target: give one in its place, or --sni"
        case "push" if not facts.pushes:
            return "needs a resource that pushes; give another --path"
        case "no-compression" if facts.settings.get("COMPRESS_DATA"):
            return "the target has enabled COMPRESS_DATA"
        case _:
            return ""


def _short_of(name: str, number: int, facts: Facts) -> str:
    """Why a setting of the target is too small for a case; empty when it is not."""
    setting, initial = {
        "header-table": ("HEADER_TABLE_SIZE", 4096),
        "stream-window": ("INITIAL_WINDOW_SIZE", 65535),
    }[name]
    value = facts.settings.get(setting, initial)
    return f"the target's {setting} is {value}, under {number}" if value < number else ""
