"""Polls: who voted, and ending one.

https://discord.com/developers/docs/resources/poll
"""

from aiohttp import web

from patzta.sandbox import polls
from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import API, json_response, whole_number
from patzta.sandbox.rest.place import place
from patzta.sandbox.serialise import message_json, user_json

_POLL = f"{API}/channels/{{channel}}/polls/{{message}}"


async def get_voters(request: web.Request) -> web.Response:
    """GET /channels/{channel}/polls/{message}/answers/{answer}"""
    here = place(request)
    limit, after = whole_number(request, "limit", 25, 1, 100), int(request.query.get("after", "0"))
    voters = polls.poll_of(here.message).votes.get(int(request.match_info["answer"]))
    if voters is None:
        raise ApiError(404, 0, "404: Not Found")
    chosen = [user_id for user_id in sorted(voters, key=int) if int(user_id) > after][:limit]
    return json_response({"users": [user_json(here.state.users[user_id]) for user_id in chosen]})


async def end(request: web.Request) -> web.Response:
    """POST /channels/{channel}/polls/{message}/expire"""
    here = place(request)
    message = here.message
    polls.end(here.state, here.bot.id, here.channel, message)
    return json_response(message_json(here.state, message, here.bot.id))


ROUTES = [
    web.get(f"{_POLL}/answers/{{answer:\\d+}}", get_voters),
    web.post(f"{_POLL}/expire", end),
]
