"""Targets that follow a script, and cases that are played against them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from textwrap import dedent

from h2spec_py.case.loader import LoadedCase, load_library
from h2spec_py.engine import CaseResult, Options, Target, play
from h2spec_py.net import Endpoint
from h2spec_py.spec import find_version
from tests.support.behaviours import END_HEADERS, END_STREAM, VERSION, Line

Script = Callable[[Line], Awaitable[None]]

OPTIONS = Options(timeout=0.4, grace=0.1, jobs=4)
CODES = VERSION.errors
HEADERS, DATA, PING = (VERSION.frames[name].code for name in ("HEADERS", "DATA", "PING"))


def case(tmp_path: Path, text: str) -> LoadedCase:
    """The last case of a file in RFC 9113."""
    path = tmp_path / "cases.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_library([path]).cases(find_version("9113"))[-1]


@contextlib.asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[Target]:
    """A target that does what the script says with every connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(Line(reader, writer))
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Target(Endpoint("127.0.0.1", port, tls=False), VERSION)


def against(script: Script, loaded: LoadedCase, options: Options = OPTIONS) -> CaseResult:
    """Play a case against a target that does what the script says."""

    async def work() -> CaseResult:
        async with scripted(script) as target:
            return await play(loaded, target, options)

    return asyncio.run(work())


async def answering(line: Line) -> None:
    """Answer every request with 200, and everything else as one should."""
    await line.greet()
    async for stream in line.requests():
        await line.response(stream, (b":status", b"200"))


def refusing(code: str, *, close: bool = True, late: float = 0.0) -> Script:
    """Answer DATA on stream 0 with GOAWAY, behind the acknowledgement of the PING when late."""

    async def script(line: Line) -> None:
        refused = False
        await line.greet()
        async for frame in line.frames():
            refused = refused or (frame.type == DATA and frame.stream == 0)
            if refused and (not late or frame.type == PING):
                await asyncio.sleep(late)
                await line.goaway(CODES[code])
                if close:
                    return

    return script


ON_ZERO = """
    - id: mine/data-on-zero
      title: DATA on stream 0
      proves: [data.stream-zero]
      twin: data/plain
      steps:
        - {send: DATA, payload: {text: hello}}
      expect: {connection-error: PROTOCOL_ERROR}
"""


def serving(body: bytes) -> Script:
    async def script(line: Line) -> None:
        await line.greet()
        async for stream in line.requests():
            await line.frame("HEADERS", END_HEADERS, stream, b"\x88")
            await line.frame("DATA", END_STREAM, stream, body)

    return script
