"""The one gate: every command, component, modal, autocomplete and message passes it before anything else happens."""

from __future__ import annotations

from typing import Any, TypeVar

from patzta.permissions import Decision, Level, Rules, authorize
from patzta.services import ServiceKey, Services
from patzta.store import grants
from patzta.store.database import Database

DATABASE: ServiceKey[Database] = ServiceKey("database")

_LEVEL = "__patzta_level__"
T = TypeVar("T")


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
    """Decides by the config and the store."""

    def __init__(self, rules: Rules, services: Services) -> None:
        self._rules = rules
        self._services = services

    async def decide(self, user_id: int, needed: Level) -> Decision:
        """Whether the user reaches ``needed``, and why. Raises ServiceMissing without a database."""
        async with self._services.get(DATABASE).read() as session:
            grant = await grants.find(session, user_id)
        return authorize(user_id, needed, self._rules, grant)

    async def note_denial(self, user_id: int, action: str) -> None:
        """Count that a user was refused ``action`` (a command's qualified name, or a custom id)."""
