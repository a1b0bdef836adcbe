"""Pytest fixtures for the tests of any discord.py bot: a plugin, named in a conftest.py.

    pytest_plugins = ["patzta.sandbox.fixtures"]

    @pytest.mark.sandbox("--bot", "mybot:token")
    async def test_ping(sandbox, people):
        async with mybot.make() as bot:
            task = asyncio.create_task(bot.start(sandbox.token()))
            await people.wait_for_bot("mybot")
            await people.send("vilem", "general", "ping")
            await people.wait_for_message(channel="general", author="mybot", contains="pong")

Needs pytest-asyncio.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from patzta.sandbox.client import SandboxClient
from patzta.sandbox.pointing import pointed
from patzta.sandbox.process import SandboxProcess


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "sandbox(*arguments): start the sandbox with these arguments")


@pytest_asyncio.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[SandboxProcess]:
    """A fresh sandbox, with discord.py pointed at it for the time of the test.

    A bot that asked for something which the sandbox does not have fails the test, whatever became of it.
    """
    marker = request.node.get_closest_marker("sandbox")
    async with SandboxProcess(*(marker.args if marker else ())) as process:
        with pointed(process.url, process.gateway):
            yield process
        async with process.client() as client:
            unknown = [f"{one['method']} {one['path']}" for one in await client.requests() if one["unknown"]]
        assert not unknown, f"The sandbox does not have these routes: {unknown}"


@pytest_asyncio.fixture
async def people(sandbox: SandboxProcess) -> AsyncIterator[SandboxClient]:
    """The client that acts for the people and hears everything."""
    async with sandbox.client() as client:
        yield client
