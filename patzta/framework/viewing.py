"""What the other cogs know of views: that one can be opened."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Protocol

import discord

from patzta.jobs.contract import JobService
from patzta.jobs.excerpt import excerpt
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


async def log_file(jobs: JobService, number: int, first: int | None = None, last: int | None = None) -> dict[str, Any]:
    """What to send of a job's output: a sentence, and a file where there is something."""
    found = await asyncio.to_thread(excerpt, str(jobs.folder(number)), first, last)
    file = {"file": discord.File(io.BytesIO(found.data), f"job-{number}.log")} if found.data else {}
    return {"content": str(found), **file}


def actor(user: discord.abc.User) -> str:
    """Who is noted in the log of actions."""
    return f"discord:{user.id}"
