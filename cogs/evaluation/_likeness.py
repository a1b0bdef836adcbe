"""The command /evaluate: bin/evaluate as a job, and one message that follows it to its result."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Self

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from cogs.evaluation import _report
from cogs.evaluation._measuring import Measuring, note_shown, order, report_of, unshown
from cogs.evaluation._progress import Progress
from patzta.errors import PatztaError
from patzta.framework.background import Background
from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.framework.viewing import actor
from patzta.jobs.contract import JOBS, JobService, Status
from patzta.permissions import Level

log = logging.getLogger("patzta.evaluation")

TAIL = 4096
"""Characters of the output that are kept: its end says how far it is, or what is wrong."""
AGAIN = 30.0
"""Seconds until the next try when the store or Discord is away."""
NO_JOBS = (
    "This runs as a job, and I have no jobs here. Write `extensions = {extensions} jobs` under `[plugins]` in my"
    " config, then `/restart process:true`; or run `bin/evaluate` on the machine yourself."
)
NO_PLACE = "I could not show the result here: I need to see this channel and to attach files in it."
NEEDED = discord.Permissions(view_channel=True, attach_files=True)
NOTHING = "Nothing is measured here any more."


@requires(Level.ADMIN)
class CancelMeasuring(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"evaluate:cancel"):
    """A button that ends the job that its message shows, and no other."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="Cancel", custom_id="evaluate:cancel"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], _match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """End it; the message says so then."""
        assert interaction.message
        try:
            text = await _cancel(interaction, interaction.message.id)
        except PatztaError as error:
            text = f"\N{WARNING SIGN} {error}"
        await interaction.response.send_message(text, ephemeral=True)


async def _cancel(interaction: discord.Interaction, message_id: int) -> str:
    bot = interaction.client
    assert isinstance(bot, Bot)
    jobs = bot.services.get(JOBS) if bot.services.has(JOBS) else None
    for one in await unshown(jobs) if jobs else ():
        if jobs and one.message_id == message_id:
            await jobs.kill(one.job.id, actor(interaction.user))
            return f"Job {one.job.id} is told to end."
    return NOTHING


class Likeness(commands.Cog):
    """Measures how alike the double is, where there are jobs."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._starting = asyncio.Lock()
        self._known: set[int] = set()
        self._background = Background(log, "an evaluation is not shown any more")

    @property
    def _jobs(self) -> JobService:
        return self._bot.services.get(JOBS)

    async def cog_load(self) -> None:
        """Go on with what an earlier version of the cog, or an earlier bot, began to show."""
        if self._bot.services.has(JOBS):
            self._background.start(self._resume())

    async def _resume(self) -> None:
        await self._bot.wait_until_ready()
        await self.on_measuring()

    @commands.Cog.listener()
    async def on_measuring(self) -> None:
        """Show what is not shown yet. The newest version of the cog hears of it, whichever began it."""
        for one in await unshown(self._jobs):
            if one.job.id not in self._known:
                self._known.add(one.job.id)
                self._background.start(self._show(one))

    @app_commands.command()
    @app_commands.describe(replies="on how many held-out replies")
    @requires(Level.ADMIN)
    async def evaluate(
        self, interaction: discord.Interaction, replies: app_commands.Range[int, 10, 1000] = 200
    ) -> None:
        """Measure how alike the double is to its person, on chats that it has not read."""
        if not self._bot.services.has(JOBS):
            text = NO_JOBS.format(extensions=" ".join(self._bot.settings.extensions))
            await interaction.response.send_message(text, ephemeral=True)
            return
        if interaction.guild and not interaction.app_permissions >= NEEDED:
            await interaction.response.send_message(NO_PLACE, ephemeral=True)
            return
        # From the look at what runs to the start, nobody else may start.
        async with self._starting:
            if number := await self._running():
                text = f"Job **{number}** measures that already; its message shows how far it is."
                await interaction.response.send_message(text, ephemeral=True)
            else:
                await self._start(interaction, replies)

    async def _running(self) -> int | None:
        """The job that fills the report of the configured model."""
        mine = [one.job for one in await unshown(self._jobs) if one.report == report_of(self._bot.settings)]
        return next((job.id for job in mine if not job.status.final), None)

    async def _start(self, interaction: discord.Interaction, replies: int) -> None:
        settings = self._bot.settings
        view = discord.ui.View(timeout=None)
        view.add_item(CancelMeasuring())
        await interaction.response.send_message(_report.begins(report_of(settings)), view=view)
        message = await interaction.original_response()
        try:
            wanted = order(settings, replies, message.channel.id, message.id)
            await self._jobs.run(wanted, actor(interaction.user))
        except PatztaError as error:
            await interaction.edit_original_response(content=f"\N{WARNING SIGN} {error}", view=None)
        else:
            self._bot.dispatch("measuring")

    async def _show(self, one: Measuring) -> None:
        """Until the message says how it ended. After a reload the old version may do the same for a while."""
        progress = Progress(self._bot, one.channel_id, one.message_id)
        while True:
            try:
                await self._follow(one, progress)
                break
            except (PatztaError, discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
                log.warning("job %s is shown later: %s", one.job.id, error)
            except discord.HTTPException as error:
                log.warning("the message of job %s cannot be edited: %s", one.job.id, error)
                break
            await asyncio.sleep(AGAIN)
        await asyncio.to_thread(note_shown, self._jobs, one.job)

    async def _follow(self, one: Measuring, progress: Progress) -> None:
        """Show how far it is, and at last what came out. Raises PatztaError, discord.HTTPException."""
        showing = asyncio.create_task(progress.run())
        output = ""
        try:
            progress.show(_report.progress(one, output))
            async for piece in self._jobs.follow(one.job.id):
                output = (output + piece.data.decode(errors="replace"))[-TAIL:]
                progress.show(_report.progress(one, output))
        finally:
            showing.cancel()
        job = await self._jobs.get(one.job.id)
        if job.status is Status.SUCCESS:
            await progress.finish(*await asyncio.to_thread(_report.read, one))
        else:
            await progress.finish(_report.failure(one, job, output))
