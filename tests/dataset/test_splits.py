"""Splits by time, without leaks."""

from datetime import UTC, datetime, timedelta

import pytest

from patzta.chat.conversation import Conversation, Message
from patzta.dataset.splits import split_by_time, without_leaks

ME, SHE = "Vilém", "Bára Malá"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def session(*texts: str, hour: int = 0) -> Conversation:
    messages = tuple(Message(ME, NOON + timedelta(hours=hour), text) for text in texts)
    return Conversation("test", None, (SHE, ME), messages)


@pytest.mark.parametrize(("count", "sizes"), [(1, [1, 0, 0]), (2, [1, 0, 1]), (3, [1, 1, 1]), (100, [90, 5, 5])])
def test_the_newest_are_held_out(count: int, sizes: list[int]) -> None:
    sessions = [session(str(hour), hour=hour) for hour in range(count)]
    parts = split_by_time(reversed(sessions), 0.05, 0.05)
    assert [len(part) for part in parts] == sizes
    assert [session for part in parts for session in part] == sessions


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("sejdeme se zítra v 8 u hlavního nádraží jo", True),  # a number
        ("jo a sejdeme se, zítra v 8: u HLAVNIHO nadrazi jo!", True),  # folded, and anywhere
        ("sejdeme se zítra v 9 u hlavního nádraží jo", False),
        ("říkala to bara a pak to řekla i mně doma", True),  # a participant's name
        ("včera jsem viděl Karla na ulici a šel domů", True),  # a capital inside
        ("bylo to moc hezké a chci tam jet zase", False),  # everybody says that
        ("krátké 8", False),
    ],
)
def test_what_can_be_known_by_heart_is_not_asked(text: str, leaks: bool) -> None:
    train = [
        session("sejdeme se zítra v 8", "u hlavního nádraží jo"),
        session("říkala to Bára a pak to řekla i mně doma"),
        session("včera jsem viděl Karla na ulici a šel domů"),
        session("bylo to moc hezké a chci tam jet zase"),
    ]
    assert without_leaks([session(text)], train) == (([], 1) if leaks else ([session(text)], 0))
