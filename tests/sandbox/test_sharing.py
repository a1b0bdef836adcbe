"""Bots that come while the server runs: what the others and the page are told."""

import asyncio
import json

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect

from patzta.sandbox.sharing import SOCKET, STAYS
from tests.running import eventually
from tests.sandbox.bot import running
from tests.sandbox.server import SandboxProcess
from tests.sandbox.test_page import ARGUMENTS


async def come(folder, name: str, token: str = "a-token"):
    """Ask to be let in; the answer and the connection."""
    reader, writer = await asyncio.open_unix_connection(folder / SOCKET)
    writer.write(json.dumps({"name": name, "token": token}).encode() + b"\n")
    return json.loads(await reader.readline()), reader, writer


@pytest.fixture
def folder(tmp_path, monkeypatch):
    # A socket's path may have 107 bytes only.
    monkeypatch.chdir(tmp_path)
    return tmp_path.relative_to(tmp_path)


async def test_a_bot_that_comes_is_announced_and_may_log_in(tmp_path, folder) -> None:
    async with SandboxProcess("--share", str(tmp_path)) as sandbox, running(sandbox) as bot:
        answer, _, writer = await come(folder, "shellbot")
        assert answer == {"url": sandbox.url, "gateway": sandbox.gateway}
        async with aiohttp.ClientSession(headers={"Authorization": "Bot a-token"}) as session:
            me = await (await session.get(f"{sandbox.url}/api/v10/users/@me")).json()
        await eventually(lambda: all(guild.get_member(int(me["id"])) for guild in bot.guilds))
        assert bot.guilds[0].get_member(int(me["id"])).top_role.name == "shellbot"
        writer.close()


async def test_a_name_is_taken_until_its_bot_has_left(tmp_path, folder) -> None:
    async with SandboxProcess("--share", str(tmp_path)) as sandbox:
        assert (await come(folder, "patztabot22"))[0] == {"taken": sandbox.url}
        _, reader, writer = await come(folder, "shellbot")
        assert (await come(folder, "shellbot"))[0] == {"taken": sandbox.url}
        writer.write_eof()
        assert await reader.read() == STAYS, "patztabot22 is still there"
        answer, _, writer = await come(folder, "shellbot", "another-token")
        assert answer["url"] == sandbox.url
        async with aiohttp.ClientSession(headers={"Authorization": "Bot another-token"}) as session:
            assert (await session.get(f"{sandbox.url}/api/v10/users/@me")).status == 200
        writer.close()


async def test_nonsense_is_no_bot(tmp_path, folder) -> None:
    async with SandboxProcess("--share", str(tmp_path)) as sandbox, sandbox.client() as people:
        for line in (b"GET / HTTP/1.1\r\n", b"[]\n", b'{"name": "x"}\n', b""):
            reader, writer = await asyncio.open_unix_connection(folder / SOCKET)
            writer.write(line)
            writer.write_eof()
            assert await reader.read() == b""
        assert [bot["name"] for bot in (await people.snapshot())["bots"]] == ["patztabot22"]


async def test_an_open_page_shows_who_comes(tmp_path, folder, chromium) -> None:
    async with SandboxProcess("--share", str(tmp_path)) as sandbox, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page()
        await page.goto(sandbox.url)
        await page.locator("[data-channel-name=random]").click()
        members = page.get_by_role("complementary", name="Members")
        await expect(members).to_contain_text("patztabot22")
        _, _, writer = await come(folder, "shellbot")
        await expect(members).to_contain_text("shellbot")
        await expect(page.get_by_role("heading", level=1)).to_have_text("random")
        writer.close()
        await browser.close()
