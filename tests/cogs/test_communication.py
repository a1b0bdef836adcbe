"""When the double answers, what it sees and how it speaks; the model is a fake, Discord is the sandbox."""

import pytest

from patzta.chat.transcript import EndOfMessage, Reacted, Text
from patzta.inference import WorkerLost
from patzta.sandbox.world import FRIEND
from tests.running import DIRECT, eventually

pytestmark = pytest.mark.asyncio(loop_scope="package")


def saying(*messages: str) -> list:
    return [piece for message in messages for piece in (Text(message), EndOfMessage())]


def texts(messages: list) -> list[str]:
    return [message["content"] for message in messages]


@pytest.mark.parametrize("channel", [DIRECT, "patztabot22-direct-english", "direct"])
async def test_it_answers_where_channel_or_category_begin_with_its_name(talk, model, channel) -> None:
    model.script = saying("čau")
    assert texts(await talk.ask("vilem", channel, "ahoj")) == ["čau"]


async def test_it_answers_direct_messages(talk, model) -> None:
    model.script = saying("čau")
    channel = await talk.people.open_dm("bara", "patztabot22")
    assert texts(await talk.ask("bara", channel["id"], "ahoj")) == ["čau"]


async def test_elsewhere_it_answers_only_when_pinged(talk, model) -> None:
    model.script = saying("čau")
    silent = await talk.people.send("bara", "random", "jde někdo ven?")
    assert talk.bot.user
    assert texts(await talk.ask("bara", "random", f"<@{talk.bot.user.id}> a ty?")) == ["čau"]
    assert int(silent["id"]) not in talk.answered


async def test_it_answers_in_a_thread_that_it_made(talk, model) -> None:
    model.script = saying("čau")
    interaction = await talk.people.command("bara", "random", "thread", {"name": "hory"})
    answer = await talk.people.answer(interaction)
    assert answer["content"].startswith("Here it is: <#")
    thread = answer["content"].removeprefix("Here it is: <#").removesuffix(">")
    assert texts(await talk.ask("bara", thread, "ahoj")) == ["čau"]


async def test_ignored_people_and_hidden_notes_do_not_exist(talk, model) -> None:
    model.script = saying("čau")
    stranger = await talk.people.send("cizinec", DIRECT, "let me in")
    hidden = await talk.people.send("vilem", DIRECT, "! nevěř mu")
    await talk.ask("vilem", DIRECT, "kdo tu je?")
    assert not {int(stranger["id"]), int(hidden["id"])} & talk.answered
    (request,) = model.requests
    seen = [message.text for message in request.conversation.messages]
    assert seen[-1] == "kdo tu je?"
    assert not {"let me in", "! nevěř mu"} & set(seen)


async def test_the_answer_of_a_command_is_not_what_the_double_said(talk, model) -> None:
    model.script = saying("ok")
    await talk.people.answer(await talk.people.command("bara", DIRECT, "ping"))
    await talk.ask("bara", DIRECT, "slyšíš?")
    assert "Pong." not in [message.text for message in model.requests[0].conversation.messages]


async def test_a_burst_is_sent_message_by_message(talk, model) -> None:
    model.script = saying("jj", "hele", "uz jdu")
    assert texts(await talk.ask("bara", DIRECT, "jdeš?")) == ["jj", "hele", "uz jdu"]


async def test_typing_is_shown_while_it_generates_and_not_while_it_waits(talk, model) -> None:
    model.script = saying("čau")
    model.turn.clear()
    model.go.clear()
    mark = talk.people.mark()
    sent = await talk.people.send("bara", DIRECT, "ahoj")
    await eventually(lambda: model.requests)
    is_typing = lambda event: event["type"] == "TYPING_START"  # noqa: E731
    assert not any(map(is_typing, talk.people.seen[mark:]))
    model.turn.set()
    await talk.people.wait_for(is_typing, since=mark)
    model.go.set()
    await talk.until_answered(sent)


async def test_it_pings_nobody(talk, model) -> None:
    model.script = saying(f"<@{FRIEND}> @everyone")
    (message,) = await talk.ask("bara", DIRECT, "pingni mě")
    assert message["mentions"] == []
    assert not message.get("mention_everyone")


async def test_reactions_go_to_the_message_that_is_meant(talk, model) -> None:
    model.script = [Reacted("❤"), Reacted("😂", 999), Reacted("no emoji"), *saying("jé")]
    sent = await talk.people.send("bara", DIRECT, "koupila jsem ti dort")
    await talk.until_answered(sent)
    history = await talk.people.messages("bara", DIRECT)
    (cake,) = [message for message in history if message["id"] == sent["id"]]
    assert [reaction["emoji"]["name"] for reaction in cake["reactions"]] == ["❤"]


