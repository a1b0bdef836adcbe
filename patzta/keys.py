"""The sections and keys of the two configs, and what each key means: what the reader takes and the reference shows."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """What a key means (Markdown); ``default`` in words, where it is none that the reader could name."""

    meaning: str
    default: str = ""


BOTH = {
    "plugins": {
        "extensions": Key("the residents, loaded first"),
        "cogs": Key("the behaviour; names of ours, or modules of installed packages"),
    },
    "bot": {"name": Key("the prefix of its channels: `NAME-direct`")},
    "discord": {
        "guilds": Key("ids of servers: commands are registered there only, at once; without any, everywhere"),
        "shard": Key("the number, from 0, of this process among those of one bot; see [serving](serving.md)"),
        "shards": Key("how many processes the bot has"),
    },
    "database": {
        "url": Key("SQLAlchemy's address of the store; or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`"),
    },
    "jobs": {
        "folder": Key("where each job's log and records are"),
        "cwd": Key("where jobs start when nothing is said", "your home"),
        "limit": Key("how many run at once on this machine, the others wait; 0: all"),
        "grace": Key("seconds between the steps in which a job is ended: asked (INT), told (TERM), made to (KILL)"),
        "environment": Key("names of variables that jobs see although they look like secrets"),
    },
}
"""Sections of both bots."""

KEYS = {
    "permissions": {
        "default": Key("everybody's level unless said otherwise: 0 ignored, 1 visible, 2 mod, 3 admin"),
        "saved": Key("one `DISCORD_ID LEVEL` a line; level 4 is the owner"),
        "roles": Key(
            "one `SERVER_ID ROLE LEVEL` a line: who has the role (its name or id) on that server has the level,"
            " at most 3"
        ),
        "notice": Key("whether the owner is told when a stranger writes to the bot for the first time"),
    },
    "communication": {
        "quiet": Key("seconds without a message or typing after which a burst is over and is answered"),
        "longest": Key("seconds after the first message of a burst when it is answered in any case"),
        "history": Key("messages that the double looks back at least, up to half as many more"),
        "catch_up": Key("hours back to which it answers what was written while it was away"),
        "pace": Key("characters a second that it seems to type; 0: it sends as soon as the model has written"),
        "silent": Key("hours when it says nothing, such as `23:00-07:00`; it answers afterwards"),
        "bots": Key("ids of bots that it answers, ten times in a row at most"),
        "per_user": Key("messages of a person that it answers within an hour"),
        "per_place": Key("messages in a place that it answers within an hour"),
        "greeting": Key(
            "what it says on first contact with a person, `{double}` being the name; `no`: nothing",
            "that it is an AI double",
        ),
    },
    "evaluation": {
        "dataset": Key(
            "whose `test.jsonl` `/blind` asks about and `/evaluate` measures on",
            "the folder in `data/datasets` that is named like the model's",
        ),
        "reports": Key("where `/evaluate` puts its report, in a folder named like the model's"),
    },
    "model": {
        "path": Key("the model folder"),
        "threads": Key("CPU threads of the model worker; 0: half of the cores"),
        "temperature": Key("above: more surprising answers, below: more usual ones", "the model's own"),
        "top_p": Key("only the likeliest words whose probabilities add up to this are drawn", "the model's own"),
        "max_new_tokens": Key("the longest answer, a whole burst", "the model's own"),
        "quantisation": Key("the weights in 4 bit (`nf4`), in 8 bit (`int8`), or as they are (`none`)"),
        "context": Key("tokens that a chat may have, its answer included"),
        "together": Key(
            "chats that are answered at a time; as many more are remembered, so that only what is new is read"
        ),
        "queue": Key("requests that may wait; further ones are refused at once"),
        "keep": Key("minutes that the model stays in memory when no bot is there"),
        "remote_code": Key("whether a program that a model brings along may run"),
        "engine": Key(
            "`local`: a worker on this machine; `openai`: a server, see [serving](serving.md#beyond-one-machine)"
        ),
        "url": Key("where that server is"),
        "served": Key("what that server calls the model", "the name of the model's folder"),
        "key": Key("what that server wants to be shown, if it does"),
    },
} | BOTH
"""patztabot's."""

SHELL_KEYS = {"permissions": {"admins": Key("who may use it: one Discord user ID a line")}} | BOTH
"""shellbot's."""
