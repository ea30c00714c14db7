"""Playing cases in several processes: one interpreter uses one processor, whatever `jobs` says.

Each process is forked from the run as it stands, so that it knows all that the run has learned, and
plays a share of the cases. Results come back over a socket, each as soon as it is there. What they
hold does not depend on the process: a case has a connection of its own in any.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, fields
from multiprocessing.process import BaseProcess

from h2spec_py.case.loader import LoadedCase
from h2spec_py.engine.result import CaseResult, no_statement

Done = Callable[[CaseResult], None]
Play = Callable[[Sequence[LoadedCase], int, Done], Coroutine[object, object, None]]
"""Plays cases, so many at the same time, and tells of each result."""

LEAST = 50
"""With fewer cases than these, another process takes more time than it saves."""

LENGTH = 4
"""Octets in front of each result that say how long it is."""

ENDING = 5.0
"""Seconds that a process has to end once it has told of all its cases."""

LOST = "internal error: the process that was to play this case ended before it did"


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Share:
    """What one process plays, and the two ends of the socket that its results come over."""

    cases: Sequence[LoadedCase]
    jobs: int
    near: socket.socket
    far: socket.socket


async def spread(
    cases: Sequence[LoadedCase], jobs: int, processes: int, play: Play, done: Done
) -> None:
    """Play cases, `jobs` at a time, in at most so many processes. Can be cancelled.

    A case whose process ends before its time is one about which nothing can be said.
    """
    number = min(processes, jobs, len(cases) // LEAST)
    if number < 2:
        await play(cases, jobs, done)
        return
    context = multiprocessing.get_context("fork")
    started: list[tuple[BaseProcess, _Share]] = []
    gc.freeze()  # what is there stays, in memory that the processes share while nobody writes to it
    try:
        for place in range(number):
            near, far = socket.socketpair()
            share = _Share(cases[place::number], (jobs + place) // number, near, far)
            others = [one.near for _, one in started]
            child = context.Process(target=_child, args=(share, others, play), daemon=True)
            started.append((child, share))
            child.start()
            far.close()
        async with asyncio.TaskGroup() as group:
            for _, share in started:
                group.create_task(_collect(share, done))
        for process, _ in started:
            process.join(ENDING)
    finally:
        gc.unfreeze()
        for process, share in started:
            share.near.close()
            share.far.close()
            if process.pid is not None:
                process.kill()
                process.join()


async def _collect(share: _Share, done: Done) -> None:
    """Take the results of one process as they come."""
    missing = {loaded.id: loaded for loaded in share.cases}
    reader, writer = await asyncio.open_connection(sock=share.near)
    try:
        while missing and (octets := await _next(reader)) is not None:
            # From a process of our own, which made it from what it had checked.
            identifier, given = pickle.loads(octets)  # noqa: S301
            done(CaseResult(missing.pop(identifier), **given))
        for loaded in missing.values():
            done(no_statement(loaded, LOST, ours=True))
    finally:
        writer.close()


async def _next(reader: asyncio.StreamReader) -> bytes | None:
    """The octets of the next result; None where the process ended instead."""
    try:
        length = int.from_bytes(await reader.readexactly(LENGTH), "big")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _child(share: _Share, others: Sequence[socket.socket], play: Play) -> None:
    """Play a share, and end with it or with the process that is waiting for it."""
    # The event loop that this process has a copy of must not hear of its signals, and what is sent
    # to all of the group is for the other process to act on: it ends this one.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for one in (*others, share.near):
        one.close()
    asyncio.run(_play(share, play))


async def _play(share: _Share, play: Play) -> None:
    reader, writer = await asyncio.open_connection(sock=share.far)

    def send(result: CaseResult) -> None:
        names = (one.name for one in fields(result) if one.name != "loaded")
        given = {name: getattr(result, name) for name in names}
        octets = pickle.dumps((result.loaded.id, given))
        writer.write(len(octets).to_bytes(LENGTH, "big") + octets)

    async def end_with_parent() -> None:
        with contextlib.suppress(ConnectionError):  # results that were not read any more
            await reader.read()
        os._exit(1)

    waiting = asyncio.create_task(end_with_parent())
    await play(share.cases, share.jobs, send)
    waiting.cancel()
    writer.close()
    await writer.wait_closed()
