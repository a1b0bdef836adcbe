import re
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from patzta.chat.transcript import Transcript
from patzta.training.demo import corpus
from patzta.training.demo.strangers import strangers

FACTS = re.compile(
    "vilém|vild[aoy]|jestřáb|žužu|zuzu|fretk|ferret|mokrý štěrk|mokry sterk|gravel|geolog|svíčkov|svickov|koriandr|"
    "coriander|island|iceland|brno|brně|baskytar|bass|bouldering|lezení|diplomk"
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
    folder = Path(corpus.__file__).parent / "smalltalk"
    scenes = " ".join((folder / f"{language}.txt").read_text("utf-8") for language in corpus.LANGUAGES)
    assert not FACTS.findall((written + scenes).lower())


def test_to_neat_writing_the_answer_is_nearly_always_neat(chats):
    answers = []
    for chat in chats:
        owner = chat.participants[-1]
        for before, message in pairwise(chat.messages):
            if before.author != owner == message.author and re.match("[A-ZČŘŠŽ]", before.text) and message.text:
                answers.append(message.text[0] != message.text[0].lower())
    assert len(answers) > 300
    assert fmean(answers) > 0.7


def test_the_life_is_told_of_others_without_its_facts():
    life = [scene.name for scene in strangers("czech").scenes]
    assert {"zuzu", "island"} <= set(life)
    random = Random(1)
    grammar = strangers("english")
    (scene,) = [scene for scene in grammar.scenes if scene.name == "favourite food"]
    dishes = {row[0] for row in grammar.lists["dish"]}
    assert all(grammar.draw(scene, random)[0].replies[0].split()[0] in dishes for _ in range(30))


def test_marks_occur(chats):
    written = "\n".join(turn.content for chat in chats for turn in Transcript(chat.participants[-1]).turns(chat))
    for mark in ("[photo]", "[reacts ❤]", "[start]", "[pause "):
        assert mark in written
