"""Blind votes: which of two replies is real, and what people believed. Texts stay on Discord alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import BlindItemRow, BlindPersonRow, BlindRow, BlindVoteRow


@dataclass(frozen=True, slots=True)
class Blind:
    """A vote in a channel, about a model."""

    id: int
    at: datetime
    ended_at: datetime | None
    channel_id: int
    model: str
    adapter: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question: the message that asks it, and whose words are in it."""

    id: int
    blind_id: int
    message_id: int | None
    real_first: bool
    people: frozenset[int]


async def begin(session: AsyncSession, channel_id: int, model: str, adapter: str) -> int:
    """A new vote's id."""
    row = BlindRow(at=datetime.now(UTC), channel_id=channel_id, model=model, adapter=adapter)
    session.add(row)
    await session.flush()
    return row.id


async def end(session: AsyncSession, blind_id: int) -> None:
    """No further votes count."""
    row = await session.get(BlindRow, blind_id)
    if row and not row.ended_at:
        row.ended_at = datetime.now(UTC)


async def newest(session: AsyncSession) -> Blind | None:
    """The vote that was begun last."""
    row = await session.scalar(select(BlindRow).order_by(BlindRow.id.desc()).limit(1))
    return _blind(row) if row else None


async def find(session: AsyncSession, blind_id: int) -> Blind | None:
    """A vote."""
    row = await session.get(BlindRow, blind_id)
    return _blind(row) if row else None


async def add(session: AsyncSession, blind_id: int, people: Collection[int], *, real_first: bool) -> int:
    """A new question's id; its message is told of with ``asked``."""
    row = BlindItemRow(blind_id=blind_id, real_first=real_first)
    session.add(row)
    await session.flush()
    session.add_all(BlindPersonRow(item_id=row.id, user_id=user_id) for user_id in people)
    return row.id


async def asked(session: AsyncSession, item_id: int, message_id: int) -> None:
    """The question stands on Discord."""
    row = await session.get_one(BlindItemRow, item_id)
    row.message_id = message_id


async def item(session: AsyncSession, item_id: int) -> Item | None:
    """A question."""
    row = await session.get(BlindItemRow, item_id)
    if row is None:
        return None
    whose = await session.scalars(select(BlindPersonRow.user_id).where(BlindPersonRow.item_id == item_id))
    return Item(row.id, row.blind_id, row.message_id, row.real_first, frozenset(whose))


async def vote(session: AsyncSession, item_id: int, user_id: int, *, first: bool) -> None:
    """Somebody takes the first reply, or the second, for the real one; an earlier vote of theirs is replaced."""
    await session.merge(BlindVoteRow(item_id=item_id, user_id=user_id, chose_first=first))


@dataclass(frozen=True, slots=True)
class Result:
    """``fooled`` of ``votes`` took the double for the person; ``voters`` people voted on ``items`` questions."""

    fooled: int
    votes: int
    voters: int
    items: int


async def result(session: AsyncSession, blind_id: int) -> Result:
    """How a vote stands."""
    query = select(BlindItemRow.real_first, BlindVoteRow.chose_first, BlindVoteRow.user_id)
    rows = (await session.execute(query.join(BlindVoteRow).where(BlindItemRow.blind_id == blind_id))).all()
    items = await session.scalars(select(BlindItemRow.id).where(BlindItemRow.blind_id == blind_id))
    fooled = sum(real_first != chose_first for real_first, chose_first, _ in rows)
    return Result(fooled, len(rows), len({user_id for *_, user_id in rows}), len(items.all()))


async def withdraw(session: AsyncSession, user_id: int) -> list[tuple[int, int]]:
    """Delete every question with the person's words; gives the (channel, message) ids that are to go from Discord."""
    theirs = select(BlindPersonRow.item_id).where(BlindPersonRow.user_id == user_id)
    query = select(BlindRow.channel_id, BlindItemRow.message_id).join(BlindItemRow).where(BlindItemRow.id.in_(theirs))
    gone = [(channel, message) for channel, message in await session.execute(query) if message]
    await session.execute(delete(BlindItemRow).where(BlindItemRow.id.in_(theirs)))
    return gone


def _blind(row: BlindRow) -> Blind:
    return Blind(**{name: getattr(row, name) for name in Blind.__slots__})
