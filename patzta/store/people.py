"""What is known of people: the name that the training data has for them, their consent, what they judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import JudgementPersonRow, JudgementRow, PersonRow


@dataclass(frozen=True, slots=True)
class Person:
    """``consents``: whether their words may be kept with judgements; None while they have not said."""

    user_id: int
    alias: str | None = None
    consents: bool | None = None
    asked_at: datetime | None = None
    greeted_at: datetime | None = None


async def find(session: AsyncSession, user_id: int) -> Person:
    """What is known of a user."""
    row = await session.get(PersonRow, user_id)
    return _person(row) if row else Person(user_id)


async def known(session: AsyncSession) -> list[Person]:
    """Everybody of whom anything is known."""
    return [_person(row) for row in await session.scalars(select(PersonRow))]


async def name(session: AsyncSession, user_id: int, alias: str | None) -> None:
    """Tie a user to a name of the training data, or to none."""
    (await _row(session, user_id)).alias = alias


async def greet(session: AsyncSession, user_id: int) -> bool:
    """Whether the user is to be greeted: True once."""
    row = await _row(session, user_id)
    if row.greeted_at:
        return False
    row.greeted_at = datetime.now(UTC)
    return True


async def ask(session: AsyncSession, user_id: int) -> bool:
    """Whether the user is to be asked for their consent: True once."""
    row = await _row(session, user_id)
    if row.asked_at or row.consents is not None:
        return False
    row.asked_at = datetime.now(UTC)
    return True


async def consent(session: AsyncSession, user_id: int, *, given: bool) -> None:
    """Note a consent or a refusal; a refusal deletes every judgement that has their words in it."""
    row = await _row(session, user_id)
    row.consents = given
    if not given:
        await _forget_words(session, user_id)


async def all_consent(session: AsyncSession, user_ids: set[int]) -> bool:
    """Whether everybody among them has agreed."""
    agreed = (
        select(func.count()).select_from(PersonRow).where(PersonRow.user_id.in_(user_ids), PersonRow.consents.is_(True))
    )
    return (await session.scalar(agreed)) == len(user_ids)


async def forget(session: AsyncSession, user_id: int) -> None:
    """Delete what is stored about a person and by them, and do not ask them again: they are one who does not agree."""
    row = await _row(session, user_id)
    row.alias, row.consents = None, False
    await _forget_words(session, user_id)
    await session.execute(delete(JudgementRow).where(JudgementRow.judge_id == user_id))


async def _forget_words(session: AsyncSession, user_id: int) -> None:
    theirs = select(JudgementPersonRow.judgement_id).where(JudgementPersonRow.user_id == user_id)
    await session.execute(delete(JudgementRow).where(JudgementRow.id.in_(theirs)))


@dataclass(frozen=True, slots=True)
class Judgement:
    """1 or -1 for an answer, with its context (a Conversation as JSON) and the ids of those whose words are in it."""

    message_id: int
    judge_id: int
    verdict: int
    context: str
    answer: str
    people: frozenset[int]


async def judge(session: AsyncSession, judgement: Judgement) -> None:
    """Keep a judgement, in place of the same judge's earlier one."""
    await take_back(session, judgement.message_id, judgement.judge_id)
    row = JudgementRow(
        at=datetime.now(UTC),
        message_id=judgement.message_id,
        judge_id=judgement.judge_id,
        verdict=judgement.verdict,
        context=judgement.context,
        answer=judgement.answer,
    )
    session.add(row)
    await session.flush()
    session.add_all(JudgementPersonRow(judgement_id=row.id, user_id=user_id) for user_id in judgement.people)


async def take_back(session: AsyncSession, message_id: int, judge_id: int) -> None:
    """Forget a judgement."""
    mine = (JudgementRow.message_id == message_id, JudgementRow.judge_id == judge_id)
    await session.execute(delete(JudgementRow).where(*mine))


async def judgements(session: AsyncSession) -> list[Judgement]:
    """All judgements, oldest first."""
    people: dict[int, set[int]] = {}
    for row in await session.scalars(select(JudgementPersonRow)):
        people.setdefault(row.judgement_id, set()).add(row.user_id)
    return [
        Judgement(
            row.message_id, row.judge_id, row.verdict, row.context, row.answer, frozenset(people.get(row.id, set()))
        )
        for row in await session.scalars(select(JudgementRow).order_by(JudgementRow.id))
    ]


async def count_judgements(session: AsyncSession, user_id: int) -> int:
    """How many judgements are by the user or have their words."""
    theirs = select(JudgementPersonRow.judgement_id).where(JudgementPersonRow.user_id == user_id)
    which = or_(JudgementRow.judge_id == user_id, JudgementRow.id.in_(theirs))
    return await session.scalar(select(func.count()).select_from(JudgementRow).where(which)) or 0


async def _row(session: AsyncSession, user_id: int) -> PersonRow:
    row = await session.get(PersonRow, user_id)
    if row is None:
        row = PersonRow(user_id=user_id)
        session.add(row)
    return row


def _person(row: PersonRow) -> Person:
    return Person(row.user_id, row.alias, row.consents, row.asked_at, row.greeted_at)
