"""The owner is told when the same thing keeps failing, once in a while and in plain words."""

import asyncio
import logging
import threading

import pytest

from patzta.framework.alarm import PAUSE, TIMES, WITHIN, Alarm
from tests.running import eventually


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def listening(clock: Clock, tell=None) -> tuple[logging.Logger, list[str]]:
    told: list[str] = []

    async def note(text: str) -> None:
        told.append(text)

    logger = logging.Logger("patzta.x")
    logger.addHandler(Alarm(tell or note, clock))
    return logger, told


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_it_tells_when_the_same_thing_fails_three_times(clock) -> None:
    logger, told = await listening(clock)
    for number in range(TIMES - 1):
        logger.error("user %s: %s", number, "their words")
        await settled()
        assert told == []
    logger.error("user %s: %s", 9, "their words")
    await settled()
    (text,) = told
    assert text == "⚠️ Something keeps failing, 3 times within 10 minutes: patzta.x: user …: …. My log says more."


async def test_different_things_warnings_and_old_errors_do_not_add_up(clock) -> None:
    logger, told = await listening(clock)
    for text in ("a", "b", "c"):
        logger.error(text)
        logger.warning("w")
    for _ in range(TIMES):
        clock.now += WITHIN
        logger.error("now and then")
    await settled()
    assert told == []


async def test_it_tells_of_one_kind_once_an_hour(clock) -> None:
    logger, told = await listening(clock)
    for _ in range(20):
        logger.error("x")
    await settled()
    assert len(told) == 1
    clock.now += PAUSE
    for _ in range(TIMES):
        logger.error("x")
    await settled()
    assert len(told) == 2


async def test_other_threads_may_fail_too(clock) -> None:
    logger, told = await listening(clock)
    thread = threading.Thread(target=lambda: [logger.error("x") for _ in range(TIMES)])
    thread.start()
    await eventually(lambda: told)
    thread.join()


async def test_telling_that_fails_is_not_told(clock) -> None:
    calls = []

    async def broken(text: str) -> None:
        calls.append(text)
        raise RuntimeError("Discord is down")

    logger, _ = await listening(clock, broken)
    own = logging.getLogger("patzta.alarm")
    own.addHandler(handler := logger.handlers[0])
    try:
        for _ in range(10 * TIMES):
            logger.error("x")
            await settled()
    finally:
        own.removeHandler(handler)
    assert len(calls) == 1
