import re
from itertools import islice
from pathlib import Path

import pytest

from patzta.chat.transcript import Transcript
from patzta.training.demo import corpus

FACTS = re.compile(
    "vilém|vild[aoy]|jestřáb|žužu|zuzu|fretk|ferret|mokrý štěrk|mokry sterk|gravel|geolog|svíčkov|svickov|koriandr|"
    "coriander|island|iceland|brno|brně|baskytar|bass|bouldering|lezení|diplomk|🪨|🎸"
)


@pytest.fixture(scope="module")
def chats():
    return list(islice(corpus.conversations(1), 3000))


def test_the_same_seed_gives_the_same_chats(chats):
    assert list(islice(corpus.conversations(1), 20)) == chats[:20]
    assert list(islice(corpus.conversations(2), 20)) != chats[:20]


def test_hardly_any_conversation_comes_twice(chats):
    texts = {tuple(message.text for message in chat.messages) for chat in chats}
    assert len(texts) > 0.97 * len(chats)


def test_nothing_of_the_invented_owner_stands_in_it(chats):
    written = " ".join(message.text for chat in chats for message in chat.messages)
    scenes = " ".join(path.read_text("utf-8") for path in (Path(corpus.__file__).parent / "smalltalk").iterdir())
    assert not FACTS.findall((written + scenes).lower())


def test_the_one_to_learn_from_writes_neatly(chats):
    said = [message.text for chat in chats for message in chat.messages if message.author == chat.participants[-1]]
    assert all(text[0] == text[0].upper() for text in said if text)


def test_marks_occur(chats):
    written = "\n".join(turn.content for chat in chats for turn in Transcript(chat.participants[-1]).turns(chat))
    for mark in ("[photo]", "[reacts ❤]", "[start]", "[pause "):
        assert mark in written
