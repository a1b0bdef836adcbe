"""A small discord.py bot for the tests of the sandbox: a bit of everything that bots do."""

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from patzta.sandbox.pointing import pointed
from tests.sandbox.server import SandboxProcess

LOGIN_WITHIN_S = 15.0


class Panel(discord.ui.View):
    """A button, a select and a button that opens a form."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.edit_message(content="pressed")
        await interaction.followup.send("thanks", ephemeral=True)

    @discord.ui.select(
        custom_id="fruit", options=[discord.SelectOption(label="Apple"), discord.SelectOption(label="Pear")]
    )
    async def fruit(self, interaction: discord.Interaction, select: discord.ui.Select) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {select.values[0]}")

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.send_modal(Form())


class Form(discord.ui.Modal, title="A form"):
    word = discord.ui.TextInput(label="Word", custom_id="word", max_length=20)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"you wrote {self.word.value}", ephemeral=True)


class SmallBot(discord.Client):
    """Answers "ping" with "pong" and has a few slash commands. `heard` holds the messages that reached it."""

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(intents=intents or discord.Intents.all(), guild_ready_timeout=0.2, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.errors: list[BaseException | None] = []
        self.events: asyncio.Queue[tuple[str, tuple[Any, ...]]] = asyncio.Queue()
        add_commands(self.tree)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.put_nowait((event, args))
        super().dispatch(event, *args, **kwargs)

    async def happened(self, name: str, within_s: float = 10.0) -> tuple[Any, ...]:
        """The next event of this name, skipping others."""
        async with asyncio.timeout(within_s):
            while True:
                found, args = await self.events.get()
                if found == name:
                    return args

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.heard.append(message)
        if message.content == "ping":
            async with message.channel.typing():
                await message.reply("pong")

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        self.errors.append(sys.exception())


class Quick(SmallBot):
    async def before_identify_hook(self, shard_id, *, initial=False) -> None:
        """Discord wants five seconds between two logins; the sandbox does not."""


def add_commands(tree: app_commands.CommandTree) -> None:
    """/ping, /panel, /slow, /who, /number, /fruit, /silent, /permissions get, and "Shout" in the menu of messages."""

    @tree.context_menu(name="Shout")
    async def shout(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(message.content.upper())

    @tree.command(description="Say pong")
    async def ping(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Pong.", ephemeral=True)

    @tree.command(description="Show the panel")
    async def panel(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("a panel", view=Panel())

    @tree.command(description="Think first")
    async def slow(interaction: discord.Interaction, hidden: bool = False) -> None:
        await interaction.response.defer(thinking=True, ephemeral=hidden)
        await interaction.followup.send("first")
        await interaction.followup.send("second")

    @tree.command(description="Who and where")
    async def who(
        interaction: discord.Interaction, user: discord.User, channel: discord.TextChannel | None = None
    ) -> None:
        await interaction.response.send_message(f"{user.name} in {channel.name if channel else 'nowhere'}")

    @tree.command(description="A number")
    async def number(interaction: discord.Interaction, value: app_commands.Range[int, 1, 10]) -> None:
        await interaction.response.send_message(str(value + 1))

    @tree.command(description="A fruit")
    async def fruit(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(name)

    @fruit.autocomplete("name")
    async def suggest(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f, value=f) for f in ("apple", "apricot", "pear") if f.startswith(current)]

    @tree.command(description="Never answers")
    @app_commands.default_permissions(manage_messages=True)
    async def silent(interaction: discord.Interaction) -> None:
        pass

    group = app_commands.Group(name="permissions", description="Levels")

    @group.command(description="Show a level")
    async def get(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"level of {user.mention}", ephemeral=True)

    tree.add_command(group)


@asynccontextmanager
async def running(sandbox: SandboxProcess, bot: SmallBot | None = None, name: str = "patztabot22", sync: bool = False):
    """A logged-in bot; whatever ended its gateway task before its time is raised here."""
    bot = bot or SmallBot()
    with pointed(sandbox.url, sandbox.gateway):
        await bot.login(sandbox.token(name))
        task = asyncio.create_task(bot.connect())
        ready = asyncio.create_task(bot.wait_until_ready())
        try:
            done, _ = await asyncio.wait({task, ready}, timeout=LOGIN_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            assert ready in done, task.exception() if task in done else "the bot did not get ready"
            if sync:
                await bot.tree.sync()
            yield bot
            assert not task.done(), task.exception()
            assert not bot.errors
        finally:
            ready.cancel()
            await bot.close()
            await asyncio.wait({task}, timeout=5)
            task.cancel()
