"""What makes a request or a response malformed (rfc9113 8.1.1 and 8.2 to 8.3).

The functions yield every fault that they see, with the requirement that it breaks; which of these
rules a version has is up to `h2spec_py.peer.checks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from h2spec_py.spec import Version, in_range
from h2spec_py.wire.hpack import HeaderField

T = TypeVar("T")

Fault = tuple[str, str]
"""A requirement and what broke it."""

BAD_FIELD = frozenset(
    {
        "message.name-uppercase",
        "message.name-characters",
        "message.name-colon",
        "message.name-token",
        "message.value-characters",
        "message.value-controls",
        "message.value-whitespace",
    }
)
"""Faults in the octets of a field (rfc9113 8.2.1)."""

_OF_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding"}
)

CONNECTION_SPECIFIC: Mapping[str, frozenset[bytes]] = {
    "04": _OF_CONNECTION,
    "06": _OF_CONNECTION | {b"upgrade", b"te", b"host"},
    "09": _OF_CONNECTION | {b"upgrade", b"te"},
    "12..14": frozenset({b"connection"}),
    "16..": _OF_CONNECTION | {b"upgrade"},
}
"""The fields that a message must not have, by version."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "..06": ("method", "scheme", "authority", "path"),
    "09..": ("method", "scheme", "path"),
}
"""The pseudo-header fields that a request must have, by version."""

NO_PROMISED_METHOD = "04"
"""The version in which a promise has no method: it is GET by itself (draft-04 8.2)."""

UNSAFE = frozenset({b"CONNECT", b"DELETE", b"PATCH", b"POST", b"PUT"})
"""Methods that are known not to be safe."""

NEVER_CACHEABLE: Mapping[str, frozenset[bytes]] = {
    "..06": frozenset(),
    "09..": frozenset({b"OPTIONS", b"TRACE"}),
}
"""Safe methods that cannot be promised all the same, by version."""

WITHOUT_USER = "12.."
"""The versions whose authorities have no user information."""

WITH_CONNECT = "09.."
"""The versions in which CONNECT requests have other pseudo-header fields."""


_UPPERCASE = re.compile(rb"[A-Z]")
_NAME_FORBIDDEN = re.compile(rb"[\x00-\x20\x7f-\xff]")
_NAME_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE_FORBIDDEN = re.compile(rb"[\x00\r\n]")
_VALUE_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUS = re.compile(rb"[1-9][0-9][0-9]")
_PATH_FORBIDDEN = re.compile(rb"[\x00-\x20\x7f]")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*")
_LINK = re.compile(rb"<([^>#]*)")
_DIGITS = re.compile(rb"[0-9]{1,19}")
_DEFAULT_PORT = {b"http": b":80", b"https": b":443"}


@dataclass(slots=True)
class Message:
    """A message while it is received on a stream."""

    head: tuple[HeaderField, ...] | None = None
    """The header section; of a response, that of the final one."""
    trailers: tuple[HeaderField, ...] | None = None
    length: int = 0
    """Content so far, without padding (octets)."""
    expected: int | None = None
    """What content-length says, where that is to be compared (octets)."""
    ended: bool = False
    refused: bool = False
    """Whether it is malformed."""

    def value(self, name: bytes) -> bytes | None:
        """The value of the first header field of a name, or None."""
        return first_value(self.head or (), name)


def first_value(fields: Sequence[HeaderField], name: bytes) -> bytes | None:
    """The value of the first field of a name, or None."""
    return next((field.value for field in fields if field.name == name), None)


