"""A test moves the clock, and messages, threads and interactions grow old at once."""

from datetime import datetime, timedelta

import discord
import pytest

from patzta.sandbox.errors import ControlError

DAY = 24 * 3600


def general(bot) -> discord.TextChannel:
    return discord.utils.get(bot.get_all_channels(), name="general")


async def test_ids_and_timestamps_follow(bot, people):
    before = await general(bot).send("now")
    now = datetime.fromisoformat(await people.move_clock(30 * DAY))
    after = await general(bot).send("a month later")
    assert after.created_at - before.created_at >= timedelta(days=30)
    assert abs(after.created_at - now) < timedelta(minutes=1)
    assert discord.utils.snowflake_time(after.id) == after.created_at
    edited = await after.edit(content="edited")
    assert edited.edited_at >= after.created_at


async def test_messages_of_two_weeks_are_not_deleted_in_bulk(bot, people):
    old = [await general(bot).send(str(number)) for number in range(2)]
    await people.move_clock(14 * DAY - 3600)
    await general(bot).delete_messages(old)
    old = [await general(bot).send(str(number)) for number in range(2)]
    await people.move_clock(14 * DAY + 1)
    with pytest.raises(discord.HTTPException) as refused:
        await general(bot).delete_messages(old)
    assert refused.value.code == 50034
    # A bot looks at its own clock, which nobody moved: it has to be told to delete them one by one.
    assert len(await general(bot).purge(limit=2, bulk=False)) == 2


async def test_three_seconds_pass_at_once(bot, people):
    interaction = await people.command("vilem", "general", "silent")
    (late,) = await bot.happened("interaction")
    await people.move_clock(3.1)
    with pytest.raises(ControlError, match="did not respond"):
        await people.answer(interaction, timeout=1)
    with pytest.raises(discord.NotFound) as refused:
        await late.response.send_message("too late")
    assert refused.value.code == 10062


async def test_a_token_lives_fifteen_minutes(bot, people):
    await people.command("vilem", "general", "silent")
    (interaction,) = await bot.happened("interaction")
    await interaction.response.defer()
    await people.move_clock(14 * 60)
    await interaction.followup.send("in time")
    await people.move_clock(61)
    with pytest.raises(discord.HTTPException) as refused:
        await interaction.followup.send("too late")
    assert refused.value.code == 50027
