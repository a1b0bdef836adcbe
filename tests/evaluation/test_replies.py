"""Held-out replies and what is drawn from them."""

from patzta.chat.conversation import Conversation, Message, Reaction
from patzta.evaluation.choosing import candidates
from patzta.evaluation.replies import Reply, messages, replies, spread
from patzta.evaluation.systems import Retrieval, persona_opening
from tests.training.tiny import ME, SHE, chats


def said(*lines: tuple[str, str]) -> Conversation:
    return Conversation("test", None, (ME, SHE), tuple(Message(who, None, text) for who, text in lines))


def test_a_reply_is_a_whole_burst_after_what_the_others_said() -> None:
    chat = said((SHE, "ahoj"), (SHE, "jak je?"), (ME, "jde to"), (ME, "[a ty?]"), (SHE, "taky"), (ME, "ok"))
    first, second = replies([chat], ME)
    assert first.texts == ("jde to", "[a ty?]")
    assert first.asked == "ahoj\njak je?"
    assert len(second.context) == 3
    assert second.texts == ("ok",)


def test_what_answers_nobody_or_says_nothing_is_no_reply() -> None:
    opening = said((ME, "ahoj"))
    reaction = Conversation("test", None, (ME, SHE), (Message(SHE, None, "hm", reactions=(Reaction(ME, "👍"),)),))
    assert not list(replies([opening, reaction], ME))


def test_replies_are_taken_evenly_over_the_time() -> None:
    found = list(replies(chats(30), ME))
    chosen = spread(found, 10)
    assert len(chosen) == 10
    assert chosen[0] is found[0]
    assert [found.index(one) for one in chosen] == sorted(found.index(one) for one in chosen)
    assert spread(found, 1000) == found


def test_marks_are_no_text() -> None:
    assert messages("[re 3] ahoj\n[reacts ❤]\n[photo]\n\\[tak") == ("ahoj", "[tak")


def test_the_real_reply_stands_among_nineteen_others() -> None:
    found = [Reply((), f"reply {number}") for number in range(8)]
    more = [Reply((), f"more {number}") for number in range(40)]
    lists = candidates(found, more, 0)
    assert [answers[0] for answers in lists] == [reply.content for reply in found]
    assert all(len(set(answers)) == 20 for answers in lists)
    assert lists == candidates(found, more, 0)


def test_retrieval_says_what_was_answered_to_the_like() -> None:
    train = list(replies([said((SHE, "kdy přijdeš?"), (ME, "v pět"), (SHE, "máš hlad?"), (ME, "jo, pizzu"))], ME))
    retrieval = Retrieval(train)
    (asked,) = replies([said((SHE, "a máš zas hlad?"), (ME, "ne"))], ME)
    assert retrieval.answer(asked) == "jo, pizzu"
    near, far = retrieval.similarity(asked, ["pizzu jo", "v pět"])
    assert near > far


def test_the_prompted_base_is_told_whom_to_play_and_shown_exchanges() -> None:
    turns = persona_opening(ME, list(replies(chats(30), ME)))
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    assert ME in turns[0].content