def _is_text(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def field_faults(fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find faults in the octets of names and values, and fields that belong to HTTP/1.1."""
    for name, value in ((field.name, field.value) for field in fields):
        shown = repr(name)[1:]
        bare = name[1:] if name.startswith(b":") else name
        if _UPPERCASE.search(name):
            text = f"the field name {shown} has an uppercase letter"
            yield "message.name-uppercase", text
            yield "message.names-lowercase", text
        if _NAME_FORBIDDEN.search(name):
            text = f"the field name {shown} has a forbidden octet"
            yield "message.name-characters", text
            yield "message.names-tokens", text
        elif b":" in bare:
            text = f"the field name {shown} has a colon"
            yield "message.name-colon", text
            yield "message.names-tokens", text
        elif name != b":" and not _NAME_TOKEN.fullmatch(bare):
            text = f"the field name {shown} is no token"
            yield "message.name-token", text
            yield "message.names-tokens", text
        if _VALUE_FORBIDDEN.search(value):
            yield "message.value-characters", f"the value of {shown} has a NUL, CR or LF"
        if _VALUE_CONTROL.search(value):
            yield "message.value-controls", f"the value of {shown} has a control character"
        if not _is_text(value):
            yield "hpack.value-text", f"the value of {shown} is no text in UTF-8"
        if value != value.strip(b" \t"):
            yield "message.value-whitespace", f"the value of {shown} has space at an end"


def _of_version(values: Mapping[str, T], version: Version) -> T:
    return next(value for key, value in values.items() if in_range(key, version.short))


def connection_faults(version: Version, fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find fields that only have a meaning in one connection of HTTP/1.1."""
    names = _of_version(CONNECTION_SPECIFIC, version)
    for field in fields:
        if field.name in names:
            text = f"the field {field.name.decode()} is present"
            yield "message.connection-specific", text
            yield "message.connection-specific-sent", text


def _order_faults(fields: Sequence[HeaderField], known: frozenset[bytes]) -> Iterator[Fault]:
    """Find pseudo-header fields that come late, or again."""
    seen: set[bytes] = set()
    regular = False
    for field in fields:
        if not field.name.startswith(b":"):
            regular = True
            continue
        if regular:
            yield "message.pseudo-after-regular", f"{field.name!r} comes after a regular field"
        if field.name in seen and field.name in known:
            yield "message.pseudo-duplicate", f"{field.name!r} is present twice"
        seen.add(field.name)


def _undefined_faults(
    fields: Sequence[HeaderField], known: frozenset[bytes] | set[bytes]
) -> Iterator[Fault]:
    """Find fields that begin with a colon as pseudo-header fields do, but are none."""
    for field in fields:
        if field.name.startswith(b":") and field.name not in known:
            text = f"{field.name!r} is not defined"
            yield "message.pseudo-undefined-sent", text
            yield "message.pseudo-undefined", text


def colon_faults(fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find fields with a colon that come late, in the order in which they were sent."""
    colons = [field.name.startswith(b":") for field in fields]
    if colons != sorted(colons, reverse=True):
        yield "message.pseudo-first", "a field whose name starts with a colon comes late"


def request_faults(version: Version, fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find what makes the header section of a request malformed."""
    pseudo = {plain: name.encode() for plain, name in version.pseudo.items()}
    status = pseudo.pop("status")
    known = frozenset(pseudo.values())
    yield from field_faults(fields)
    for field in fields:
        if field.name == status:
            yield "message.pseudo-response", f"{status.decode()} is present in a request"
    yield from _undefined_faults(fields, known | {status})
    yield from _order_faults(fields, known)
    yield from connection_faults(version, fields)
    for field in fields:
        if field.name == b"te" and field.value.strip().lower() != b"trailers":
            yield "message.te", f"TE has the value {field.value!r}"
    values = {plain: first_value(fields, name) for plain, name in pseudo.items()}
    if values["method"] == b"CONNECT" and in_range(WITH_CONNECT, version.short):
        yield from _connect_faults(values)
    else:
        yield from _target_faults(values, _of_version(REQUIRED, version))
    if in_range(WITHOUT_USER, version.short) and b"@" in (values["authority"] or b""):
        yield "message.pseudo-invalid", "the authority has user information"
    yield from _host_faults(values, fields)


def promise_faults(version: Version, fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find what a server must not promise (rfc9113 8.4). An unknown method may be a safe one."""
    values = {plain: first_value(fields, name.encode()) for plain, name in version.pseudo.items()}
    required = _of_version(REQUIRED, version)
    yield from _undefined_faults(fields, {name.encode() for name in version.pseudo.values()})
    if in_range(NO_PROMISED_METHOD, version.short):
        required = tuple(plain for plain in required if plain != "method")
        if values["method"] is not None:
            yield "push.request", "the promised request has a method"
    for plain in required:
        if values[plain] is None:
            yield "push.request", f"the promised request has no {plain}"
    if values["authority"] is None:
        yield "push.request-authority", "the promised request has no authority"
    method = values["method"]
    if method in UNSAFE or method in _of_version(NEVER_CACHEABLE, version):
        yield "push.request-safe", f"the promised request has the method {method!r}"
    if first_value(fields, b"content-length") not in (None, b"0"):
        yield "push.request-safe", "the promised request has content"


def reference_faults(
    version: Version, head: Sequence[HeaderField], promised: Sequence[HeaderField]
) -> Iterator[Fault]:
    """Find whether the head of a response refers to what is promised only behind it."""
    parts = [
        first_value(promised, version.pseudo[plain].encode()) or b""
        for plain in ("scheme", "authority", "path")
    ]
    promises = {parts[2], b"%s://%s%s" % tuple(parts)} - {b""}
    links = [field.value for field in head if field.name == b"link"]
    if any(target in promises for value in links for target in _LINK.findall(value)):
        yield "push.order", f"{parts[2]!r} is promised behind a Link field that names it"


def _connect_faults(values: dict[str, bytes | None]) -> Iterator[Fault]:
    for plain in ("scheme", "path"):
        if values[plain] is not None:
            yield "message.connect-form", f"CONNECT has a {plain}"
    if values["authority"] is None:
        yield "message.connect-authority", "CONNECT has no authority"


def _target_faults(values: dict[str, bytes | None], required: tuple[str, ...]) -> Iterator[Fault]:
    for plain in required:
        if values[plain] is None:
            yield "message.pseudo-missing", f"the request has no {plain}"
    method, scheme, path = values["method"], values["scheme"], values["path"]
    if method is not None and not _NAME_TOKEN.fullmatch(method):
        yield "message.pseudo-invalid", f"the method {method!r} is no token"
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        yield "message.pseudo-invalid", f"the scheme {scheme!r} is none"
    if scheme is not None and scheme.lower() not in _DEFAULT_PORT:
        return
    if path == b"":
        yield "message.path-empty", "the path is empty"
    elif path == b"*" and method != b"OPTIONS":
        yield "message.pseudo-invalid", "the path is * but the method is not OPTIONS"
    elif path is not None and path != b"*" and not path.startswith(b"/"):
        yield "message.pseudo-invalid", f"the path {path!r} does not start with a slash"
    elif path is not None and _PATH_FORBIDDEN.search(path):
        yield "message.pseudo-invalid", f"the path {path!r} has an octet that none has"


def _host_faults(values: dict[str, bytes | None], fields: Sequence[HeaderField]) -> Iterator[Fault]:
    authority = values["authority"]
    if authority is None:
        return
    port = _DEFAULT_PORT.get(values["scheme"] or b"", b":")
    wanted = authority.lower().removesuffix(port)
    for field in fields:
        if field.name == b"host" and field.value.strip().lower().removesuffix(port) != wanted:
            yield "message.host-authority", f"Host is {field.value!r}, not {authority!r}"


def response_faults(version: Version, fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find what makes the header section of a response malformed."""
    status = version.pseudo["status"].encode()
    known = {name.encode() for name in version.pseudo.values()}
    yield from field_faults(fields)
    for field in fields:
        if field.name in known - {status}:
            yield "message.pseudo-request", f"{field.name!r} is present in a response"
    yield from _undefined_faults(fields, known)
    yield from _order_faults(fields, frozenset())
    for field in fields:
        if field.name == b"transfer-encoding" and b"chunked" in field.value.lower():
            yield "message.chunked-unused", "the response claims to be chunked"
    yield from connection_faults(version, fields)
    values = [field.value for field in fields if field.name == status]
    if len(values) != 1:
        yield "message.status-present", f"the response has {len(values)} statuses"
    elif not _STATUS.fullmatch(values[0]):
        yield "message.status-present", f"the status is {values[0]!r}"
    elif values[0].startswith(b"1"):
        yield "message.interim-unused", f"the status is {values[0].decode()}"
        if values[0] == b"101":
            yield "message.switching-protocols", "the status is 101"


def trailer_faults(version: Version, fields: Sequence[HeaderField]) -> Iterator[Fault]:
    """Find what makes trailers malformed."""
    yield from field_faults(fields)
    for field in fields:
        if field.name.startswith(b":"):
            yield "message.pseudo-in-trailers", f"{field.name!r} is present in trailers"
    yield from _undefined_faults(fields, {name.encode() for name in version.pseudo.values()})
    yield from connection_faults(version, fields)


def content_length(fields: Sequence[HeaderField]) -> int | None:
    """Read content-length (octets); None where there is none.

    Raises ValueError for a value that is no number, and for several that differ.
    """
    values = {field.value for field in fields if field.name == b"content-length"}
    if not values:
        return None
    value = values.pop()
    if values or not _DIGITS.fullmatch(value):
        raise ValueError(f"content-length is {value!r}")
    return int(value)
