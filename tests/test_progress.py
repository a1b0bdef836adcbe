"""What a person, and what a log, sees of the progress."""

import io

import pytest

from patzta import progress as module
from patzta.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_every_few_seconds_with_the_time_left(clock: list[float]) -> None:
    stream = io.StringIO()
    progress = Progress("3/3", stream, seconds=5)
    for second in range(21):
        clock[0] = 100.0 + second
        progress.update(0.5 + second / 40, "loss 1.2")
    assert stream.getvalue().splitlines() == [
        "3/3  50 %  loss 1.2",
        "3/3  62 %  loss 1.2  0:15 left",
        "3/3  75 %  loss 1.2  0:10 left",
        "3/3  87 %  loss 1.2  0:05 left",
        "3/3 100 %  loss 1.2",
    ]


def test_a_terminal_gets_one_line_that_changes(clock: list[float]) -> None:
    stream = Terminal()
    progress = Progress(stream=stream)
    progress.update(0.25)
    clock[0] += 3600
    progress.update(0.5)
    progress.say("saved")
    progress.update(1.0)
    assert stream.getvalue() == "\r\x1b[K 25 %  \r\x1b[K 50 %    2:00:00 left\nsaved\n\r\x1b[K100 %  \n"
