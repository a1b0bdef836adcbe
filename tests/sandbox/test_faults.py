"""Trouble on purpose reaches an unmodified discord.py bot as Discord's own would."""

import asyncio

import aiohttp
import discord
import pytest


def general(bot) -> discord.TextChannel:
    return next(channel for channel in bot.get_all_channels() if channel.name == "general")


async def test_a_rate_limit_is_waited_out(bot, people):
    await people.plan_fault("/messages$", method="POST", status=429, retry_after=0.3, times=2)
    start = asyncio.get_running_loop().time()
    await general(bot).send("ahoj")
    assert asyncio.get_running_loop().time() - start >= 0.6
    assert [message["content"] for message in await people.messages("vilem", "general")][-1] == "ahoj"


async def test_an_error_is_an_error(bot, people):
    await people.plan_fault("/messages$", method="POST", status=403)
    with pytest.raises(discord.Forbidden):
        await general(bot).send("ahoj")
    await general(bot).send("a teď")


async def test_a_cut_request_was_carried_out_and_a_nonce_keeps_it_from_happening_twice(bot, people):
    # discord.py itself tries again after some kinds of broken connections.
    await people.plan_fault("/messages$", method="POST", cut=True)
    try:
        await general(bot).send("jednou", nonce="7.0")
    except (aiohttp.ClientError, OSError):
        await general(bot).send("jednou", nonce="7.0")
    contents = [message["content"] for message in await people.messages("vilem", "general")]
    assert contents.count("jednou") == 1


async def test_a_global_limit_holds_every_request_back(bot, people):
    await people.plan_fault("/messages$", method="POST", status=429, retry_after=0.4, everywhere=True)
    start = asyncio.get_running_loop().time()
    sending = asyncio.create_task(general(bot).send("ahoj"))
    while not await people.requests("POST"):
        pass
    await bot.fetch_user(1000000000000000001)
    assert asyncio.get_running_loop().time() - start >= 0.4
    await sending


async def test_an_answer_that_breaks_off(bot, people):
    await people.plan_fault("/users/", half=True)
    with pytest.raises((aiohttp.ClientPayloadError, ValueError)):
        await bot.fetch_user(1000000000000000001)
    assert (await bot.fetch_user(1000000000000000001)).name == "vilem"


async def test_a_slow_answer(bot, people):
    await people.plan_fault("/users/", delay=0.3)
    start = asyncio.get_running_loop().time()
    await bot.fetch_user(1000000000000000001)
    assert asyncio.get_running_loop().time() - start >= 0.3


async def test_an_error_of_the_server_is_tried_again(bot, people):
    await people.plan_fault("/users/", status=500)
    assert (await bot.fetch_user(1000000000000000001)).name == "vilem"
    assert [one["status"] for one in await people.requests("GET", "/users/1000000000000000001")] == [500, 200]
