"""Making discord.py talk to the sandbox. The only module here that knows of discord.py; for bots and their tests."""

from collections.abc import Generator
from contextlib import contextmanager

import discord.asset
import discord.gateway
import discord.http
import yarl


def point_discord(url: str, gateway: str) -> None:
    """Make discord.py in this process talk to these addresses: it keeps them in three class attributes."""
    discord.http.Route.BASE = f"{url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    discord.asset.Asset.BASE = url  # pyright: ignore[reportAttributeAccessIssue]


@contextmanager
def pointed(url: str, gateway: str) -> Generator[None]:
    """The same for as long as the block lasts."""
    route, socket, asset = discord.http.Route, discord.gateway.DiscordWebSocket, discord.asset.Asset
    before = route.BASE, socket.DEFAULT_GATEWAY, asset.BASE
    point_discord(url, gateway)
    try:
        yield
    finally:
        route.BASE, socket.DEFAULT_GATEWAY, asset.BASE = before
