"""Changing a user's level: the one place that writes grants, checked inside the transaction that writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from patzta.framework import ChangeRefused
from patzta.framework.gate import Gate
from patzta.permissions import Level, authorize, why_not
from patzta.store import grants
from patzta.store.database import Database
from patzta.store.grants import Change


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change was asked for: through what, and in which server, channel and request of Discord."""

    source: str
    guild_id: int | None = None
    channel_id: int | None = None
    request_id: int | None = None


async def change_level(
    database: Database, gate: Gate, actor_id: int, subject_id: int, after: Level | None, origin: Origin
) -> Level:
    """Grant a level, or with None take the grant away; the level that the user has now. Raises ChangeRefused.

    Both levels are read in the writing transaction: of two who change at once, the second meets what the first left.
    """
    # Roles are asked for before: no transaction waits for Discord.
    theirs, its = await gate.memberships(actor_id), await gate.memberships(subject_id)
    async with database.write() as session:
        actor = authorize(actor_id, Level.VISIBLE, gate.rules, await grants.find(session, actor_id), theirs).level
        before = await grants.find(session, subject_id)
        now = authorize(subject_id, Level.VISIBLE, gate.rules, before, its).level
        then = authorize(subject_id, Level.VISIBLE, gate.rules, after, its).level
        if problem := why_not(actor, now, max(then, after or then)):
            raise ChangeRefused(problem)
        await grants.apply(
            session,
            Change(
                datetime.now(UTC),
                actor_id,
                actor,
                subject_id,
                before,
                after,
                origin.source,
                origin.guild_id,
                origin.channel_id,
                origin.request_id,
            ),
        )
    return then
