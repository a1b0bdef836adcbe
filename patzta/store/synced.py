"""Which commands Discord was told last: a hash for each API address, application and server (0: everywhere)."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import CommandSyncRow


async def hashes(session: AsyncSession, api: str, application_id: int) -> dict[int, str]:
    """The hashes by server."""
    rows = await session.scalars(
        select(CommandSyncRow).where(CommandSyncRow.api == api, CommandSyncRow.application_id == application_id)
    )
    return {row.guild_id: row.hash for row in rows}


async def save(session: AsyncSession, api: str, application_id: int, guild_id: int, digest: str) -> None:
    """Remember what a server was told now."""
    row = CommandSyncRow(
        api=api, application_id=application_id, guild_id=guild_id, hash=digest, synced_at=datetime.now(UTC)
    )
    await session.merge(row)
