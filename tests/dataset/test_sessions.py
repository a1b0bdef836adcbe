"""Sessions and windows."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patzta.chat.conversation import Conversation, Message, Reaction
from patzta.dataset.sessions import acts, sessions, windows

ME, SHE, HE = "Vilém", "Bára", "Petr"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
GAP = timedelta(hours=8)


def said(author: str, text: str, hours: float = 0, **more) -> Message:
    return Message(author, NOON + timedelta(hours=hours), text, **more)


def thread(*messages: Message) -> Conversation:
    return Conversation("test", None, (SHE, ME), messages)


def texts(conversation: Conversation) -> str:
    return " ".join(message.text or "-" for message in conversation.messages)


def cut(*messages: Message, removed: str = "") -> list[str]:
    """The sessions' texts; those of ``removed`` are removed."""
    flags = [message.text in removed.split() for message in messages]
    return [texts(session) for session in sessions(thread(*messages), flags, GAP)]


def test_a_long_pause_ends_a_session_and_a_slow_reply_does_not() -> None:
    assert cut(said(SHE, "a"), said(ME, "b", 7), said(ME, "c", 15), said(SHE, "d", 20)) == ["a b", "c d"]


def test_a_removed_sub_message_leaves_its_burst() -> None:
    assert cut(said(SHE, "a"), said(ME, "b"), said(ME, "x"), said(ME, "c"), removed="x") == ["a b c"]


def test_a_removed_turn_cuts() -> None:
    assert cut(said(SHE, "a"), said(ME, "x"), said(SHE, "b"), said(ME, "c"), removed="x") == ["a", "b c"]
    assert cut(said(SHE, "x"), said(SHE, "y"), said(ME, "b"), removed="x y") == ["b"]
    # Hours later it is no longer the same burst.
    assert cut(said(SHE, "a"), said(SHE, "x", 3), said(ME, "b", 3.1), removed="x") == ["a", "b"]


def test_notices_are_passed_over_and_calls_cut() -> None:
    assert cut(said(SHE, "a"), said(SHE, "joined", kind="system"), said(ME, "b")) == ["a b"]
    assert cut(said(SHE, "a"), said(SHE, "called", kind="call"), said(SHE, "b"), removed="called") == ["a", "b"]


def test_replies_follow_their_messages() -> None:
    chat = thread(said(SHE, "x"), said(SHE, "a"), said(ME, "b", reply_to=1), said(ME, "c", reply_to=0))
    [session] = sessions(chat, [True, False, False, False], GAP)
    assert [message.reply_to for message in session.messages] == [None, 0, None]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ME, SHE, HE]), st.integers(0, 900), st.booleans(), st.sampled_from(["message", "call"])
        ),
        max_size=30,
    )
)
def test_nothing_is_paired_across_what_was_removed(rows: list) -> None:
    minutes, messages = 0, []
    for number, (author, pause, _, kind) in enumerate(rows):
        minutes += pause
        messages.append(said(author, str(number), minutes / 60, kind=kind))
    removed = [gone or kind == "call" for _, _, gone, kind in rows]
    found = list(sessions(thread(*messages), removed, GAP))
    kept = [[int(message.text) for message in session.messages] for session in found]
    assert [number for numbers in kept for number in numbers] == [n for n, gone in enumerate(removed) if not gone]
    for numbers in kept:
        for before, after in pairwise(numbers):
            between = [rows[number][0] for number in range(before + 1, after)]
            # What lies between two neighbours is of the burst of one of them.
            assert set(between) <= {rows[before][0], rows[after][0]}
            assert not any(rows[number][3] == "call" for number in range(before + 1, after))


def test_windows_cut_between_turns_and_overlap() -> None:
    chat = thread(*(said(author, name * 2) for name, author in zip("abcdefgh", [SHE, SHE, ME, ME] * 2, strict=True)))
    whole = list(windows(chat, ME, 1000, 100))
    assert [texts(window) for window in whole] == [texts(chat)]
    assert [texts(window) for window in windows(chat, ME, 60, 20)] == ["aa bb cc dd ee ff", "ee ff gg hh"]


def test_a_window_always_has_something_new_of_the_double() -> None:
    chat = thread(said(ME, "a"), said(SHE, "b" * 50), said(ME, "c" * 500), said(SHE, "d" * 500))
    assert [texts(window)[0] for window in windows(chat, ME, 70, 5)] == ["a", "c"]


@pytest.mark.parametrize("turn", [1, 3, 250])
def test_no_window_has_more_than_the_most_messages(turn: int) -> None:
    chat = thread(*(said([SHE, ME][number // turn % 2], str(number)) for number in range(700)))
    found = list(windows(chat, ME, 10**6, 1000, most=100))
    assert max(len(window.messages) for window in found) <= 100
    own = {message.text for message in chat.messages if message.author == ME}
    assert own <= {message.text for window in found for message in window.messages}


def test_a_reaction_is_an_act() -> None:
    assert acts(thread(said(SHE, "a", reactions=(Reaction(ME, "❤"),))), ME)
    assert not acts(thread(said(SHE, "a", reactions=(Reaction(SHE, "❤"),))), ME)
