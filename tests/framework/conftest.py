"""A folder of plugins, and a bot without a Discord to load them."""

import pytest
import pytest_asyncio

from tests.framework.plugin_folder import offline_bot, plugins_in


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    with plugins_in(folder) as files:
        yield files


@pytest_asyncio.fixture
async def bot(tmp_path):
    async with offline_bot(tmp_path) as bot:
        yield bot
