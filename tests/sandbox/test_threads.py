"""Threads archive themselves, open again, and refuse things while they are archived or locked."""

from datetime import timedelta

import discord
import pytest
import pytest_asyncio

from patzta.sandbox.errors import ControlError
from tests.sandbox.bot import Panel

HOUR = 3600


@pytest_asyncio.fixture
async def thread(bot) -> discord.Thread:
    """One that archives itself after an hour."""
    channel = discord.utils.get(bot.get_all_channels(), name="general")
    made = await channel.create_thread(name="talk", type=discord.ChannelType.public_thread, auto_archive_duration=60)
    while made.id not in {one.id for one in channel.guild.threads}:
        await bot.happened("thread_create")
    return made


async def archived(bot) -> discord.Thread:
    """The thread that was archived next."""
    while True:
        _, after = await bot.happened("thread_update")
        if after.archived:
            return after


async def test_a_quiet_thread_archives_itself(bot, people, thread):
    await people.move_clock(HOUR)
    assert await archived(bot) == thread
    assert thread.guild.get_thread(thread.id) is None
    (found,) = [one async for one in thread.parent.archived_threads()]
    assert (found.id, found.archived) == (thread.id, True)
    assert found.archive_timestamp - thread.created_at >= timedelta(hours=1)


async def test_a_message_puts_it_off(bot, people, thread):
    await people.move_clock(HOUR - 60)
    await people.send("bara", str(thread.id), "wait")
    await people.move_clock(HOUR - 60)
    await people.wait_for_message(channel=str(thread.id), contains="wait")
    assert not (await bot.fetch_channel(thread.id)).archived
    await people.move_clock(60)
    assert await archived(bot) == thread


async def test_a_longer_time_puts_it_off(bot, people, thread):
    await thread.edit(auto_archive_duration=1440)
    await people.move_clock(2 * HOUR)
    assert not (await bot.fetch_channel(thread.id)).archived
    await people.move_clock(22 * HOUR)
    assert await archived(bot) == thread


async def test_a_message_opens_it_again_for_as_long(bot, people, thread):
    await people.move_clock(HOUR)
    await archived(bot)
    await people.send("cizinec", str(thread.id), "back")
    (opened,) = await bot.happened("thread_join")
    (message,) = await bot.happened("message")
    assert (opened.id, opened.archived, message.channel) == (thread.id, False, opened)
    await people.move_clock(HOUR - 60)
    assert not (await bot.fetch_channel(thread.id)).archived
    await people.move_clock(60)
    assert (await archived(bot)).id == thread.id


async def test_what_an_archived_thread_refuses(bot, people, thread):
    message = await thread.send("a word")
    await thread.edit(archived=True)
    await archived(bot)
    for action in (
        message.edit(content="another"),
        message.add_reaction("👍"),
        thread.join(),
        thread.leave(),
        thread.edit(name="other"),
        thread.edit(archived=True, locked=True),
    ):
        with pytest.raises(discord.HTTPException) as refused:
            await action
        assert (refused.value.status, refused.value.code) == (400, 50083)
    await message.delete()
    assert (await thread.edit(archived=False, name="other")).name == "other"


async def test_commands_and_buttons_are_for_threads_that_are_open(bot, people, thread):
    panel = await thread.send("a panel", view=Panel())
    offered = await people.commands("vilem", str(thread.id))
    await thread.edit(archived=True)
    assert offered
    assert await people.commands("vilem", str(thread.id)) == []
    for action in (
        people.command("vilem", str(thread.id), "ping"),
        people.click("vilem", str(thread.id), str(panel.id), "press"),
    ):
        with pytest.raises(ControlError):
            await action
    await thread.edit(archived=False)
    await people.answer(await people.command("vilem", str(thread.id), "ping"))


async def test_anybody_opens_one_that_is_not_locked(bot, people, thread):
    await thread.edit(archived=True)
    await people.change_channel("cizinec", str(thread.id), archived=False)
    await bot.happened("thread_join")
    await thread.edit(archived=True, locked=True)
    with pytest.raises(ControlError) as refused:
        await people.change_channel("cizinec", str(thread.id), archived=False)
    assert refused.value.code == 50013


async def test_a_locked_thread_is_for_moderators(bot, people, thread):
    said = await people.send("cizinec", str(thread.id), "in time")
    await thread.edit(locked=True)
    for action in (
        people.send("cizinec", str(thread.id), "too late"),
        people.edit("cizinec", str(thread.id), said["id"], "changed"),
    ):
        with pytest.raises(ControlError) as refused:
            await action
        assert refused.value.code == 160005
    await thread.send("moderated")
    await people.send("vilem", str(thread.id), "closed")


async def test_the_time_is_one_of_four(bot, thread):
    with pytest.raises(discord.HTTPException) as refused:
        await thread.edit(auto_archive_duration=61)
    assert refused.value.code == 50035
