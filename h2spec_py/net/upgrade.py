"""From HTTP/1.1 to HTTP/2 by Upgrade, rfc7540 3.2."""

import base64
import re
from collections.abc import Iterable

from h2spec_py.net.channel import Channel
from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ChannelReset, ConnectError, DeclinedError, printable
from h2spec_py.net.patience import Patience

HEAD_LIMIT = 65536
"""Octets of response heads that are read in search of the 101."""

CONNECTION = "Upgrade, HTTP2-Settings"
"""The options that a request for an upgrade names in Connection (rfc7540 3.2.1)."""

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
    fields = [
        ("Host", endpoint.authority),
        ("Connection", CONNECTION),
        ("Upgrade", token),
        ("HTTP2-Settings", base64url(settings_payload)),
        *headers,
    ]
    await ask(channel, request_head(method, endpoint.path, fields), token, timeout, [])


async def ask(
    channel: Channel,
    request: bytes,
    token: str | None,
    timeout: float,  # noqa: ASYNC109
    heads: list[bytes],
) -> None:
    """Send a request that asks for an upgrade; return behind the blank line of a 101.

    The response heads that come are put into `heads`. Raises DeclinedError for an answer that does
    not switch to `token`, or to anything where that is None; ConnectError where none comes.
    """
    try:
        async with Patience(timeout):
            await channel.write(request)
            await _read_switch(channel, token, heads)
    except TimeoutError:
        raise ConnectError(
            "upgrade", f"the target did not answer the HTTP/1.1 Upgrade within {timeout:g} s"
        ) from None
    except ChannelReset:
        raise DeclinedError(
            "upgrade", "the target reset the connection in answer to the HTTP/1.1 Upgrade"
        ) from None


def base64url(payload: bytes) -> str:
    """Write the value of HTTP2-Settings, without padding (rfc7540 3.2.1)."""
    return base64.urlsafe_b64encode(payload).rstrip(b"=").decode()


def request_head(method: str, path: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """Write the head of a request. Raises ValueError for a control character in it."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    for line in lines:
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
            raise ValueError(f"control character in '{printable(line)}'")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _read_switch(channel: Channel, token: str | None, heads: list[bytes]) -> None:
    seen = b""
    taken = 0
    while True:
        while (end := _END.search(seen)) is not None:
            head, seen = seen[: end.start()], seen[end.end() :]
            heads.append(head)
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


def _is_switch(head: bytes, token: str | None) -> bool:
    """Tell a 101 from an interim response, and refuse everything else."""
    line = head.split(b"\n", 1)[0].rstrip(b"\r")
    status = _STATUS.match(line)
    if status is None:
        raise _unexpected(line, "something that is not HTTP/1.1")
    code = status[1]
    if code == b"101":
        chosen = re.search(rb"(?im)^upgrade[ \t]*:[ \t]*([^\r\n]*)", head)
        named = re.split(r"[ \t]*,[ \t]*", _text(chosen[1])) if chosen and token else []
        if chosen and token and token.lower() not in named:
            raise DeclinedError(
                "upgrade", f"the target switched to '{printable(chosen[1])}', not to {token}"
            )
        return True
    if not code.startswith(b"1"):
        raise DeclinedError(
            "upgrade", f"the target answered '{printable(line)}' and did not switch to {token}"
        )
    return False


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip().lower()


def _unexpected(seen: bytes, what: str) -> DeclinedError:
    quote = f", beginning '{printable(seen, 40)}'" if seen else ""
    return DeclinedError("upgrade", f"in answer to the HTTP/1.1 Upgrade came {what}{quote}")
