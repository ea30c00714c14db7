"""Handshakes that a case describes: which version of TLS, which suites, whether a server name."""

from __future__ import annotations

import contextlib
import functools
import ssl

import pytest
import trustme

from h2spec_py.net import ConnectError, Endpoint, Handshake
from h2spec_py.net.errors import WeakKeyError
from h2spec_py.net.tls import VERSIONS, TlsSession, tls_context
from h2spec_py.reference.tls import tls_context as reference_context
from h2spec_py.spec import find_version

KEYS = "connection.tls-key-sizes"
SUITE = "ECDHE-RSA-AES256-GCM-SHA384"
HERE = Endpoint("localhost", 443, tls=True, insecure=True)


@functools.cache
def _certificate() -> trustme.LeafCert:
    return trustme.CA().issue_cert("localhost", key_type=trustme.KeyType.RSA)


class Server:
    """The other end of a handshake, in memory."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _certificate().configure_cert(context)
        context.set_alpn_protocols(["h2"])
        context.sni_callback = self._named
        self.names: list[str | None] = []
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.end = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def _named(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)

    def shake(self, session: TlsSession) -> None:
        """Carry octets between the ends until the client is content."""
        while not session.handshake():
            self._incoming.write(session.take())
            with contextlib.suppress(ssl.SSLWantReadError):
                self.end.do_handshake()
            session.feed(self._outgoing.read())
        self._incoming.write(session.take())
        with contextlib.suppress(ssl.SSLWantReadError):
            self.end.do_handshake()

    def say(self, session: TlsSession, text: bytes) -> None:
        """Send application data to the client."""
        self.end.write(text)
        session.feed(self._outgoing.read())


def shaken(handshake: Handshake, endpoint: Endpoint = HERE) -> tuple[Server, TlsSession]:
    server, session = Server(), TlsSession(endpoint, ["h2"], handshake)
    server.shake(session)
    return server, session


def test_the_usual_handshake_names_the_server_and_takes_the_newest_version() -> None:
    server, session = shaken(Handshake())
    assert server.names == ["localhost"]
    assert (session.version, session.alpn) == ("TLSv1.3", "h2")


def test_no_version_above_the_one_of_the_handshake_is_offered() -> None:
    _, session = shaken(Handshake(VERSIONS["1.2"]))
    assert session.version == "TLSv1.2"


def test_only_the_suites_of_the_handshake_are_offered() -> None:
    server, session = shaken(Handshake(VERSIONS["1.2"], (SUITE,)))
    assert session.cipher == SUITE
    shared = server.end.shared_ciphers()
    assert shared is not None
    assert [name for name, _, _ in shared] == [SUITE]


def test_the_curve_of_the_handshake_is_the_only_one_that_is_offered() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ecdh_curve("X25519")
    with pytest.raises(ssl.SSLError):
        Server(context).shake(
            TlsSession(HERE, ["h2"], Handshake(VERSIONS["1.2"], (SUITE,), curve="prime256v1"))
        )


@pytest.mark.parametrize(("violate", "kind"), [("", None), (KEYS, WeakKeyError)])
def test_an_ephemeral_key_that_is_too_short_is_refused(
    violate: str, kind: type[WeakKeyError] | None
) -> None:
    server = Server(reference_context(find_version("7540"), {violate}))
    session = TlsSession(HERE, ["h2"], Handshake(VERSIONS["1.2"], ("DHE-RSA-AES128-GCM-SHA256",)))
    with pytest.raises(kind, match="ephemeral key") if kind else contextlib.nullcontext():
        server.shake(session)


def test_the_server_name_can_be_left_out() -> None:
    server, _ = shaken(Handshake(server_name=False))
    assert server.names == [None]
    verifying = tls_context(Endpoint("localhost", 443, tls=True), [], Handshake(server_name=False))
    assert verifying.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("asks", [False, True])
def test_a_request_for_a_certificate_behind_the_handshake_is_noticed(asks: bool) -> None:
    violate = {"connection.tls13"} if asks else set()
    server = Server(reference_context(find_version("9113"), violate))
    session = TlsSession(HERE, ["h2"], Handshake(later_certificate=True))
    server.shake(session)
    if asks:
        server.end.verify_client_post_handshake()
    server.say(session, b"hello")
    assert not session.certificate_asked
    assert session.read(100) == b"hello"
    assert session.certificate_asked is asks


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_old_version_is_the_only_one_that_is_offered(version: str) -> None:
    wanted = VERSIONS[version]
    context = tls_context(HERE, [], Handshake(wanted))
    assert (context.minimum_version, context.maximum_version) == (wanted, wanted)


def test_suites_that_our_library_does_not_have_are_our_own_fault() -> None:
    with pytest.raises(ConnectError, match="our TLS library cannot offer this") as caught:
        tls_context(HERE, [], Handshake(VERSIONS["1.2"], ("NO-SUCH-SUITE",)))
    assert caught.value.kind == "local"
