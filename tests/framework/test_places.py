"""A place lets people finish, answers one burst at a time, and thinks again when somebody writes on."""

import asyncio
import random

import pytest

from patzta.chat.patience import Patience
from patzta.framework.places import Place, Places, Turn

QUICK = Patience(0.02, 1.0)
SLOW = Patience(30, 60)


class Answers:
    """Answers that wait before they speak, and after it, until they are let go on."""

    def __init__(self) -> None:
        self.begun: list[set[int]] = []
        self.done: list[set[int]] = []
        self.changed = asyncio.Condition()
        self.speak, self.end = asyncio.Event(), asyncio.Event()

    async def respond(self, turn: Turn) -> None:
        await self._note(self.begun, turn)
        await self.speak.wait()
        turn.speaks = True
        await self.end.wait()
        await self._note(self.done, turn)

    async def _note(self, where: list[set[int]], turn: Turn) -> None:
        async with self.changed:
            where.append(set(turn.ids))
            self.changed.notify_all()

    async def until(self, begun: int) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.begun) >= begun)

    def go(self) -> None:
        self.speak.set()
        self.end.set()


@pytest.fixture
async def answers() -> Answers:
    return Answers()


def wrote(place: Place, message: int, answers: Answers, author: int = 1) -> asyncio.Task[None]:
    return asyncio.create_task(place.answer(message, author, answers.respond))


async def test_a_burst_is_answered_once_when_it_is_over(answers) -> None:
    place = Place(QUICK)
    answers.go()
    await asyncio.gather(*[wrote(place, n, answers) for n in (1, 2, 3)])
    assert answers.begun == answers.done == [{1, 2, 3}]
    assert place.waiting == 0
    await wrote(place, 4, answers)
    assert answers.done == [{1, 2, 3}, {4}]


async def test_who_writes_on_before_it_speaks_is_answered_together(answers) -> None:
    place = Place(QUICK)
    first = wrote(place, 1, answers)
    await answers.until(begun=1)
    second = wrote(place, 2, answers)
    await answers.until(begun=2)
    answers.go()
    await asyncio.gather(first, second)
    assert answers.begun == [{1}, {1, 2}]
    assert answers.done == [{1, 2}]


async def test_what_comes_while_it_speaks_is_answered_afterwards(answers) -> None:
    place = Place(QUICK)
    answers.speak.set()
    first = wrote(place, 1, answers)
    await answers.until(begun=1)
    others = [wrote(place, n, answers) for n in (2, 3)]
    await asyncio.sleep(0)
    assert place.waiting == 3
    answers.end.set()
    await asyncio.gather(first, *others)
    assert answers.done == [{1}, {2, 3}]


async def test_after_the_longest_wait_nothing_holds_it_up(answers) -> None:
    place = Place(Patience(30, 0.05))
    answers.speak.clear()
    tasks = [wrote(place, 1, answers)]
    await answers.until(begun=1)
    tasks.append(wrote(place, 2, answers))
    await asyncio.sleep(0)
    answers.go()
    await asyncio.gather(*tasks)
    assert answers.done == [{1}, {2}]


async def test_typing_holds_up_ones_own_burst_only(answers) -> None:
    place = Place(Patience(0.2, 60))
    answers.go()
    start = asyncio.get_running_loop().time()
    task = wrote(place, 1, answers, author=7)

    async def type_until(author: int, seconds: float) -> None:
        while (now := asyncio.get_running_loop().time() - start) < seconds:
            place.typing(author)
            await asyncio.sleep(min(0.05, seconds - now) or 0)

    await type_until(7, 0.5)
    assert not answers.begun
    await asyncio.gather(task, type_until(8, 0.6))
    assert answers.done == [{1}]


async def test_an_edit_is_thought_over_again(answers) -> None:
    place = Place(QUICK)
    task = wrote(place, 1, answers)
    await answers.until(begun=1)
    place.changed(1)
    await answers.until(begun=2)
    answers.go()
    await task
    assert answers.done == [{1}]


async def test_a_deleted_message_is_not_answered(answers) -> None:
    place = Place(QUICK)
    task = wrote(place, 1, answers)
    await answers.until(begun=1)
    place.withdrawn(1)
    await task
    assert answers.begun == [{1}]
    assert answers.done == []
    assert place.waiting == 0


async def test_the_rest_of_a_burst_is_answered_without_what_was_deleted(answers) -> None:
    place = Place(Patience(0.1, 60))
    answers.go()
    tasks = [wrote(place, n, answers) for n in (1, 2)]
    await asyncio.sleep(0)
    place.withdrawn(2)
    await asyncio.gather(*tasks)
    assert answers.done == [{1}]


async def test_places_do_not_wait_for_each_other() -> None:
    places, entered = Places(QUICK), asyncio.Barrier(2)

    async def respond(_: Turn) -> None:
        await entered.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(places[1].answer(1, 1, respond), places[2].answer(2, 1, respond))


async def test_a_failed_answer_does_not_block_the_place(answers) -> None:
    place = Place(QUICK)
    answers.go()

    async def fail(_: Turn) -> None:
        raise RuntimeError

    (failure,) = await asyncio.gather(place.answer(1, 1, fail), return_exceptions=True)
    await wrote(place, 2, answers)
    assert isinstance(failure, RuntimeError)
    assert answers.done == [{2}]


async def test_a_cancelled_carrier_ends_its_answer(answers) -> None:
    place = Place(QUICK)
    task = wrote(place, 1, answers)
    await answers.until(begun=1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    answers.go()
    await wrote(place, 2, answers)
    assert answers.done == [{1, 2}]


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_each_message_is_answered_exactly_once(seed: int) -> None:
    dice, place, said = random.Random(seed), Place(Patience(0.002, 0.05)), []

    async def respond(turn: Turn) -> None:
        await asyncio.sleep(dice.random() * 0.01)
        turn.speaks = True
        said.extend(turn.ids)
        await asyncio.sleep(dice.random() * 0.01)

    tasks, deleted = [], set()
    for number in range(1, 60):
        tasks.append(asyncio.create_task(place.answer(number, dice.randrange(3), respond)))
        await asyncio.sleep(dice.random() * 0.006)
        match dice.randrange(6):
            case 0:
                place.changed(dice.randint(1, number))
            case 1:
                place.typing(dice.randrange(3))
            case 2:
                gone = dice.randint(1, number)
                place.withdrawn(gone)
                deleted.add(gone)
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)
    assert len(said) == len(set(said))
    assert set(range(1, 60)) - set(said) <= deleted
