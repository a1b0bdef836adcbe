"""A bot of several shards: each hears of its own servers, the first also of direct messages."""

import asyncio
import contextlib

import aiohttp
import discord
import pytest_asyncio

from patzta.sandbox.pointing import pointed
from patzta.sandbox.world import CAFE, SANCTUARY
from tests.sandbox.bot import SmallBot
from tests.sandbox.server import SandboxProcess


class ShardedBot(SmallBot, discord.AutoShardedClient):
    async def before_identify_hook(self, shard_id, *, initial=False) -> None:
        """Discord wants five seconds between two shards; the sandbox does not."""


@pytest_asyncio.fixture
async def sandbox():
    async with SandboxProcess("--shards", "2") as process:
        yield process


@pytest_asyncio.fixture
async def sharded(sandbox):
    with pointed(sandbox.url, sandbox.gateway):
        async with ShardedBot() as bot:
            connection = asyncio.create_task(bot.start(sandbox.token()))
            await bot.happened("ready")
            yield bot
            await bot.close()
            with contextlib.suppress(asyncio.CancelledError):
                await connection


def shard_of(guild_id: str) -> int:
    return (int(guild_id) >> 22) % 2


async def test_each_shard_has_its_servers(sharded):
    assert sharded.shard_count == 2
    assert {guild.id: guild.shard_id for guild in sharded.guilds} == {
        int(SANCTUARY): shard_of(SANCTUARY),
        int(CAFE): shard_of(CAFE),
    }
    assert shard_of(SANCTUARY) != shard_of(CAFE)


async def test_every_message_arrives_once(sharded, people):
    direct = await people.open_dm("vilem", "patztabot22")
    for channel in ("general", "Kafe u Řeky/general", direct["id"]):
        await people.send("vilem", channel, "ping")
    for channel in ("general", "Kafe u Řeky/general", direct["id"]):
        await people.wait_for_message(channel=channel, contains="pong")
    assert len(sharded.heard) == 3


async def test_a_dropped_shard_resumes_alone(sharded, people):
    dropped = shard_of(CAFE)
    assert await people.drop("patztabot22", shard=dropped) == 1
    await people.send("vilem", "Kafe u Řeky/general", "ping")
    await people.wait_for_message(channel="Kafe u Řeky/general", contains="pong", timeout=15)
    assert await sharded.happened("shard_resumed") == (dropped,)
    assert len(sharded.heard) == 1


async def identified(session: aiohttp.ClientSession, sandbox: SandboxProcess, shard: object) -> dict:
    """The first frame after IDENTIFY; for a refusal the close code."""
    async with session.ws_connect(sandbox.gateway) as socket:
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": sandbox.token(), "intents": 1, "shard": shard}})
        frame = await socket.receive()
        return frame.json() if frame.type is aiohttp.WSMsgType.TEXT else {"code": socket.close_code}


async def test_the_first_frame_names_the_shard(sandbox):
    async with aiohttp.ClientSession() as session:
        ready = (await identified(session, sandbox, [1, 2]))["d"]
        assert ready["shard"] == [1, 2]
        assert [guild["id"] for guild in ready["guilds"]] == [g for g in (SANCTUARY, CAFE) if shard_of(g) == 1]
        for wrong in ([2, 2], [0], "0", [0, "2"]):
            assert await identified(session, sandbox, wrong) == {"code": 4010}
