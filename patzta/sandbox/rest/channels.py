"""Channels and threads themselves, and typing.

https://discord.com/developers/docs/resources/channel
"""

from aiohttp import web

from patzta.sandbox import channels, messages
from patzta.sandbox.http import API, json_response, no_content, read_json
from patzta.sandbox.rest.place import place
from patzta.sandbox.serialise import channel_json


async def get(request: web.Request) -> web.Response:
    """GET /channels/{channel}"""
    here = place(request)
    return json_response(channel_json(here.state, here.channel, here.bot.id))


async def change(request: web.Request) -> web.Response:
    """PATCH /channels/{channel}"""
    here = place(request)
    channels.update(here.state, here.bot.id, here.channel, await read_json(request))
    return json_response(channel_json(here.state, here.channel, here.bot.id))


async def delete(request: web.Request) -> web.Response:
    """DELETE /channels/{channel}"""
    here = place(request)
    body = channel_json(here.state, here.channel, here.bot.id)
    channels.remove(here.state, here.bot.id, here.channel)
    return json_response(body)


async def typing(request: web.Request) -> web.Response:
    """POST /channels/{channel}/typing"""
    here = place(request)
    messages.typing(here.state, here.bot.id, here.channel)
    return no_content()


ROUTES = [
    web.get(f"{API}/channels/{{channel}}", get),
    web.patch(f"{API}/channels/{{channel}}", change),
    web.delete(f"{API}/channels/{{channel}}", delete),
    web.post(f"{API}/channels/{{channel}}/typing", typing),
]
