"""Logs: one line an event on stderr, with the ids of what it is about; never what people wrote, unless asked to."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import discord

CHATTY = ("discord", "alembic", "watchfiles")
"""Libraries whose warnings alone matter."""

_about: ContextVar[dict[str, int]] = ContextVar("about", default={})  # noqa: B039  never changed in place

_SECRETS = re.compile(
    r"(/(?:webhooks|interactions)/\d+/)[^\s/?\"']{20,}"  # who has such an address may write there
    r"|([\"']token[\"']: ?[\"'])[^\"']+"
    r"|(://[^\s/:@]*:)[^\s/@]+(?=@)"
    r"|()(?<![\w-])[\w-]{23,}\.[\w-]{6}\.[\w-]{27,}"  # a bot's token
)


def about(**ids: int | None) -> None:
    """What this task logs from here on is about these: ``channel``, ``user``, ``request`` (message or interaction)."""
    _about.set({name: value for name, value in ids.items() if value is not None})


def configure(*, verbose: bool, as_json: bool) -> None:
    """Log to stderr: from info on, or with ``verbose`` everything, message texts included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(note_ids)
    handler.setFormatter(JsonLines() if as_json else Lines())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.NOTSET if verbose else logging.WARNING)
    # The bot has no voice: nobody needs to know which libraries for it are missing.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False


def note_ids(record: logging.LogRecord) -> bool:
    """A filter that lets everything pass and notes what it is about."""
    record.about = dict(_about.get())
    return True


def ids_of(record: logging.LogRecord) -> dict[str, int]:
    """What ``note_ids`` noted."""
    return getattr(record, "about", {})


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with these, and whatever has the shape of a token or of a password in an address, blacked out."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]")
    return _SECRETS.sub(lambda found: f"{found[found.lastindex or 0]}[secret]", text)


class Lines(logging.Formatter):
    """For people: time, level, logger, text, ids; a traceback follows below."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """See logging.Formatter."""
        ids = " ".join(f"{name}={value}" for name, value in ids_of(record).items())
        return super().formatMessage(record).replace("\n", "\\n") + (f" [{ids}]" if ids else "")


class JsonLines(logging.Formatter):
    """For programs: one object a line, a traceback in the field ``trace``."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **ids_of(record),
        }
        if record.exc_info:
            event["trace"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)
