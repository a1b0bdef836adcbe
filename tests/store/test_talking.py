"""Marks of places, and what is kept of people."""

from patzta.store import people, places
from patzta.store.database import Database
from patzta.store.people import Judgement
from patzta.store.places import Answer, Mark


async def test_a_mark_only_grows_and_keeps_its_nonce_over_a_crash(database: Database) -> None:
    async with database.write() as session:
        assert await places.find(session, 5) == Mark(5)
        assert await places.begin(session, 5, answering=10, before=9) == 10
    async with database.write() as session:
        assert await places.find(session, 5) == Mark(5, answering=10, nonce=10, before=9)
        assert await places.begin(session, 5, answering=12, before=11) == 10
        await places.finish(session, 5, 12)
        await places.finish(session, 5, 3)
    async with database.read() as session:
        assert await places.find(session, 5) == Mark(5, answered=12)


async def test_places_are_remembered_with_whose_they_are(database: Database) -> None:
    async with database.write() as session:
        assert await places.open_from(session, 100) == 100
        assert await places.open_from(session, 200) == 100
        await places.meet(session, 5, 7)
        await places.reset(session, 6, 50)
    async with database.read() as session:
        everything = await places.everything(session)
    assert everything[5].user_id == 7
    assert everything[6].reset == 50


async def test_whom_a_message_answered_is_found_from_both_sides(database: Database) -> None:
    burst = [Answer(number, 5, 10, 7) for number in (11, 12)]
    async with database.write() as session:
        for answer in burst:
            await places.note_answer(session, answer)
        assert await places.answer(session, 12) == burst[1]
        assert await places.answers_to(session, 10) == burst
        await places.forget_answers(session, before=12)
        assert await places.answers_to(session, 10) == burst[1:]


async def test_people_are_greeted_and_asked_once(database: Database) -> None:
    async with database.write() as session:
        assert [await people.greet(session, 7) for _ in range(2)] == [True, False]
        assert [await people.ask(session, 7) for _ in range(2)] == [True, False]
        await people.consent(session, 8, given=True)
        assert not await people.ask(session, 8)


def judgement(message: int, judge: int, *whose: int) -> Judgement:
    return Judgement(message, judge, 1, "{}", "ahoj", frozenset(whose))


async def test_words_go_when_one_of_their_people_no_longer_agrees(database: Database) -> None:
    async with database.write() as session:
        for user in (1, 2):
            await people.consent(session, user, given=True)
        assert await people.all_consent(session, {1, 2})
        assert not await people.all_consent(session, {1, 2, 3})
        await people.judge(session, judgement(50, 1, 1, 2))
        await people.judge(session, judgement(50, 1, 1, 2))
        await people.judge(session, judgement(51, 1, 1))
        assert len(await people.judgements(session)) == 2
        await people.consent(session, 2, given=False)
    async with database.write() as session:
        assert await people.judgements(session) == [judgement(51, 1, 1)]
        assert await people.count_judgements(session, 1) == 1
        await people.forget(session, 1)
        assert await people.judgements(session) == []
        assert (await people.find(session, 1)).consents is False
