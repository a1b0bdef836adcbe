"""The control API: rarer things that people do. JSON under /sandbox/api, as `control.py` has it."""

from aiohttp import web

from patzta.sandbox import bans, messages, polls, roles
from patzta.sandbox.control import BASE, acting, find_user
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import json_response, no_content, read_json
from patzta.sandbox.reading import items
from patzta.sandbox.snapshot import page_message


async def vote(request: web.Request) -> web.Response:
    """PUT votes {as, channel, message, answers: [number from 1]}: vote for these only; none takes the vote back."""
    act = acting(request, await read_json(request))
    message = act.state.message(act.channel.id, act.message_id)
    polls.vote(act.state, act.person.id, act.channel, message, [int(one) for one in items(act.body, "answers")])
    return json_response(page_message(act.state, message))


async def get_pins(request: web.Request) -> web.Response:
    """GET pins?as&channel -> the pinned messages, the newest pin first"""
    act = acting(request, dict(request.query))
    pinned = [(one.pinned_at, one) for one in act.state.history(act.channel.id).values() if one.pinned_at]
    newest_first = sorted(pinned, key=lambda pair: pair[0], reverse=True)
    return json_response([page_message(act.state, message) for _, message in newest_first])


async def pin(request: web.Request) -> web.Response:
    """PUT or DELETE pins {as, channel, message}"""
    act = acting(request, await read_json(request))
    moment = act.state.clock.now() if request.method == "PUT" else None
    messages.set_pin(act.state, act.person.id, act.channel, act.state.message(act.channel.id, act.message_id), moment)
    return no_content()


async def join(request: web.Request) -> web.Response:
    """PUT members {as, guild, user?}: come into a server, or bring a bot in"""
    act = acting(request, await read_json(request))
    guild, invited = act.state.guild(str(act.body.get("guild"))), act.body.get("user")
    if invited is None:
        roles.join(act.state, guild, act.person.id)
        return no_content()
    bot = act.state.bots.get(find_user(act.state, str(invited)).id)
    if bot is None:
        raise ApiError.invalid("user", "UNSUPPORTED", "People come of their own accord.")
    act.state.member(guild.id, act.person.id)
    roles.invite(act.state, act.person.id, guild, bot)
    return no_content()


async def leave(request: web.Request) -> web.Response:
    """DELETE members {as, guild, user?}: leave a server, or send somebody away"""
    act = acting(request, await read_json(request))
    guild, user = act.state.guild(str(act.body.get("guild"))), act.body.get("user")
    if user is None:
        roles.leave(act.state, guild, act.person.id)
        return no_content()
    act.state.member(guild.id, act.person.id)
    roles.kick(act.state, act.person.id, guild, find_user(act.state, str(user)).id)
    return no_content()


async def ban(request: web.Request) -> web.Response:
    """PUT or DELETE bans {as, guild, user, reason?}"""
    act = acting(request, await read_json(request))
    guild, user = act.state.guild(str(act.body.get("guild"))), find_user(act.state, str(act.body.get("user")))
    act.state.member(guild.id, act.person.id)
    if request.method == "PUT":
        bans.ban(act.state, act.person.id, guild, user.id, reason=act.body.get("reason"))
    else:
        bans.unban(act.state, act.person.id, guild, user.id)
    return no_content()


ROUTES = [
    web.put(f"{BASE}/votes", vote),
    web.get(f"{BASE}/pins", get_pins),
    web.put(f"{BASE}/pins", pin),
    web.delete(f"{BASE}/pins", pin),
    web.put(f"{BASE}/members", join),
    web.delete(f"{BASE}/members", leave),
    web.put(f"{BASE}/bans", ban),
    web.delete(f"{BASE}/bans", ban),
]
