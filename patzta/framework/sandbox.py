"""The sandbox as the bot sees it: a server process of its own that stands in for Discord."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import discord.asset
import discord.gateway
import discord.http
import yarl

from patzta.framework import DiscordUnavailable
from patzta.sandbox.world import PEOPLE
from patzta.settings import Settings, read_settings
from patzta.training.demo.prepare import model_folder

OWNER, FRIEND = "vilem", "bara"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running server: where it is, and the token that it expects."""

    url: str
    gateway: str
    token: str


@contextlib.asynccontextmanager
async def running_sandbox(bot: str, port: int) -> AsyncGenerator[Sandbox]:
    """Start the server, end it when left. Raises DiscordUnavailable."""
    token = secrets.token_urlsafe(32)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "patzta.sandbox", "--port", str(port), "--end-with-parent"),
        *("--bot", f"{bot}:{token}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal reaches the bot alone, so that it can take its leave first.
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        line = await process.stdout.readline()
        if not line:
            raise DiscordUnavailable("The sandbox did not start; its own words are above.")
        ready = json.loads(line)
        yield Sandbox(ready["url"], ready["gateway"], token)
    finally:
        process.stdin.close()
        await process.wait()


def point_discord_at(sandbox: Sandbox) -> None:
    """Make discord.py of this process talk to the sandbox: it keeps its addresses in three class attributes."""
    discord.http.Route.BASE = f"{sandbox.url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sandbox.gateway)
    discord.asset.Asset.BASE = sandbox.url  # pyright: ignore[reportAttributeAccessIssue]


def sandbox_settings(data: Path) -> Settings:
    """The sandbox's own config, written when missing: its owner and a friend who may chat with the demo double."""
    folder = data / "sandbox"
    config = folder / "patztabot_config.ini"
    if not config.exists():
        folder.mkdir(parents=True, exist_ok=True)
        ids = {person.username: person.id for person in PEOPLE}
        config.write_text(
            "# The sandbox's own config; delete it to get a new one.\n[permissions]\ndefault = 0\n"
            f"saved =\n    {ids[OWNER]} 4\n    {ids[FRIEND]} 1\n",
            encoding="utf-8",
        )
    return read_settings(config, folder, model_folder(data))
