"""docs/cog.md, carried out: each version of the cog, what is typed, and what the page says of the answers."""

import asyncio
import contextlib
import logging
import re

import pytest

import cogs
from patzta.framework import PluginFailed
from patzta.framework.watch import watch
from patzta.inference.contract import GENERATE
from patzta.settings import ROOT
from tests.cogs.fake_model import FakeModel
from tests.cogs.test_commands import run
from tests.markdown import blocks
from tests.running import DIRECT, eventually, talking
from tests.sandbox.server import SandboxProcess

PAGE = ROOT / "docs" / "cog.md"
BLOCKS = list(blocks(PAGE))
FIRST, SECOND, THIRD = (block.text for block in BLOCKS if block.text.startswith("# cogs/dice.py\n"))
(CONFIG,) = (block.text for block in BLOCKS if block.language == "ini")
(TEST,) = (block.text for block in BLOCKS if block.text.startswith("# tests/cogs/test_dice.py\n"))


def test_nothing_in_it_is_left_out() -> None:
    python = [block.text for block in BLOCKS if block.language == "python"]
    assert python == [FIRST, SECOND, THIRD, TEST]


@contextlib.asynccontextmanager
async def watched(talk):
    """What ``--watch`` does beside the bot."""
    task = asyncio.create_task(watch(talk.bot))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def saved_until(file, text: str, condition) -> None:
    """Save, and again until the watcher, which may have begun to look a moment later, has seen it."""
    async with asyncio.timeout(60):
        for number in range(100):
            file.write_text(f"{text}# {number}\n")
            with contextlib.suppress(TimeoutError):
                await eventually(condition, within=2)
                return


def loaded(talk) -> str:
    return talk.bot.plugins.loaded["cogs.dice"].hash


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that belongs to the package ``cogs``, with the first version in it."""
    folder = tmp_path / "cogs"
    folder.mkdir()
    (folder / "dice.py").write_text(FIRST)
    monkeypatch.setattr(cogs, "__path__", [*cogs.__path__, str(folder)])
    return folder


async def test_the_page_tells_the_truth(folder, tmp_path, caplog) -> None:
    caplog.set_level(logging.INFO)
    model = FakeModel()
    async with SandboxProcess() as sandbox:
        services = {GENERATE: model}
        async with talking(sandbox, tmp_path, CONFIG, services, extensions=("database",)) as talk:
            await a_command(talk)
            async with watched(talk):
                await an_edit(talk, folder / "dice.py")
                await a_mistake(talk, folder / "dice.py", caplog)
            await state(talk, folder / "dice.py")
            await its_test(talk)


async def a_command(talk) -> None:
    assert re.fullmatch("🎲 [1-6]", (await run(talk, "bara", "dice"))["content"])
    direct = (await talk.people.open_dm("cizinec", "patztabot22"))["id"]
    refused = await talk.people.answer(await talk.people.command("cizinec", direct, "dice"))
    assert f"> {refused['content']}\n" in PAGE.read_text()
    assert refused["flags"] & 64, "alone"


async def an_edit(talk, file) -> None:
    before = loaded(talk)
    await saved_until(file, SECOND, lambda: loaded(talk) != before)
    async with asyncio.timeout(30):
        while "sides" not in str(await talk.people.commands("bara", DIRECT)):
            await asyncio.sleep(0.05)
    answer = await run(talk, "bara", "dice", sides=20)
    assert re.fullmatch(r"🎲 \d+ of 20", answer["content"])
    again = await talk.people.answer(await talk.people.click("bara", DIRECT, answer["id"], "dice:20"))
    assert re.fullmatch(r"🎲 \d+ of 20", again["content"])
    assert "✅ cogs.dice: as before" in (await run(talk, "vilem", "restart"))["content"]
    after = await talk.people.answer(await talk.people.click("bara", DIRECT, answer["id"], "dice:20"))
    assert "of 20" in after["content"], "the old button works"


async def a_mistake(talk, file, caplog) -> None:
    await saved_until(file, "def (", lambda: "cogs.dice keeps its old code" in caplog.text)
    assert "SyntaxError" in caplog.text
    assert "cogs.dice keeps its old code" in (await run(talk, "vilem", "restart"))["content"]
    assert "of 6" in (await run(talk, "bara", "dice"))["content"]


async def state(talk, file) -> None:
    file.write_text(THIRD)
    assert "✅ cogs.dice: changed" in (await run(talk, "vilem", "restart"))["content"]
    won = 0
    while not won:
        won = await duel(talk)
    assert "✅ cogs.dice: as before" in (await run(talk, "vilem", "restart"))["content"]
    assert await duel(talk) >= won


async def duel(talk) -> int:
    """Throw against the double; how often people have won."""
    said = re.fullmatch(
        r"You: (\d)\. Nobody: (\d)\. People won (\d+) in all\.", (await run(talk, "bara", "duel"))["content"]
    )
    assert said
    return int(said[3])


async def its_test(talk) -> None:
    await talk.bot.unload_extension("cogs.dice")
    names: dict = {}
    exec(compile(TEST, str(PAGE), "exec"), names)
    await names["test_a_duel_names_the_double"](talk)
    assert "cogs.dice" not in talk.bot.plugins.loaded


async def test_a_service_that_nobody_provides_is_named(folder, tmp_path) -> None:
    (folder / "dice.py").write_text(THIRD)
    async with SandboxProcess() as sandbox:
        with pytest.raises(PluginFailed, match="'cogs.dice' needs the service 'model'"):
            async with talking(sandbox, tmp_path, "", cogs=("dice",), extensions=("database",)):
                pass
