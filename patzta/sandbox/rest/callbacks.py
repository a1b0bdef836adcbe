"""Answering interactions. Their addresses hold the secret, so there is no Authorization header.

`webhooks.py` has the routes of the follow-ups.

https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints
"""

from aiohttp import web

from patzta.sandbox.answers import Callback
from patzta.sandbox.drafts import parse_draft
from patzta.sandbox.http import ANSWERS, API, json_response, no_content, read_form
from patzta.sandbox.models import MessageFlag
from patzta.sandbox.payloads import Interaction
from patzta.sandbox.reading import section


async def answer(request: web.Request) -> web.Response:
    """POST /interactions/{interaction}/{token}/callback"""
    body, uploads = await read_form(request)
    data, kind = section(body, "data"), int(body.get("type") or 0)
    draft = parse_draft({**data, "components": None} if kind == Callback.MODAL else data, uploads)
    where = request.match_info
    outcome = request.app[ANSWERS].first(where["interaction"], where["token"], kind, draft, data)
    with_response = request.query.get("with_response", "").lower() in ("1", "true")
    return json_response(outcome) if with_response else no_content()


def _living(request: web.Request) -> Interaction:
    return request.app[ANSWERS].living(request.match_info["webhook"], request.match_info["token"])


async def follow_up(request: web.Request) -> web.Response:
    """POST /webhooks/{application}/{token}"""
    interaction, answers = _living(request), request.app[ANSWERS]
    message = answers.follow_up(interaction, parse_draft(*await read_form(request)))
    return json_response(answers.body(message))


async def get(request: web.Request) -> web.Response:
    """GET /webhooks/{application}/{token}/messages/{message or @original}"""
    answers = request.app[ANSWERS]
    return json_response(answers.body(answers.get(_living(request), request.match_info["message"])))


async def edit(request: web.Request) -> web.Response:
    """PATCH /webhooks/{application}/{token}/messages/{message or @original}"""
    interaction, answers = _living(request), request.app[ANSWERS]
    v2 = bool(answers.get(interaction, request.match_info["message"]).flags & MessageFlag.COMPONENTS_V2)
    draft = parse_draft(*await read_form(request), v2=v2)
    return json_response(answers.body(answers.edit(interaction, request.match_info["message"], draft)))


async def delete(request: web.Request) -> web.Response:
    """DELETE /webhooks/{application}/{token}/messages/{message or @original}"""
    request.app[ANSWERS].delete(_living(request), request.match_info["message"])
    return no_content()


ROUTES = [web.post(f"{API}/interactions/{{interaction}}/{{token}}/callback", answer)]
