"""TLS of a client without I/O: octets of the wire in and out of memory, text of the peer out.

`ssl` over a socket would throw away what was received before a failed write; here the
channel owns the socket, and the two directions cannot hurt each other.
"""

import functools
import ipaddress
import re
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import (
    ConnectError,
    DeclinedError,
    WeakKeyError,
    printable,
    system_reason,
)

_CHUNK = 65536

TOO_SMALL = "DH_KEY_TOO_SMALL"
"""What OpenSSL says of an ephemeral key of DHE with less than 2,048 bits, at level 2."""

UNASKED = 64
"""More than our library writes by itself, where it is asked for no certificate (octets).

In TLS 1.3 an alert takes 24, and the answer to a KeyUpdate 27; to a request for a certificate it
takes 80 and more even if there is none.
"""

_HINTS = {
    "WRONG_VERSION_NUMBER": "the target does not seem to speak TLS on this port",
    "HTTP_REQUEST": "the target does not seem to speak TLS on this port",
    "RECORD_LAYER_FAILURE": "the target does not seem to speak TLS on this port",
}


VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
"""The versions of TLS that a handshake can be held to."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a handshake offers that is not ours as usual.

    `suites` are OpenSSL's names of those of TLS 1.2 and below, and `curve` is that of the only
    curve; none stand for the usual ones. With `later_certificate`, a certificate may be asked for
    behind the handshake of TLS 1.3.
    """

    max_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    suites: tuple[str, ...] = ()
    server_name: bool = True
    curve: str = ""
    later_certificate: bool = False


USUAL = Handshake()


class TlsEnd(Exception):  # noqa: N818 (an event, not a mistake)
    """No more application data will come; `truncated` when no close_notify said so."""

    def __init__(self, message: str, *, truncated: bool) -> None:
        super().__init__(message)
        self.message = message
        self.truncated = truncated


def tls_context(
    endpoint: Endpoint, alpn: Sequence[str], handshake: Handshake = USUAL
) -> ssl.SSLContext:
    """Build, once per kind of endpoint, the context: TLS 1.2 or later, ALPN, verification.

    Raises ConnectError("local") for a `cafile` or `keylog` that cannot be used.
    """
    return _context(endpoint.insecure, endpoint.cafile, endpoint.keylog, tuple(alpn), handshake)


@functools.lru_cache(maxsize=32)  # loading the system's authorities takes tens of milliseconds
def _context(
    insecure: bool,
    cafile: str | None,
    keylog: str | None,
    alpn: tuple[str, ...],
    handshake: Handshake,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _limit(context, handshake)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION  # rfc9113 9.2.1
    context.post_handshake_auth = handshake.later_certificate
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if not handshake.server_name:
        context.check_hostname = False  # which takes a name
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif cafile is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cafile)
        except ssl.SSLError:
            raise ConnectError(
                "local", f"no PEM certificates in the CA file {printable(cafile)}"
            ) from None
        except OSError as error:
            raise ConnectError(
                "local", f"cannot read the CA file {printable(cafile)}: {system_reason(error)}"
            ) from None
    if keylog is not None:
        try:
            context.keylog_filename = keylog
        except OSError as error:
            raise ConnectError(
                "local", f"cannot write the key log {printable(keylog)}: {system_reason(error)}"
            ) from None
    return context


