"""What Discord says of a bot before it is started: its token, its intents, its servers, the people in its config."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import aiohttp
import discord

from patzta.framework.invite import permissions
from patzta.settings import Program, Settings

PATIENCE = 20.0
"""Seconds until Discord counts as out of reach."""
MOST = 20
"""People and servers that are asked about: each takes a request."""
OK, WARN, FAIL = "ok  ", "warn", "FAIL"

Finding = tuple[str, str]


async def ask(program: Program, settings: Settings, token: str) -> list[Finding]:
    """Ask Discord by HTTP alone; nothing is changed, and nobody sees the bot come online."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(PATIENCE), discord.Client(intents=discord.Intents.none()) as client:
            await client.login(token)
            found.extend([finding async for finding in _findings(client, program, settings)])
    except discord.LoginFailure:
        found.append((FAIL, "discord: does not know this token: Reset Token on the bot's page, and copy the new one."))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        reason = str(error) or "no answer"
        found.append((WARN, f"discord: cannot be reached, so that it was not asked for all: {reason}"))
    return found


async def _findings(client: discord.Client, program: Program, settings: Settings) -> AsyncGenerator[Finding]:
    yield OK, f"discord: the token is that of {client.user}"
    yield _intent(client)
    servers = cast("list[dict[str, Any]]", await client.http.get_guilds(200))
    for finding in about_servers(servers, program, settings):
        yield finding
    async for finding in _roles(client, {int(server["id"]) for server in servers}, settings):
        yield finding
    for user_id in list(settings.rules.saved)[:MOST]:
        if finding := await _person(client, user_id):
            yield finding


def _intent(client: discord.Client) -> Finding:
    flags = client.application.flags if client.application else discord.ApplicationFlags()
    if flags.gateway_message_content or flags.gateway_message_content_limited:
        return OK, "intents: it may read messages"
    page = f"https://discord.com/developers/applications/{client.application_id}/bot"
    return FAIL, f"intents: it may not read messages: switch on Message Content Intent at {page}"


def about_servers(servers: list[dict[str, Any]], program: Program, settings: Settings) -> list[Finding]:
    """Of Discord's partial guilds (``GET /users/@me/guilds``): is it where the config says, and may it do its work?"""
    if not servers:
        return [(WARN, f"servers: it is on none, and nobody can write to it: open the link of {_invite(program)}")]
    found = [(OK, f"servers: it is on {', '.join(server['name'] for server in servers[:MOST])}")]
    for server in servers:
        allowed = discord.Permissions(int(server["permissions"]))
        missing = permissions(program) & ~allowed
        if missing.value and not allowed.administrator:
            names = ", ".join(name.replace("_", " ") for name, lacks in missing if lacks)
            found.append((WARN, f"servers: on {server['name']} it may not {names}: invite it anew, {_invite(program)}"))
    there = {int(server["id"]) for server in servers}
    found += [
        (FAIL, f"servers: [discord] guilds names {guild}, where the bot is not: invite it, {_invite(program)}")
        for guild in settings.guilds
        if guild not in there
    ]
    return found


def _invite(program: Program) -> str:
    return f"bin/{program.name} --invite"


async def _roles(client: discord.Client, there: set[int], settings: Settings) -> AsyncGenerator[Finding]:
    """Roles of trusted servers that give nothing to anybody."""
    for role in settings.rules.roles[:MOST]:
        if role.guild_id not in there:
            yield WARN, f"permissions: the role {role.role} counts nothing: the bot is not on server {role.guild_id}"
            continue
        roles = await client.http.get_roles(role.guild_id)
        if role.role not in {text for one in roles for text in (str(one["id"]), one["name"])}:
            yield WARN, f"permissions: server {role.guild_id} has no role {role.role}: look at [permissions] roles"


async def _person(client: discord.Client, user_id: int) -> Finding | None:
    try:
        user = await client.fetch_user(user_id)
    except discord.NotFound:
        return FAIL, f"permissions: Discord has no user {user_id}: right-click a name, Copy User ID"
    if user.bot:
        return FAIL, f"permissions: {user_id} is the bot {user}, not a person: right-click a name, Copy User ID"
    return None
