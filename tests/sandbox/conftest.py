"""Fixtures: a sandbox, a logged-in bot and a client that acts for the people."""

import pytest_asyncio

from tests.sandbox.bot import running
from tests.sandbox.server import SandboxProcess


@pytest_asyncio.fixture
async def sandbox():
    async with SandboxProcess() as process:
        yield process


@pytest_asyncio.fixture
async def people(sandbox):
    async with sandbox.client() as client:
        yield client


@pytest_asyncio.fixture
async def bot(sandbox):
    async with running(sandbox, sync=True) as client:
        yield client