def _limit(context: ssl.SSLContext, handshake: Handshake) -> None:
    """Set the versions of TLS, the cipher suites and the curve that are offered.

    Raises ConnectError("local") where our own library has done away with them.
    """
    suites = list(handshake.suites)
    old = handshake.max_version < ssl.TLSVersion.TLSv1_2
    if old:  # whose signatures are below what is secure today
        suites = [*(suites or ["ALL"]), "@SECLEVEL=0"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            lowest = handshake.max_version if old else ssl.TLSVersion.TLSv1_2
            context.minimum_version = lowest
            context.maximum_version = handshake.max_version
        if suites:
            context.set_ciphers(":".join(suites))
        if handshake.curve:
            context.set_ecdh_curve(handshake.curve)
    except (ssl.SSLError, ValueError) as error:
        raise ConnectError("local", f"our TLS library cannot offer this: {error}") from None


class TlsSession:
    """One TLS session of ours, as client."""

    def __init__(
        self, endpoint: Endpoint, alpn: Sequence[str], handshake: Handshake = USUAL
    ) -> None:
        self._offered = tuple(alpn)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.certificate_asked = False
        """Whether a certificate was asked for behind the handshake of TLS 1.3."""
        name = _name(endpoint)
        try:
            self._object = tls_context(endpoint, alpn, handshake).wrap_bio(
                self._incoming,
                self._outgoing,
                server_hostname=name if handshake.server_name else None,
            )
        except (ValueError, ssl.SSLError) as error:
            raise ConnectError(
                "tls", f"'{printable(name)}' cannot be used as a server name: {error}"
            ) from None

    @property
    def alpn(self) -> str | None:
        """The protocol that the target chose."""
        return self._object.selected_alpn_protocol()

    @property
    def version(self) -> str | None:
        """`TLSv1.2`, `TLSv1.3`, or an older one where that was offered."""
        return self._object.version()

    @property
    def cipher(self) -> str | None:
        """Name of the cipher suite."""
        cipher = self._object.cipher()
        return cipher[0] if cipher else None

    def handshake(self) -> bool:
        """Go on with the handshake; True once it is done.

        Raises ConnectError("tls"|"alpn"), DeclinedError where it is the target that ends it.
        """
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLCertVerificationError as error:
            raise ConnectError(
                "tls",
                f"the target's certificate was not accepted: {printable(error.verify_message)}"
                " (--insecure skips this check)",
            ) from None
        except ssl.SSLEOFError:
            raise DeclinedError(
                "tls", "the target closed the connection during the TLS handshake"
            ) from None
        except ssl.SSLError as error:
            raise self._refusal(error) from None
        chosen = self.alpn
        if self._offered and chosen not in self._offered:
            raise DeclinedError("alpn", f"the target chose {_quoted(chosen)}{self._offer()}")
        return True

    def feed(self, octets: bytes) -> None:
        """Take octets from the wire; none at all means that the wire has ended."""
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()

    def read(self, limit: int) -> bytes | None:
        """Give up to `limit` octets of application data, None when more of the wire is needed.

        Raises TlsEnd at the end of the data.
        """
        owed = self._outgoing.pending
        try:
            data = self._object.read(limit)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            raise TlsEnd("closed with close_notify", truncated=False) from None
        except ssl.SSLEOFError:
            raise TlsEnd("closed without a TLS close_notify", truncated=True) from None
        except ssl.SSLError as error:
            raise TlsEnd(f"TLS ended: {_reason(error)}", truncated=True) from None
        finally:  # the library answers by itself, and does not tell
            more = self._outgoing.pending - owed > UNASKED
            self.certificate_asked |= more and self.version == "TLSv1.3"
        if not data:
            raise TlsEnd("closed with close_notify", truncated=False)
        return data

    def write(self, data: bytes) -> None:
        """Encrypt `data`; `take()` has the result. Raises TlsEnd after a fatal error."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._object.write(view[:_CHUNK]) :]
        except ssl.SSLError as error:
            raise TlsEnd(f"TLS has ended: {_reason(error)}", truncated=True) from None

    def end(self) -> None:
        """Put a close_notify into what `take()` gives, where that is still possible."""
        try:
            self._object.unwrap()
        except (ssl.SSLError, ValueError):
            return

    def take(self) -> bytes:
        """Octets that the wire is owed."""
        return self._outgoing.read()

    def _refusal(self, error: ssl.SSLError) -> ConnectError:
        if "no application protocol" in _reason(error):
            return DeclinedError("alpn", f"the target refused{self._offer()}")
        if error.reason == TOO_SMALL:  # by the security level that is ours without `@SECLEVEL=0`
            return WeakKeyError("tls", "its ephemeral key has less than 2,048 bits")
        hint = _HINTS.get(error.reason or "")
        # To choose by ALPN what was not offered, as Apache does, is a bad extension to OpenSSL.
        theirs = " alert " in f" {_reason(error)} " or error.reason == "BAD_EXTENSION"
        kind = DeclinedError if theirs else ConnectError
        return kind(
            "tls", f"the TLS handshake failed: {_reason(error)}" + (f" ({hint})" if hint else "")
        )

    def _offer(self) -> str:
        return " by ALPN, offered: " + ", ".join(printable(name) for name in self._offered)


def _name(endpoint: Endpoint) -> str:
    return endpoint.sni or endpoint.host.partition("%")[0].removesuffix(".")


def has_name(endpoint: Endpoint) -> bool:
    """Whether server name indication is sent: it carries no numeric addresses."""
    try:
        ipaddress.ip_address(_name(endpoint))
    except ValueError:
        return True
    return False


def _quoted(chosen: str | None) -> str:
    return "no protocol" if chosen is None else f"'{printable(chosen)}'"


def _reason(error: ssl.SSLError) -> str:
    # Not every alert has a `reason`, but all have words: "[SSL: NAME] words (_ssl.c:1006)".
    words = re.sub(r"\A\[[^\]]*\] | \(_ssl\.c:[0-9]+\)\Z", "", error.strerror or str(error))
    return printable(words)
