"""Who may do what: levels, and the pure functions that every entry point asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum


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

    @classmethod
    def named(cls, text: str) -> Level | None:
        """The level of that name or number; None when there is none."""
        wanted = text.strip().lower()
        return next((level for level in cls if wanted in {level.title, str(int(level))}), None)


class Source(Enum):
    """What decided a level."""

    OWNER = "owner in the config"
    GRANT = "granted"
    SAVED = "level in the config"
    ROLE = "role"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class TrustedRole:
    """A role, by id or name, whose holders have a level; ``guild_id`` is a server that the config trusts."""

    guild_id: int
    role: str
    level: Level


@dataclass(frozen=True, slots=True)
class Membership:
    """The ids and names of a user's roles on a server: None when they are no member, or, with ``problem``, unknown."""

    guild_id: int
    roles: frozenset[str] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of ``authorize``: whether, at which level, what decided, and every rule that was looked at."""

    level: Level
    allowed: bool
    source: Source
    reason: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the config says: the level of everybody, of some users by Discord id, and of roles."""

    default: Level
    saved: dict[int, Level]
    roles: tuple[TrustedRole, ...] = ()


def authorize(
    user_id: int, needed: Level, rules: Rules, grant: Level | None, memberships: Sequence[Membership] = ()
) -> Decision:
    """Decide whether a user reaches ``needed``. No input or output.

    In order: an owner in the config; an explicit grant in the store (also "ignored": a ban beats a role); a level in
    the config; the highest level of a role on a trusted server; the default.
    """
    looked = list(_findings(user_id, rules, grant, memberships))
    level, source, reason = next((level, source, text) for level, source, text in looked if level is not None)
    evidence = [f"{text}{'' if level is None else f': {level.title}'}" for level, _, text in looked]
    return Decision(level, level >= needed, source, reason, tuple(evidence))


Finding = tuple[Level | None, Source, str]


def _findings(user_id: int, rules: Rules, grant: Level | None, memberships: Sequence[Membership]) -> Iterator[Finding]:
    """Every rule with its level, the first that has one decides."""
    saved = rules.saved.get(user_id)
    if saved is Level.OWNER:
        yield saved, Source.OWNER, Source.OWNER.value
    else:
        yield None, Source.OWNER, "no owner in the config"
    yield (grant, Source.GRANT, Source.GRANT.value) if grant is not None else (None, Source.GRANT, "no grant")
    if saved is None:
        yield None, Source.SAVED, "no level in the config"
    elif saved is not Level.OWNER:
        yield saved, Source.SAVED, Source.SAVED.value
    yield from sorted(_roles(rules, memberships), key=_highest_first)
    yield rules.default, Source.DEFAULT, Source.DEFAULT.value


def _highest_first(finding: Finding) -> int:
    return 1 if finding[0] is None else -finding[0]


def _roles(rules: Rules, memberships: Sequence[Membership]) -> Iterator[Finding]:
    for trusted in rules.roles:
        held = next((found for found in memberships if found.guild_id == trusted.guild_id), None)
        where = f"on server {trusted.guild_id}"
        if held is None:
            yield None, Source.ROLE, f"role {trusted.role} {where} was not looked up"
        elif held.roles is None:
            yield None, Source.ROLE, f"{held.problem or 'no member'} {where}"
        elif trusted.role in held.roles:
            yield trusted.level, Source.ROLE, f"role {trusted.role} {where}"
        else:
            yield None, Source.ROLE, f"no role {trusted.role} {where}"


def why_not(actor: Level, before: Level, after: Level) -> str | None:
    """Why an actor may not take a user from one level to another, as a sentence; None when they may.

    Only users strictly below the actor change, and only to levels strictly below the actor's own.
    """
    if before is Level.OWNER or after is Level.OWNER:
        return "Owners stand in the config only: nobody changes or makes one here."
    if before >= actor:
        return f"You can change only users below you: you are {actor.title}, they are {before.title}."
    if after >= actor:
        return f"You can give only levels below your own: you are {actor.title}, that would be {after.title}."
    return None
