"""What a connection can show before any frame: the TLS handshake, and heads of HTTP/1.1."""

from __future__ import annotations

import re

from h2spec_py.case.model import Open, Tls
from h2spec_py.net import ConnectError, Handshake
from h2spec_py.net.errors import WeakKeyError
from h2spec_py.net.tls import VERSIONS
from h2spec_py.peer import Breach
from h2spec_py.spec import Version
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.spec.suites import CURVES, SUITES
from h2spec_py.wire.frame import decode_header

STANDARD = frozenset({"h2", "h2c", "HTTP/2.0"})
"""The tokens of the standard, or of what drafts thought it would be."""

_SETTINGS = re.compile(rb"(?im)^http2-settings[ \t]*:")


def handshake_of(tls: Tls) -> Handshake:
    """The handshake that a case describes."""
    suites = tuple(SUITES[name] for name in tls.suites)
    curve = CURVES[tls.curve] if tls.curve else ""
    newest = VERSIONS[tls.max_version]
    return Handshake(newest, suites, tls.server_name, curve, tls.later_certificate)


def _breach(version: Version, requirement: str, said: str) -> Breach | None:
    """The breach of a requirement, where the version has it."""
    if not catalogue()[requirement].applies_to(version):
        return None
    return Breach(requirement, None, "", 0, said)


def protocol_breach(version: Version, alpn: str | None) -> Breach | None:
    """The fault of choosing h2c, by its name or a draft's, in TLS (rfc7540 3.3)."""
    if alpn not in {"h2c", version.upgrade}:
        return None
    return _breach(version, "start.h2c-not-in-tls", f"it chose {alpn} in TLS")


def key_breach(version: Version, error: ConnectError) -> Breach | None:
    """The fault of an ephemeral key that is too short (rfc7540 9.2.1)."""
    if not isinstance(error, WeakKeyError):
        return None
    return _breach(version, "connection.tls-key-sizes", str(error))


def certificate_breach(version: Version) -> Breach | None:
    """The fault of asking for a certificate behind the handshake of TLS 1.3 (rfc9113 9.2.3)."""
    said = "it asked for a certificate behind the TLS handshake"
    return _breach(version, "connection.tls13", said)


def as_standard(version: Version, how: Open, alpn: str | None) -> bool:
    """Whether what begins is identified by a token of the standard, which the version has not."""
    token = alpn if how.upgrade is None else how.upgrade.token
    return token in STANDARD - {version.alpn, version.upgrade}


def begins(version: Version, octets: bytes) -> bool:
    """Whether the first octets of a server are a frame header of SETTINGS in the version."""
    first = decode_header(version.header, octets)
    return first.type == version.frames["SETTINGS"].code and first.stream == 0


def head_breach(version: Version, head: bytes) -> Breach | None:
    """The fault of sending HTTP2-Settings in a response of HTTP/1.1 (rfc7540 3.2.1)."""
    if not _SETTINGS.search(head):
        return None
    return _breach(version, "start.upgrade-settings-not-sent", "it sent an HTTP2-Settings field")
