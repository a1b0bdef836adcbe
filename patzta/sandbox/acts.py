"""The control API: rarer things that people do. JSON under /sandbox/api, as `control.py` has it."""

from aiohttp import web

from patzta.sandbox import polls, roles
from patzta.sandbox.control import BASE, acting
from patzta.sandbox.http import json_response, no_content, read_json
from patzta.sandbox.reading import items
from patzta.sandbox.snapshot import page_message


async def vote(request: web.Request) -> web.Response:
    """PUT votes {as, channel, message, answers: [number from 1]}: vote for these only; none takes the vote back."""
    act = acting(request, await read_json(request))
    message = act.state.message(act.channel.id, act.message_id)
    polls.vote(act.state, act.person.id, act.channel, message, [int(one) for one in items(act.body, "answers")])
    return json_response(page_message(act.state, message))


async def join(request: web.Request) -> web.Response:
    """PUT members {as, guild}: come into a server"""
    act = acting(request, await read_json(request))
    roles.join(act.state, act.state.guild(str(act.body.get("guild"))), act.person.id)
    return no_content()


async def leave(request: web.Request) -> web.Response:
    """DELETE members {as, guild}: leave a server"""
    act = acting(request, await read_json(request))
    roles.leave(act.state, act.state.guild(str(act.body.get("guild"))), act.person.id)
    return no_content()


ROUTES = [
    web.put(f"{BASE}/votes", vote),
    web.put(f"{BASE}/members", join),
    web.delete(f"{BASE}/members", leave),
]
