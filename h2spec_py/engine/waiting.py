"""Waiting for a target: how long it may be silent, and what is done meanwhile to tell why it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from h2spec_py.case.model import Case, Open
from h2spec_py.engine.options import Options
from h2spec_py.engine.session import Session
from h2spec_py.net import ConnectError, Patience

SLOWNESS = 3
"""How many timeouts a fresh connection may take before the target counts as out of reach."""
PATIENCE = 5
"""How many timeouts a target may take that keeps sending responses, but not what is waited for."""
NUDGE = 0.25
"""The part of a timeout after which a target gets a PING that does not go on with a response on
which a case builds: some have it ready, and write it the next time that they read something. Only
there: where it is what the case is about, one that waits for anything else is late for good."""


class Waiting:
    """Waits, for one case on one session, until a condition on what was observed holds."""

    def __init__(self, case: Case, session: Session, options: Options) -> None:
        self._case = case
        self._session = session
        self._options = options

    async def wait(self, until: Callable[[], bool]) -> bool:
        """Wait for a condition as long as the target is not silent.

        Responses that go on count as signs of life, a bounded number of times. A silent target is
        first compared with a fresh connection.
        """

        def done() -> bool:
            return until() or bool(self._session.seen.end)

        for _ in range(PATIENCE):
            before = self._session.seen.answers
            if await self._session.wait(done, self._options.timeout):
                return until()
            if self._session.seen.answers == before:
                break
        await self._session.wait(done, await self.control())
        return until()

    async def nudge(self, until: Callable[[], bool]) -> None:
        """Wait a while for a condition, and then send a PING, where one may be sent."""
        came = lambda: until() or bool(self._session.seen.end)  # noqa: E731
        if await self._session.wait(came, self._options.timeout * NUDGE):
            return
        begun = self._case.barrier and not self._case.open.bare
        if begun and not (self._session.seen.goaways or self._session.in_block):
            self._session.send([self._session.ping()])

    async def control(self) -> float:
        """Seconds that the target needs at this moment to start a connection.

        A target that is merely slow, on a loaded machine, is slow there too and is given that much
        longer; the time is bounded.
        """
        start = time.monotonic()
        limit = SLOWNESS * self._options.timeout
        try:
            async with (
                Patience(limit),
                Session(self._session.target, self._options.limits, limit) as fresh,
            ):
                await fresh.open(Open())
        except (ConnectError, TimeoutError):
            return 0.0
        return time.monotonic() - start

    async def linger(self, until: Callable[[], bool]) -> None:
        """Give a target that has acknowledged the barrier the grace for what it still has to say.

        One that writes RST_STREAM a turn later than the acknowledgement takes longer when it has
        much to do; then it takes as much longer to answer another PING.
        """
        if await self._session.wait(until, self._options.grace) or not self._options.grace:
            return
        ping = self._session.ping()
        self._session.send([ping])
        answered = lambda: until() or self._session.acknowledged(ping)  # noqa: E731
        await self._session.wait(answered, self._options.timeout)
