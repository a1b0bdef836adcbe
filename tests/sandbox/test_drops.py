"""The gateway ends connections with the codes that a test chooses, or falls silent."""

import asyncio
from contextlib import asynccontextmanager

import discord
import pytest

from patzta.sandbox.errors import ControlError
from patzta.sandbox.pointing import pointed
from tests.sandbox.bot import Quick, SmallBot, running
from tests.sandbox.server import SandboxProcess

HEARTBEAT_S = 0.1
HEARTBEAT_TIMEOUT_S = 1.0


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4008])
async def test_most_codes_are_resumed(bot, people, code):
    first = bot.ws.session_id
    assert await people.drop("patztabot22", code=code) == 1
    await bot.happened("resumed")
    assert bot.ws.session_id == first
    await people.send("vilem", "general", "ping")
    await people.wait_for_message(contains="pong")


@pytest.mark.parametrize("code", [4007, 4009])
async def test_some_codes_cost_the_session(sandbox, people, code):
    async with running(sandbox, Quick()) as bot:
        await bot.happened("ready")
        first = bot.ws.session_id
        await people.drop("patztabot22", code=code)
        await bot.happened("ready")
        assert bot.ws.session_id != first
        await people.send("vilem", "general", "ping")
        await people.wait_for_message(contains="pong")
    assert len(bot.heard) == 1


@asynccontextmanager
async def started(sandbox, people):
    """A bot and the task in which it runs, which may end badly."""
    with pointed(sandbox.url, sandbox.gateway):
        async with SmallBot() as bot:
            task = asyncio.create_task(bot.start(sandbox.token()))
            await people.wait_for_bot("patztabot22")
            yield bot, task


@pytest.mark.parametrize("code", [4004, 4010, 4013])
async def test_some_codes_end_the_bot(sandbox, people, code):
    async with started(sandbox, people) as (bot, task):
        await people.drop("patztabot22", code=code)
        with pytest.raises(discord.ConnectionClosed) as closed:
            await task
        assert closed.value.code == code
        assert bot.is_closed()


async def test_intents_that_were_switched_off_meanwhile(sandbox, people):
    async with started(sandbox, people) as (_, task):
        await people.drop("patztabot22", code=4014)
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await task


async def test_a_code_that_no_server_may_send_is_refused(people):
    for wrong in (1006, 5000, "gone"):
        with pytest.raises(ControlError) as refused:
            await people.drop("patztabot22", code=wrong)
        assert refused.value.code == 50035


async def acknowledged(bot, heartbeats: int) -> None:
    """Until so many were."""
    latencies = set()
    async with asyncio.timeout(20):
        while len(latencies) <= heartbeats:
            latencies.add(bot.ws.latency)
            await asyncio.sleep(HEARTBEAT_S / 4)


async def test_a_silent_connection_is_given_up_and_resumed():
    async with (
        SandboxProcess("--heartbeat", str(HEARTBEAT_S)) as sandbox,
        sandbox.client() as people,
        running(sandbox, SmallBot(heartbeat_timeout=HEARTBEAT_TIMEOUT_S)) as bot,
    ):
        silenced, first = bot.ws, bot.ws.session_id
        await acknowledged(bot, round(1.5 * HEARTBEAT_TIMEOUT_S / HEARTBEAT_S))
        assert bot.ws is silenced
        assert await people.drop("patztabot22", "silent") == 1
        await people.send("vilem", "general", "ping")
        await bot.happened("resumed")
        assert (bot.ws is silenced, bot.ws.session_id) == (False, first)
        await people.wait_for_message(author="patztabot22", contains="pong")
        assert len(bot.heard) == 1
        assert await people.drop("patztabot22") == 1
