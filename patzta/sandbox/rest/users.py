"""Users, the bot's own application, and where the gateway is.

https://discord.com/developers/docs/resources/user
"""

from aiohttp import web

from patzta.sandbox.channels import open_dm
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, STATE, authorised, json_response, no_content, read_json, whole_number
from patzta.sandbox.roles import leave
from patzta.sandbox.serialise import application_json, channel_json, own_guild_json, own_user_json, user_json
from patzta.sandbox.world import OWNER


async def get_gateway(request: web.Request) -> web.Response:
    """GET /gateway, for anyone."""
    return json_response({"url": gateway_url(request.app[STATE].base_url)})


def gateway_url(base_url: str) -> str:
    """The websocket address that belongs to the server's address."""
    return f"{base_url.replace('http', 'ws', 1)}/gateway"


async def get_gateway_bot(request: web.Request) -> web.Response:
    """GET /gateway/bot"""
    authorised(request)
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    url = gateway_url(request.app[STATE].base_url)
    return json_response({"url": url, "shards": request.app[STATE].shards, "session_start_limit": limit})


async def get_me(request: web.Request) -> web.Response:
    """GET /users/@me"""
    return json_response(own_user_json(authorised(request).user))


async def change_me(request: web.Request) -> web.Response:
    """PATCH /users/@me: the username; pictures are not kept."""
    bot, body = authorised(request), await read_json(request)
    unsupported = set(body) - {"username"}
    if unsupported:
        raise ApiError.invalid(min(unsupported), "UNSUPPORTED", "The sandbox keeps no pictures of bots.")
    bot.user.username = str(body.get("username") or bot.user.username)
    return json_response(own_user_json(bot.user))


async def get_user(request: web.Request) -> web.Response:
    """GET /users/{user}"""
    authorised(request)
    return json_response(user_json(request.app[STATE].user(request.match_info["user"])))


async def create_dm(request: web.Request) -> web.Response:
    """POST /users/@me/channels"""
    state, bot, body = request.app[STATE], authorised(request), await read_json(request)
    channel = open_dm(state, bot.id, str(body.get("recipient_id")))
    return json_response(channel_json(state, channel, bot.id))


async def get_guilds(request: web.Request) -> web.Response:
    """GET /users/@me/guilds"""
    state, bot = request.app[STATE], authorised(request)
    limit, after = whole_number(request, "limit", 200, 1, 200), int(request.query.get("after", "0"))
    own = [guild for guild in state.guilds.values() if bot.id in guild.members and int(guild.id) > after]
    return json_response([own_guild_json(guild, bot.id) for guild in own[:limit]])


async def leave_guild(request: web.Request) -> web.Response:
    """DELETE /users/@me/guilds/{guild}"""
    state, bot = request.app[STATE], authorised(request)
    guild = state.guild(request.match_info["guild"])
    if bot.id not in guild.members:
        raise ApiError.unknown(10004, "Guild")
    leave(state, guild, bot.id)
    return no_content()


async def get_application(request: web.Request) -> web.Response:
    """GET /oauth2/applications/@me and /applications/@me"""
    state, bot = request.app[STATE], authorised(request)
    return json_response(application_json(state, bot, state.users[OWNER]))


async def change_application(request: web.Request) -> web.Response:
    """PATCH /applications/@me: the description; nothing else of it is kept here."""
    state, bot, body = request.app[STATE], authorised(request), await read_json(request)
    unsupported = set(body) - {"description"}
    if unsupported:
        raise ApiError.invalid(min(unsupported), "UNSUPPORTED", "The sandbox keeps an application's description only.")
    bot.description = str(body.get("description") or "")
    return json_response(application_json(state, bot, state.users[OWNER]))


ROUTES = [
    web.get(f"{API}/gateway", get_gateway),
    web.get(f"{API}/gateway/bot", get_gateway_bot),
    web.get(f"{API}/users/@me", get_me),
    web.patch(f"{API}/users/@me", change_me),
    web.post(f"{API}/users/@me/channels", create_dm),
    web.get(f"{API}/users/@me/guilds", get_guilds),
    web.delete(f"{API}/users/@me/guilds/{{guild}}", leave_guild),
    web.get(f"{API}/users/{{user}}", get_user),
    web.get(f"{API}/oauth2/applications/@me", get_application),
    web.get(f"{API}/applications/@me", get_application),
    web.patch(f"{API}/applications/@me", change_application),
]
