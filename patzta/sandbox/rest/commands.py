"""Registering application commands, global and of one guild.

https://discord.com/developers/docs/interactions/application-commands
"""

from aiohttp import web

from patzta.sandbox import commands
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, STATE, authorised, json_response, no_content, read_json
from patzta.sandbox.state import State


def _scope(request: web.Request) -> tuple[State, str, str | None]:
    state, bot = request.app[STATE], authorised(request)
    if request.match_info["app"] != bot.id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    guild_id = request.match_info.get("guild")
    return state, bot.id, state.guild(guild_id).id if guild_id else None


async def get_all(request: web.Request) -> web.Response:
    """GET .../commands"""
    return json_response(list(commands.registered(*_scope(request)).values()))


async def overwrite(request: web.Request) -> web.Response:
    """PUT .../commands"""
    return json_response(commands.overwrite(*_scope(request), await read_json(request)))


async def create(request: web.Request) -> web.Response:
    """POST .../commands: 201 for a new one, 200 where it replaces one of the same name."""
    command, is_new = commands.upsert(*_scope(request), await read_json(request))
    return json_response(command, 201 if is_new else 200)


async def get(request: web.Request) -> web.Response:
    """GET .../commands/{command}"""
    return json_response(commands.get(*_scope(request), request.match_info["command"]))


async def change(request: web.Request) -> web.Response:
    """PATCH .../commands/{command}"""
    body = await read_json(request)
    return json_response(commands.change(*_scope(request), request.match_info["command"], body))


async def delete(request: web.Request) -> web.Response:
    """DELETE .../commands/{command}"""
    commands.delete(*_scope(request), request.match_info["command"])
    return no_content()


_BASES = (f"{API}/applications/{{app}}/commands", f"{API}/applications/{{app}}/guilds/{{guild}}/commands")

ROUTES = [
    route
    for base in _BASES
    for route in (
        web.get(base, get_all),
        web.put(base, overwrite),
        web.post(base, create),
        web.get(f"{base}/{{command}}", get),
        web.patch(f"{base}/{{command}}", change),
        web.delete(f"{base}/{{command}}", delete),
    )
]
