"""Targets that behave badly, to see that nothing that a target does can hurt a run.

`hostile(name)` starts one inside a running event loop, `hostile_thread(name)` beside a test that
has none. Each listens on a free port of the loopback, serves any number of connections, and is
bounded: all of it ends when the context does, and floods are paced by what the socket takes.
"""

import asyncio
import contextlib
import functools
import queue
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.support.behaviours import BEHAVIOURS, Behaviour, Line, http1_only, silent

NO_LISTENER = "refuses"
"""The name of the target that is not there: a port that nobody listens on."""

PLAIN: dict[str, Behaviour] = {"https-without-tls": http1_only, "https-silent": silent}
"""Targets whose URL says https while they speak HTTP/1.1 in the clear, or nothing."""

ALPN: dict[str, list[str]] = {"tls-http1": ["http/1.1"], "tls-no-alpn": []}
"""Targets over TLS that agree on another protocol, or on none."""

NAMES = (NO_LISTENER, *BEHAVIOURS, *PLAIN, *ALPN)
"""All the names that `hostile` knows."""


@dataclass(frozen=True, slots=True)
class HostileTarget:
    """A running bad target."""

    name: str
    host: str
    port: int
    tls: bool
    cafile: str | None
    """PEM file of the authority that signed its certificate, over TLS."""

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}/"


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


def _context(alpn: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert("localhost", "127.0.0.1").configure_cert(context)
    if alpn:
        context.set_alpn_protocols(alpn)
    return context


@contextlib.asynccontextmanager
async def hostile(name: str, *, tls: bool = False) -> AsyncIterator[HostileTarget]:
    """Run the bad target `name`; of `NAMES` those in `BEHAVIOURS` do it over TLS as well."""
    if name == NO_LISTENER:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        yield HostileTarget(name, "127.0.0.1", port, tls, None)
        return
    encrypted = name in ALPN or (tls and name not in PLAIN)
    behaviour = http1_only if name in ALPN else {**BEHAVIOURS, **PLAIN}[name]
    with tempfile.TemporaryDirectory() as directory:
        cafile = Path(directory) / "ca.pem"
        context = None
        if encrypted:
            _authority().cert_pem.write_to_path(str(cafile))
            context = _context(ALPN.get(name, ["h2"]))
        async with _listen(behaviour, context) as port:
            secure = encrypted or name in PLAIN
            yield HostileTarget(name, "127.0.0.1", port, secure, str(cafile) if encrypted else None)


@contextlib.asynccontextmanager
async def _listen(behaviour: Behaviour, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await behaviour(Line(reader, writer))
                await writer.drain()
                if writer.is_closing():
                    await writer.wait_closed()
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0)  # aborted transports close their sockets in the next turn


@contextlib.contextmanager
def hostile_thread(name: str, *, tls: bool = False) -> Iterator[HostileTarget]:
    """Run the bad target `name` in an event loop of its own, in a thread."""
    ready: queue.Queue[tuple[HostileTarget, asyncio.AbstractEventLoop, asyncio.Event]]
    ready = queue.Queue()

    async def serve() -> None:
        stop = asyncio.Event()
        async with hostile(name, tls=tls) as target:
            ready.put((target, asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name=f"hostile {name}")
    thread.start()
    target, loop, stop = ready.get(timeout=30)
    try:
        yield target
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        assert not thread.is_alive(), f"the bad target {name} does not stop"
