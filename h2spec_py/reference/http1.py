"""HTTP/1.1 as far as a server of HTTP/2 needs it: to upgrade, or to say no (rfc7540 3.2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass

from h2spec_py.spec import Version
from h2spec_py.wire.frame import Frame
from h2spec_py.wire.hpack import HeaderField
from h2spec_py.wire.payload import PayloadError, Settings, parse_payload

LIMIT = 16384
"""The longest request, with its header section and content, that is read (octets)."""

CRLF = "\r\n"

_REQUEST_LINE = re.compile(rb"([A-Z]+) ([!-~]+) HTTP/1\.[01]\Z")
_PARTIAL_LINE = re.compile(rb"[A-Z]{1,16}( [!-~]*( [A-Z0-9/.]{0,8}\r?)?)?\Z")
_TOKEN68 = re.compile(rb"[A-Za-z0-9\-_]+={0,2}\Z")
_HOP_BY_HOP = (b"connection", b"upgrade", b"http2-settings", b"host", b"keep-alive", b"te")


class RefusedError(Exception):
    """A request that is not upgraded; `response` is what to answer instead."""

    def __init__(self, status: str, token: str = "") -> None:
        super().__init__(status)
        body = f"{status}: this server speaks HTTP/2.\n".encode()
        upgrade = f"Upgrade: {token}\r\nConnection: Upgrade\r\n" if token else ""
        head = (
            f"HTTP/1.1 {status}\r\n{upgrade}Connection: close\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.response = head.encode() + body


@dataclass(frozen=True)
class Upgrade:
    """A request that asks for HTTP/2 as it should; `rest` is what came behind it."""

    settings: Settings
    method: bytes
    fields: tuple[HeaderField, ...]
    rest: bytes


def may_be_request(data: bytes) -> bool:
    """Whether octets start a request of HTTP/1.1, or may still turn out to."""
    line, newline, _ = data.partition(b"\r\n")
    if newline:
        return _REQUEST_LINE.match(line) is not None
    return len(data) <= LIMIT and _PARTIAL_LINE.match(line) is not None


def read_upgrade(version: Version, data: bytes, violate: Collection[str] = ()) -> Upgrade | None:
    """Read a request; None as long as it is not complete.

    Raises RefusedError for one that is no proper upgrade to the version, unless what makes it
    improper is in `violate`.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        if len(data) > LIMIT:
            raise RefusedError("431 Request Header Fields Too Large")
        return None
    line, *others = head.split(b"\r\n")
    match = _REQUEST_LINE.match(line)
    if match is None:
        raise RefusedError("400 Bad Request")
    fields = _fields(others)
    tokens = _list(fields, b"upgrade")
    taken = {version.upgrade.lower()}
    if "start.upgrade-ignores-h2" in violate:
        taken |= {"h2", version.alpn}
    if "start.standard-token" in violate:
        taken |= {"h2c", "http/2.0"}
    if not taken & {token.decode("latin-1") for token in tokens}:
        raise RefusedError("426 Upgrade Required", version.upgrade)
    settings = _settings(version, fields, violate)
    length = _length(fields)
    if len(rest) < length:
        return None
    authority = next((value for name, value in fields if name == b"host"), b"")
    pseudo = version.pseudo
    request = [
        HeaderField(pseudo["method"].encode(), match[1]),
        HeaderField(pseudo["scheme"].encode(), b"http"),
        HeaderField(pseudo["authority"].encode(), authority),
        HeaderField(pseudo["path"].encode(), match[2]),
        *(HeaderField(name, value) for name, value in fields if name not in _HOP_BY_HOP),
    ]
    return Upgrade(settings, match[1], tuple(request), rest[length:])


def switching(version: Version, violate: Collection[str] = ()) -> bytes:
    """The response that accepts an upgrade."""
    own = "start.upgrade-settings-not-sent" in violate
    return (
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
        f"Upgrade: {version.upgrade}\r\n{own * 'HTTP2-Settings: AAMAAABk'}{own * CRLF}\r\n"
    ).encode()


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise RefusedError("400 Bad Request")
        fields.append((name.lower(), value.strip(b" \t")))
    return fields


def _list(fields: list[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    joined = b",".join(value for name, value in fields if name == wanted)
    return [item.strip().lower() for item in joined.split(b",")]


def _settings(
    version: Version, fields: list[tuple[bytes, bytes]], violate: Collection[str]
) -> Settings:
    """Read HTTP2-Settings, which has to be there once, and named in Connection."""
    values = [value for name, value in fields if name == b"http2-settings"]
    if len(values) != 1 and "start.upgrade-settings-required" in violate:
        return Settings(())
    named = {b"upgrade", b"http2-settings"} <= set(_list(fields, b"connection"))
    if len(values) != 1 or not named:
        raise RefusedError("400 Bad Request")
    if "start.upgrade-settings-apply" in violate:
        return Settings(())
    if not _TOKEN68.match(values[0]):
        raise RefusedError("400 Bad Request")
    value = values[0].rstrip(b"=")
    try:
        payload = base64.urlsafe_b64decode(value + b"=" * (-len(value) % 4))
        settings = parse_payload(version, Frame(version.frames["SETTINGS"].code, payload=payload))
    except (binascii.Error, PayloadError):
        raise RefusedError("400 Bad Request") from None
    assert isinstance(settings, Settings)  # noqa: S101 - by the type of the frame
    return settings


def _length(fields: list[tuple[bytes, bytes]]) -> int:
    """The length of the request's content, which is read and dropped (octets)."""
    if any(name == b"transfer-encoding" for name, _ in fields):
        raise RefusedError("411 Length Required")
    values = {value for name, value in fields if name == b"content-length"} or {b"0"}
    value = values.pop()
    if values or not value.isdigit() or len(value) > 9:
        raise RefusedError("400 Bad Request")
    if int(value) > LIMIT:
        raise RefusedError("413 Content Too Large")
    return int(value)
