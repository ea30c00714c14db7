"""The reference endpoint on a TCP port: cleartext, HTTP/1.1 Upgrade, or TLS with ALPN."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass

from h2spec_py.reference.http1 import RefusedError, may_be_request, read_upgrade, switching
from h2spec_py.reference.responses import RICH
from h2spec_py.reference.server import ReferenceServer
from h2spec_py.reference.tls import NAME, STANDARD, authority, tls_context
from h2spec_py.spec import Version

CHUNK = 65536
"""How much is read at a time, and how much may wait to be written (octets)."""

LINGER_OCTETS = 2**24
"""How much is read and dropped, so that a reset does not overtake our last octets (octets)."""

LINGER_SECONDS = 5.0
"""How long that may take; the other end usually closes at once."""


@dataclass(frozen=True)
class Listening:
    """Where the reference endpoint listens.

    `cafile` is a file with the authority that its certificate is verified by; None in cleartext.
    """

    host: str
    port: int
    cafile: str | None = None
    server_name: str | None = None
    """What server name indication is to say; None in cleartext."""
    path: str = RICH
    """A resource with which all that a client can see of a server can be seen."""

    @property
    def url(self) -> str:
        """The address as a URL."""
        scheme = "http" if self.cafile is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/"


@asynccontextmanager
async def serve(
    version: Version,
    *,
    tls: bool = False,
    violate: Collection[str] = (),
    announce: Mapping[str, int] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Listening]:
    """Serve connections, each by a `ReferenceServer` of its own, until the context is left.

    Port 0 picks a free one; `announce` are settings to announce beside those of the endpoint.
    Raises OSError where it cannot listen, and ValueError for a requirement that cannot be broken.
    """
    ReferenceServer(version, violate, announce)
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        tasks.add(task)
        try:
            endpoint = ReferenceServer(version, violate, announce)
            await _Connection(endpoint, reader, writer).run(tls=tls)
        except (OSError, asyncio.CancelledError):
            pass  # the other end is gone, or we are told to stop
        finally:
            writer.transport.abort()
            tasks.discard(task)

    context = tls_context(version, violate) if tls else None
    trusted = authority()[0].cert_pem.tempfile() if tls else nullcontext()
    server = await asyncio.start_server(accept, host, port, ssl=context, limit=CHUNK)
    try:
        bound = server.sockets[0].getsockname()
        with trusted as cafile:
            yield Listening(bound[0], bound[1], cafile, NAME if tls else None)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


class _Connection:
    def __init__(
        self,
        server: ReferenceServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._version = server.version
        self._server = server
        self._reader = reader
        self._writer = writer

    async def run(self, *, tls: bool) -> None:
        """Serve the connection to its end."""
        data = b""
        if tls:
            if not self._agreed():
                await self._finish()
                return
            self._ask_later()
            await self._write(self._server.receive(b""))
            await self._write(self._server.end(self._inadequate()))
        else:
            data = await self._sniff()
            if not data:
                return
        while True:
            await self._write(self._server.receive(data))
            if self._server.closed:
                break
            data = await self._reader.read(CHUNK)
            if not data:
                return
        await self._finish()

    def _agreed(self) -> bool:
        """Whether ALPN has chosen HTTP/2, or need not have."""
        chosen = self._writer.get_extra_info("ssl_object").selected_alpn_protocol()
        if chosen is None:
            return bool({"start.tls-negotiation", "start.tls-needs-alpn"} & self._server.violate)
        return chosen in {self._version.alpn, self._version.upgrade, *STANDARD}

    def _ask_later(self) -> None:
        """Ask for a certificate behind the handshake of TLS 1.3, if the client can be asked."""
        if "connection.tls13" in self._server.violate:
            with suppress(ssl.SSLError):
                self._writer.get_extra_info("ssl_object").verify_client_post_handshake()

    def _inadequate(self) -> str:
        """The error that TLS 1.2 is taken for, with or without a cause; empty for none."""
        tls = self._writer.get_extra_info("ssl_object")
        violate = self._server.violate
        short = not tls.cipher()[0].startswith(("DHE", "ECDHE"))
        late = "connection.tls-or-not" in violate and short
        wrong = late or "connection.tls-suite-accepted" in violate
        return "INADEQUATE_SECURITY" if wrong and tls.version() == "TLSv1.2" else ""

    async def _write(self, octets: bytes) -> None:
        if octets:
            self._writer.write(octets)
            await self._writer.drain()

    async def _sniff(self) -> bytes:
        """Tell HTTP/2 from HTTP/1.1 by the first octets.

        Returns the octets for HTTP/2; none where the connection is over.
        """
        data = b""
        preface = self._version.preface
        while True:
            more = await self._reader.read(CHUNK)
            if not more:
                return b""
            data += more
            if preface.startswith(data[: len(preface)]) or not may_be_request(data):
                return data
            try:
                upgrade = read_upgrade(self._version, data, self._server.violate)
            except RefusedError as refused:
                await self._write(refused.response)
                await self._finish()
                return b""
            if upgrade is not None:
                await self._write(switching(self._version, self._server.violate))
                await self._write(
                    self._server.upgraded(upgrade.settings, upgrade.method, upgrade.fields)
                )
                return await self._after_upgrade(upgrade.rest)

    async def _after_upgrade(self, rest: bytes) -> bytes:
        if self._server.closed:
            await self._finish()
            return b""
        return rest or await self._reader.read(CHUNK)

    async def _finish(self) -> None:
        """End our direction, then wait for the other end to end its own."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        else:
            self._writer.close()  # TLS cannot be closed by halves; asyncio reads on meanwhile
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                await self._drop_input()
                if not self._writer.can_write_eof():
                    await self._writer.wait_closed()
        except (TimeoutError, OSError):
            pass

    async def _drop_input(self) -> None:
        dropped = 0
        while dropped < LINGER_OCTETS:
            data = await self._reader.read(CHUNK)
            if not data:
                return
            dropped += len(data)
