"""Hundreds of random edits of a cog, many of them broken, while people write: nothing is lost, doubled or leaked."""

import asyncio
import gc
import random
import weakref

import pytest
from discord.ext import commands

from patzta.chat.transcript import EndOfMessage, Text
from tests.framework.plugin_folder import dynamic_items, plugins_in
from tests.running import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(300)]

EDITS = 300
ROOM = "random"
"""A channel where the double itself is silent."""

ECHO = """
    import re
    import discord
    from discord.ext import commands, tasks
    from patzta.framework.gate import requires
    from patzta.permissions import Level

    @requires(Level.VISIBLE)
    class Press(discord.ui.DynamicItem[discord.ui.Button], template=r"echo:(?P<n>[0-9]+)"):
        def __init__(self, n):
            super().__init__(discord.ui.Button(label="x", custom_id=f"echo:{{n}}"))
        @classmethod
        async def from_custom_id(cls, interaction, item, match, /):
            return cls(match["n"])
        async def callback(self, interaction):
            await interaction.response.send_message("pressed in {version}", ephemeral=True)

    @requires(Level.VISIBLE)
    class Panel(discord.ui.View):
        def __init__(self):
            super().__init__(timeout=None)
        @discord.ui.button(label="y", custom_id="panel")
        async def press(self, interaction, button): ...

    class Echo(commands.Cog):
        VERSION = {version}
        def __init__(self):
            self.tick.start()
        @tasks.loop(seconds=3600)
        async def tick(self): ...
        @commands.Cog.listener()
        async def on_message(self, message):
            if message.content.startswith("ping "):
                await message.channel.send("pong " + message.content[5:])
        def cog_unload(self):
            self.tick.cancel()

    async def setup(bot):
        {broken}
        bot.add_view(Panel())
        bot.add_dynamic_items(Press)
        await bot.add_cog(Echo())
        {late}
"""
BROKEN = [
    ("def (", "pass"),
    ("raise RuntimeError", "pass"),
    ("import no_such_module", "pass"),
    ("pass", "raise RuntimeError"),
    ("pass", "await bot.add_cog(Echo())"),
    ("pass", "no_such_name"),
]


def counts(bot) -> dict[str, int]:
    return {
        "tasks": sum("discord-ext-tasks" in task.get_name() for task in asyncio.all_tasks()),
        "views": len(bot.persistent_views),
        "items": len(dynamic_items(bot)),
        "cogs": len(bot.cogs),
        "listeners": sum(map(len, bot.extra_events.values())),
        "commands": len(list(bot.tree.walk_commands())),
        "plugins": len(bot.plugins.loaded),
    }


class Edits:
    """Edits the plugin for as long as wanted; knows which version has to serve."""

    def __init__(self, bot, files, seed: int) -> None:
        self._bot = bot
        self._files = files
        self._dice = random.Random(seed)
        self.name = files.write(ECHO.format(version=0, broken="pass", late="pass"))
        self.version = 0
        self.failed = 0
        self.old: list[weakref.ref] = []

    async def one(self, number: int) -> None:
        good = self._dice.random() < 0.6
        broken, late = ("pass", "pass") if good else self._dice.choice(BROKEN)
        self._files.write(ECHO.format(version=number, broken=broken, late=late))
        before = weakref.ref(self._bot.get_cog("Echo"))
        try:
            await self._bot.reload_extension(self.name)
        except commands.ExtensionError:
            assert not good
            self.failed += 1
        else:
            assert good
            self.version = number
            self.old.append(before)
        assert self.version == self._bot.get_cog("Echo").VERSION


async def ping(talk, stop: asyncio.Event, sent: list[int]) -> None:
    """Write without waiting for answers until told to stop."""
    while not stop.is_set():
        await talk.people.send(("vilem", "bara")[len(sent) % 2], ROOM, f"ping {len(sent)}")
        sent.append(len(sent))


async def chat(talk, person: str, stop: asyncio.Event) -> int:
    """Talk with the double, one message at a time; each gets one answer."""
    number = 0
    channel = (await talk.people.open_dm(person, "patztabot22"))["id"]
    while not stop.is_set():
        assert [message["content"] for message in await talk.ask(person, channel, f"{number}?")] == ["čau"]
        number += 1
    return number


@pytest.mark.slow
async def test_random_edits_under_load(talk, model, tmp_path) -> None:
    model.script = [Text("čau"), EndOfMessage()]
    mark, bot = talk.people.mark(), talk.bot
    with plugins_in(tmp_path) as files:
        edits = Edits(bot, files, seed=22)
        await bot.load_extension(edits.name)
        before, stop, sent = counts(bot), asyncio.Event(), list[int]()
        writing = (ping(talk, stop, sent), chat(talk, "vilem", stop), chat(talk, "bara", stop))
        load = [asyncio.create_task(work) for work in writing]
        for number in range(1, EDITS + 1):
            before_edit = len(sent)
            await edits.one(number)
            await eventually(lambda before_edit=before_edit: len(sent) > before_edit)
            if number % 10 == 0:
                await bot.reload_extension("cogs.communication")
        stop.set()
        _, *chats = await asyncio.gather(*load)

        def pongs() -> list[str]:
            created = [event["message"] for event in talk.people.seen[mark:] if event["type"] == "MESSAGE_CREATE"]
            return [message["content"] for message in created if message["content"].startswith("pong ")]

        await eventually(lambda: len(pongs()) >= len(sent))
        assert sorted(pongs()) == sorted(f"pong {number}" for number in sent), "each exactly once"
        assert len(sent) >= EDITS
        assert min(chats) > 3
        assert edits.failed > EDITS / 5 < len(edits.old)
        await bot.plugins.retired()
        assert counts(bot) == before
        gc.collect()
        assert [ref for ref in edits.old if ref()] == [], "old cogs are gone"
        await bot.unload_extension(edits.name)
        await bot.plugins.retired()
