"""The fixtures that other projects use, in a pytest of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

from patzta.settings import ROOT

TESTS = """
import asyncio

import aiohttp
import discord
import pytest


def make():
    client = discord.Client(intents=discord.Intents.all())

    @client.event
    async def on_message(message):
        if message.content == "ping":
            await message.channel.send("pong")

    return client


@pytest.mark.sandbox("--bot", "mybot:token")
async def test_ping(sandbox, people):
    async with make() as client:
        task = asyncio.create_task(client.start(sandbox.token()))
        await people.wait_for_bot("mybot")
        await people.send("vilem", "general", "ping")
        await people.wait_for_message(channel="general", author="mybot", contains="pong")
        await client.close()
        await task


def test_discord_is_itself_again():
    assert discord.http.Route.BASE.startswith("https://discord.com")


async def test_asking_for_what_is_not_there(sandbox):
    async with aiohttp.ClientSession() as session:
        await session.get(f"{sandbox.url}/api/v10/guilds/1/integrations")


async def test_without_arguments(sandbox, people):
    assert [bot["name"] for bot in (await people.snapshot())["bots"]] == ["patztabot22"]
"""


def pytest_says(folder: Path, conftest: str, tests: str) -> str:
    """What pytest prints about a project of these two files."""
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_bot.py").write_text(tests)
    command = [sys.executable, "-P", "-m", "pytest", "-q", "--strict-markers", "-o", "asyncio_mode=auto", folder]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout


def test_a_project_with_nothing_but_the_plugin(tmp_path):
    said = pytest_says(tmp_path, 'pytest_plugins = ["patzta.sandbox.fixtures"]\n', TESTS)
    assert re.search(r"4 passed.* 1 error", said), said
    assert "The sandbox does not have these routes: ['GET /guilds/1/integrations']" in said
