"""Polls, from the question to the result."""

from datetime import timedelta

import discord
import pytest
import pytest_asyncio

from patzta.sandbox.errors import ControlError


@pytest_asyncio.fixture
async def asked(bot) -> discord.Message:
    """A message with a poll: tea or coffee?"""
    poll = (
        discord.Poll("Tea or coffee?", timedelta(hours=2)).add_answer(text="Tea", emoji="🍵").add_answer(text="Coffee")
    )
    return await discord.utils.get(bot.get_all_channels(), name="general").send(poll=poll)


async def test_votes_are_heard_and_counted(bot, people, asked):
    await people.vote("bara", "general", str(asked.id), [1])
    user, answer = await bot.happened("poll_vote_add")
    assert (user.name, answer.text) == ("bara", "Tea")
    await people.vote("vilem", "general", str(asked.id), [1])
    await people.vote("bara", "general", str(asked.id), [2])
    await bot.happened("poll_vote_remove")
    poll = (await asked.channel.fetch_message(asked.id)).poll
    assert [answer.vote_count for answer in poll.answers] == [1, 1]
    assert [user.name async for user in poll.answers[1].voters()] == ["bara"]
    with pytest.raises(ControlError):
        await people.vote("bara", "general", str(asked.id), [1, 2])


async def test_a_poll_ends_when_its_time_is_over(bot, people, asked):
    await people.vote("bara", "general", str(asked.id), [2])
    await people.move_clock(2 * 3600)
    (result,) = await bot.happened("message")
    while result.type is not discord.MessageType.poll_result:
        (result,) = await bot.happened("message")
    assert discord.utils.get(bot.cached_messages, id=asked.id).poll.victor_answer.text == "Coffee"
    assert {field.name: field.value for field in result.embeds[0].fields}["total_votes"] == "1"
    with pytest.raises(ControlError) as over:
        await people.vote("bara", "general", str(asked.id), [1])
    assert over.value.code == 520001


async def test_the_author_ends_a_poll(bot, asked):
    ended = await asked.end_poll()
    assert ended.poll.is_finalised()
    with pytest.raises(discord.HTTPException) as again:
        await asked.end_poll()
    assert again.value.code == 520001


async def test_what_is_no_poll(bot, people, asked):
    plain = await asked.channel.send("no question")
    with pytest.raises(discord.HTTPException) as none:
        await bot.http.end_poll(plain.channel.id, plain.id)
    assert none.value.code == 520003
    with pytest.raises(discord.HTTPException) as long:
        await asked.channel.send(poll=discord.Poll("x" * 301, timedelta(hours=1)).add_answer(text="a"))
    assert long.value.code == 50035
