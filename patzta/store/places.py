"""How far each place (a channel, a thread, a direct chat) is answered, so that nothing is answered twice or never.

Before the double speaks, ``begin`` says what it is about to answer; after its first words ``finish`` says that it has.
What stands between the two after a crash may have been said or not: the place's history tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import AnswerRow, PlaceRow

EVERYWHERE = 0
"""The row that says since when there are any: its ``answered`` counts for places without a row."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place: every message up to ``answered`` is settled; the double sees only what came after ``reset``.

    ``user_id`` is the person of a direct chat. While it speaks, and after a crash, ``answering`` is the newest message
    that it answers, ``nonce`` the one that its messages' nonces are made of, and ``before`` the newest there was.
    """

    place_id: int
    user_id: int | None = None
    answered: int = 0
    answering: int | None = None
    nonce: int | None = None
    before: int | None = None
    reset: int = 0
    muted_until: datetime | None = None


async def find(session: AsyncSession, place_id: int) -> Mark:
    """The place's mark; an empty one where nothing is known of it."""
    row = await session.get(PlaceRow, place_id)
    return _mark(row) if row else Mark(place_id)


async def everything(session: AsyncSession) -> dict[int, Mark]:
    """All places by their ids."""
    return {row.place_id: _mark(row) for row in await session.scalars(select(PlaceRow))}


async def open_from(session: AsyncSession, message_id: int) -> int:
    """Where the messages begin that may need an answer in unknown places: ``message_id`` at the very first call."""
    row = await _row(session, EVERYWHERE)
    row.answered = row.answered or message_id
    return row.answered


async def meet(session: AsyncSession, place_id: int, user_id: int | None) -> None:
    """Remember a direct chat and whose it is: Discord does not list a bot's own."""
    (await _row(session, place_id)).user_id = user_id


async def begin(session: AsyncSession, place_id: int, answering: int, before: int) -> int:
    """The double is about to speak; gives the number that its messages' nonces are made of.

    After a crash it stays what it was: a request that was under way then cannot become a second message.
    """
    row = await _row(session, place_id)
    nonce = row.nonce or answering
    row.nonce, row.answering, row.before = nonce, answering, before
    return nonce


async def finish(session: AsyncSession, place_id: int, answered: int) -> None:
    """Everything up to ``answered`` is settled."""
    row = await _row(session, place_id)
    row.answered = max(row.answered, answered)
    row.answering = row.nonce = row.before = None


async def reset(session: AsyncSession, place_id: int, message_id: int) -> None:
    """The double no longer sees what came up to that message."""
    (await _row(session, place_id)).reset = message_id


async def mute(session: AsyncSession, place_id: int, until: datetime | None) -> None:
    """The double is silent there; None lets it speak again."""
    (await _row(session, place_id)).muted_until = until


@dataclass(frozen=True, slots=True)
class Answer:
    """A message of the double, and which message of whom it answered."""

    message_id: int
    place_id: int
    answers: int
    user_id: int


async def note_answer(session: AsyncSession, answer: Answer) -> None:
    """Remember whom a message answered. Only ids are kept."""
    await session.merge(AnswerRow(**{name: getattr(answer, name) for name in Answer.__slots__}))


async def answer(session: AsyncSession, message_id: int) -> Answer | None:
    """What a message of the double answered; None for what is no answer, or an old one."""
    row = await session.get(AnswerRow, message_id)
    return _answer(row) if row else None


async def answers_to(session: AsyncSession, message_id: int) -> list[Answer]:
    """The burst that answered a message, oldest first."""
    query = select(AnswerRow).where(AnswerRow.answers == message_id).order_by(AnswerRow.message_id)
    return [_answer(row) for row in await session.scalars(query)]


async def forget_burst(session: AsyncSession, message_id: int) -> None:
    """Forget the answer to a message: it was deleted."""
    await session.execute(delete(AnswerRow).where(AnswerRow.answers == message_id))


async def forget_answers(session: AsyncSession, before: int) -> None:
    """Forget what is older than the message id ``before``."""
    await session.execute(delete(AnswerRow).where(AnswerRow.message_id < before))


async def _row(session: AsyncSession, place_id: int) -> PlaceRow:
    row = await session.get(PlaceRow, place_id)
    if row is None:
        row = PlaceRow(place_id=place_id, answered=0, reset=0)
        session.add(row)
    return row


def _mark(row: PlaceRow) -> Mark:
    return Mark(**{name: getattr(row, name) for name in Mark.__slots__})


def _answer(row: AnswerRow) -> Answer:
    return Answer(row.message_id, row.place_id, row.answers, row.user_id)
