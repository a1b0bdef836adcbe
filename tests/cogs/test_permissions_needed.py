"""What ``--invite`` asks for is enough for what the double does on a server."""

import discord
import pytest

from patzta.chat.transcript import EndOfMessage, Reacted, Text
from patzta.framework.invite import DOUBLE
from patzta.inference.contract import GENERATE
from patzta.sandbox.world import SANCTUARY
from tests.cogs.fake_model import FakeModel
from tests.running import eventually, talking
from tests.sandbox.server import SandboxProcess

PLACE = "general"


@pytest.fixture
def model() -> FakeModel:
    model = FakeModel()
    model.script = [Reacted("❤"), Text("jj"), EndOfMessage()]
    return model


async def allow(talk, bits: discord.Permissions) -> None:
    """Let the bot do this in the channel and nothing else."""
    guild = talk.bot.get_guild(int(SANCTUARY))
    await talk.people.set_roles("vilem", SANCTUARY, "patztabot22", ["admin"])
    await eventually(lambda: guild.me.guild_permissions.administrator)
    channel = next(one for one in guild.text_channels if one.name == PLACE)
    await channel.set_permissions(guild.me, overwrite=discord.PermissionOverwrite.from_pair(bits, ~bits))
    await talk.people.set_roles("vilem", SANCTUARY, "patztabot22", [])
    await eventually(lambda: not guild.me.guild_permissions.administrator)
    await eventually(lambda: channel.permissions_for(guild.me) == bits)


async def thread(talk) -> str:
    answer = await talk.people.answer(await talk.people.command("vilem", PLACE, "thread", {"name": "spolu"}))
    return answer["content"]


async def test_what_the_link_asks_for_is_enough(tmp_path, model) -> None:
    async with (
        SandboxProcess() as sandbox,
        talking(sandbox, tmp_path, "", {GENERATE: model}, extensions=("database",)) as talk,
    ):
        await allow(talk, DOUBLE)
        asked = await talk.people.send("vilem", PLACE, f"<@{talk.bot.user.id}> ahoj")
        await talk.until_answered(asked)
        assert [message["content"] for message in await talk.said("vilem", PLACE, asked)] == ["jj"]
        history = await talk.people.messages("vilem", PLACE)
        assert [one["emoji"]["name"] for one in history[-2]["reactions"]] == ["❤"]
        made = (await thread(talk)).removeprefix("Here it is: <#").removesuffix(">")
        assert [message["content"] for message in await talk.ask("vilem", made, "a tady?")] == ["jj"]
        await allow(talk, DOUBLE & ~discord.Permissions(create_public_threads=True))
        assert "I need the permission *Create Public Threads*" in await thread(talk)
