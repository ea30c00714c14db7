"""What the reference endpoint begins with: its settings, and what must not come behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from h2spec_py.spec import Version
from h2spec_py.wire.payload import AltSvc, Settings, SettingsEntry, write_payload

MAX_CONCURRENT_STREAMS = 100
"""What the endpoint announces."""

ORIGIN = b"https://example.org"

SERVICES: Mapping[str, tuple[int, AltSvc]] = {
    "altsvc.reserved": (0, AltSvc(3600, 443, b"h2-12", b"", ORIGIN, reserved=1)),
    "altsvc.stream": (2, AltSvc(3600, 443, b"h2-12", b"", b"")),
    "altsvc.host": (0, AltSvc(3600, 443, b"h2-12", b"\xc3\xa4.org", ORIGIN)),
}
"""The service that is advertised to break a requirement, and the stream on which it is."""


def greeting(
    version: Version, violate: Collection[str], announce: Mapping[str, int]
) -> Iterator[tuple[str, int, bytes]]:
    """Make the first frames: the name of the type, the stream and the payload of each."""
    settings = Settings(tuple(_entries(version, violate, announce)))
    yield "SETTINGS", 0, write_payload(version, settings)
    if "window.increment-sent" in violate:
        yield "WINDOW_UPDATE", 0, bytes(4)
    for requirement, (stream, service) in SERVICES.items():
        if requirement in violate and "ALTSVC" in version.frames:
            yield "ALTSVC", stream, write_payload(version, service)


def _entries(
    version: Version, violate: Collection[str], announce: Mapping[str, int]
) -> Iterator[SettingsEntry]:
    few = "settings.concurrent-recommended" in violate
    values = [("MAX_CONCURRENT_STREAMS", MAX_CONCURRENT_STREAMS - int(few)), *announce.items()]
    if "settings.unique" in violate:
        values *= 2
    if "settings.ascending" in violate:
        values.insert(0, ("INITIAL_WINDOW_SIZE", version.initial_window))
    if "settings.enable-push-from-server" in violate:
        values.append(("ENABLE_PUSH", 1))
    if "settings.max-frame-size-announced" in violate:
        values.append(("MAX_FRAME_SIZE", 1))
    for name, value in values:
        if name in version.settings:
            yield SettingsEntry(version.settings[name].id, value)
