"""Who may do what: levels, and the one pure function that every entry point asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """A user's standing. The numbers are stored and written in configs: they never change."""

    IGNORED = 0
    VISIBLE = 1
    MOD = 2
    ADMIN = 3
    OWNER = 4

    @property
    def title(self) -> str:
        """The name as people read and type it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``authorize``: whether, at which level, and why."""

    level: Level
    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the config says: the level of everybody, and of some users by Discord id."""

    default: Level
    saved: dict[int, Level]


def authorize(user_id: int, needed: Level, rules: Rules, grant: Level | None) -> Decision:
    """Decide whether a user reaches ``needed``. No input or output.

    In order: an owner in the config; an explicit grant in the store (also "ignored"); a level in the config;
    the default.
    """
    saved = rules.saved.get(user_id)
    if saved is Level.OWNER:
        level, reason = saved, "owner in the config"
    elif grant is not None:
        level, reason = grant, "granted"
    elif saved is not None:
        level, reason = saved, "level in the config"
    else:
        level, reason = rules.default, "default"
    return Decision(level, level >= needed, reason)
