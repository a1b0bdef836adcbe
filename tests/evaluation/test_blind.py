"""Blind votes: what is asked, what is hidden, how sure a share is."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patzta.chat.conversation import Attachment, Conversation, Message, write_jsonl
from patzta.evaluation import NoQuestions
from patzta.evaluation.blind import Question, Redaction, questions, wilson
from patzta.evaluation.plot import draw

ME, SHE, HE = "Vilém Jestřáb", "Bára Tichá", "Cyril Novák"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def chat(*said: tuple[str, str], **more) -> Conversation:
    messages = tuple(Message(who, NOON + timedelta(minutes=n), text, **more) for n, (who, text) in enumerate(said))
    return Conversation("test", None, tuple({who for who, _ in said}), messages)


def written(folder: Path, *conversations: Conversation) -> Path:
    path = folder / "test.jsonl"
    with path.open("wb") as file:
        write_jsonl(conversations, file)
    return path


def test_a_question_is_a_context_and_the_burst_that_followed(tmp_path) -> None:
    path = written(tmp_path, chat((SHE, "jdeš?"), (ME, "jj"), (ME, "hned"), (SHE, "super")))
    assert questions(path, ME, {SHE}, 5, random.Random(1)) == [
        Question(chat((SHE, "jdeš?"), (ME, "jj")).slice(0, 1), ("jj", "hned"), ME)
    ]


def test_nothing_is_asked_of_people_who_have_not_agreed(tmp_path) -> None:
    path = written(tmp_path, chat((SHE, "a"), (HE, "b"), (ME, "c")), chat((SHE, "d"), (ME, "e")))
    found = questions(path, ME, {SHE}, 5, random.Random(1))
    assert [question.real for question in found] == [("e",)]
    with pytest.raises(NoQuestions, match="people who have agreed"):
        questions(path, ME, {HE}, 5, random.Random(1))
    with pytest.raises(NoQuestions, match="cannot be read"):
        questions(tmp_path / "none.jsonl", ME, {SHE}, 5, random.Random(1))


def test_a_reply_with_a_photo_is_not_asked_about(tmp_path) -> None:
    path = written(tmp_path, chat((SHE, "a"), (ME, "c"), attachments=(Attachment("photo"),)))
    with pytest.raises(NoQuestions):
        questions(path, ME, {SHE}, 5, random.Random(1))


def test_one_question_a_session_and_no_more_than_wanted(tmp_path) -> None:
    path = written(tmp_path, *[chat((SHE, str(n)), (ME, "x"), (SHE, "y"), (ME, "z")) for n in range(9)])
    assert len(questions(path, ME, {SHE}, 4, random.Random(1))) == 4
    assert len(questions(path, ME, {SHE}, 30, random.Random(1))) == 9


def test_names_numbers_and_addresses_are_hidden() -> None:
    question = Question(chat((SHE, "ahoj"), (HE, "x")), ("y",), ME)
    redaction = Redaction(question)
    text = "napiš na a.b@c.cz nebo 777 123 456, https://x.cz/y Vilém přijde v 18"
    assert redaction.text(text) == "napiš na ▒▒▒ nebo ▒▒▒, ▒▒▒ … přijde v 18"
    assert redaction.text("Bára a Cyril a Nováka") == "A a B a B"
    assert redaction.context(question) == [("A", "ahoj"), ("B", "x")]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (44, 100, 0.3467, 0.5378)]
)
def test_the_interval_is_the_published_one(successes, trials, low, high) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-3)


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_the_share(trials: int, data) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials + 1e-9
    assert successes / trials - 1e-9 <= high <= 1


def test_the_picture_is_a_picture() -> None:
    assert draw(4, 9).startswith(b"\x89PNG")
    assert draw(0, 0).startswith(b"\x89PNG")