async def test_a_long_message_is_split_and_an_empty_one_is_not_sent(talk, model) -> None:
    model.script = saying("a" * 4500, "  ")
    assert [len(text) for text in texts(await talk.ask("bara", DIRECT, "dlouze"))] == [2000, 2000, 500]


async def test_a_model_that_fails_is_excused_and_the_next_message_is_answered(talk, model) -> None:
    model.script = [WorkerLost("gone")]
    (sorry,) = texts(await talk.ask("bara", DIRECT, "ahoj"))
    assert sorry.startswith("! I can't answer right now")
    model.script = saying("už jo")
    assert texts(await talk.ask("bara", DIRECT, "a teď?")) == ["už jo"]
    assert sorry not in [message.text for message in model.requests[-1].conversation.messages]


async def test_who_writes_on_before_it_speaks_is_answered_together(talk, model) -> None:
    model.script = saying("ok")
    model.go.clear()
    sent = [await talk.people.send("bara", DIRECT, "první")]
    await eventually(lambda: model.requests)
    sent += [await talk.people.send("bara", DIRECT, text) for text in ("druhá", "třetí")]
    await eventually(lambda: talk.bot.places[int(sent[0]["channel_id"])].waiting == 3)
    model.go.set()
    for message in sent:
        await talk.until_answered(message)
    assert texts(await talk.said("bara", DIRECT, sent[-1])) == ["ok"]
    seen = [message.text for message in model.requests[-1].conversation.messages]
    assert seen[-3:] == ["první", "druhá", "třetí"]
    assert model.cancelled == len(model.requests) - 1


async def test_what_comes_while_it_speaks_is_answered_next_and_stands_last(talk, model) -> None:
    model.script = saying("jedna", "dvě")
    model.pause_after_first.clear()
    first = await talk.people.send("bara", DIRECT, "první")
    await talk.people.wait_for_message(channel=DIRECT, contains="jedna", since=0)
    second = await talk.people.send("vilem", DIRECT, "druhá")
    await eventually(lambda: talk.bot.places[int(first["channel_id"])].waiting == 2)
    model.pause_after_first.set()
    await talk.until_answered(second)
    history = await talk.people.messages("bara", DIRECT, after=first["id"])
    assert texts(history) == ["jedna", "druhá", "dvě", "jedna", "dvě"]
    seen = [message.text for message in model.requests[-1].conversation.messages]
    assert seen[-4:] == ["první", "jedna", "dvě", "druhá"]


async def test_a_nickname_does_not_make_the_double_somebody_else(talk, model) -> None:
    model.script = saying("první")
    await talk.ask("bara", DIRECT, "ahoj")
    members = [guild.me for guild in talk.bot.guilds]
    for member in members:
        member.nick = "Vilém"
    try:
        await talk.ask("bara", DIRECT, "podruhé")
    finally:
        for member in members:
            member.nick = None
    assert model.requests[-1].double in {message.author for message in model.requests[-1].conversation.messages}


async def test_an_answer_that_a_shutdown_breaks_off_is_not_excused(talk, model) -> None:
    model.script = [WorkerLost("the bot is ending")]
    talk.bot.closing = True
    try:
        sent = await talk.people.send("bara", DIRECT, "ahoj")
        place = talk.bot.places[int(sent["channel_id"])]
        await eventually(lambda: model.requests and not place.waiting)
        assert await talk.said("bara", DIRECT, sent) == []
    finally:
        talk.bot.closing = False


async def test_nobody_else_speaks_under_the_doubles_name(talk, model) -> None:
    model.script = saying("ok")
    await talk.ask("vilem", DIRECT, "ahoj")
    (request,) = model.requests
    assert request.double == "patztabot22"
    assert request.conversation.messages[-1].author == "Vilém Jestřáb"


async def test_nothing_that_is_said_and_no_secret_is_logged(talk, model, caplog) -> None:
    caplog.set_level("INFO")
    token = talk.bot.http.token
    model.script = saying("tajná odpověď")
    await talk.ask("bara", DIRECT, "tajná otázka")
    model.script = [WorkerLost("The worker died.")]
    await talk.ask("bara", DIRECT, "tajná otázka podruhé")
    await talk.people.send("cizinec", DIRECT, "tajná prosba")
    await talk.ask("vilem", DIRECT, "kdo to byl?")
    assert "no answer: The worker died." in caplog.text, "it does listen"
    assert "tajná" not in caplog.text
    assert token
    assert token not in caplog.text
