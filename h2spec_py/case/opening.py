"""How the connection of a case starts: at once, by an HTTP/1.1 Upgrade, or by a TLS handshake."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from h2spec_py.case.contents import Octets, Part, SettingEntry, SettingsValue, U32OrLimit
from h2spec_py.case.values import Boolean, by_shape

Http2Settings = Annotated[
    Annotated[str, Tag("<text>")]
    | Annotated[dict[str, U32OrLimit], Tag("<mapping>")]
    | Annotated[list[SettingEntry], Tag("<list>")],
    by_shape("settings, or the text of the field"),
]


def _one_field() -> list[Http2Settings]:
    return [{}]


class Upgrade(Part):
    """A request of HTTP/1.1 that asks for an upgrade; one that is in order, but for what is given.

    `settings` has an entry for each HTTP2-Settings field: the settings that it carries, to which
    those come that the version wants there, or its text. `token` replaces the version's own in
    Upgrade. POST goes to the upload path.
    """

    method: str = "GET"
    token: str | None = None
    settings: list[Http2Settings] = Field(default_factory=_one_field)
    connection: str = "Upgrade, HTTP2-Settings"
    body: Octets | None = None


class Tls(Part):
    """A TLS handshake that differs from the one that a run starts its connections with.

    `alpn` replaces the version's token in ALPN; without any, the extension is left out. `suites`
    are the cipher suites of TLS 1.2 and below that are offered, by their names in the registry, as
    is the only `curve`; `server-name: false` leaves server name indication out. With
    `later-certificate`, the client offers to be asked for one behind the handshake of TLS 1.3.
    """

    alpn: list[str] | None = None
    max_version: Literal["1.0", "1.1", "1.2", "1.3"] = "1.3"
    suites: list[str] = Field(default_factory=list)
    curve: Literal["secp256r1", "x25519"] | None = None
    server_name: Boolean = True
    later_certificate: Boolean = False


class Open(Part):
    """How the connection starts.

    By default: the client preface, a SETTINGS frame with `settings`, then wait for the target's
    SETTINGS, acknowledge it, and wait for the acknowledgement of ours. `preface` replaces the 24
    octets; `bare: true` sends nothing at all and waits for nothing: the steps send everything.
    `upgrade` asks for HTTP/2 in HTTP/1.1 before all that, and `tls` shakes hands in its own way.
    """

    preface: Octets | None = None
    settings: SettingsValue = Field(default_factory=dict)
    bare: Boolean = False
    upgrade: Upgrade | None = None
    tls: Tls | None = None
