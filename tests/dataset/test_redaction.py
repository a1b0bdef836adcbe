"""Placeholders."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import PLACEHOLDER, Swallow, without_links
from patzta.dataset.personal import finders
from patzta.dataset.redaction import Redaction


def redacted(*texts: str, **more) -> list[str]:
    thread = Conversation("test", None, ("a",), tuple(Message("a", None, text) for text in texts))
    return [message.text for message in Redaction(finders("CZ"), **more).of_thread(thread).messages]


def test_the_same_thing_has_the_same_number_in_a_conversation() -> None:
    assert redacted("777 123 456", "603 123 456 ne 777123456", "a@b.cz") == [
        "⟦phone 1⟧", "⟦phone 2⟧ ne ⟦phone 1⟧", "⟦email 1⟧"
    ]  # fmt: skip


def test_links_and_own_patterns_are_avoided_and_the_rest_stays() -> None:
    texts = ["hele https://youtu.be/x?t=1, dobrý", "(www.x.cz)", "koukni na idnes.cz/a.html", "tajný projekt"]
    assert redacted(*texts, patterns=[re.compile("tajn\\w+")]) == [
        "hele ⟦link⟧, dobrý", "(⟦link⟧)", "koukni na ⟦link⟧", "⟦avoided⟧ projekt"
    ]  # fmt: skip
    assert redacted(texts[0], avoid=False) == [texts[0]]


def test_an_address_of_mail_is_no_link() -> None:
    assert redacted("jan@seznam.cz") == ["⟦email 1⟧"]


def test_nobody_writes_a_placeholder_by_hand() -> None:
    assert redacted("⟦link⟧") == ["[[link]]"]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_model_that_writes_one_says_nothing_there(size: int) -> None:
    text, swallow = "hele ⟦link⟧ dobrý ⟧⟦pho\nkonec", Swallow()
    said = "".join(swallow.feed(text[start : start + size]) for start in range(0, len(text), size))
    assert said == "hele  dobrý ⟧\nkonec"


@given(st.text(alphabet="ahttps:/.cz⟦⟧ 7", max_size=40))
def test_what_is_hidden_stays_hidden(text: str) -> None:
    once = redacted(text)[0]
    assert without_links(once) == once
    assert "⟦" not in PLACEHOLDER.sub("", once)
