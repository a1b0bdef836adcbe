"""The one gate: every command, component, modal, autocomplete and message passes it before anything else happens."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from patzta.errors import PatztaError
from patzta.permissions import Decision, Level, Membership, Rules, Source, authorize
from patzta.services import ServiceKey, Services
from patzta.store import grants, refusals
from patzta.store.database import Database

DATABASE: ServiceKey[Database] = ServiceKey("database")

_LEVEL = "__patzta_level__"
T = TypeVar("T")

log = logging.getLogger("patzta.gate")

FindMemberships = Callable[[int], Awaitable[Sequence[Membership]]]


class requires:  # noqa: N801  reads as the decorator that it is
    """Declare the level that something needs: a command's callback, a view, a modal or a dynamic item.

    On a command it stands under ``@app_commands.command``.
    """

    def __init__(self, level: Level) -> None:
        self._level = level

    def __call__(self, declared: T) -> T:
        """Mark it."""
        setattr(declared, _LEVEL, self._level)
        return declared


def declared_level(thing: Any) -> Level | None:
    """What ``requires`` said of a callback or a class, None when nothing."""
    return getattr(thing, _LEVEL, None)


def needed_level(thing: Any) -> Level:
    """The level that a command, view, modal or item needs; what declares none is the owner's."""
    level = declared_level(getattr(thing, "callback", thing))
    if level is None:
        level = declared_level(thing)
    return Level.OWNER if level is None else level


class Gate:
    """Decides by the config, the store and the roles that ``memberships`` finds; by the config alone when closed."""

    def __init__(self, rules: Rules, services: Services, memberships: FindMemberships, *, closed: bool = False) -> None:
        self.rules = rules
        self._closed = closed
        self._services = services
        self._memberships = memberships

    async def decide(self, user_id: int, needed: Level) -> Decision:
        """Whether the user reaches ``needed``, and why. Raises ServiceMissing without a database."""
        grant = await self.grant(user_id)
        decision = authorize(user_id, needed, self.rules, grant)
        if decision.source is Source.DEFAULT and self.rules.roles:
            return authorize(user_id, needed, self.rules, grant, await self._memberships(user_id))
        return decision

    async def explain(self, user_id: int, needed: Level) -> Decision:
        """Like ``decide``, with evidence of every rule, be it needed or not."""
        memberships = await self.memberships(user_id)
        return authorize(user_id, needed, self.rules, await self.grant(user_id), memberships)

    async def memberships(self, user_id: int) -> Sequence[Membership]:
        """The user's roles on trusted servers."""
        return await self._memberships(user_id) if self.rules.roles else ()

    async def grant(self, user_id: int) -> Level | None:
        """What the store says of the user."""
        if self._closed:
            return None
        async with self._services.get(DATABASE).read() as session:
            return await grants.find(session, user_id)

    async def note_denial(self, user_id: int, action: str) -> None:
        """Count that a user was refused ``action``: a command's qualified name, or a custom id. Failures are logged."""
        try:
            async with self._services.get(DATABASE).write() as session:
                await refusals.count(session, user_id, action)
        except (PatztaError, SQLAlchemyError):
            # Who was refused has been told so already.
            log.exception("the refusal of %s for user %s is not counted", action, user_id)
