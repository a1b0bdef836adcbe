"""``--invite``: the link by which a bot comes to a server, made from its token without asking Discord."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import discord

from patzta.framework.config import CONFIG, read_token
from patzta.settings import PATZTABOT, Program, SettingsError

SCOPES = ("bot", "applications.commands")
BOTH = discord.Permissions(
    view_channel=True,
    read_message_history=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
)
"""What either bot does on a server."""
DOUBLE = BOTH | discord.Permissions(create_public_threads=True, add_reactions=True)
"""What the double does besides: ``/thread``, and reactions of its own."""


def permissions(program: Program) -> discord.Permissions:
    """What the bot needs to be allowed on a server."""
    return DOUBLE if program is PATZTABOT else BOTH


def invite(program: Program, folder: Path = CONFIG) -> str:
    """The link for the bot whose token is in ``folder``. Raises SettingsError."""
    bot = bot_id(read_token(folder, program))
    if bot is None:
        raise SettingsError(f"{folder / program.token} {NO_TOKEN}")
    return discord.utils.oauth_url(bot, permissions=permissions(program), scopes=SCOPES)


NO_TOKEN = "holds something else: a token is three parts with dots between. Copy it again."  # noqa: S105


def bot_id(token: str) -> int | None:
    """The id in the first of a token's three parts; None for what is no token.

    It is that of the application, too, for every application made since 2016.
    """
    first, *rest = token.split(".")
    try:
        digits = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
    except (binascii.Error, ValueError):
        return None
    return int(digits) if len(rest) == 2 and all(rest) and digits.isdigit() else None
