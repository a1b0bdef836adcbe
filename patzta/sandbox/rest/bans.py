"""Bans of a server.

https://discord.com/developers/docs/resources/guild#get-guild-bans
"""

from urllib.parse import unquote

from aiohttp import web

from patzta.sandbox import bans, roles
from patzta.sandbox.http import API, json_response, no_content, read_json, whole_number
from patzta.sandbox.models import Json
from patzta.sandbox.permissions import Permission
from patzta.sandbox.reading import items
from patzta.sandbox.rest.place import guild_place


async def get_all(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/bans: by user id, the last `limit` ones where `before` is given."""
    state, bot, guild = guild_place(request)
    roles.require(guild, bot.id, Permission.BAN_MEMBERS)
    limit, query = whole_number(request, "limit", 1000, 1, 1000), request.query
    after, before = int(query.get("after", 0)), int(query.get("before", 0))
    ids = sorted((one for one in guild.bans if int(one) > after and (not before or int(one) < before)), key=int)
    chosen = ids[-limit:] if before else ids[:limit]
    return json_response([bans.ban_json(state, guild, one) for one in chosen])


async def get(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/bans/{user}"""
    state, bot, guild = guild_place(request)
    roles.require(guild, bot.id, Permission.BAN_MEMBERS)
    return json_response(bans.ban_json(state, guild, request.match_info["user"]))


async def ban(request: web.Request) -> web.Response:
    """PUT /guilds/{guild}/bans/{user}; discord.py says in the address which messages are to be deleted."""
    state, bot, guild = guild_place(request)
    told = {**request.query, **await read_json(request)}
    user_id = request.match_info["user"]
    bans.ban(state, bot.id, guild, user_id, reason=_reason(request), delete_s=_delete_s(told))
    return no_content()


async def unban(request: web.Request) -> web.Response:
    """DELETE /guilds/{guild}/bans/{user}"""
    state, bot, guild = guild_place(request)
    bans.unban(state, bot.id, guild, request.match_info["user"])
    return no_content()


async def ban_many(request: web.Request) -> web.Response:
    """POST /guilds/{guild}/bulk-ban"""
    state, bot, guild = guild_place(request)
    body = await read_json(request)
    user_ids = [str(one) for one in items(body, "user_ids")]
    done = bans.ban_many(state, bot.id, guild, user_ids, reason=_reason(request), delete_s=_delete_s(body))
    return json_response(done)


def _delete_s(told: Json) -> int:
    return int(told.get("delete_message_seconds") or 24 * 3600 * int(told.get("delete_message_days") or 0))


def _reason(request: web.Request) -> str | None:
    """What the audit log would say; discord.py quotes it."""
    reason = request.headers.get("X-Audit-Log-Reason")
    return unquote(reason) if reason else None


_BANS = f"{API}/guilds/{{guild}}/bans"

ROUTES = [
    web.get(_BANS, get_all),
    web.get(f"{_BANS}/{{user}}", get),
    web.put(f"{_BANS}/{{user}}", ban),
    web.delete(f"{_BANS}/{{user}}", unban),
    web.post(f"{API}/guilds/{{guild}}/bulk-ban", ban_many),
]
