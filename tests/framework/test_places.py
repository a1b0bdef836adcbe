"""A place answers one at a time, and what came meanwhile all at once."""

import asyncio

from patzta.framework.places import Places


async def test_messages_that_come_during_an_answer_are_answered_together() -> None:
    place, answered = Places()[1], []
    started, hold = asyncio.Event(), asyncio.Event()

    async def answer(number: int) -> None:
        answered.append(number)
        started.set()
        await hold.wait()

    tasks = [asyncio.create_task(place.answer(n, lambda n=n: answer(n))) for n in (1, 2, 3)]
    await started.wait()
    hold.set()
    await asyncio.gather(*tasks)
    assert answered == [1, 3]
    await place.answer(4, lambda: answer(4))
    assert answered == [1, 3, 4]


async def test_places_do_not_wait_for_each_other() -> None:
    places, entered = Places(), asyncio.Barrier(2)

    async def answer() -> None:
        await entered.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(places[1].answer(1, answer), places[2].answer(2, answer))


async def test_a_failed_answer_does_not_block_the_place() -> None:
    place, answered = Places()[1], []

    async def fail() -> None:
        raise RuntimeError

    async def answer() -> None:
        answered.append(True)

    (failure,) = await asyncio.gather(place.answer(1, fail), return_exceptions=True)
    await place.answer(2, answer)
    assert isinstance(failure, RuntimeError)
    assert answered == [True]
