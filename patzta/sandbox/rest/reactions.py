"""Reactions.

https://discord.com/developers/docs/resources/message#create-reaction
"""

from aiohttp import web

from patzta.sandbox import reactions
from patzta.sandbox.http import API, json_response, no_content, whole_number
from patzta.sandbox.rest.place import place
from patzta.sandbox.serialise import user_json

_ALL = f"{API}/channels/{{channel}}/messages/{{message}}/reactions"
_EMOJI = f"{_ALL}/{{emoji}}"


async def add(request: web.Request) -> web.Response:
    """PUT .../reactions/{emoji}/@me"""
    here = place(request)
    reactions.add(here.state, here.bot.id, here.channel, here.message, request.match_info["emoji"])
    return no_content()


async def remove(request: web.Request) -> web.Response:
    """DELETE .../reactions/{emoji}/{user or @me}"""
    here = place(request)
    user = request.match_info["user"]
    user_id = here.bot.id if user == "@me" else user
    reactions.remove(here.state, here.bot.id, here.channel, here.message, request.match_info["emoji"], user_id)
    return no_content()


async def get(request: web.Request) -> web.Response:
    """GET .../reactions/{emoji}: who reacted with it."""
    here = place(request)
    limit, after = whole_number(request, "limit", 25, 1, 100), int(request.query.get("after", "0"))
    users = here.message.reactions.get(request.match_info["emoji"], [])
    chosen = [user_id for user_id in sorted(users, key=int) if int(user_id) > after][:limit]
    return json_response([user_json(here.state.users[user_id]) for user_id in chosen])


async def clear(request: web.Request) -> web.Response:
    """DELETE .../reactions and .../reactions/{emoji}"""
    here = place(request)
    reactions.clear(here.state, here.bot.id, here.channel, here.message, request.match_info.get("emoji"))
    return no_content()


ROUTES = [
    web.put(f"{_EMOJI}/@me", add),
    web.delete(f"{_EMOJI}/{{user}}", remove),
    web.get(_EMOJI, get),
    web.delete(_EMOJI, clear),
    web.delete(_ALL, clear),
]
