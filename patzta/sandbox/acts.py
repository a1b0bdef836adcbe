"""The control API: rarer things that people do. JSON under /sandbox/api, as `control.py` has it."""

from aiohttp import web

from patzta.sandbox import polls
from patzta.sandbox.control import BASE, acting
from patzta.sandbox.http import json_response, read_json
from patzta.sandbox.reading import items
from patzta.sandbox.snapshot import page_message


async def vote(request: web.Request) -> web.Response:
    """PUT votes {as, channel, message, answers: [number from 1]}: vote for these only; none takes the vote back."""
    act = acting(request, await read_json(request))
    message = act.state.message(act.channel.id, act.message_id)
    polls.vote(act.state, act.person.id, act.channel, message, [int(one) for one in items(act.body, "answers")])
    return json_response(page_message(act.state, message))


ROUTES = [web.put(f"{BASE}/votes", vote)]
