"""A connection to the target: octets in both directions, over TCP or TLS.

Asyncio's transports drop received octets once a write has failed, and the last octets before
a close are the ones that a verdict rests on. So this works on a raw socket, and waits only for
readiness: a cancelled read has taken nothing, and a failed write leaves the reading side alone.
"""

import asyncio
import errno
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self

from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ChannelReset, ConnectError, DeclinedError, system_reason
from h2spec_py.net.patience import Patience
from h2spec_py.net.tcp import acknowledge_now, connect_tcp
from h2spec_py.net.tls import USUAL, Handshake, TlsEnd, TlsSession

__all__ = ["Channel", "ChannelReset", "ConnectError", "Endpoint", "connect"]

STALL = 10.0
"""Seconds without progress after which a write gives up on a target that does not read."""

_CHUNK = 65536


class Channel:
    """One connection; one task may read while others write. Takes over the `wire` socket."""

    def __init__(self, wire: socket.socket, *, stall: float = STALL) -> None:
        wire.setblocking(False)
        self._wire = wire
        self._stall = stall
        self._tls: TlsSession | None = None
        self._closed = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._unread = b""
        self._unsent = bytearray()
        self._sending = asyncio.Lock()
        self._ended = False
        self._was_reset = False
        self._write_reset: str | None = None
        self.write_failed: str | None = None
        """Why nothing more can be written; None while writing works."""
        self.truncated = False
        """TLS ended without close_notify."""
        self.end_note: str | None = None
        """How the reading side ended, one line; None while it has not."""
        self.alpn: str | None = None
        """The protocol chosen by ALPN."""
        self.tls_version: str | None = None
        """`TLSv1.2` or `TLSv1.3`."""
        self.cipher: str | None = None
        """The name of the TLS cipher suite."""
        self.address: str | None = None
        """The numeric address that `connect()` reached."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def read(self, limit: int = _CHUNK) -> bytes:
        """Give what has come, at most `limit` octets, b"" at the end of the stream.

        Raises ChannelReset when the connection was cut off, after all that came before it.
        """
        await asyncio.sleep(0)  # a flood must not keep the other tasks from running
        if self._unread:
            data, self._unread = self._unread[:limit], self._unread[limit:]
            return data
        while not self._ended:
            if self._tls is not None:
                text = self._decrypt(self._tls, limit)
                if text is not None:
                    return text
                self._tls.feed(await self._receive(_CHUNK))
            elif data := await self._receive(limit):
                return data
            else:
                self._finish("closed")
        if self._was_reset:
            raise ChannelReset(self.end_note)
        return b""

    def unread(self, data: bytes) -> None:
        """Give `data` back: the next reads have it first."""
        self._unread = data + self._unread

    async def write(self, data: bytes) -> None:
        """Send `data`; return when the kernel has it all, or when nothing can be sent any more.

        Never raises for what the target does: `write_failed` has the reason. When cancelled,
        the rest goes out ahead of the next write.
        """
        if self.write_failed is not None:
            return
        if self._tls is None:
            self._unsent += data
        else:
            try:
                self._tls.write(data)
            except TlsEnd as end:
                self._fail_write(end.message)
                return
            self._unsent += self._tls.take()
        await self._drain()

    async def close(self) -> None:
        """Close at once, for TLS with a close_notify if the kernel takes it. Never raises."""
        if self._closed:
            return
        if self._tls is not None:
            self._tls.end()
            self._post(self._tls.take())
        self._closed = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._wire.fileno())
        loop.remove_writer(self._wire.fileno())
        self._wire.close()
        self._unread = b""
        self._finish("closed by ourselves")
        self._fail_write("closed by ourselves")
        for future in self._waiting:
            _wake(future)

    async def start_tls(self, session: TlsSession) -> None:
        """Shake hands; from then on everything is encrypted. Raises ConnectError."""
        try:
            while not session.handshake():
                self._unsent += session.take()
                await self._drain()
                session.feed(await self._receive(_CHUNK))
        except ConnectError as error:
            self._post(session.take())  # the alert that says why
            if self._was_reset:
                message = "the target reset the connection during the TLS handshake"
                raise DeclinedError("tls", message) from error
            raise
        self._unsent += session.take()
        await self._drain()
        self._tls = session
        self.alpn, self.tls_version, self.cipher = session.alpn, session.version, session.cipher

    @property
    def certificate_asked(self) -> bool:
        """Whether a certificate was asked for behind the handshake of TLS 1.3."""
        return self._tls is not None and self._tls.certificate_asked

    def _decrypt(self, tls: TlsSession, limit: int) -> bytes | None:
        """Give what can be decrypted, b"" at the end, None when the wire has to give more."""
        try:
            return tls.read(limit)
        except TlsEnd as end:
            self.truncated = end.truncated
            self._finish(end.message)
            return b""
        finally:
            self._post(tls.take())  # alerts, key updates

    async def _receive(self, limit: int) -> bytes:
        """Take octets off the wire: b"" at its end, and `_ended` set where that was a reset."""
        while not self._closed:
            try:
                data = self._wire.recv(limit)
            except (BlockingIOError, InterruptedError):
                acknowledge_now(self._wire)
                await self._ready("read")
                continue
            except OSError as error:
                self._finish(system_reason(error), reset=True)
                return b""
            if not data and self._write_reset is not None:
                self._finish(self._write_reset, reset=True)
            return data
        return b""

    async def _drain(self) -> None:
        async with self._sending:
            while self._unsent:
                if self._send():
                    await asyncio.sleep(0)
                    continue
                try:
                    async with Patience(self._stall):
                        await self._ready("write")
                except TimeoutError:
                    self._fail_write(f"the target read nothing for {self._stall:g} s")

    def _send(self) -> bool:
        """Send some of what is due; False when the kernel takes nothing now."""
        try:
            sent = self._wire.send(self._unsent[: 4 * _CHUNK])
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            reason = system_reason(error)
            if error.errno == errno.ECONNRESET:
                # The kernel tells of a reset once: the reader would see an orderly end.
                self._write_reset = reason
            self._fail_write(reason)
            return True
        del self._unsent[:sent]
        return True

    def _post(self, octets: bytes) -> None:
        """Send without waiting, as far as that goes."""
        if self.write_failed is None:
            self._unsent += octets
            if self._unsent:
                self._send()

    def _fail_write(self, reason: str) -> None:
        self.write_failed = self.write_failed or reason
        self._unsent.clear()

    def _finish(self, note: str, *, reset: bool = False) -> None:
        if not self._ended:
            self._ended, self._was_reset, self.end_note = True, reset, note

    async def _ready(self, direction: Literal["read", "write"]) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.add(future)
        descriptor = self._wire.fileno()  # selectors are slow to look sockets up
        if direction == "read":
            loop.add_reader(descriptor, _wake, future)
        else:
            loop.add_writer(descriptor, _wake, future)
        try:
            await future
        finally:
            self._waiting.discard(future)
            if not self._closed:  # closing removed it, and the descriptor may be another's by now
                remove = loop.remove_reader if direction == "read" else loop.remove_writer
                remove(descriptor)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def connect(
    endpoint: Endpoint,
    alpn: Sequence[str],
    timeout: float,  # noqa: ASYNC109
    handshake: Handshake = USUAL,
) -> Channel:
    """Connect, and over TLS agree by ALPN on one of `alpn`, within `timeout` seconds each.

    Raises ConnectError, whose message is one line, or DeclinedError for a target that is there and
    does not agree.
    """
    session = TlsSession(endpoint, alpn, handshake) if endpoint.tls else None
    wire = await connect_tcp(endpoint, timeout)
    channel = Channel(wire)
    try:
        channel.address = wire.getpeername()[0]
        if session is not None:
            async with Patience(timeout):
                await channel.start_tls(session)
    except TimeoutError:
        await channel.close()
        raise ConnectError(
            "timeout", f"the target did not finish the TLS handshake within {timeout:g} s"
        ) from None
    except OSError as error:  # cut off again before we could ask who it is
        await channel.close()
        raise ConnectError("refused", f"the target is gone: {system_reason(error)}") from None
    except BaseException:
        await channel.close()
        raise
    return channel
