"""Where the target is and how to reach it, read from what the user wrote."""

import ipaddress
import re
from dataclasses import dataclass

from h2spec_py.net.errors import printable

_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_VISIBLE = re.compile(r"[\x21-\x7e]*\Z")
_MAX_HOST = 253  # octets of a name in the domain name system


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One target; change single fields with `dataclasses.replace`.

    An empty `authority` becomes that of `host` and `port`. Raises ValueError, in one line,
    for a field that could not be sent or used.
    """

    host: str
    """Name or address to connect to; an IPv6 address without brackets."""
    port: int
    tls: bool
    """TLS with ALPN, or cleartext."""
    path: str = "/"
    """Path, and query if any, that requests ask for."""
    authority: str = ""
    """The `:authority` and `Host` of requests."""
    sni: str | None = None
    """Name for SNI and for the verification of the certificate; None: that is `host`."""
    insecure: bool = False
    """Do not verify the certificate."""
    cafile: str | None = None
    """PEM file of the authorities to trust in place of the system's."""
    keylog: str | None = None
    """File to which the TLS secrets are appended, for packet analysers."""
    address: str | None = None
    """Numeric address to connect to in place of resolving `host`."""

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("the target has no host")
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port {self.port} is not between 1 and 65535")
        if not self.authority:
            object.__setattr__(self, "authority", _authority(self.host, self.port, self.scheme))
        for what, text in (("authority", self.authority), ("path", self.path)):
            if not _VISIBLE.match(text):
                raise ValueError(
                    f"{what} '{printable(text)}' has a space, a control or a non-ASCII character"
                )
        if not self.path.startswith(("/", "*")):
            raise ValueError(f"path '{printable(self.path)}' does not begin with /")

    @property
    def scheme(self) -> str:
        """`https` or `http`."""
        return "https" if self.tls else "http"

    @property
    def url(self) -> str:
        """The target as a URL; the port only where it is not the scheme's own."""
        return f"{self.scheme}://{_authority(self.host, self.port, self.scheme)}{self.path}"

    def __str__(self) -> str:
        return self.url

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `https://host:port/path`, `http://…`, `host:port`, `[::1]:443` or a bare host.

        Without a scheme the target speaks TLS; without a port it is the scheme's own.
        Raises ValueError with one line that says what is wrong.
        """
        shown = printable(text)
        if not text.strip():
            raise ValueError("the target is empty")
        if re.search(r"[\s\x00-\x1f\x7f]", text):
            raise ValueError(f"target '{shown}' has a space or a control character in it")
        scheme, separator, rest = text.partition("://")
        if not separator:
            scheme, rest = "https", text
        scheme = scheme.lower()
        if scheme not in _PORTS:
            raise ValueError(
                f"target '{shown}': unknown scheme '{printable(scheme)}', use https or http"
            )
        if "#" in rest:
            raise ValueError(f"target '{shown}': a fragment (#...) cannot be asked for")
        place, path = _split_path(rest)
        if "@" in place:
            raise ValueError(f"target '{shown}': user names and passwords are not supported")
        try:
            host, port = _split_port(place, _PORTS[scheme])
            return cls(host=host, port=port, tls=scheme == "https", path=path)
        except ValueError as error:
            raise ValueError(f"target '{shown}': {error}") from None


def _split_path(rest: str) -> tuple[str, str]:
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path = rest[end:]
    return rest[:end], path if path.startswith("/") else "/" + path


def _split_port(place: str, default: int) -> tuple[str, int]:
    if place.startswith("["):
        literal, bracket, after = place[1:].partition("]")
        if not bracket:
            raise ValueError("the [ of the IPv6 address is not closed")
        if after and not after.startswith(":"):
            raise ValueError(f"'{printable(after)}' after the IPv6 address")
        return _address(literal), _port(after[1:]) if after else default
    host, colon, port = place.partition(":")
    if ":" in port:
        raise ValueError("an IPv6 address needs brackets, like [::1]:443")
    return _name(host), _port(port) if colon else default


def _port(text: str) -> int:
    if not text:
        raise ValueError("no port behind the colon")
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError(f"port '{printable(text)}' is not a number between 1 and 65535")
    return int(text)


def _address(literal: str) -> str:
    literal = literal.replace("%25", "%", 1)  # as a URL writes the zone of an address
    try:
        ipaddress.IPv6Address(literal)
    except ValueError:
        raise ValueError(f"'{printable(literal)}' is not an IPv6 address") from None
    return literal


def _name(host: str) -> str:
    if not host:
        raise ValueError("no host")
    try:
        name = (host if host.isascii() else host.encode("idna").decode()).lower()
    except UnicodeError:
        name = ""
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_HOST or not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"'{printable(host)}' is not a host name or address")
    return name


def _authority(host: str, port: int, scheme: str) -> str:
    place = f"[{host.partition('%')[0]}]" if ":" in host else host
    return place if port == _PORTS[scheme] else f"{place}:{port}"
