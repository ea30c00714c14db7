"""What a user may write as a target, and what comes of it."""

import dataclasses

import pytest

from h2spec_py.net import Endpoint


@pytest.mark.parametrize(
    ("text", "host", "port", "tls", "path", "authority"),
    [
        ("https://example.com/a?b=c", "example.com", 443, True, "/a?b=c", "example.com"),
        ("https://example.com:8443", "example.com", 8443, True, "/", "example.com:8443"),
        ("http://example.com", "example.com", 80, False, "/", "example.com"),
        ("HTTP://Example.COM:8080/Path", "example.com", 8080, False, "/Path", "example.com:8080"),
        ("http://localhost?x", "localhost", 80, False, "/?x", "localhost"),
        ("localhost:8443", "localhost", 8443, True, "/", "localhost:8443"),
        ("localhost:8443/up", "localhost", 8443, True, "/up", "localhost:8443"),
        ("example.com", "example.com", 443, True, "/", "example.com"),
        ("example.com.", "example.com.", 443, True, "/", "example.com."),
        ("127.0.0.1:1", "127.0.0.1", 1, True, "/", "127.0.0.1:1"),
        ("[::1]:443", "::1", 443, True, "/", "[::1]"),
        ("http://[::1]:65535/", "::1", 65535, False, "/", "[::1]:65535"),
        ("[fe80::1%25eth0]", "fe80::1%eth0", 443, True, "/", "[fe80::1]"),
        (
            "https://bücher.example/",
            "xn--bcher-kva.example",
            443,
            True,
            "/",
            "xn--bcher-kva.example",
        ),
        ("http://a_b.test/x://y", "a_b.test", 80, False, "/x://y", "a_b.test"),
    ],
)
def test_parse(text: str, host: str, port: int, tls: bool, path: str, authority: str) -> None:
    endpoint = Endpoint.parse(text)
    assert endpoint == Endpoint(host, port, tls, path, authority)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("exa mple.com", "space"),
        ("example.com/a\r\nX: y", "space or a control"),
        ("ftp://example.com", "unknown scheme 'ftp', use https or http"),
        ("://example.com", "unknown scheme ''"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://:443", "no host"),
        (":443", "no host"),
        ("example.com:", "no port"),
        ("example.com:0", "port '0' is not a number between 1 and 65535"),
        ("example.com:65536", "port '65536'"),
        ("example.com:https", "port 'https'"),
        ("example.com:-1", "port '-1'"),
        ("example.com:+1", "port '+1'"),
        ("example.com:１", "port '\\uff11'"),
        ("https://user:secret@example.com", "user names"),
        ("https://example.com/#top", "fragment"),
        ("::1", "needs brackets"),
        ("::1:443", "needs brackets"),
        ("[::1", "not closed"),
        ("[::1]443", "'443' after the IPv6 address"),
        ("[::g]:1", "'::g' is not an IPv6 address"),
        ("[]:1", "'' is not an IPv6 address"),
        ("exa..mple", "not a host name"),
        ("-example.com", "not a host name"),
        ("a" * 64, "not a host name"),
        (".".join(["a" * 60] * 5), "not a host name"),
        ("exa%6dple.com", "not a host name"),
        ("https://" + "é" * 80, "not a host name"),
        ("https://example.com/\x1b[31m", "control character"),
        ("https://example.com/é", "non-ASCII"),
    ],
)
def test_refuses_in_one_bounded_line(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        Endpoint.parse(text)
    message = str(caught.value)
    assert says in message
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 400


def test_secrets_of_a_user_are_the_only_thing_refused_with_at_sign() -> None:
    assert Endpoint.parse("https://example.com/@me").path == "/@me"


def test_fields_can_be_replaced() -> None:
    endpoint = Endpoint.parse("https://example.com")
    changed = dataclasses.replace(endpoint, authority="other.test", path="/x", sni="third.test")
    assert (changed.authority, changed.path, changed.sni) == ("other.test", "/x", "third.test")
    assert (changed.host, changed.port) == ("example.com", 443)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("path", "no-slash"),
        ("path", "/a b"),
        ("authority", "a\nb"),
        ("port", 0),
        ("port", 70000),
        ("host", ""),
    ],
)
def test_a_field_that_could_not_be_sent_is_refused(field: str, value: object) -> None:
    fields: dict[str, object] = {"host": "a.test", "port": 1, "tls": False, field: value}
    with pytest.raises(ValueError):
        Endpoint(**fields)  # type: ignore[arg-type]


def test_url_reads_back() -> None:
    for text in ("https://example.com/", "http://[::1]:81/x", "https://localhost:8443/"):
        assert str(Endpoint.parse(text)) == text
        assert Endpoint.parse(Endpoint.parse(text).url) == Endpoint.parse(text)
