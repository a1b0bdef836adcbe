"""Webhooks of channels. Their addresses have the shape of an interaction's follow-ups, so both begin here.

https://discord.com/developers/docs/resources/webhook
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from patzta.sandbox import messages, webhooks
from patzta.sandbox.drafts import parse_draft
from patzta.sandbox.http import API, STATE, authorised, json_response, no_content, read_form, read_json
from patzta.sandbox.models import Channel, MessageFlag, Webhook
from patzta.sandbox.permissions import Permission
from patzta.sandbox.rest import callbacks
from patzta.sandbox.rest.place import guild_place, place
from patzta.sandbox.serialise import message_json, webhook_json
from patzta.sandbox.state import State

Answer = Callable[[web.Request], Awaitable[web.Response]]


async def create(request: web.Request) -> web.Response:
    """POST /channels/{channel}/webhooks"""
    here, body = place(request), await read_json(request)
    webhook = webhooks.create(here.state, here.bot.id, here.channel, body.get("name"))
    return json_response(webhook_json(here.state, webhook))


async def of_channel(request: web.Request) -> web.Response:
    """GET /channels/{channel}/webhooks"""
    here = place(request)
    here.state.require(here.bot.id, here.channel, Permission.MANAGE_WEBHOOKS)
    return json_response([webhook_json(here.state, one) for one in webhooks.of_channel(here.state, here.channel.id)])


async def of_guild(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/webhooks"""
    state, bot, guild = guild_place(request)
    places = [state.channels[one.channel_id] for one in state.webhooks.values()]
    seen = {
        c.id for c in places if c.guild_id == guild.id and state.permissions(bot.id, c) & Permission.MANAGE_WEBHOOKS
    }
    return json_response([webhook_json(state, one) for one in state.webhooks.values() if one.channel_id in seen])


def _named(request: web.Request) -> tuple[State, Webhook]:
    """The webhook of the path, which the caller knows the token of or, as a bot, may manage."""
    state, token = request.app[STATE], request.match_info.get("token")
    if token is not None:
        return state, webhooks.find(state, request.match_info["webhook"], token)
    bot, webhook = authorised(request), webhooks.find(state, request.match_info["webhook"])
    state.require(bot.id, state.channel(webhook.channel_id), Permission.MANAGE_WEBHOOKS)
    return state, webhook


async def get(request: web.Request) -> web.Response:
    """GET /webhooks/{webhook} and /webhooks/{webhook}/{token}"""
    state, webhook = _named(request)
    return json_response(webhook_json(state, webhook))


async def change(request: web.Request) -> web.Response:
    """PATCH /webhooks/{webhook} and /webhooks/{webhook}/{token}"""
    state, webhook = _named(request)
    webhooks.change(state, webhook, await read_json(request))
    return json_response(webhook_json(state, webhook))


async def delete(request: web.Request) -> web.Response:
    """DELETE /webhooks/{webhook} and /webhooks/{webhook}/{token}"""
    webhooks.delete(*_named(request))
    return no_content()


def _place(request: web.Request) -> tuple[State, Webhook, Channel]:
    state, webhook = _named(request)
    return state, webhook, webhooks.place(state, webhook, request.query.get("thread_id"))


async def execute(request: web.Request) -> web.Response:
    """POST /webhooks/{webhook}/{token}: 204, or with `wait` the message."""
    state, webhook, channel = _place(request)
    body, uploads = await read_form(request)
    message = webhooks.execute(state, webhook, channel, parse_draft(body, uploads), body.get("username"))
    waits = request.query.get("wait", "").lower() in ("1", "true")
    return json_response(message_json(state, message)) if waits else no_content()


async def get_message(request: web.Request) -> web.Response:
    """GET /webhooks/{webhook}/{token}/messages/{message}"""
    state, webhook, channel = _place(request)
    message = webhooks.own_message(state, webhook, channel, request.match_info["message"])
    return json_response(message_json(state, message))


async def edit_message(request: web.Request) -> web.Response:
    """PATCH /webhooks/{webhook}/{token}/messages/{message}"""
    state, webhook, channel = _place(request)
    message = webhooks.own_message(state, webhook, channel, request.match_info["message"])
    draft = parse_draft(*await read_form(request), v2=bool(message.flags & MessageFlag.COMPONENTS_V2))
    messages.revise(state, channel, message, draft)
    return json_response(message_json(state, message))


async def delete_message(request: web.Request) -> web.Response:
    """DELETE /webhooks/{webhook}/{token}/messages/{message}"""
    state, webhook, channel = _place(request)
    messages.discard(state, channel, webhooks.own_message(state, webhook, channel, request.match_info["message"]))
    return no_content()


def _or_follow_up(of_webhook: Answer, of_interaction: Answer) -> Answer:
    """The id of an application in the place of a webhook's makes it an interaction's address."""

    async def either(request: web.Request) -> web.Response:
        is_application = request.match_info["webhook"] in request.app[STATE].bots
        return await (of_interaction if is_application else of_webhook)(request)

    return either


_OF_CHANNEL = f"{API}/channels/{{channel}}/webhooks"
_WEBHOOK = f"{API}/webhooks/{{webhook}}"
_WITH_TOKEN = f"{_WEBHOOK}/{{token}}"
_MESSAGE = f"{_WITH_TOKEN}/messages/{{message}}"

ROUTES = [
    web.post(_OF_CHANNEL, create),
    web.get(_OF_CHANNEL, of_channel),
    web.get(f"{API}/guilds/{{guild}}/webhooks", of_guild),
    *(route for path in (_WEBHOOK, _WITH_TOKEN) for route in (web.get(path, get), web.patch(path, change))),
    *(web.delete(path, delete) for path in (_WEBHOOK, _WITH_TOKEN)),
    web.post(_WITH_TOKEN, _or_follow_up(execute, callbacks.follow_up)),
    web.get(_MESSAGE, _or_follow_up(get_message, callbacks.get)),
    web.patch(_MESSAGE, _or_follow_up(edit_message, callbacks.edit)),
    web.delete(_MESSAGE, _or_follow_up(delete_message, callbacks.delete)),
]
