"""A bot with all cogs and a fake model, on a real sandbox."""

import pytest_asyncio

from patzta.inference.contract import GENERATE
from tests.cogs.fake_model import FakeModel
from tests.running import talking
from tests.sandbox.server import SandboxProcess


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def running(tmp_path_factory):
    async with SandboxProcess() as sandbox:
        folder = tmp_path_factory.mktemp("bot")
        model = FakeModel()
        async with talking(sandbox, folder, "", {GENERATE: model}, extensions=("database",)) as talk:
            yield talk, model


@pytest_asyncio.fixture(loop_scope="package")
async def talk(running):
    running[1].reset()
    return running[0]


@pytest_asyncio.fixture(loop_scope="package")
async def model(running):
    return running[1]
