"""A time limit that is for others and not for ourselves."""

from __future__ import annotations

import asyncio
import time

import pytest

from h2spec_py.net import Patience


def test_who_says_nothing_runs_out_of_time() -> None:
    async def work() -> float:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            async with Patience(0.1):
                await asyncio.sleep(60)
        return time.monotonic() - start

    assert 0.09 < asyncio.run(work()) < 30


def test_what_comes_while_we_are_busy_comes_in_time() -> None:
    """A clock would have run out: it is looked at before the event, in the same turn."""

    async def work() -> bool:
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        loop.call_later(0.02, came.set)
        loop.call_soon(time.sleep, 0.4)
        async with Patience(0.1):
            await came.wait()
        return came.is_set()

    assert asyncio.run(work())


def test_being_busy_again_and_again_takes_one_part_each_time() -> None:
    turns = 0

    async def busy() -> None:
        nonlocal turns
        async with Patience(0.08):
            while True:
                time.sleep(0.1)  # noqa: ASYNC251 - what this is about
                turns += 1
                await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        asyncio.run(busy())
    assert turns >= 7


@pytest.mark.parametrize("error", [ValueError, KeyError, asyncio.CancelledError])
def test_what_is_raised_within_goes_on(error: type[BaseException]) -> None:
    async def work() -> None:
        async with Patience(60):
            raise error

    with pytest.raises(error):
        asyncio.run(work())


def test_no_time_at_all_is_over_soon() -> None:
    async def work() -> None:
        async with Patience(-1):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(work())
