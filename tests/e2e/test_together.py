"""``bin/patztabot --sandbox`` and ``bin/shellbot --sandbox`` at once: one server, which ends with the last of them."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from patzta.sandbox.client import SandboxClient
from patzta.sandbox.world import OWNER
from patzta.settings import ROOT
from tests.running import DIRECT
from tests.shell.conftest import text

pytestmark = pytest.mark.timeout(180)

DOUBLE, SHELL = "patzta.framework", "patzta.framework.shellbot"
EMPTY = {"content": "", "components": []}
RULES = f"[permissions]\nsaved = {OWNER} 4\n"
QUICK = f"{RULES}[plugins]\nextensions = database\ncogs = lifecycle\n"


@dataclass
class Running:
    """A bot and where its page is; ``said`` is what it wrote until it was ready, or ended."""

    process: subprocess.Popen
    url: str
    said: str

    async def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it; the exit code, once everything that it started has let go of its terminal."""
        self.process.send_signal(number)
        await asyncio.to_thread(self.process.communicate, timeout=30)
        return self.process.returncode


def start(module: str, data: Path) -> Running:
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--sandbox", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "PATZTA_DATA": str(data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"Open (http://\S+)", line):
            return Running(process, found[1], said)
    return Running(process, "", said)


@contextlib.asynccontextmanager
async def started(data: Path, *modules: str):
    """These, started at the same moment, and ended."""
    bots = await asyncio.gather(*(asyncio.to_thread(start, module, data) for module in modules))
    try:
        assert all(bot.url for bot in bots), [bot.said for bot in bots]
        yield bots
    finally:
        for bot in bots:
            if bot.process.poll() is None:
                await bot.end()


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder whose double has no model."""
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "patztabot_config.ini").write_text(QUICK)
    return tmp_path


async def online(people: SandboxClient) -> set[str]:
    return {bot["name"] for bot in (await people.snapshot())["bots"] if bot["online"]}


async def run(people: SandboxClient, bot: str, command: str, **options) -> str:
    """Run a command that both bots have, as the owner; the interaction."""
    number = next(one["id"] for one in (await people.snapshot())["bots"] if one["name"] == bot)
    return await people.command("vilem", DIRECT, command, options, application=number)


@pytest.mark.slow
async def test_both_serve_on_one_page_and_the_last_ends_it(demo, data) -> None:
    (data / "sandbox" / "patztabot_config.ini").write_text(f"{RULES}[model]\npath = {demo}\n")
    async with started(data, DOUBLE, SHELL) as (double, shell):
        assert double.url == shell.url
        async with SandboxClient(double.url) as people:
            assert await online(people) == {"patztabot22", "shellbot"}
            await people.send("vilem", DIRECT, "ahoj")
            assert await people.wait_for_message(channel=DIRECT, author="patztabot22", timeout=60)
            mark = people.mark()
            await people.command("vilem", "general", "job run", {"command": "echo both of us"})
            shown = "```ansi\nboth of us"
            await people.wait_for(lambda event: shown in text(event.get("message") or EMPTY), since=mark)
        starter, other = (double, shell) if "INFO open" in double.said else (shell, double)
        assert await starter.end() == 130
        async with SandboxClient(other.url) as people:
            (name,) = await online(people)
            answer = await people.answer(await run(people, name, "ping"))
            assert "Pong" in answer["content"]
        assert await other.end() == 130
        with pytest.raises(aiohttp.ClientConnectionError):
            async with SandboxClient(other.url):
                pass


async def test_one_that_was_killed_comes_back_into_the_same_world(data) -> None:
    async with (
        started(data, DOUBLE) as (first,),
        started(data, SHELL) as (shell,),
        SandboxClient(shell.url) as people,
    ):
        assert await first.end(signal.SIGKILL) == -signal.SIGKILL
        said = await people.send("vilem", "random", "jsi tam?")
        async with started(data, DOUBLE) as (again,):
            assert again.url == shell.url
            assert await online(people) == {"patztabot22", "shellbot"}
            assert said["id"] in {message["id"] for message in await people.messages("vilem", "random")}
            mark = people.mark()
            await run(people, "patztabot22", "restart", process=True)
            await people.wait_for_message(contains="Back after", since=mark, timeout=60)
            assert await online(people) == {"patztabot22", "shellbot"}


async def test_the_same_bot_twice_is_on_two_pages(data) -> None:
    async with started(data, SHELL) as (shell,), started(data, SHELL) as (other,):
        assert shell.url != other.url
        assert f"shellbot is on the sandbox at {shell.url} already" in other.said
