"""Starting, joining, leaving and listing threads.

https://discord.com/developers/docs/resources/channel#start-thread-from-message
"""

from aiohttp import web

from patzta.sandbox import channels, slowmode, threads
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, json_response, no_content, read_json, whole_number
from patzta.sandbox.models import ChannelType, Json
from patzta.sandbox.permissions import Permission
from patzta.sandbox.rest.place import Place, place
from patzta.sandbox.serialise import channel_json, thread_member_json


async def start_from_message(request: web.Request) -> web.Response:
    """POST /channels/{channel}/messages/{message}/threads"""
    here, body = place(request), await read_json(request)
    thread = channels.create_thread(
        here.state,
        here.bot.id,
        here.channel,
        body.get("name"),
        message=here.message,
        auto_archive_duration=_duration(body),
        slowmode_s=slowmode.read(body),
    )
    return json_response(channel_json(here.state, thread, here.bot.id), 201)


async def start(request: web.Request) -> web.Response:
    """POST /channels/{channel}/threads: private unless the body's type says otherwise."""
    here, body = place(request), await read_json(request)
    private = body.get("type", ChannelType.PRIVATE_THREAD) == ChannelType.PRIVATE_THREAD
    thread = channels.create_thread(
        here.state,
        here.bot.id,
        here.channel,
        body.get("name"),
        private=private,
        auto_archive_duration=_duration(body),
        slowmode_s=slowmode.read(body),
    )
    return json_response(channel_json(here.state, thread, here.bot.id), 201)


def _duration(body: Json) -> int:
    return threads.checked_duration(body.get("auto_archive_duration") or 1440)


def _member_id(here: Place) -> str:
    user_id = here.request.match_info["user"]
    return here.bot.id if user_id == "@me" else user_id


async def add_member(request: web.Request) -> web.Response:
    """PUT /channels/{thread}/thread-members/{user}"""
    here = place(request)
    user_id = _member_id(here)
    here.state.member(here.channel.guild_id or "", user_id)
    channels.join_thread(here.state, here.bot.id, here.channel, user_id)
    return no_content()


async def remove_member(request: web.Request) -> web.Response:
    """DELETE /channels/{thread}/thread-members/{user}"""
    here = place(request)
    channels.leave_thread(here.state, here.bot.id, here.channel, _member_id(here))
    return no_content()


async def get_member(request: web.Request) -> web.Response:
    """GET /channels/{thread}/thread-members/{user}"""
    here = place(request)
    user_id = _member_id(here)
    if user_id not in channels.thread_info(here.channel).members:
        raise ApiError.unknown(10007, "Member")
    return json_response(thread_member_json(here.channel, user_id))


async def get_members(request: web.Request) -> web.Response:
    """GET /channels/{thread}/thread-members"""
    here = place(request)
    members = channels.thread_info(here.channel).members
    return json_response([thread_member_json(here.channel, user_id) for user_id in members])


async def get_archived(request: web.Request) -> web.Response:
    """GET /channels/{channel}/threads/archived/{public or private}, the last archived first."""
    here = place(request)
    limit = whole_number(request, "limit", 50, 2, 100)
    private = request.match_info["kind"] == "private"
    if private:
        here.state.require(here.bot.id, here.channel, Permission.MANAGE_THREADS)
    kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
    here_in = [c for c in here.state.channels.values() if c.parent_id == here.channel.id and c.type == kind]
    archived = [c for c in here_in if channels.thread_info(c).archived]
    archived.sort(key=lambda c: channels.thread_info(c).archive_changed_at, reverse=True)
    joined = [thread_member_json(c, here.bot.id) for c in archived if here.bot.id in channels.thread_info(c).members]
    bodies = [channel_json(here.state, c, here.bot.id) for c in archived[:limit]]
    return json_response({"threads": bodies, "members": joined, "has_more": len(archived) > limit})


ROUTES = [
    web.post(f"{API}/channels/{{channel}}/messages/{{message}}/threads", start_from_message),
    web.post(f"{API}/channels/{{channel}}/threads", start),
    web.get(f"{API}/channels/{{channel}}/threads/archived/{{kind:public|private}}", get_archived),
    web.get(f"{API}/channels/{{channel}}/thread-members", get_members),
    web.put(f"{API}/channels/{{channel}}/thread-members/{{user}}", add_member),
    web.delete(f"{API}/channels/{{channel}}/thread-members/{{user}}", remove_member),
    web.get(f"{API}/channels/{{channel}}/thread-members/{{user}}", get_member),
]
