"""TLS of the reference endpoint: what each version demands of it, unless it is to be broken."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Collection
from functools import lru_cache

import trustme

from h2spec_py.reference.dh import LONG, SHORT
from h2spec_py.spec import Version, in_range

NAME = "localhost"
"""The name in the certificate, for server name indication."""

STANDARD = ("h2", "HTTP/2.0")
"""Tokens by which no draft goes, in TLS."""

EPHEMERAL = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"
"""Cipher suites of TLS 1.2 that no version rules out (rfc7540 9.2.2)."""

WEAK = f"{EPHEMERAL}:ECDHE+AES:AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0"
"""Those and some that are ruled out; a TLS library has to be talked into some of them."""

WITHOUT_MANDATORY = "ECDHE+AESGCM:!AES128"
"""Those without the one that all have to support."""

SHORT_KEYS = f"{EPHEMERAL}:@SECLEVEL=0"
"""Those that no version rules out, where a TLS library has to be talked into short keys."""

WEAKENING = frozenset(
    {
        *("connection.tls-version", "connection.tls-ciphers"),
        *("connection.inadequate-security", "connection.tls-or-not"),
    }
)
"""Requirements that only weak cipher suites break."""


@lru_cache(maxsize=1)
def authority() -> tuple[trustme.CA, trustme.LeafCert]:
    """An authority, and a certificate with a key for the suite that is mandatory."""
    ca = trustme.CA()
    return ca, ca.issue_cert(NAME, "127.0.0.1", "::1", key_type=trustme.KeyType.RSA)


def tls_context(version: Version, violate: Collection[str]) -> ssl.SSLContext:
    """Build what a TLS server of a version needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # draft-06 demands TLS 1.1
        context.minimum_version = _lowest(version, violate)
    suites = _suites(version, violate)
    if suites:
        context.set_ciphers(suites)
    _load_group(context, violate)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION  # rfc9113 9.2.1
    tokens = [version.alpn]
    if "start.h2c-not-in-tls" in violate:
        tokens.insert(0, version.upgrade)
    if "start.standard-token" in violate:
        tokens += STANDARD
    if "start.tls-negotiation" not in violate:
        context.set_alpn_protocols(tokens)
    if "connection.tls13" in violate:
        context.post_handshake_auth, context.verify_mode = True, ssl.CERT_OPTIONAL
    authority()[1].configure_cert(context)

    def named(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> int | None:
        wrong = _refuses(version, violate, name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if wrong else None

    context.sni_callback = named
    return context


def _load_group(context: ssl.SSLContext, violate: Collection[str]) -> None:
    """Set the group for ephemeral keys of DHE."""
    group = SHORT if "connection.tls-key-sizes" in violate else LONG
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(group)
        file.flush()
        context.load_dh_params(file.name)


def _lowest(version: Version, violate: Collection[str]) -> ssl.TLSVersion:
    if in_range("06..09", version.short):  # draft-06 9.2
        if "connection.tls11" in violate:
            return ssl.TLSVersion.TLSv1_2
        below = "connection.tls-offer" in violate
        return ssl.TLSVersion.TLSv1 if below else ssl.TLSVersion.TLSv1_1
    if "connection.tls-version" in violate:
        return ssl.TLSVersion.TLSv1
    if "connection.tls12" in violate:
        return ssl.TLSVersion.TLSv1_3
    return ssl.TLSVersion.TLSv1_2


def _suites(version: Version, violate: Collection[str]) -> str:
    if "connection.tls-suite-mandatory" in violate:
        return WITHOUT_MANDATORY
    if "connection.tls-key-sizes" in violate:
        return SHORT_KEYS
    if WEAKENING & set(violate) or in_range("06..09", version.short):
        return WEAK
    return EPHEMERAL if in_range("12..", version.short) else ""


def _refuses(version: Version, violate: Collection[str], name: str | None) -> bool:
    """Whether a handshake is refused for the server name in it, or for having none."""
    if name is not None:
        return "connection.server-name" in violate
    return in_range("06..09", version.short) and "connection.tls-offer" not in violate
