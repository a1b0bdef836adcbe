"""What a live start asks for, and what it says when Discord refuses."""

import stat

import discord
import pytest

from patzta.framework import DiscordUnavailable, PluginFailed
from patzta.framework.bot import Bot
from patzta.framework.command import connect
from patzta.framework.config import live_settings, read_token
from patzta.sandbox.pointing import pointed
from patzta.settings import ROOT, SettingsError, read_settings
from tests.running import talking
from tests.sandbox.server import SandboxProcess


@pytest.fixture
def config(tmp_path):
    name = "patztabot_config.ini.example"
    (tmp_path / name).write_bytes((ROOT / "config" / name).read_bytes())
    return tmp_path


def test_a_missing_config_is_created_privately_and_asks_for_the_owner(config) -> None:
    with pytest.raises(SettingsError, match="put your own Discord user ID"):
        live_settings(config)
    assert stat.S_IMODE((config / "patztabot_config.ini").stat().st_mode) == 0o600


def test_a_missing_token_is_explained(config) -> None:
    with pytest.raises(SettingsError, match="discord.com/developers") as caught:
        read_token(config)
    assert "bin/patztabot --sandbox" in str(caught.value)
    file = config / "patztabot_token.txt"
    file.write_text(" secret\n")
    file.chmod(0o644)
    assert read_token(config) == "secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def empty_bot(tmp_path) -> Bot:
    file = tmp_path / "bot.ini"
    file.write_text("[permissions]\n[plugins]\nextensions =\ncogs =\n")
    return Bot(read_settings(file))


async def test_a_wrong_token_is_said(tmp_path) -> None:
    async with SandboxProcess() as sandbox:
        with pointed(sandbox.url, sandbox.gateway):
            async with empty_bot(tmp_path) as bot:
                with pytest.raises(DiscordUnavailable, match="refused the token"):
                    await connect(bot, "wrong")


async def test_a_missing_intent_names_the_switch(tmp_path) -> None:
    async with SandboxProcess("--without-intent", "message_content") as sandbox:
        with pointed(sandbox.url, sandbox.gateway):
            async with empty_bot(tmp_path) as bot:
                with pytest.raises(DiscordUnavailable, match="switch on Message Content Intent"):
                    await connect(bot, sandbox.token())


async def test_an_unreachable_discord_is_said(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9/api/v10")
    async with empty_bot(tmp_path) as bot:
        with pytest.raises(DiscordUnavailable, match="cannot be reached"):
            await connect(bot, "token")


@pytest.mark.parametrize("name", ["flying", "flying.circus"])
async def test_a_plugin_that_does_not_exist_is_named(tmp_path, name) -> None:
    async with SandboxProcess() as sandbox:
        with pytest.raises(PluginFailed, match=f"There is no plugin '{name}'"):
            async with talking(sandbox, tmp_path, "", cogs=(name,), extensions=()):
                pass
