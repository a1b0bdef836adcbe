"""The REST API for bots, one module a resource. Paths are those of Discord's documentation under /api/v10."""

from aiohttp import web

from patzta.sandbox.rest import (
    bans,
    callbacks,
    channels,
    commands,
    guilds,
    messages,
    polls,
    reactions,
    roles,
    threads,
    users,
    webhooks,
)


def routes() -> list[web.RouteDef]:
    """Every route, in the order in which they are tried."""
    return [
        *users.ROUTES,
        *guilds.ROUTES,
        *roles.ROUTES,
        *bans.ROUTES,
        *channels.ROUTES,
        *threads.ROUTES,
        *messages.ROUTES,
        *reactions.ROUTES,
        *polls.ROUTES,
        *commands.ROUTES,
        *callbacks.ROUTES,
        *webhooks.ROUTES,
    ]
