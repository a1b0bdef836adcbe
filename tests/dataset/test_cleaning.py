"""What the steps leave out."""

from collections import Counter

import pytest

from patzta.chat.conversation import Attachment, Conversation, Message
from patzta.dataset.cleaning import SWITCHES, folded, steps

ME, SHE = "Vilém", "Bára"
LONG = "Ahoj všichni, přepošlete tuhle zprávu dvaceti lidem, jinak vám zítra upadne ucho a pes vás nebude mít rád."


def left_out(*messages: Message, skip: tuple[str, ...] = ()) -> list[str | None]:
    found = steps([Conversation("test", None, (SHE, ME), messages)], ME, skip)
    return [next((step.name for step in found if step.drops(message)), None) for message in messages]


def mine(text: str = "", **more) -> Message:
    return Message(ME, None, text, **more)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (mine("ahoj"), None),
        (mine("x" * 2001), "too-long"),
        (mine("*jsem"), "corrections"),
        (mine("jsem*"), "corrections"),
        (mine("*směje se*"), None),
        (mine("."), "pointers"),
        (mine("^^"), "pointers"),
        (mine("..."), None),
        (mine("x", forwarded=True), "forwarded"),
        (mine("x", kind="call"), "call"),
        (mine("x", kind="unsent"), "unsent"),
        (mine(), "empty"),
        (mine(attachments=(Attachment("photo"),)), "attachments"),
        (Message(SHE, None, attachments=(Attachment("photo"),)), None),
    ],
)
def test_reasons(message: Message, reason: str | None) -> None:
    assert left_out(message) == [reason]
    assert left_out(message, skip=tuple(SWITCHES)) == [None if reason in SWITCHES else reason]


def test_overused_messages_are_thinned_out_and_the_others_stay() -> None:
    messages = [mine("haha"), mine("HAHAAAA!!")] * 500 + [mine(f"věta {number}") for number in range(1000)]
    found = Counter(left_out(*messages))
    assert 950 < found["overused"] < 995  # about 20 of 1,000 stay
    assert found[None] == 2000 - found["overused"]
    assert left_out(*messages) == left_out(*messages)
    assert set(left_out(*(Message(SHE, None, "haha") for _ in range(1000)))) == {None}


def test_what_was_sent_before_is_left_out() -> None:
    other = LONG.replace("dvaceti", "třiceti")
    assert left_out(mine(LONG), mine(LONG.upper() + "!!!"), mine(other), mine("Něco docela jiného, " * 5)) == [
        None, "near-duplicates", "near-duplicates", None
    ]  # fmt: skip
    assert left_out(mine("jo"), mine("jo"), Message(SHE, None, LONG), Message(SHE, None, LONG)) == [None] * 4


def test_folding() -> None:
    assert folded("Háháááá 😂!!") == "haha"
    assert folded("😂😂") == "😂😂"
