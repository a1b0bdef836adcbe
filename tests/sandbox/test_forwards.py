"""Forwarded messages keep what was said when they were forwarded."""

import discord
import pytest

from patzta.sandbox.errors import ControlError
from patzta.sandbox.world import SANCTUARY
from tests.sandbox.bot import SmallBot, running
from tests.sandbox.server import SandboxProcess


def channel(bot, name: str) -> discord.TextChannel:
    return discord.utils.get(bot.get_guild(int(SANCTUARY)).text_channels, name=name)


async def test_a_bot_forwards(bot, people):
    sent = await people.send("vilem", "general", "look", files={"a.txt": b"content"})
    original = await channel(bot, "general").fetch_message(int(sent["id"]))
    forwarded = await original.forward(channel(bot, "random"))
    assert (forwarded.content, forwarded.flags.forwarded) == ("", True)
    assert (forwarded.reference.type, forwarded.reference.message_id) == (
        discord.MessageReferenceType.forward,
        original.id,
    )
    await people.edit("vilem", "general", sent["id"], "changed")
    (snapshot,) = (await channel(bot, "random").fetch_message(forwarded.id)).message_snapshots
    assert (snapshot.content, snapshot.created_at) == ("look", original.created_at)
    assert await snapshot.attachments[0].read() == b"content"


async def test_a_bot_hears_what_people_forward(bot, people):
    sent = await people.send("bara", "general", "pozor")
    await bot.happened("message")
    await people.forward("cizinec", "general", sent["id"], "random")
    (message,) = await bot.happened("message")
    assert (message.author.name, message.channel.name) == ("cizinec", "random")
    assert [one.content for one in message.message_snapshots] == ["pozor"]
    again = await message.forward(channel(bot, "general"))
    assert [one.content for one in again.message_snapshots] == ["pozor"]


async def test_what_cannot_be_forwarded(bot, people):
    pinned = await channel(bot, "general").send("pinned")
    await pinned.pin()
    notice = await anext(channel(bot, "general").history(limit=1))
    reference = pinned.to_reference(type=discord.MessageReferenceType.forward)
    with pytest.raises(discord.HTTPException):
        await notice.forward(channel(bot, "random"))
    with pytest.raises(discord.HTTPException):
        await channel(bot, "random").send("with a word", reference=reference)
    await pinned.delete()
    with pytest.raises(discord.HTTPException) as gone:
        await pinned.forward(channel(bot, "random"))
    assert gone.value.code == 50035
    hidden = await people.send("vilem", "staff", "secret")
    with pytest.raises(ControlError) as refused:
        await people.forward("cizinec", "staff", hidden["id"], "random")
    assert refused.value.code == 50001


async def test_a_bot_without_the_content_forwards_nothing_of_others():
    async with (
        SandboxProcess("--without-intent", "message_content") as sandbox,
        sandbox.client() as people,
        running(sandbox, SmallBot(discord.Intents.default())) as bot,
    ):
        sent = await people.send("vilem", "general", "hidden")
        (message,) = await bot.happened("message")
        with pytest.raises(discord.Forbidden) as refused:
            await message.forward(channel(bot, "random"))
        assert refused.value.code == 160014
        own = await channel(bot, "general").send("mine")
        assert (await own.forward(channel(bot, "random"))).message_snapshots[0].content == "mine"
        await bot.happened("message")
        await bot.happened("message")
        await people.forward("bara", "general", sent["id"], "random")
        (message,) = await bot.happened("message")
        assert [one.content for one in message.message_snapshots] == [""]
