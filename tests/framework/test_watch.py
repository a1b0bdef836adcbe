"""``--watch``: saving a cog reloads it."""

import asyncio
import contextlib
import os
import textwrap

import pytest_asyncio

from patzta.framework.watch import watch
from tests.framework.plugin_folder import cog, version
from tests.running import eventually


@pytest_asyncio.fixture
async def watched(bot, files, caplog):
    name = files.write(cog(1))
    await bot.load_extension(name)
    caplog.set_level("INFO")
    task = asyncio.create_task(watch(bot))
    await eventually(lambda: "watching" in caplog.text)
    yield bot
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def saved_until(files, source: str, condition) -> None:
    """The watcher may start to look a moment after it says so: save until it has seen it."""
    async with asyncio.timeout(20):
        for number in range(100):
            files.write(textwrap.dedent(source) + f"# {number}\n")
            with contextlib.suppress(TimeoutError):
                await eventually(condition, within=1)
                return


async def test_saving_reloads(watched, files) -> None:
    await saved_until(files, cog(2), lambda: version(watched) == 2)


async def test_a_plugin_that_failed_stays_watched(watched, files, caplog) -> None:
    await saved_until(files, "def (", lambda: "keeps its old code" in caplog.text)
    assert version(watched) == 1
    await saved_until(files, cog(3), lambda: version(watched) == 3)


async def test_the_time_of_a_file_does_not_count(watched, files) -> None:
    await saved_until(files, cog(2), lambda: version(watched) == 2)
    kept = watched.get_cog("C")
    for path in files.folder.iterdir():
        if path.suffix == ".py":
            os.utime(path)
    other = files.write(cog(1, name="D", command="ho"), plugin="other")
    await watched.load_extension(other)
    files.write(cog(2, name="D", command="ho"), plugin="other")
    await eventually(lambda: version(watched, "D") == 2)
    assert watched.get_cog("C") is kept
