"""What a cog does beside its handlers."""

import asyncio
import logging

from patzta.framework.background import Background
from tests.running import eventually

log = logging.getLogger("patzta.test")


async def test_one_that_fails_is_logged_and_the_others_go_on_until_they_are_cancelled(caplog) -> None:
    background, ended = Background(log, "a task ended"), []

    async def fail() -> None:
        raise RuntimeError("no idea")

    async def stay() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    background.start(stay())
    background.start(fail())
    await eventually(lambda: caplog.records)
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("patzta.test", "a task ended")
    assert "RuntimeError: no idea" in caplog.text
    assert ended == []
    await background.cancel()
    assert ended == ["cancelled"]
    assert len(caplog.records) == 1, "being cancelled is no failure"
