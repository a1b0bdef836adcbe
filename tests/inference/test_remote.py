"""The client of OpenAI-compatible servers: what it sends, how answers come, and which model is asked."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from aiohttp import web

from extensions import model as extension
from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Reacted, Replied
from patzta.inference import BrokenModel, Busy, GenerationFailed
from patzta.inference.contract import Request, Serving, Started, Stop
from patzta.inference.prompt import PLAIN_TEMPLATE
from patzta.inference.remote import RemoteModel
from patzta.inference.spoken import added_tokens
from patzta.settings import read_settings
from tests.inference.completions_server import FINE, chunk, model_folder, refuses, request, says, told, waits, words


async def test_an_answer_comes_in_pieces(server, remote) -> None:
    server.handlers = [
        says(
            b": waiting\n\n",
            chunk("[reacts ❤]\n[re 2] ty"),
            chunk(" jo ⟦phone 1⟧\n[pho"),
            chunk("to]\nna <"),
            chunk("tool>Petrově", "stop"),
        )
    ]
    pieces = await told(remote)
    assert pieces[:3] == [Started(), Reacted("❤"), Replied(2)]
    assert words(pieces) == "ty jo na Petrově"
    assert pieces[-2:] == [EndOfMessage(), Stop("end")]


async def test_what_is_sent(server, remote) -> None:
    await told(remote, "viz https://example.com/x", "<|im_end|>")
    ((body, key),) = server.asked
    assert key == "Bearer secret"
    (message,) = body.pop("messages")
    assert message == {"role": "user", "content": "Bára: viz ⟦link⟧\nBára: <\\|im_end|>"}
    usual = {"max_tokens": 50, "temperature": 0.7, "top_p": 0.9}
    assert body == {"model": "me", "stream": True, **usual}
    await told(remote, temperature=0.2, top_p=0.5, max_new_tokens=7)
    assert {key: server.asked[1][0][key] for key in usual} == {"max_tokens": 7, "temperature": 0.2, "top_p": 0.5}


async def test_a_double_that_spoke_last_is_asked_to_go_on(server, remote) -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    said = tuple(Message(name, now, "ahoj") for name in ("Vilém", "Bára", "Vilém"))
    chat = Conversation("test", None, ("Bára", "Vilém"), said)
    [_ async for _ in remote.stream(Request(chat, "Vilém"))]
    assert [message["role"] for message in server.asked[0][0]["messages"]] == ["user", "assistant"] * 2 + ["user"]


async def test_a_long_history_loses_its_older_half(server, tmp_path) -> None:
    remote = RemoteModel(model_folder(tmp_path / "me"), server.url, "me", serving=Serving(context=150))
    await told(remote, *(f"{number} " + 40 * "x" for number in range(32)))
    await told(remote, 1000 * "y" + "konec")
    await remote.close()
    many, one = (asked["messages"][0]["content"] for asked, _ in server.asked)
    assert many.startswith("Bára: 28 ")
    assert many.endswith("31 " + 40 * "x")
    assert one.endswith("konec")
    assert all(len(content) <= 300 for content in (many, one))


async def test_closing_the_stream_ends_the_connection_at_once(server, remote) -> None:
    server.handlers = [says(chunk("ahoj"), then=waits)]
    async with aclosing(remote.stream(request("ahoj"))) as pieces:
        assert await anext(pieces) == Started()
        assert (await remote.status()).serving == 1
    await asyncio.wait_for(server.left.wait(), 10)
    assert (await remote.status()).serving == 0


async def test_cancelling_before_the_first_byte_ends_the_connection_too(server, remote) -> None:
    async def silent(_request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    server.handlers = [silent]
    task = asyncio.create_task(told(remote))
    async with asyncio.timeout(10):
        while not server.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        await server.left.wait()


async def test_too_many_are_refused_and_the_others_wait_their_turn(server, tmp_path) -> None:
    remote = RemoteModel(model_folder(tmp_path / "me"), server.url, "me", serving=Serving(together=1, queue=1))
    server.handlers = [says(chunk("první"), then=waits), FINE]
    first = remote.stream(request("a"))
    assert await anext(first) == Started()
    second = asyncio.create_task(told(remote, "b"))
    async with asyncio.timeout(10):
        while not (await remote.status()).queued:
            await asyncio.sleep(0.01)
        with pytest.raises(Busy, match="1 others are waiting already"):
            await told(remote, "c")
        assert len(server.asked) == 1
        await first.aclose()
        assert words(await second) == "ahoj 🙂"
        assert words(await told(remote, "d")) == "ahoj 🙂", "all seats are free again"
    await remote.close()


async def test_the_status(server, remote) -> None:
    status = await remote.ready()
    assert (status.state, status.model, status.double, status.adapter) == ("ready", "me", "Vilém", "f00d")
    server.names = ["other"]
    status = await remote.status()
    assert status.state == "failed"
    assert "it has other" in status.detail
    with pytest.raises(GenerationFailed, match="it has other"):
        await remote.ready()
    server.names = refuses(503, {"error": {"message": "Loading model"}})
    assert (await remote.status()).state == "starting"


async def test_ready_waits_until_the_model_is_loaded(server, remote) -> None:
    looks = 0

    async def loading(request: web.Request) -> web.StreamResponse:
        nonlocal looks
        looks += 1
        if looks == 6:
            server.names = ["me"]
        return web.Response(status=503)

    server.names = loading
    assert (await remote.ready()).state == "ready"


async def test_another_model_of_the_server_is_used(server, remote) -> None:
    assert await remote.models() == ["me", "other"]
    status = await remote.use("other")
    assert (status.model, status.double) == ("other", "Vilém")
    await told(remote)
    assert [asked["model"] for asked, _ in server.asked] == ["other"]


async def test_an_adapter_beside_the_models_folder_is_loaded(server, remote, tmp_path) -> None:
    folder = model_folder(tmp_path / "models" / "bara", "Bára")
    assert await remote.models() == ["me", "other", "bara"]
    status = await remote.use("bara")
    assert (status.model, status.double) == ("bara", "Bára")
    assert server.asked[0][0] == {"lora_name": "bara", "lora_path": str(folder)}
    await told(remote)
    assert server.asked[1][0]["model"] == "bara"


@pytest.mark.parametrize(
    ("loading", "said"),
    [
        (refuses(404), "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"),
        (refuses(400, {"message": "rank 64 is greater than 16"}), "rank 64 is greater than 16"),
    ],
)
async def test_a_server_that_loads_no_adapter_goes_on_with_the_old_one(server, remote, tmp_path, loading, said) -> None:
    model_folder(tmp_path / "models" / "bara", "Bára")
    server.loading = loading
    with pytest.raises(GenerationFailed, match=said):
        await remote.use("bara")
    assert (await remote.status()).model == "me"


@pytest.mark.parametrize("name", ["nobody", "..", "../models/me"])
async def test_a_name_that_nobody_knows(server, remote, name) -> None:
    with pytest.raises(GenerationFailed, match="it has me, other"):
        await remote.use(name)
    assert server.asked == []


def test_a_folder_that_is_no_model_is_named(tmp_path) -> None:
    with pytest.raises(BrokenModel, match="persona.json"):
        RemoteModel(tmp_path, "http://127.0.0.1:1/v1", "me")
    folder = model_folder(tmp_path / "me")
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BrokenModel, match="tokenizer.json"):
        RemoteModel(folder, "http://127.0.0.1:1/v1", "me")


async def test_the_config_chooses_the_engine(server, tmp_path) -> None:
    folder = model_folder(tmp_path / "models" / "me")
    config = tmp_path / "bot.ini"
    config.write_text(f"[model]\npath = {folder}\nengine = openai\nurl = {server.url}/\nkey = secret\n")
    settings = read_settings(config).model
    assert "secret" not in repr(settings)
    remote = extension._client(settings)
    assert isinstance(remote, RemoteModel)
    assert words(await told(remote)) == "ahoj 🙂"
    assert [(body["model"], key) for body, key in server.asked] == [("me", "Bearer secret")]
    await remote.close()


def test_the_marks_of_our_own_template_are_control_tokens(tmp_path) -> None:
    folder = model_folder(tmp_path / "me")
    assert "⟪user⟫" not in added_tokens(folder)
    (folder / "chat_template.jinja").write_text(PLAIN_TEMPLATE)
    assert added_tokens(folder)["⟪user⟫"]
