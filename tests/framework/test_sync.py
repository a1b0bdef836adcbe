"""Discord is told the commands when they changed, where the config says, and no more often."""

import pytest_asyncio

from patzta.framework.sync import DEBOUNCE
from patzta.sandbox.world import CAFE, SANCTUARY
from tests.cogs.test_lifecycle import GREETING
from tests.framework.plugin_folder import plugins_in
from tests.running import eventually, talking
from tests.sandbox.server import SandboxProcess

PLUGINS = {"extensions": ("database",), "cogs": ("lifecycle",)}


@pytest_asyncio.fixture
async def sandbox():
    async with SandboxProcess() as sandbox:
        yield sandbox


def told(sandbox) -> list[str]:
    """Where commands were registered, in order: the paths of the requests."""
    return [one["path"].partition("/applications/")[2].partition("/")[2] for one in puts(sandbox)]


def puts(sandbox) -> list[dict]:
    return [one for one in sandbox.exchanges() if one["method"] == "PUT" and one["path"].endswith("/commands")]


async def test_a_second_start_tells_nothing(sandbox, tmp_path) -> None:
    for _ in range(2):
        async with talking(sandbox, tmp_path, "", **PLUGINS):
            pass
    assert told(sandbox) == ["commands"]


async def test_another_database_knows_nothing_of_it(sandbox, tmp_path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with talking(sandbox, tmp_path / name, "", **PLUGINS):
            pass
    assert told(sandbox) == ["commands"] * 2


async def test_on_named_servers_only_and_taken_away_again(sandbox, tmp_path) -> None:
    async with talking(sandbox, tmp_path, "", guilds=(int(SANCTUARY), int(CAFE)), **PLUGINS):
        pass
    assert sorted(told(sandbox)) == sorted(["commands", f"guilds/{SANCTUARY}/commands", f"guilds/{CAFE}/commands"])
    async with talking(sandbox, tmp_path, "", guilds=(int(CAFE),), **PLUGINS) as talk:
        offered = {command["name"] for command in await talk.people.commands("vilem", "Kafe u Řeky/general")}
        assert "ping" in offered
        assert await talk.people.commands("vilem", "patztabot22-direct") == []
    assert told(sandbox)[3:] == [f"guilds/{SANCTUARY}/commands"]


async def test_many_changes_in_a_row_are_told_once(sandbox, tmp_path) -> None:
    async with talking(sandbox, tmp_path, "", **PLUGINS) as talk:
        assert talk.bot.sync.debounce == DEBOUNCE
        talk.bot.sync.debounce = 0.2
        with plugins_in(tmp_path) as files:
            name = files.write(GREETING.format(answer="'a'"))
            await talk.bot.load_extension(name)
            for text in "bcd":
                files.write(GREETING.format(answer=f"'{text}'").replace('"Greet."', f'"Greet {text}."'))
                await talk.bot.reload_extension(name)
            await eventually(lambda: len(told(sandbox)) == 2)
            await talk.bot.unload_extension(name)
            await eventually(lambda: len(told(sandbox)) == 3)


async def test_levels_are_hinted_to_discord(sandbox, tmp_path) -> None:
    """Managers of a server are shown what admins use; everybody is shown the rest."""
    async with talking(sandbox, tmp_path, "", **PLUGINS) as talk:
        commands = (await talk.people.snapshot())["commands"][str(talk.bot.application_id)]
        shown_to = {command["name"]: command["default_member_permissions"] for command in commands}
        assert shown_to["restart"] == str(1 << 5)
        assert shown_to["ping"] is None
