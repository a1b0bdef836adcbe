"""Rate limits of the sandbox's own accord."""

import asyncio

import aiohttp
import discord

from patzta.sandbox.limits import GLOBAL_LIMIT
from patzta.sandbox.world import SANCTUARY
from tests.sandbox.server import SandboxProcess

GENERAL = "1000000000000000111"
RANDOM = "1000000000000000112"


async def post(session: aiohttp.ClientSession, sandbox: SandboxProcess, channel: str) -> aiohttp.ClientResponse:
    headers = {"Authorization": f"Bot {sandbox.token()}"}
    async with session.post(
        f"{sandbox.url}/api/v10/channels/{channel}/messages", json={"content": "x"}, headers=headers
    ) as response:
        await response.read()
        return response


async def test_five_messages_in_five_seconds_a_channel(sandbox, people):
    await people.limit_rates()
    async with aiohttp.ClientSession() as session:
        answers = [await post(session, sandbox, GENERAL) for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers]
        assert left == [4, 3, 2, 1, 0, 0]
        refused = answers[-1]
        body = await refused.json()
        assert 0 < body["retry_after"] <= 5
        assert not body["global"]
        assert refused.headers["X-RateLimit-Scope"] == "user"
        assert len({answer.headers["X-RateLimit-Bucket"] for answer in answers}) == 1
        assert (await post(session, sandbox, RANDOM)).status == 200
        await people.limit_rates(on=False)
        assert (await post(session, sandbox, GENERAL)).status == 200


async def test_a_bot_reads_the_headers_and_is_never_refused(bot, people):
    await people.limit_rates()
    channel = discord.utils.get(bot.get_all_channels(), name="general")
    start = asyncio.get_running_loop().time()
    for number in range(6):
        await channel.send(str(number))
    assert asyncio.get_running_loop().time() - start >= 4
    assert {one["status"] for one in await people.requests("POST")} == {200}


async def test_fifty_requests_a_second_in_all(sandbox, people):
    await people.limit_rates()
    headers = {"Authorization": f"Bot {sandbox.token()}"}
    paths = ["/users/@me", f"/guilds/{SANCTUARY}", f"/guilds/{SANCTUARY}/roles", f"/channels/{GENERAL}"]
    async with aiohttp.ClientSession(headers=headers) as session:

        async def get(path: str) -> dict:
            async with session.get(f"{sandbox.url}/api/v10{path}") as response:
                return {"status": response.status, "global": "X-RateLimit-Global" in response.headers}

        answers = await asyncio.gather(*(get(path) for path in paths * (GLOBAL_LIMIT // 2)))
    assert any(answer["global"] for answer in answers if answer["status"] == 429)
    assert any(not answer["global"] for answer in answers if answer["status"] == 429)
