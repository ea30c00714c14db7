"""A time limit on what others do, which does not run while this process is busy itself."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

BEATS = 8
"""Into how many parts a limit is divided. Between two, all that has come meanwhile is looked at."""


class Patience:
    """Like `asyncio.timeout(seconds)`: an asynchronous context manager that raises TimeoutError.

    A clock would count what this process takes to do its own work, or to be given a processor, as
    silence of the target. So the limit is counted down in parts, one in each turn of the event loop
    at most: a process that is held up for long has lost one part when it goes on, and reads what
    has come before it loses the next.
    """

    def __init__(self, seconds: float) -> None:
        self._beat = max(seconds, 0) / BEATS
        self._left = BEATS
        self._limit = asyncio.timeout(None)
        self._next: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self._wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._next is not None:
            self._next.cancel()
        await self._limit.__aexit__(kind, error, traceback)

    def _wait(self) -> None:
        self._next = asyncio.get_running_loop().call_later(self._beat, self._count)

    def _count(self) -> None:
        self._left -= 1
        if self._left:
            self._wait()
        else:
            self._limit.reschedule(asyncio.get_running_loop().time())
