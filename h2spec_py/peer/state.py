"""What both directions of a connection share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable

from h2spec_py.peer.checks import Checks, Role
from h2spec_py.peer.flow import Windows
from h2spec_py.peer.settings import LocalSettings, RemoteSettings
from h2spec_py.peer.streams import Streams
from h2spec_py.spec import Version
from h2spec_py.wire.hpack import RULES as HPACK_RULES
from h2spec_py.wire.hpack import Decoder, Encoder, TableSizeUpdate, find_generation
from h2spec_py.wire.hpack.model import Representation

PADDING = frozenset(
    {"hpack.huffman-eos", "hpack.huffman-padding-length", "hpack.huffman-padding-ones"}
)
"""What encoders are told about padding in each document with a Huffman code."""

REMEMBERED = 1024
"""How many PING payloads are remembered in each direction."""


class Recent:
    """Octet strings, each with a number, of which the oldest beyond a bound are forgotten."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._items: OrderedDict[bytes, int] = OrderedDict()
        self.forgot = False

    def add(self, item: bytes, number: int = 0) -> None:
        """Remember an item; one that is there already keeps its number."""
        self._items.setdefault(item, number)
        while len(self._items) > self._most:
            self._items.popitem(last=False)
            self.forgot = True

    def __contains__(self, item: bytes) -> bool:
        return item in self._items

    def number(self, item: bytes) -> int:
        """The number that came with an item; 0 for one that is not there."""
        return self._items.get(item, 0)


class ConnectionState:
    """Settings, streams, windows and header tables of one end of a connection."""

    def __init__(self, version: Version, role: Role, forgive: Collection[str]) -> None:
        self.version = version
        self.role: Role = role
        self.checks = Checks(version, role, forgive)
        mistaken = "flow.initial-window" in self.checks.forgiven
        initial = version.initial_window * (2 if mistaken else 1)
        self.streams = Streams(version.short, initial)
        self.streams.skipping = "stream.skipped-closed" not in self.checks.forgiven
        self.windows = Windows(version.initial_window, self.checks.forgiven)
        self.windows.send = initial
        self.local = LocalSettings(version)
        self.remote = RemoteSettings(version)
        self.settings_seen = False
        self.upgraded = False
        self.named_streams = False
        """Whether a frame of ours, of whatever type, named a stream."""
        self.last_stream = 0
        """The highest stream of the other end's that was processed."""
        self.pings = Recent()
        """Payloads of the PING frames that we sent, and how many SETTINGS came before each."""
        self.answered = Recent()
        """Payloads of the PING acknowledgements that we sent."""
        self.farewells: set[bytes] = set()
        """Payloads of the PING frames that we sent behind a GOAWAY of ours."""
        self.goaway_sent = False
        self.last_before_goaway: int | None = None
        """Our highest stream when the other end was seen to have read our GOAWAY."""
        self.updates = 0
        """How many updates of the connection's window we sent."""
        self.blocked = 0
        """How many BLOCKED frames came for the connection."""
        self.odd_pings = False
        """Whether we sent a PING that is not as it should be."""
        client = role == "client"
        self.encoder = Encoder(version.hpack, direction="request" if client else "response")
        self.decoder: Decoder | None = Decoder(
            version.hpack,
            forgive=self.checks.forgiven,
            direction="response" if client else "request",
            enforce=PADDING if client else (),
        )
        """None once the other end's compression state is lost to us."""
        self.overflowed = False
        """Whether a header block of the other end's went past our bounds."""
        self.mirror: Decoder | None = None
        """Reads our own header blocks back; None once nobody can, and at servers."""
        if client:
            self.mirror = Decoder(version.hpack, forgive=HPACK_RULES, decoded_size=2**24)
        self._owed_size: int | None = None
        self._last_size = 0
        self._resizes = find_generation(version.hpack).limit_resizes

    def limit_decoder(self, values: Iterable[tuple[str, int]] = ()) -> None:
        """Let the decoder know of a change of our SETTINGS_HEADER_TABLE_SIZE.

        `values` are those of the frame that has been acknowledged: each counts for a moment, as
        they are processed in their order (rfc9113 6.5.3).
        """
        if "HEADER_TABLE_SIZE" not in self.version.settings or self.decoder is None:
            return
        # A table that follows the setting by itself changes when the other end's does. Elsewhere
        # what is on its way may count already; yet a smaller size before it has to be announced.
        current = self.local.acknowledged.get("HEADER_TABLE_SIZE") or 0
        limits = [*(value for name, value in values if name == "HEADER_TABLE_SIZE"), current]
        if not self._resizes:
            limits.append(self.local.greatest("HEADER_TABLE_SIZE", current))
        for limit in limits:
            if limit != self.decoder.limit:
                self.decoder.set_limit(limit)

    def limit_encoder(self, octets: int) -> None:
        """Follow the other end's SETTINGS_HEADER_TABLE_SIZE (octets)."""
        self.encoder.set_limit(octets)
        if self.mirror is not None and self._resizes:
            self.mirror.set_limit(octets)
        self._last_size = octets
        if not self._resizes and octets < self.encoder.table.maximum:
            owed = self._owed_size
            self._owed_size = octets if owed is None else min(octets, owed)

    def encode(self, representations: list[Representation]) -> bytes:
        """Encode a header block, announcing a smaller table first where that is owed."""
        owed, self._owed_size = self._owed_size, None
        announced = bool(representations) and isinstance(representations[0], TableSizeUpdate)
        if owed is not None and not announced:
            restored = self._last_size > owed
            rule = "hpack.size-update-smallest" if restored else "hpack.size-update-missing"
            if rule not in self.checks.forgiven:
                representations = [TableSizeUpdate(owed), *representations]
        return self.encoder.encode(representations)
