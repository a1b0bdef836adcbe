"""Putting the server together."""

from pathlib import Path

from aiohttp import web

from patzta.sandbox import acts, control, experiments, media, polls, rest, threads
from patzta.sandbox.answers import Answers
from patzta.sandbox.faults import Faults
from patzta.sandbox.gateway import Gateway
from patzta.sandbox.http import ANSWERS, GATEWAY, INTERACTIONS, STATE, errors_as_json, guard, unknown_route
from patzta.sandbox.interactions import Interactions
from patzta.sandbox.limits import Limits
from patzta.sandbox.live import Live
from patzta.sandbox.models import Bot
from patzta.sandbox.panel import Panel
from patzta.sandbox.payloads import ATTACHMENT_LIMIT
from patzta.sandbox.record import Recorder
from patzta.sandbox.state import State
from patzta.sandbox.world import seed

PAGE = Path(__file__).parent / "page"
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def new_state(bots: list[Bot]) -> State:
    """A fresh world with these bots in it."""
    state = State()
    state.add_world(seed())
    for bot in bots:
        state.add_bot(bot)
    return state


def build(state: State, record: Path | None = None, *, rate_limits: bool = False) -> web.Application:
    """The application; set `state.base_url` before the first request."""
    limits = Limits(enabled=rate_limits)
    polls.watch(state)
    threads.watch(state)
    faults, recorder = Faults(), Recorder(record)
    middlewares = [guard, recorder.middleware(), limits.middleware(), faults.middleware(), errors_as_json]
    app = web.Application(middlewares=middlewares, client_max_size=10 * ATTACHMENT_LIMIT)
    gateway, live, panel = Gateway(state, recorder.dispatched), Live(state), Panel()
    recorder.listeners.append(panel.note)
    interactions = Interactions(state)
    app[STATE], app[GATEWAY], app[INTERACTIONS], app[ANSWERS] = state, gateway, interactions, Answers(interactions)
    app[control.FAULTS], app[experiments.RECORDER], app[experiments.LIMITS] = faults, recorder, limits
    app.add_routes([*rest.routes(), *control.ROUTES, *acts.ROUTES, *experiments.ROUTES, *media.ROUTES])
    app.add_routes([web.get("/gateway", gateway.handle), web.get("/gateway/", gateway.handle)])
    app.add_routes([web.get("/sandbox/events", live.handle), web.get("/", _index)])
    app.add_routes([web.get("/sandbox/panel", panel.handle_page), web.get("/sandbox/panel/bot", panel.handle_bot)])
    app.router.add_static("/page", PAGE)
    app.router.add_route("*", "/{path:.*}", unknown_route)
    app.on_response_prepare.append(_protect)

    async def close(_: web.Application) -> None:
        await gateway.close()
        await live.close()
        await panel.close()

    app.on_shutdown.append(close)
    return app


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path == "/" or request.path.startswith("/page/"):
        response.headers["Cache-Control"] = "no-cache"
