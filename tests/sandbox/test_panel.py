"""The relay between bots and the page's panel."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from patzta.sandbox.panel import BEHIND, KEPT, REPLACED


@asynccontextmanager
async def page(sandbox):
    """A page's socket, after the first frame, which comes with it."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{sandbox.url}/sandbox/panel") as socket:
        yield socket, await socket.receive_json(timeout=10)


@asynccontextmanager
async def told_by(sandbox, token=None):
    """A bot's socket."""
    headers = {"Authorization": f"Bot {token or sandbox.token()}"}
    address = f"{sandbox.url}/sandbox/panel/bot"
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(address) as socket:
        yield socket


async def frame(socket, kind: str) -> dict:
    """The next frame of a kind, skipping others."""
    while (found := await socket.receive_json(timeout=10))["type"] != kind:
        pass
    return found


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bot wrong"}, {"Authorization": "Bearer {token}"}])
async def test_a_bot_needs_its_token(sandbox, headers):
    headers = {name: value.format(token=sandbox.token()) for name, value in headers.items()}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{sandbox.url}/sandbox/panel/bot", headers=headers)
    assert refused.value.status == 401


async def test_a_foreign_page_is_refused_even_with_a_token(sandbox):
    headers = {"Authorization": f"Bot {sandbox.token()}"}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{sandbox.url}/sandbox/panel/bot", headers=headers, origin="https://evil.example")
    assert refused.value.status == 403


async def test_a_page_sees_a_bot_come_speak_and_go(sandbox):
    async with page(sandbox) as (seen, hello):
        assert hello == {"type": "hello", "bots": [], "requests": []}
        async with told_by(sandbox) as bot:
            came = await frame(seen, "bot")
            assert (came["name"], came["connected"]) == ("patztabot22", True)
            await bot.send_json({"type": "log", "lines": [{"text": "ahoj"}]})
            assert await frame(seen, "log") == {"type": "log", "lines": [{"text": "ahoj"}], "bot": came["bot"]}
        assert (await frame(seen, "bot"))["connected"] is False
    async with page(sandbox) as (_, hello):
        (bot,) = hello["bots"]
        assert (bot["lines"], bot["connected"]) == ([{"text": "ahoj"}], False), "its last words stay"


async def test_a_reload_reaches_the_bot_and_its_report_all_pages(sandbox):
    async with told_by(sandbox) as bot, page(sandbox) as (first, hello), page(sandbox) as (second, _):
        await first.send_json({"type": "reload", "bot": hello["bots"][0]["bot"], "names": ["cogs.x"]})
        assert await frame(bot, "reload") == {"type": "reload", "names": ["cogs.x"]}
        await bot.send_json({"type": "report", "cogs": []})
        for seen in (first, second):
            assert (await frame(seen, "report"))["cogs"] == []


async def test_what_makes_no_sense_harms_nobody(sandbox):
    async with told_by(sandbox) as bot, page(sandbox) as (seen, _):
        for socket in (bot, seen):
            for text in ("[", "[]", "7", '{"type": "log", "lines": 5}', '{"type": "reload", "bot": [], "names": []}'):
                await socket.send_str(text)
            await socket.send_bytes(b"\xff")
        await seen.send_json({"type": "reload", "bot": "1", "names": []})
        await bot.send_json({"type": "plugins", "plugins": []})
        assert (await frame(seen, "plugins"))["plugins"] == []


async def test_a_bot_that_comes_again_takes_its_place(sandbox):
    async with told_by(sandbox) as old, page(sandbox) as (seen, hello), told_by(sandbox) as new:
        assert (await old.receive(timeout=10)).data == REPLACED
        await seen.send_json({"type": "reload", "bot": hello["bots"][0]["bot"], "names": []})
        await frame(new, "reload")
        async with page(sandbox) as (_, later):
            assert [bot["connected"] for bot in later["bots"]] == [True]


async def test_only_the_last_lines_are_kept(sandbox):
    async with told_by(sandbox) as bot, page(sandbox) as (seen, _):
        await bot.send_json({"type": "log", "lines": [{"text": str(number)} for number in range(KEPT + 7)]})
        await frame(seen, "log")
        async with page(sandbox) as (_, hello):
            assert [line["text"] for line in hello["bots"][0]["lines"]] == [str(n + 7) for n in range(KEPT)]


async def test_a_page_that_falls_behind_is_told_anew(sandbox):
    async with told_by(sandbox) as bot, page(sandbox) as (slow, _), page(sandbox) as (quick, _):
        text = "x" * 8000
        for number in range(3 * BEHIND):
            await bot.send_json({"type": "log", "lines": [{"text": text, "number": number}]})
            await frame(quick, "log")
        again = await frame(slow, "hello")
        while (last := (await slow.receive_json(timeout=10)))["type"] != "log":
            pass
    numbers = [line["number"] for line in again["bots"][0]["lines"]]
    assert numbers == list(range(numbers[0], numbers[0] + KEPT))
    assert last["lines"][0]["number"] == numbers[-1] + 1, "and misses nothing from there on"


async def test_requests_are_shown_without_the_tokens_in_their_paths(sandbox, people, bot):
    async with page(sandbox) as (seen, _):
        await people.command("vilem", "general", "panel")
        paths = []
        while not any("/callback" in path for path in paths):
            paths.append((await frame(seen, "request"))["request"]["path"])
        tokens = [one["data"]["token"] for one in await people.dispatches("INTERACTION_CREATE", "patztabot22")]
        assert tokens
        assert not any(token in path for token in tokens for path in paths)
        assert any("/…/callback" in path for path in paths)
        with pytest.raises(Exception, match="404"):
            await bot.fetch_user(5)
        assert await asyncio.wait_for(failed(seen), 10) == ("GET", "/users/5", 404)


async def failed(socket) -> tuple[str, str, int]:
    while (request := (await frame(socket, "request"))["request"])["status"] < 400:
        pass
    return request["method"], request["path"], request["status"]
