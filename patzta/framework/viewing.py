"""What the other cogs know of views: that one can be opened."""

from __future__ import annotations

from typing import Protocol

import discord

from patzta.services import ServiceKey


class ViewService(Protocol):
    """Shows terminals of jobs in messages."""

    async def open(self, number: int, channel_id: int, user_id: int, stall: int = 0) -> None:
        """Show the job in a channel, for ``user_id``, who is told of its end and of ``stall`` minutes of silence.

        Raises NoSuchJob, discord.HTTPException.
        """
        ...

    async def press(self, interaction: discord.Interaction, action: str, number: int) -> None:
        """Do what a button below a job's view says. Raises PatztaError."""
        ...


VIEWS: ServiceKey[ViewService] = ServiceKey("views")


def actor(user: discord.abc.User) -> str:
    """Who is noted in the log of actions."""
    return f"discord:{user.id}"
