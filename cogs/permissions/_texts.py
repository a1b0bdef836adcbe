"""What the permissions commands say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from patzta.permissions import Decision, Level, Rules
from patzta.store.grants import Change

LIMIT = 2000
"""Characters that Discord takes in one message."""


def level_of(mention: str, decision: Decision) -> str:
    """One friendly line."""
    return f"{mention} is **{decision.level.title}** ({decision.reason})."


def explanation(mention: str, decision: Decision, command: str = "", needed: Level | None = None) -> str:
    """Every rule in its order; the first that names a level decides."""
    lines = [level_of(mention, decision)]
    if needed is not None:
        verdict = "may" if decision.allowed else "may not"
        lines.append(f"They {verdict} use `/{command}`, which needs {needed.title}.")
    lines += ["I looked, in this order, and the first level counts:", *(f"- {text}" for text in decision.evidence)]
    return fitting(lines)


def changed(mention: str, before: Level, now: Level, after: Level | None) -> str:
    """What a change did."""
    how = "back to what the config says" if after is None else "granted"
    same = " as before" if before is now else f", was {before.title}"
    return f"{mention} is **{now.title}** now ({how}{same})."


def history(changes: Sequence[Change]) -> str:
    """A line for each change."""
    return fitting([_line(change) for change in changes]) if changes else "No level has been changed yet."


def _line(change: Change) -> str:
    when = discord.utils.format_dt(change.at, "R")
    via = "" if change.source == "command" else f" by {change.source}"
    steps = f"{_title(change.before)} → **{_title(change.after)}**"
    return f"{when} <@{change.actor_id}> ({change.actor_level.title}) changed <@{change.subject_id}>{via}: {steps}"


def _title(level: Level | None) -> str:
    return "no grant" if level is None else level.title


def overview(rules: Rules, grants: Mapping[int, Level]) -> str:
    """Who has which level, highest first, and by what."""
    users = {user: (level, "config") for user, level in rules.saved.items()}
    users |= {user: (level, "granted") for user, level in grants.items() if rules.saved.get(user) is not Level.OWNER}
    lines = [f"Everybody else is **{rules.default.title}**."]
    lines += [f"**{role.level.title}**: role {role.role} on server {role.guild_id}" for role in rules.roles]
    ordered = sorted(users.items(), key=lambda user: (-user[1][0], user[0]))
    return fitting([*lines, *(f"**{level.title}**: <@{user}> ({by})" for user, (level, by) in ordered)])


def fitting(lines: Sequence[str]) -> str:
    """As many whole lines as one message takes, and how many more there are."""
    kept: list[str] = []
    for line in lines:
        if sum(len(other) + 1 for other in kept) + len(line) > LIMIT - len("… and 9999 more."):
            return "\n".join([*kept, f"… and {len(lines) - len(kept)} more."])
        kept.append(line)
    return "\n".join(kept)
