"""Gateway sessions: one identified bot, or one shard of it, and what was dispatched to it.

https://discord.com/developers/docs/events/gateway#sharding
"""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self, cast

from patzta.sandbox.models import Bot, Json
from patzta.sandbox.snowflake import COUNTER_BITS

REPLAY_LIMIT = 2000
"""Dispatches that a session keeps for a resume."""


@dataclass(frozen=True)
class Shard:
    """The part of a bot's guilds that a session hears of; without `stated` the bot is not sharded."""

    index: int = 0
    count: int = 1
    stated: bool = False

    @classmethod
    def read(cls, value: object) -> Self | None:
        """The shard that IDENTIFY names (`[index, count]` or nothing); None where it makes no sense."""
        if value is None:
            return cls()
        pair = cast("list[Any]", value) if isinstance(value, list) else []
        if len(pair) != 2 or not all(isinstance(number, int) for number in pair) or not 0 <= pair[0] < pair[1]:
            return None
        return cls(pair[0], pair[1], stated=True)

    def has(self, guild_id: str | None) -> bool:
        """Whether events of this guild, or with None of direct messages, belong here."""
        return (int(guild_id) >> COUNTER_BITS) % self.count == self.index if guild_id else self.index == 0

    def in_ready(self) -> Json:
        """What READY says of it."""
        return {"shard": [self.index, self.count]} if self.stated else {}


@dataclass
class Session:
    """One identified bot, or one shard of it. It outlives its socket, so that a dropped one can be resumed."""

    bot: Bot
    intents: int
    shard: Shard
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=REPLAY_LIMIT))
    outbox: asyncio.Queue[Json] | None = None

    def dispatch(self, name: str, data: Json) -> None:
        """Number an event, keep it for a replay and send it when a socket is there."""
        self.sequence += 1
        frame: Json = {"op": 0, "s": self.sequence, "t": name, "d": data}
        self.sent.append(frame)
        if self.outbox is not None:
            self.outbox.put_nowait(frame)

    def can_replay(self, sequence: int) -> bool:
        """Whether nothing after `sequence` has been forgotten."""
        return 0 <= sequence <= self.sequence and self.sequence - sequence <= len(self.sent)
