"""Messages: reading, sending, editing, deleting and pinning.

https://discord.com/developers/docs/resources/message
"""

from datetime import UTC, datetime

from aiohttp import web

from patzta.sandbox import messages
from patzta.sandbox.drafts import parse_draft
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, json_response, no_content, read_form, read_json, whole_number
from patzta.sandbox.intents import PRIVILEGED, content_is_free, without_content
from patzta.sandbox.models import Json, Message, MessageFlag
from patzta.sandbox.permissions import Permission
from patzta.sandbox.reading import items
from patzta.sandbox.rest.place import Place, place
from patzta.sandbox.serialise import message_json, timestamp


def _body(here: Place, message: Message) -> Json:
    """The message for this bot: blank where the message content intent is switched off for its application."""
    body = message_json(here.state, message, here.bot.id)
    in_guild = here.channel.guild_id is not None
    hidden = here.bot.forbidden_intents & PRIVILEGED["message_content"]
    return without_content(body) if hidden and not content_is_free(body, here.bot.id, in_guild=in_guild) else body


async def get_history(request: web.Request) -> web.Response:
    """GET /channels/{channel}/messages, newest first."""
    here = place(request)
    limit = whole_number(request, "limit", 50, 1, 100)
    bounds = [request.query.get(name, "") for name in ("before", "after", "around")]
    if any(bound and not bound.isdecimal() for bound in bounds) or sum(map(bool, bounds)) > 1:
        raise ApiError.invalid("before", "NUMBER_TYPE_COERCE", "Give one snowflake: before, after or around.")
    may_read = here.state.permissions(here.bot.id, here.channel) & Permission.READ_MESSAGE_HISTORY
    history = here.state.history(here.channel.id) if may_read else {}
    return json_response([_body(here, m) for m in messages.page_of(history, limit, *bounds)])


async def get(request: web.Request) -> web.Response:
    """GET /channels/{channel}/messages/{message}"""
    here = place(request)
    return json_response(_body(here, here.message))


async def create(request: web.Request) -> web.Response:
    """POST /channels/{channel}/messages"""
    here = place(request)
    message = messages.send(here.state, here.bot.id, here.channel, parse_draft(*await read_form(request)))
    return json_response(_body(here, message))


async def edit(request: web.Request) -> web.Response:
    """PATCH /channels/{channel}/messages/{message}"""
    here = place(request)
    message = here.message
    draft = parse_draft(*await read_form(request), v2=bool(message.flags & MessageFlag.COMPONENTS_V2))
    messages.edit(here.state, here.bot.id, here.channel, message, draft)
    return json_response(_body(here, message))


async def delete(request: web.Request) -> web.Response:
    """DELETE /channels/{channel}/messages/{message}"""
    here = place(request)
    messages.delete(here.state, here.bot.id, here.channel, here.message)
    return no_content()


async def bulk_delete(request: web.Request) -> web.Response:
    """POST /channels/{channel}/messages/bulk-delete"""
    here, body = place(request), await read_json(request)
    messages.bulk_delete(here.state, here.bot.id, here.channel, [str(one) for one in items(body, "messages")])
    return no_content()


async def get_pins(request: web.Request) -> web.Response:
    """GET /channels/{channel}/messages/pins"""
    here = place(request)
    pinned = [m for m in here.state.history(here.channel.id).values() if m.pinned_at]
    pinned.sort(key=lambda message: message.pinned_at or datetime.min.replace(tzinfo=UTC), reverse=True)
    items = [{"pinned_at": timestamp(m.pinned_at), "message": _body(here, m)} for m in pinned if m.pinned_at]
    return json_response({"items": items, "has_more": False})


async def pin(request: web.Request) -> web.Response:
    """PUT /channels/{channel}/messages/pins/{message}"""
    here = place(request)
    return _set_pin(here, here.state.clock.now())


async def unpin(request: web.Request) -> web.Response:
    """DELETE /channels/{channel}/messages/pins/{message}"""
    return _set_pin(place(request), None)


def _set_pin(here: Place, moment: datetime | None) -> web.Response:
    messages.set_pin(here.state, here.bot.id, here.channel, here.message, moment)
    return no_content()


ROUTES = [
    web.get(f"{API}/channels/{{channel}}/messages", get_history),
    web.post(f"{API}/channels/{{channel}}/messages", create),
    web.post(f"{API}/channels/{{channel}}/messages/bulk-delete", bulk_delete),
    web.get(f"{API}/channels/{{channel}}/messages/pins", get_pins),
    web.put(f"{API}/channels/{{channel}}/messages/pins/{{message}}", pin),
    web.delete(f"{API}/channels/{{channel}}/messages/pins/{{message}}", unpin),
    web.get(f"{API}/channels/{{channel}}/messages/{{message}}", get),
    web.patch(f"{API}/channels/{{channel}}/messages/{{message}}", edit),
    web.delete(f"{API}/channels/{{channel}}/messages/{{message}}", delete),
]
