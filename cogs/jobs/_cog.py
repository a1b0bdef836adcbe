"""The cog: starts jobs, lists them, ends them."""

from __future__ import annotations

import asyncio
import shlex

import discord
from discord import app_commands
from discord.ext import commands

from cogs.jobs import _texts
from cogs.jobs._list import page
from patzta.framework.bot import Bot
from patzta.framework.gate import DATABASE, requires
from patzta.framework.viewing import VIEWS, actor, log_file
from patzta.jobs import NotStarted
from patzta.jobs.contract import JOBS, Job, JobService, Order, Status
from patzta.jobs.supervisor.log import extent
from patzta.permissions import Level
from patzta.store import jobs as store
from patzta.terminal.keys import typed

OFFERED = 25
EVENTS = 8
NO_VIEWS = "There is no view of it, since the cog `views` is not loaded."

STATUSES = [app_commands.Choice(name=status, value=status.value) for status in Status]


async def offered(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
    """The newest jobs whose number, name or command has in it what is typed."""
    bot = interaction.client
    assert isinstance(bot, Bot)
    found = await bot.services.get(JOBS).page(None, 200)
    fitting = [job for job in found if current.lower() in f"{job.id} {job.name} {job.command}".lower()]
    return [app_commands.Choice(name=_choice(job), value=job.id) for job in fitting[:OFFERED]]


def _choice(job: Job) -> str:
    return f"{job.id} {job.status}: {job.name or job.command}"[:100]


class JobCommands(commands.GroupCog, name="job"):
    """Programs that run for hours on this machine."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        super().__init__()

    @property
    def _jobs(self) -> JobService:
        return self._bot.services.get(JOBS)

    @app_commands.command()
    @app_commands.describe(  # noqa: S604  that is a description
        command="program and arguments, quoted as for a shell",
        shell="let a shell read it: pipes, wildcards, variables",
        cwd="the folder where it starts",
        name="what lists call it",
        env="further environment: NAME=VALUE NAME=VALUE",
        hours="tell it to save and end after that",
        memory="at most that many GiB of address space for each of its processes",
        columns="the width of its terminal",
        nice="0 to 19: how far it stands back behind others",
        on="where it runs: local, or a cluster's engine",
        options="for the engine: NAME=VALUE NAME=VALUE",
        stall="tell me when it has written nothing for that many minutes",
    )
    @requires(Level.OWNER)
    async def run(
        self,
        interaction: discord.Interaction,
        command: str,
        shell: bool = False,
        cwd: str = "",
        name: app_commands.Range[str, 0, 100] = "",
        env: str = "",
        hours: app_commands.Range[float, 0.001, 10_000.0] | None = None,
        memory: app_commands.Range[float, 0.001, 100_000.0] | None = None,
        columns: app_commands.Range[int, 20, 500] = 80,
        nice: app_commands.Range[int, 0, 19] = 0,
        on: str = "local",
        options: str = "",
        stall: app_commands.Range[int, 0, 10_000] = 0,
    ) -> None:
        """Start a program and show its terminal."""
        order = Order(
            command,
            shell,
            cwd,
            name,
            pairs(env),
            columns=columns,
            walltime=hours * 3600 if hours else None,
            memory=int(memory * 2**30) if memory else None,
            niceness=nice,
            executor=on,
            options=pairs(options),
        )
        await self._run(interaction, order, stall)

    async def _run(self, interaction: discord.Interaction, order: Order, stall: int) -> None:
        await interaction.response.defer(ephemeral=True)
        job = await self._jobs.run(order, actor(interaction.user))
        said = f"Job **{job.id}** is {job.status}. {await self._show(interaction, job.id, stall)}"
        await interaction.followup.send(said, ephemeral=True)

    async def _show(self, interaction: discord.Interaction, number: int, stall: int = 0) -> str:
        """Open a view here; why there is none, where there is none."""
        if not self._bot.services.has(VIEWS):
            return NO_VIEWS
        assert interaction.channel_id
        try:
            await self._bot.services.get(VIEWS).open(number, interaction.channel_id, interaction.user.id, stall)
        except discord.HTTPException as error:
            return f"I cannot show it here: {error.text or error}."
        return ""

    @app_commands.command(name="list")
    @app_commands.describe(status="only those")
    @app_commands.choices(status=STATUSES)
    @requires(Level.OWNER)
    async def list_jobs(self, interaction: discord.Interaction, status: app_commands.Choice[str] | None = None) -> None:
        """Show the newest jobs."""
        text, view = await page(self._jobs, None, Status(status.value) if status else None)
        await interaction.response.send_message(text, view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number", stall="tell me when it has written nothing for that many minutes")
    @requires(Level.OWNER)
    async def view(
        self, interaction: discord.Interaction, job: int, stall: app_commands.Range[int, 0, 10_000] = 0
    ) -> None:
        """Show a job's terminal."""
        await interaction.response.defer(ephemeral=True)
        await self._jobs.get(job)
        await self._jobs.note(actor(interaction.user), "view", job)
        await interaction.followup.send(await self._show(interaction, job, stall) or f"Job {job} is shown.")

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number", now="do not ask it first")
    @requires(Level.OWNER)
    async def kill(self, interaction: discord.Interaction, job: int, now: bool = False) -> None:
        """End a job: ask, tell, then make it."""
        await interaction.response.defer(ephemeral=True)
        await self._jobs.kill(job, actor(interaction.user), now=now)
        await interaction.followup.send(f"Job {job} {'is killed' if now else 'is told to end'}.")

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number")
    @requires(Level.OWNER)
    async def info(self, interaction: discord.Interaction, job: int) -> None:
        """Show all that is known of a job."""
        found, order = await self._jobs.get(job), await self._jobs.order(job)
        folder = str(self._jobs.folder(job))
        written = await asyncio.to_thread(extent, folder)
        async with self._bot.services.get(DATABASE).read() as session:
            done = await store.events(session, job, EVENTS)
        events = [(at, who, f"{action} {'' if action == 'run' else detail}") for at, who, action, detail in done]
        await interaction.response.send_message(_texts.info(found, order, folder, written, events), ephemeral=True)

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number", first="from this byte on", last="to this byte")
    @requires(Level.OWNER)
    async def log(
        self,
        interaction: discord.Interaction,
        job: int,
        first: app_commands.Range[int, 0] | None = None,
        last: app_commands.Range[int, 0] | None = None,
    ) -> None:
        """Get a job's output as a file."""
        await interaction.response.defer(ephemeral=True)
        await self._jobs.get(job)
        await self._jobs.note(actor(interaction.user), "log", job, f"{first or ''}-{last or ''}")
        await interaction.followup.send(**await log_file(self._jobs, job, first, last), ephemeral=True)

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number", text="what to type; keys are written [UP], [ESC], [^C]")
    @requires(Level.OWNER)
    async def input(self, interaction: discord.Interaction, job: int, text: str = "") -> None:
        """Type into a job, with Enter at the end."""
        await interaction.response.defer(ephemeral=True)
        await self._jobs.write(job, typed(text), actor(interaction.user))
        await interaction.followup.send("Typed.")

    @app_commands.command()
    @app_commands.autocomplete(job=offered)
    @app_commands.describe(job="its number")
    @requires(Level.OWNER)
    async def rerun(self, interaction: discord.Interaction, job: int) -> None:
        """Start the same again, as a new job."""
        await self._run(interaction, await self._jobs.order(job), 0)


def pairs(text: str) -> dict[str, str]:
    """NAME=VALUE words, quoted as for a shell. Raises NotStarted."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise NotStarted(f"'{text}' cannot be read: {error}.") from error
    if wrong := next((word for word in words if "=" not in word[1:]), None):
        raise NotStarted(f"'{wrong}' is not NAME=VALUE.")
    return dict(word.split("=", 1) for word in words)
