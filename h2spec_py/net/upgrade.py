"""From HTTP/1.1 to HTTP/2 by Upgrade, rfc7540 3.2."""

import asyncio
import base64
import re
from collections.abc import Iterable

from h2spec_py.net.channel import Channel
from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ChannelReset, ConnectError, printable

HEAD_LIMIT = 65536
"""Octets of response heads that are read in search of the 101."""

_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[0-9] +([0-9]{3})(?:[ \r\n]|\Z)")
_START = b"HTTP/1."


async def upgrade(
    channel: Channel,
    endpoint: Endpoint,
    token: str,
    settings_payload: bytes,
    headers: Iterable[tuple[str, str]] = (),
    timeout: float = 2.0,  # noqa: ASYNC109
    *,
    method: str = "HEAD",
) -> None:
    """Ask for `endpoint.path` with an Upgrade to `token`; return behind the 101's blank line.

    `settings_payload` goes into HTTP2-Settings, and `headers` behind the ones of the upgrade.
    Octets that followed the 101 are what the channel reads next. Raises ConnectError("upgrade")
    saying what came in place of a 101 within `timeout` seconds, ValueError for a control character
    in what was to be sent.
    """
    request = _request(endpoint, token, settings_payload, headers, method)
    try:
        async with asyncio.timeout(timeout):
            await channel.write(request)
            await _read_switch(channel, token)
    except TimeoutError:
        raise ConnectError(
            "upgrade", f"the target did not answer the HTTP/1.1 Upgrade within {timeout:g} s"
        ) from None
    except ChannelReset:
        raise ConnectError(
            "upgrade", "the target reset the connection in answer to the HTTP/1.1 Upgrade"
        ) from None


def _request(
    endpoint: Endpoint,
    token: str,
    settings_payload: bytes,
    headers: Iterable[tuple[str, str]],
    method: str,
) -> bytes:
    settings = base64.urlsafe_b64encode(settings_payload).rstrip(b"=").decode()
    lines = [
        f"{method} {endpoint.path} HTTP/1.1",
        f"Host: {endpoint.authority}",
        "Connection: Upgrade, HTTP2-Settings",
        f"Upgrade: {token}",
        f"HTTP2-Settings: {settings}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    for line in lines:
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
            raise ValueError(f"control character in '{printable(line)}'")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _read_switch(channel: Channel, token: str) -> None:
    seen = b""
    taken = 0
    while True:
        while (end := _END.search(seen)) is not None:
            head, seen = seen[: end.start()], seen[end.end() :]
            if _is_switch(head, token):
                channel.unread(seen)
                return
        if len(seen) >= len(_START) and not seen.startswith(_START):
            raise _unexpected(seen, "something that is not HTTP/1.1")
        if taken >= HEAD_LIMIT:
            raise _unexpected(seen, f"more than {HEAD_LIMIT} octets of headers")
        octets = await channel.read(HEAD_LIMIT - taken)
        if not octets:
            raise _unexpected(seen, "the end of the connection")
        seen += octets
        taken += len(octets)


def _is_switch(head: bytes, token: str) -> bool:
    """Tell a 101 from an interim response, and refuse everything else."""
    line = head.split(b"\n", 1)[0].rstrip(b"\r")
    status = _STATUS.match(line)
    if status is None:
        raise _unexpected(line, "something that is not HTTP/1.1")
    code = status[1]
    if code == b"101":
        chosen = re.search(rb"(?im)^upgrade[ \t]*:[ \t]*([^\r\n]*)", head)
        if chosen and token.lower() not in re.split(r"[ \t]*,[ \t]*", _text(chosen[1])):
            raise ConnectError(
                "upgrade", f"the target switched to '{printable(chosen[1])}', not to {token}"
            )
        return True
    if not code.startswith(b"1"):
        raise ConnectError(
            "upgrade", f"the target answered '{printable(line)}' and did not switch to {token}"
        )
    return False


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip().lower()


def _unexpected(seen: bytes, what: str) -> ConnectError:
    quote = f", beginning '{printable(seen, 40)}'" if seen else ""
    return ConnectError("upgrade", f"in answer to the HTTP/1.1 Upgrade came {what}{quote}")
