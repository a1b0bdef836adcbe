"""The transcript: what it looks like, that it survives the round trip, that no text can forge a mark."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patzta.chat.conversation import Attachment, Conversation, Message, Reaction
from patzta.chat.transcript import (
    Attached,
    EndOfMessage,
    Reacted,
    Reader,
    Replied,
    Text,
    Transcript,
    Turn,
    read,
    read_others,
)

ME, SHE = "Vilém", "Bára"
CONTROL = ["<|im_start|>", "<|im_end|>", "[INST]", "</s>"]
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def chat(*messages: Message) -> Conversation:
    return Conversation("test", None, (SHE, ME), messages)


def said(author: str | None, text: str, minutes: float = 0, **more) -> Message:
    return Message(author, NOON + timedelta(minutes=minutes), text, **more)


def test_bursts_share_a_turn_and_roles_alternate() -> None:
    turns = Transcript(ME).turns(chat(said(SHE, "ahoj"), said(SHE, "jak je"), said(ME, "jde to"), said(ME, "a ty?")))
    assert turns == [Turn("user", "Bára: ahoj\nBára: jak je"), Turn("assistant", "jde to\na ty?")]


def test_a_double_that_speaks_first_gets_an_opening_turn() -> None:
    assert Transcript(ME).turns(chat(said(ME, "čau"))) == [Turn("user", "[start]"), Turn("assistant", "čau")]


def test_a_long_pause_is_the_others_even_inside_a_burst_of_the_double() -> None:
    turns = Transcript(ME).turns(chat(said(SHE, "a"), said(ME, "b"), said(ME, "c", 200)))
    assert [turn.content for turn in turns] == ["Bára: a", "b", "[pause 3 h]", "c"]
    assert Transcript(ME).turns(chat(said(SHE, "a"), said(SHE, "b", 60 * 50)))[0].content == (
        "Bára: a\n[pause 2 d]\nBára: b"
    )


def test_reactions_stand_where_their_author_speaks_next() -> None:
    turns = Transcript(ME).turns(
        chat(
            said(SHE, "hele", reactions=(Reaction(ME, "❤"),)),
            said(SHE, "fotka", attachments=(Attachment("photo", "1_n.jpg"),)),
            said(ME, "pecka", reactions=(Reaction(SHE, "😂"),)),
        )
    )
    assert [turn.content for turn in turns] == [
        "Bára: hele\nBára: [photo] fotka",
        "[reacts ❤ to 2]\npecka",
        "Bára: [reacts 😂]",
    ]


def test_what_nobody_typed_is_left_out() -> None:
    assert (
        Transcript(ME).turns(chat(said(SHE, "volala", kind="call"), said(SHE, "", kind="unsent"), said(SHE, ""))) == []
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[photo]", "\\[photo]"),
        ("a\nb", "a\\\nb"),
        ("C:\\temp", "C:\\\\temp"),
        ("<|im_end|>", "<\\|im_end|>"),
        ("x [INST] y", "x [\\INST] y"),
    ],
)
def test_what_looks_like_a_mark_is_escaped(text: str, written: str) -> None:
    assert Transcript(ME, CONTROL).turns(chat(said(SHE, "?"), said(ME, text)))[1].content == written


texts = st.text(min_size=1, max_size=30) | st.text(alphabet="\\[]\n:<|im_end>/s ab", min_size=1, max_size=25)
attachments = st.lists(
    st.builds(Attachment, st.just("file"), st.none() | texts)
    | st.builds(Attachment, st.sampled_from(["photo", "gif"])),
    max_size=2,
).map(tuple)


@given(texts, attachments)
def test_the_doubles_turn_survives_the_round_trip(text: str, attached: tuple[Attachment, ...]) -> None:
    content = Transcript(ME, CONTROL).turns(chat(said(SHE, "?"), said(ME, text, attachments=attached)))[1].content
    assert not any(token in content for token in CONTROL)
    assert read(content) == [*map(Attached, attached), Text(text), EndOfMessage()]


@given(st.lists(st.tuples(texts, texts, attachments), min_size=1, max_size=4))
def test_the_others_turn_survives_the_round_trip(
    lines: list[tuple[str, str, tuple[Attachment, ...]]],
) -> None:
    messages = [said(f"{name}'", text, attachments=attached) for name, text, attached in lines]
    (turn,) = Transcript(ME, CONTROL).turns(chat(*messages))
    assert not any(token in turn.content for token in CONTROL)
    assert read_others(turn.content) == [
        (f"{name}'", [*map(Attached, attached), Text(text), EndOfMessage()]) for name, text, attached in lines
    ]


@given(texts, st.integers(1, 3))
def test_reactions_survive_the_round_trip(emoji: str, back: int) -> None:
    messages = [said(SHE, str(n), reactions=(Reaction(ME, emoji),) if n == 3 - back else ()) for n in range(3)]
    content = Transcript(ME, CONTROL).turns(chat(*messages, said(ME, "ok")))[1].content
    assert read(content) == [Reacted(emoji, back), Text("ok"), EndOfMessage()]


def test_a_reply_says_to_which_message_unless_it_is_the_last() -> None:
    turns = Transcript(ME).turns(
        chat(said(SHE, "jdeš?"), said(SHE, "a co test"), said(ME, "jj", reply_to=0), said(ME, "dal", reply_to=2))
    )
    assert turns[1].content == "[re 2] jj\ndal"


@given(texts, attachments, st.integers(1, 5))
def test_replies_survive_the_round_trip(text: str, attached: tuple[Attachment, ...], back: int) -> None:
    others = [said(SHE, "") if n == 1 else said(SHE, str(n)) for n in range(6)]
    target = [n for n in range(6) if n != 1][-back]
    content = Transcript(ME, CONTROL).turns(chat(*others, said(ME, text, attachments=attached, reply_to=target)))[1]
    reply = [Replied(back)] if back > 1 else []
    assert read(content.content) == [*reply, *map(Attached, attached), Text(text), EndOfMessage()]


@given(st.text(alphabet="\\[]\n reacts❤to 3photo", max_size=40), st.integers(1, 7))
def test_reading_in_pieces_gives_the_same(content: str, size: int) -> None:
    reader = Reader()
    marks = [mark for start in range(0, len(content), size) for mark in reader.feed(content[start : start + size])]
    marks += reader.close()
    assert _flat(marks) == _flat(read(content))


def test_a_mark_that_nobody_defined_is_text() -> None:
    assert read("[smích]") == [Text("[smích]"), EndOfMessage()]
    assert read("[nedokončené") == [Text("[nedokončené"), EndOfMessage()]


def _flat(marks: list) -> list:
    return [part for mark in marks for part in (mark.text if isinstance(mark, Text) else [mark])]
