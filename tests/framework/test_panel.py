"""What a bot on the sandbox tells the page's panel, and the reloads that are asked for there."""

import argparse
import asyncio
import contextlib
import logging

import aiohttp
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from patzta.framework import command, panel
from patzta.framework.panel import REPLACED, Panel, shown
from patzta.framework.tail import KEPT, Tail
from patzta.sandbox.pointing import pointed
from patzta.settings import PATZTABOT, read_settings
from tests.framework.plugin_folder import cog, offline_bot
from tests.running import connected, eventually
from tests.sandbox.server import SandboxProcess

log = logging.getLogger("patzta.test")


@pytest_asyncio.fixture
async def sandbox():
    async with SandboxProcess() as sandbox:
        yield sandbox


class Page:
    """A page's socket and all that it was told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.lines: list[dict] = []
        self.plugins: dict[str, dict] = {}
        self.bot: dict = {}
        self.report: dict | None = None

    async def until(self, condition, within: float = 20) -> None:
        async with asyncio.timeout(within):
            while not condition():
                self._take(await self._socket.receive_json())

    def _take(self, frame: dict) -> None:
        for bot in frame.get("bots", []):
            self._take({"type": "all", **bot})
        if "connected" in frame:
            self.bot = frame
        self.lines += frame.get("lines", [])
        self.plugins |= {plugin["name"]: plugin for plugin in frame.get("plugins", [])}
        if frame["type"] == "report":
            self.report = frame

    def texts(self) -> list[str]:
        return [line["text"] for line in self.lines]

    async def reload(self, *names: str) -> dict:
        """Press the button; the report."""
        self.report = None
        await self._socket.send_json({"type": "reload", "bot": self.bot["bot"], "names": names})
        await self.until(lambda: self.report)
        assert self.report
        return self.report


@contextlib.asynccontextmanager
async def opened(sandbox):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{sandbox.url}/sandbox/panel") as socket:
        yield Page(socket)


@contextlib.asynccontextmanager
async def running(sandbox, folder, *cogs: str):
    """A bot with these cogs, shown on the sandbox, and the page."""
    file = folder / "bot.ini"
    file.write_text(f"[permissions]\n[plugins]\nextensions =\ncogs = {' '.join(cogs)}\n")
    async with (
        connected(sandbox, read_settings(file, folder)) as talk,
        shown(talk.bot, sandbox.url, sandbox.token()),
        opened(sandbox) as page,
    ):
        await page.until(lambda: page.bot.get("connected") and len(page.plugins) == len(cogs))
        yield talk.bot, page


async def test_lines_arrive_as_they_come(sandbox, tmp_path) -> None:
    async with running(sandbox, tmp_path) as (_, page):
        log.warning("on %s", "fire")
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            log.exception("no")
        await page.until(lambda: "no" in page.texts())
    warning, failure = [line for line in page.lines if line["logger"] == "patzta.test"]
    assert (warning["level"], warning["text"], warning["trace"]) == ("WARNING", "on fire", "")
    assert failure["trace"].endswith("ZeroDivisionError: division by zero")


async def test_a_reload_serves_the_new_code(sandbox, tmp_path, files) -> None:
    name = files.write(cog(1))
    async with running(sandbox, tmp_path, name) as (bot, page):
        assert page.plugins[name] == {
            "name": name, "resident": False, "cogs": ["C"], "state": "serving", "trace": ""
        }  # fmt: skip
        files.write(cog(2))
        await page.until(lambda: page.plugins[name]["state"] == "changed")
        assert bot.get_cog("C").V == 1
        (done,) = (await page.reload())["cogs"]
        assert bot.get_cog("C").V == 2
        assert done["before"] != done["after"]
        assert page.plugins[name]["state"] == "serving"


async def test_one_cog_can_be_reloaded_alone(sandbox, tmp_path, files) -> None:
    one = files.write(cog(1))
    other = files.write(cog(1, name="D", command="ho"), plugin="other")
    async with running(sandbox, tmp_path, one, other) as (bot, page):
        kept = bot.get_cog("D")
        assert [done["name"] for done in (await page.reload(one))["cogs"]] == [one]
        assert bot.get_cog("D") is kept


async def test_a_broken_cog_shows_its_traceback_and_the_old_code_serves(sandbox, tmp_path, files) -> None:
    name = files.write(cog(1))
    async with running(sandbox, tmp_path, name) as (bot, page):
        files.write(cog(2, before="raise RuntimeError('no idea')"))
        (kept,) = (await page.reload())["cogs"]
        assert "RuntimeError: no idea" in kept["trace"]
        assert "in setup" in kept["trace"]
        assert page.plugins[name]["state"] == "failed"
        assert page.plugins[name]["trace"] == kept["trace"]
        assert bot.get_cog("C").V == 1
        files.write(cog(1))
        await page.until(lambda: page.plugins[name]["state"] == "serving")
        files.write("def (")
        await page.until(lambda: page.plugins[name]["state"] == "changed")
        files.write(cog(3))
        await page.reload()
        assert (bot.get_cog("C").V, page.plugins[name]["state"]) == (3, "serving")


async def test_a_reload_asked_for_elsewhere_is_seen_too(sandbox, tmp_path, files) -> None:
    name = files.write(cog(1))
    async with running(sandbox, tmp_path, name) as (bot, page):
        files.write("raise RuntimeError")
        with contextlib.suppress(Exception):
            await bot.reload_extension(name)
        await page.until(lambda: page.plugins[name]["state"] == "failed")


async def test_a_name_that_is_no_cog_is_said(sandbox, tmp_path) -> None:
    async with running(sandbox, tmp_path) as (_, page):
        (kept,) = (await page.reload("no.such"))["cogs"]
        assert "ExtensionNotLoaded" in kept["trace"]


@contextlib.asynccontextmanager
async def hanging_up(*codes: int):
    """A server in the sandbox's place that hangs up after the first plugins, once with each code; its address, and the
    lines of each connection.
    """
    heard: list[list[str]] = []

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket, lines = web.WebSocketResponse(), list[str]()
        heard.append(lines)
        await socket.prepare(request)
        async for message in socket:
            frame = message.json()
            lines += [line["text"] for line in frame.get("lines", [])]
            if frame["type"] == "plugins" and len(heard) <= len(codes):
                await socket.close(code=codes[len(heard) - 1])
        return socket

    app = web.Application()
    app.add_routes([web.get("/sandbox/panel/bot", handle)])
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/"), heard


async def test_a_lost_connection_is_made_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(panel, "AGAIN", 0.05)
    async with hanging_up(1001, 1001) as (url, heard), offline_bot(tmp_path) as bot, shown(bot, url, "token"):
        await eventually(lambda: len(heard) == 3)
        log.warning("here again")
        await eventually(lambda: "here again" in heard[-1])


async def test_a_bot_whose_place_was_taken_leaves_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(panel, "AGAIN", 0.05)
    async with hanging_up(1001, REPLACED) as (url, heard), offline_bot(tmp_path) as bot:
        await asyncio.wait_for(Panel(bot, Tail(), url, "token").run(), 20)
        assert len(heard) == 2


async def test_no_secret_is_told(sandbox, tmp_path, files) -> None:
    name = files.write(cog(1))
    address = "https://discord.com/api/v10/webhooks/1/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages/@original"
    async with running(sandbox, tmp_path, name) as (_, page):
        log.error("%s and %s", sandbox.token(), address)
        files.write(f"raise RuntimeError({sandbox.token()!r})")
        report = await page.reload()
        await page.until(lambda: any(f"{name} keeps its old code" in text for text in page.texts()))
    told = f"{page.lines} {page.plugins} {report}"
    assert "[secret] and https://discord.com/api/v10/webhooks/1/[secret]/messages/@original" in told
    assert "RuntimeError: [secret]" in told
    assert sandbox.token() not in told
    assert "aW50" not in told


async def test_unheard_lines_are_bounded() -> None:
    tail = Tail()
    logger = logging.Logger("patzta.test")
    logger.addHandler(tail)
    for number in range(KEPT + 7):
        logger.info("%d", number)
    lines = [line["text"] for _ in range(2) for line in await tail.take(KEPT // 2)]
    assert lines == [str(number + 7) for number in range(KEPT)]
    waiting = asyncio.create_task(tail.take(1))
    await asyncio.to_thread(logger.info, "from a thread")
    assert [line["text"] for line in await waiting] == ["from a thread"]


async def test_a_live_bot_opens_no_panel(sandbox, tmp_path, monkeypatch) -> None:
    file = tmp_path / "bot.ini"
    file.write_text("[permissions]\n[plugins]\nextensions =\ncogs =\n")
    monkeypatch.setattr(command, "live_settings", lambda program: read_settings(file, tmp_path))
    monkeypatch.setattr(command, "read_token", lambda program: sandbox.token())
    with pointed(sandbox.url, sandbox.gateway):
        async with sandbox.client() as people:
            task = asyncio.create_task(command.live(PATZTABOT, argparse.Namespace(watch=False), {}))
            await people.wait_for_bot("patztabot22")
            async with opened(sandbox) as page:
                assert (await page._socket.receive_json())["bots"] == []
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
