"""Roles, members as they are changed, and the exceptions of channels.

https://discord.com/developers/docs/resources/guild#create-guild-role
"""

from aiohttp import web

from patzta.sandbox import overwrites, roles
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, json_response, no_content, read_json
from patzta.sandbox.models import Role
from patzta.sandbox.rest.place import guild_place, place
from patzta.sandbox.serialise import member_json, role_json


async def get_all(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/roles"""
    _, _, guild = guild_place(request)
    return json_response([role_json(role) for role in guild.roles.values()])


async def get(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/roles/{role}"""
    _, _, guild = guild_place(request)
    role = guild.roles.get(request.match_info["role"])
    if role is None:
        raise ApiError.unknown(10011, "Role")
    return json_response(role_json(role))


async def create(request: web.Request) -> web.Response:
    """POST /guilds/{guild}/roles"""
    state, bot, guild = guild_place(request)
    return json_response(role_json(roles.create(state, bot.id, guild, await read_json(request))))


async def change(request: web.Request) -> web.Response:
    """PATCH /guilds/{guild}/roles/{role}"""
    state, bot, guild = guild_place(request)
    role = roles.change(state, bot.id, guild, request.match_info["role"], await read_json(request))
    return json_response(role_json(role))


async def move(request: web.Request) -> web.Response:
    """PATCH /guilds/{guild}/roles: new positions."""
    state, bot, guild = guild_place(request)
    roles.move(state, bot.id, guild, await read_json(request))
    return json_response([role_json(role) for role in sorted(guild.roles.values(), key=_position)])


def _position(role: Role) -> int:
    return role.position


async def delete(request: web.Request) -> web.Response:
    """DELETE /guilds/{guild}/roles/{role}"""
    state, bot, guild = guild_place(request)
    roles.delete(state, bot.id, guild, request.match_info["role"])
    return no_content()


async def give(request: web.Request) -> web.Response:
    """PUT and DELETE /guilds/{guild}/members/{user}/roles/{role}"""
    state, bot, guild = guild_place(request)
    where = request.match_info
    roles.assign(state, bot.id, guild, where["user"], where["role"], given=request.method == "PUT")
    return no_content()


async def edit_member(request: web.Request) -> web.Response:
    """PATCH /guilds/{guild}/members/{user or @me}"""
    state, bot, guild = guild_place(request)
    user_id = request.match_info["user"]
    member = roles.edit_member(state, bot.id, guild, bot.id if user_id == "@me" else user_id, await read_json(request))
    return json_response(member_json(state, member))


async def kick(request: web.Request) -> web.Response:
    """DELETE /guilds/{guild}/members/{user}"""
    state, bot, guild = guild_place(request)
    roles.kick(state, bot.id, guild, request.match_info["user"])
    return no_content()


async def put_overwrite(request: web.Request) -> web.Response:
    """PUT /channels/{channel}/permissions/{target}"""
    here = place(request)
    body = await read_json(request) | {"id": request.match_info["target"]}
    overwrites.put(here.state, here.bot.id, here.channel, body)
    return no_content()


async def delete_overwrite(request: web.Request) -> web.Response:
    """DELETE /channels/{channel}/permissions/{target}"""
    here = place(request)
    overwrites.remove(here.state, here.bot.id, here.channel, request.match_info["target"])
    return no_content()


_ROLES = f"{API}/guilds/{{guild}}/roles"
_MEMBER = f"{API}/guilds/{{guild}}/members/{{user}}"
_OVERWRITE = f"{API}/channels/{{channel}}/permissions/{{target}}"

ROUTES = [
    web.get(_ROLES, get_all),
    web.post(_ROLES, create),
    web.patch(_ROLES, move),
    web.get(f"{_ROLES}/{{role}}", get),
    web.patch(f"{_ROLES}/{{role}}", change),
    web.delete(f"{_ROLES}/{{role}}", delete),
    web.patch(_MEMBER, edit_member),
    web.delete(_MEMBER, kick),
    web.put(f"{_MEMBER}/roles/{{role}}", give),
    web.delete(f"{_MEMBER}/roles/{{role}}", give),
    web.put(_OVERWRITE, put_overwrite),
    web.delete(_OVERWRITE, delete_overwrite),
]
