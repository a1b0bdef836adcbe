"""Guilds with their channels and members.

https://discord.com/developers/docs/resources/guild
"""

from aiohttp import web

from patzta.sandbox.channels import create_channel, update
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, json_response, no_content, read_json, whole_number
from patzta.sandbox.rest.place import guild_place
from patzta.sandbox.serialise import channel_json, guild_json, member_json, thread_member_json


async def get_guild(request: web.Request) -> web.Response:
    """GET /guilds/{guild}"""
    _, _, guild = guild_place(request)
    body = guild_json(guild)
    if request.query.get("with_counts", "").lower() in ("1", "true"):
        body |= {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return json_response(body)


async def get_channels(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/channels: those that the bot sees, without threads."""
    state, bot, guild = guild_place(request)
    channels = [c for c in state.channels.values() if c.guild_id == guild.id and not c.thread]
    return json_response([channel_json(state, c) for c in channels if state.sees(bot.id, c)])


async def new_channel(request: web.Request) -> web.Response:
    """POST /guilds/{guild}/channels"""
    state, bot, guild = guild_place(request)
    channel = create_channel(state, bot.id, guild.id, await read_json(request))
    return json_response(channel_json(state, channel), 201)


async def move_channels(request: web.Request) -> web.Response:
    """PATCH /guilds/{guild}/channels: new positions and categories."""
    state, bot, guild = guild_place(request)
    for place in await read_json(request):
        channel = state.channel(str(place["id"]))
        if channel.guild_id != guild.id:
            raise ApiError.unknown(10003, "Channel")
        update(
            state, bot.id, channel, {key: place[key] for key in ("position", "parent_id") if place.get(key) is not None}
        )
    return no_content()


async def get_members(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/members"""
    state, _, guild = guild_place(request)
    limit, after = whole_number(request, "limit", 1, 1, 1000), int(request.query.get("after", "0"))
    members = sorted((m for m in guild.members.values() if int(m.user_id) > after), key=lambda m: int(m.user_id))
    return json_response([member_json(state, member) for member in members[:limit]])


async def get_member(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/members/{user}"""
    state, _, guild = guild_place(request)
    return json_response(member_json(state, state.member(guild.id, request.match_info["user"])))


async def get_active_threads(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/threads/active"""
    state, bot, guild = guild_place(request)
    threads = [t for t in state.threads(guild.id) if t.thread and not t.thread.archived and state.sees(bot.id, t)]
    joined = [thread_member_json(t, bot.id) for t in threads if t.thread and bot.id in t.thread.members]
    bodies = [channel_json(state, t, bot.id) for t in threads]
    return json_response({"threads": bodies, "members": joined, "has_more": False})


ROUTES = [
    web.get(f"{API}/guilds/{{guild}}", get_guild),
    web.get(f"{API}/guilds/{{guild}}/channels", get_channels),
    web.post(f"{API}/guilds/{{guild}}/channels", new_channel),
    web.patch(f"{API}/guilds/{{guild}}/channels", move_channels),
    web.get(f"{API}/guilds/{{guild}}/members", get_members),
    web.get(f"{API}/guilds/{{guild}}/members/{{user}}", get_member),
    web.get(f"{API}/guilds/{{guild}}/threads/active", get_active_threads),
]
