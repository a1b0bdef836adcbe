"""People wait in slow mode; bots and moderators do not."""

import discord
import pytest
import pytest_asyncio

from patzta.sandbox.errors import ControlError
from patzta.sandbox.world import SANCTUARY

WAIT_S = 600


@pytest_asyncio.fixture
async def slow(bot, people) -> discord.TextChannel:
    """#general, where people speak once in ten minutes."""
    await people.change_channel("vilem", "general", rate_limit_per_user=WAIT_S)
    _, after = await bot.happened("guild_channel_update")
    assert after.slowmode_delay == WAIT_S
    return after


async def refused(action) -> ControlError:
    with pytest.raises(ControlError) as error:
        await action
    assert (error.value.status, error.value.code) == (429, 20016)
    return error.value


async def test_a_person_waits_in_that_channel_by_the_clock(slow, people):
    await people.send("cizinec", "general", "first")
    assert 0 < (await refused(people.send("cizinec", "general", "second"))).retry_after <= WAIT_S
    await people.send("cizinec", "random", "elsewhere")
    await people.send("bara", "general", "another person")
    await people.move_clock(WAIT_S - 60)
    assert (await refused(people.send("cizinec", "general", "second"))).retry_after <= 60
    await people.move_clock(60)
    await people.send("cizinec", "general", "second")
    await refused(people.send("cizinec", "general", "third"))
    await people.change_channel("vilem", "general", rate_limit_per_user=0)
    await people.send("cizinec", "general", "third")


async def test_moderators_and_bots_do_not_wait(slow, bot, people):
    await people.set_roles("vilem", SANCTUARY, "bara", ["mod"])
    for number in range(2):
        await people.send("bara", "general", str(number))
        await people.send("vilem", "general", str(number))
        await slow.send(str(number))


async def test_a_thread_is_counted_apart(slow, people):
    await people.send("cizinec", "general", "a message")
    thread = await people.create_thread("cizinec", "general", "one")
    await refused(people.create_thread("cizinec", "general", "two"))
    for number in range(2):
        await people.send("cizinec", thread["id"], str(number))


async def test_threads_have_one_of_their_own(bot, people):
    channel = discord.utils.get(bot.get_all_channels(), name="general")
    thread = await channel.create_thread(name="slow", slowmode_delay=5, type=discord.ChannelType.public_thread)
    assert thread.slowmode_delay == 5
    await people.send("cizinec", str(thread.id), "first")
    await refused(people.send("cizinec", str(thread.id), "second"))
    await thread.edit(slowmode_delay=0)
    await people.send("cizinec", str(thread.id), "second")
    with pytest.raises(discord.HTTPException) as error:
        await thread.edit(slowmode_delay=21601)
    assert error.value.code == 50035


async def test_a_channel_begins_with_it(bot, people):
    await people.set_roles("vilem", SANCTUARY, "patztabot22", ["admin"])
    await bot.happened("member_update")
    channel = await bot.get_guild(int(SANCTUARY)).create_text_channel("calm", slowmode_delay=30)
    assert channel.slowmode_delay == 30
    await people.send("cizinec", "calm", "first")
    await refused(people.send("cizinec", "calm", "second"))
