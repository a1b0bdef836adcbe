"""A word to the owners, in a direct message."""

from __future__ import annotations

import contextlib
import logging

import discord

from patzta.permissions import Level
from patzta.settings import Settings

log = logging.getLogger("patzta.owners")


async def tell_owners(
    client: discord.Client, settings: Settings, text: str, view: discord.ui.View | None = None
) -> list[discord.Message]:
    """Write to every owner that the config names; an owner who cannot be reached is only logged."""
    sent: list[discord.Message] = []
    for owner in (user_id for user_id, level in settings.rules.saved.items() if level is Level.OWNER):
        with contextlib.suppress(discord.NotFound):  # an id that is no user's
            user = client.get_user(owner) or await client.fetch_user(owner)
            try:
                sent.append(await (user.send(text, view=view) if view else user.send(text)))
            except discord.HTTPException as error:
                log.warning("owner %s cannot be told: %s", owner, error)
    return sent
