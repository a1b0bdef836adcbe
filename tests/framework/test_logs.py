"""Log lines: one an event, with ids, for people or for programs."""

import io
import json
import logging

import pytest

from patzta.framework.logs import JsonLines, Lines, about, note_ids, without_secrets


@pytest.fixture
def logged():
    """A logger and what it wrote, by formatter."""
    logger = logging.Logger("patzta.test")
    streams = {}
    for formatter in (Lines(), JsonLines()):
        handler = logging.StreamHandler(streams.setdefault(type(formatter), io.StringIO()))
        handler.setFormatter(formatter)
        handler.addFilter(note_ids)
        logger.addHandler(handler)
    return logger, streams


async def test_an_event_is_one_line_with_ids(logged) -> None:
    logger, streams = logged
    about(channel=1, user=2, request=None)
    logger.info("two\nlines")
    assert streams[Lines].getvalue().endswith("INFO    patzta.test: two\\nlines [channel=1 user=2]\n")
    event = json.loads(streams[JsonLines].getvalue())
    assert event["message"] == "two\nlines"
    assert (event["channel"], event["user"], event["level"], event["logger"]) == (1, 2, "INFO", "patzta.test")


def test_a_traceback_is_one_field(logged) -> None:
    logger, streams = logged
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("no")
    (line,) = streams[JsonLines].getvalue().splitlines()
    assert "ZeroDivisionError" in json.loads(line)["trace"]
    assert "ZeroDivisionError" in streams[Lines].getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the key is hunter2, hunter2!", "the key is [secret], [secret]!"),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.Gh1jKl.abcdefghijklmnopqrstuvwxyz_-0123456789ab", "[secret]"),
        ("POST https://x/api/v10/webhooks/12/aW50ZXJhY3Rpb246MTIz?wait=1", "POST https://x/api/v10/webhooks/12/[secret]?wait=1"),
        ("/interactions/12/aW50ZXJhY3Rpb246MTIz/callback", "/interactions/12/[secret]/callback"),
        ("{'token': 'abc', 'id': '5'}", "{'token': '[secret]', 'id': '5'}"),
        ("postgresql+asyncpg://me:pass@host/db", "postgresql+asyncpg://me:[secret]@host/db"),
        ("no secret: 10:00, a@b.cz, http://127.0.0.1:8722/x", "no secret: 10:00, a@b.cz, http://127.0.0.1:8722/x"),
    ],
)  # fmt: skip
def test_secrets_are_blacked_out(text, shown) -> None:
    assert without_secrets(text, ["hunter2", ""]) == shown
