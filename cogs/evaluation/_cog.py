"""The commands: /test, /runs list, show, compare."""

from __future__ import annotations

import asyncio
import io
import json
import re
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands

from cogs.evaluation import _texts
from cogs.evaluation._channels import test_channels
from cogs.evaluation._progress import Progress
from cogs.evaluation._runner import Runner
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.inference import InferenceError
from patzta.inference.persona import Persona
from patzta.permissions import Level
from patzta.store import runs
from patzta.store.runs import Run, RunAnswer

LISTED = 15
NOTED = ("threads", "temperature", "top_p", "max_new_tokens", "engine")
"""The settings of the model that are kept with a run: what changes answers, and no key or address."""
NO_CHANNELS = "I see no test channel. Make some whose name, or whose category's name, begins with `{name}-test`."
NO_RUN = "There is no run {number}: `/runs list` shows which there are."


@requires(Level.ADMIN)
class Cancel(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"run:cancel:(?P<run>\d+)"):
    """A button that ends a run, whichever version of the cog began it."""

    def __init__(self, run_id: int) -> None:
        super().__init__(discord.ui.Button(label="Cancel", custom_id=f"run:cancel:{run_id}"))
        self._run_id = run_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(int(match["run"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """No further channel is begun; what is being written is broken off."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        async with bot.services.get(DATABASE).write() as session:
            await runs.end(session, self._run_id, runs.CANCELLED)
        bot.dispatch("run_cancelled", self._run_id)
        await interaction.response.send_message(f"Run {self._run_id} ends.", ephemeral=True)


class Evaluation(commands.Cog):
    """Looks how the double does in the test channels."""

    group = app_commands.Group(name="runs", description="Earlier runs over the test channels.")

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._working: dict[int, asyncio.Task[None]] = {}

    async def cog_load(self) -> None:
        """Runs of a process that ended are over."""
        async with self._bot.services.get(DATABASE).write() as session:
            await runs.end_left_over(session, datetime.fromtimestamp(self._bot.started, UTC))

    @commands.Cog.listener()
    async def on_run_cancelled(self, run_id: int) -> None:
        """Break it off, if this version of the cog runs it."""
        if task := self._working.get(run_id):
            task.cancel()

    @app_commands.command()
    @requires(Level.ADMIN)
    async def test(self, interaction: discord.Interaction) -> None:
        """Answer all test channels anew; earlier answers of the double there are deleted."""
        channels = test_channels(self._bot.guilds, self._bot.settings.name)
        if not channels:
            text = NO_CHANNELS.format(name=self._bot.settings.name)
            await interaction.response.send_message(text, ephemeral=True)
            return
        run_id = await self._begin()
        view = discord.ui.View(timeout=None)
        view.add_item(Cancel(run_id))
        await interaction.response.send_message(f"**Run {run_id}** begins.", view=view)
        message = await interaction.original_response()
        progress = Progress(self._bot, message.channel.id, message.id, interaction)

        def changed() -> None:
            progress.show(_texts.progress(run_id, channels, runner.states, runs.RUNNING))

        runner = Runner(self._bot, run_id, interaction.id, channels, changed)
        state = await self._work(run_id, runner, progress)
        await progress.finish(_texts.progress(run_id, channels, runner.states, state))

    async def _begin(self) -> int:
        settings = self._bot.settings.model
        path = settings.path
        try:
            adapter = (await asyncio.to_thread(Persona.read, path)).fingerprint
        except InferenceError:
            # Each channel will say what is wrong with the model.
            adapter = ""
        named = {name: getattr(settings, name) for name in NOTED} | {"quantisation": settings.serving.quantisation}
        shown = {name: value for name, value in named.items() if value is not None}
        async with self._bot.services.get(DATABASE).write() as session:
            return await runs.begin(session, _texts.relative(path), adapter, json.dumps(shown))

    async def _work(self, run_id: int, runner: Runner, progress: Progress) -> str:
        """Run to the end, and note which end it was."""
        work = self._working[run_id] = asyncio.create_task(runner.run())
        showing = asyncio.create_task(progress.run())
        state = runs.BROKEN_OFF
        try:
            await asyncio.wait({work})
            state = runs.CANCELLED if work.cancelled() else runs.DONE
            if not work.cancelled():
                work.result()
        finally:
            work.cancel()
            showing.cancel()
            del self._working[run_id]
            async with self._bot.services.get(DATABASE).write() as session:
                await runs.end(session, run_id, state)
        async with self._bot.services.get(DATABASE).read() as session:
            ended = await runs.find(session, run_id)
        return ended.state if ended else state

    @group.command(name="list")
    @requires(Level.ADMIN)
    async def list_runs(self, interaction: discord.Interaction) -> None:
        """Show the newest runs."""
        async with self._bot.services.get(DATABASE).read() as session:
            found = await runs.newest(session, LISTED)
        await interaction.response.send_message(_texts.listed(found), ephemeral=True)

    @group.command()
    @app_commands.describe(run="its number")
    @requires(Level.ADMIN)
    async def show(self, interaction: discord.Interaction, run: int) -> None:
        """Show what the double said in a run."""
        if found := await self._find(interaction, run):
            text = _texts.shown(*found[0])
            await interaction.response.send_message(file=_file(text, f"run-{run}.md"), ephemeral=True)

    @group.command()
    @app_commands.describe(first="a run's number", second="another one's")
    @requires(Level.ADMIN)
    async def compare(self, interaction: discord.Interaction, first: int, second: int) -> None:
        """Show two runs side by side."""
        if found := await self._find(interaction, first, second):
            (one, said), (other, said_too) = found
            file = _file(_texts.compared(one, other, said, said_too), f"runs-{first}-{second}.md")
            text = _texts.side_by_side(one, other, said, said_too)
            await interaction.response.send_message(text, file=file, ephemeral=True)

    async def _find(self, interaction: discord.Interaction, *numbers: int) -> list[tuple[Run, list[RunAnswer]]]:
        """The runs with what was said; none, and the user is told, when one does not exist."""
        async with self._bot.services.get(DATABASE).read() as session:
            known = [run for number in numbers if (run := await runs.find(session, number))]
            found = [(run, await runs.answers(session, run.id)) for run in known]
        missing = set(numbers) - {run.id for run in known}
        if missing:
            await interaction.response.send_message(NO_RUN.format(number=min(missing)), ephemeral=True)
            return []
        return found


def _file(text: str, name: str) -> discord.File:
    return discord.File(io.BytesIO(text.encode()), name)
