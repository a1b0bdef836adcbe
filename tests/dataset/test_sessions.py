"""Cleaning, windows and the split."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from patzta.chat.conversation import Attachment, Conversation, Message
from patzta.dataset.sessions import cleaned, own_sessions, split_by_time, windows

ME, SHE = "Vilém", "Bára"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
PHOTO = (Attachment("photo"),)


def said(author: str, text: str, hours: float = 0, **more) -> Message:
    return Message(author, NOON + timedelta(hours=hours), text, **more)


def thread(*messages: Message) -> Conversation:
    return Conversation("test", None, (SHE, ME), messages)


def texts(conversation: Conversation) -> str:
    return " ".join(message.text or "-" for message in conversation.messages)


def test_drops_what_nobody_typed_and_what_the_double_cannot_send() -> None:
    dropped: Counter[str] = Counter()
    clean = cleaned(
        thread(
            said(SHE, "a"),
            said(SHE, "called", kind="call"),
            said(ME, "chain letter", forwarded=True),
            said(ME, "", attachments=PHOTO),
            said(ME, "look", attachments=PHOTO, reply_to=0),
            said(SHE, "", attachments=PHOTO, reply_to=3),
            said(SHE, ""),
            said(SHE, "b", reply_to=4),
        ),
        ME,
        dropped,
    )
    assert [(message.text, message.attachments, message.reply_to) for message in clean.messages] == [
        ("a", (), None),
        ("look", (), 0),
        ("", PHOTO, None),
        ("b", (), 1),
    ]
    assert sorted(dropped.values()) == [1, 1, 1, 1, 1]


def test_only_sessions_with_the_double() -> None:
    dropped: Counter[str] = Counter()
    chat = thread(said(SHE, "a"), said(ME, "b"), said(SHE, "c", 20), said(SHE, "d", 40), said(ME, "e", 41))
    sessions = own_sessions(chat, ME, timedelta(hours=8), dropped)
    assert [texts(session) for session in sessions] == ["a b", "d e"]
    assert sum(dropped.values()) == 1


def test_windows_cut_between_turns_and_overlap() -> None:
    chat = thread(*(said(author, name * 2) for name, author in zip("abcdefgh", [SHE, SHE, ME, ME] * 2, strict=True)))
    whole = list(windows(chat, ME, 1000, 100))
    assert [texts(window) for window in whole] == [texts(chat)]
    assert [texts(window) for window in windows(chat, ME, 60, 20)] == ["aa bb cc dd ee ff", "ee ff gg hh"]


def test_a_window_always_has_something_new_of_the_double() -> None:
    chat = thread(said(ME, "a"), said(SHE, "b" * 50), said(ME, "c" * 500), said(SHE, "d" * 500))
    assert [texts(window)[0] for window in windows(chat, ME, 70, 5)] == ["a", "c"]


@pytest.mark.parametrize(("count", "sizes"), [(1, [1, 0, 0]), (2, [1, 0, 1]), (3, [1, 1, 1]), (100, [90, 5, 5])])
def test_the_newest_are_held_out(count: int, sizes: list[int]) -> None:
    sessions = [thread(said(ME, str(hour), hour)) for hour in range(count)]
    parts = split_by_time(reversed(sessions), 0.05, 0.05)
    assert [len(part) for part in parts] == sizes
    assert [session for part in parts for session in part] == sessions
