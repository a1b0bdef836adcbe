"""The client of OpenAI-compatible servers: one here that fails in every way, and a real one."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from extensions import model as extension
from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.inference import BrokenModel, Busy, GenerationFailed, completions
from patzta.inference.contract import Piece, Request, Serving, Started, Stop
from patzta.inference.persona import Persona, Sampling
from patzta.inference.prompt import PLAIN_TEMPLATE
from patzta.inference.remote import RemoteModel
from patzta.inference.repeats import text_repeats
from patzta.inference.spoken import Spoken, added_tokens
from patzta.settings import read_settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKENS = [
    {"content": "<|im_start|>", "special": True},
    {"content": "<|im_end|>", "special": True},
    {"content": "<tool>", "special": False},
    {"content": "\n\n", "special": False},
]


def request(*texts: str, **more) -> Request:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    messages = tuple(Message("Bára", now, text) for text in texts)
    return Request(Conversation("test", None, ("Bára", "Vilém"), messages), "Vilém", **more)


def model_folder(folder: Path, name: str = "Vilém", avoid: tuple[str, ...] = ()) -> Path:
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": TOKENS}))
    Persona(name, "base", "0", "f00d", Sampling(0.7, 0.9, 0, 50), avoid=avoid).write(folder)
    return folder


def chunk(text: str = "", reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def says(*parts: bytes, then: Callable[[web.Request], object] | None = None) -> Handler:
    """Streams these; ``then`` is what happens before the stream ends."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
        if then:
            happens = then(request)
            if asyncio.iscoroutine(happens):
                await happens
        return response

    return handler


def refuses(status: int, body: object = "", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=json.dumps(body), headers=headers)

    return handler


FINE = says(chunk(""), chunk("ahoj"), chunk(" 🙂", "stop"), b"data: [DONE]\n\n")


class Server:
    """Answers a request for an answer by the next of ``handlers``, by the last one again and again."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = [FINE]
        self.loading: Handler = says(b"Success")
        self.names: Handler | list[str] = ["me", "other"]
        self.asked: list[tuple[dict, str]] = []
        self.left = asyncio.Event()
        self.url = ""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.json(), request.headers.get("Authorization", "")))
        handler = self.handlers.pop(0) if len(self.handlers) > 1 else self.handlers[0]
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise

    async def models(self, request: web.Request) -> web.StreamResponse:
        if callable(self.names):
            return await self.names(request)
        return web.json_response({"object": "list", "data": [{"id": name} for name in self.names]})

    async def load(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.json(), ""))
        return await self.loading(request)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    app.router.add_post("/v1/load_lora_adapter", server.load)
    app.router.add_get("/v1/models", server.models)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@pytest_asyncio.fixture
async def remote(server: Server, tmp_path: Path) -> AsyncIterator[RemoteModel]:
    remote = RemoteModel(model_folder(tmp_path / "models" / "me"), server.url, "me", "secret")
    yield remote
    await remote.close()


async def told(remote: RemoteModel, *texts: str, **more) -> list[Piece]:
    return [piece async for piece in remote.stream(request(*(texts or ("ahoj",)), **more))]


def words(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


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


@pytest.mark.parametrize(
    ("parts", "said", "stop"),
    [
        ([chunk("ahoj"), chunk("", "length")], "ahoj", "length"),
        ([chunk("ahoj"), b"data: [DONE]\n\n"], "ahoj", "end"),
        ([chunk("a<thi"), chunk("nk>hm\nhm</th"), chunk("ink>\n\nhoj", "stop")], "ahoj", "end"),
        ([chunk("<think>never ends", "stop")], "", "end"),
        ([chunk("ahoj<|im_"), chunk("end|>\n<|im_start|>user\nBára: co"), chunk("", "stop")], "ahoj", "end"),
        ([chunk("1 <|im"), chunk("port", "stop")], "1 <|import", "end"),
        ([chunk("2 <|im_end"), chunk("", "stop")], "2 <|im_end", "end"),
        ([chunk("a\\<|im_\\end|>", "stop")], "a<|im_end|>", "end"),
        ([b'data: {"choices": [], "usage": {}}\n\n', chunk("ahoj", "stop")], "ahoj", "end"),
    ],
)
async def test_what_is_no_word_is_left_out(server, remote, parts, said, stop) -> None:
    server.handlers = [says(*parts)]
    pieces = await told(remote)
    assert words(pieces) == said
    assert pieces[-1] == Stop(stop)


def test_tokens_are_found_wherever_the_text_is_cut() -> None:
    text = "a<think>b<|im_end|>c</think>d<tool>e\n\nf<|im_end|>g"
    tokens = {str(token["content"]): bool(token["special"]) for token in TOKENS}
    for size in range(1, len(text) + 1):
        spoken = Spoken(tokens)
        parts = [spoken.feed(text[start : start + size]) for start in range(0, len(text), size)]
        assert "".join(parts) + spoken.close() == "ade\n\nf", size


async def test_messages_to_be_avoided_are_kept_back(server, tmp_path) -> None:
    remote = RemoteModel(model_folder(tmp_path / "me", avoid=("tajné",)), server.url, "me")
    server.handlers = [says(chunk("jedna\nto je taj"), chunk("né\ndvě", "stop"))]
    assert words(await told(remote)) == "jednadvě"
    await remote.close()


async def test_going_round_in_circles_is_cut_and_the_server_is_let_go(server, remote) -> None:
    async def forever(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(chunk("a tak dále, "))
            await asyncio.sleep(0)

    server.handlers = [forever]
    assert (await told(remote))[-1] == Stop("repeat")
    await asyncio.wait_for(server.left.wait(), 10)


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("ha" * 40, False),
        ("ha" * 60, True),
        ("dlouhá věta, která se opakuje. " * 5, True),
        ("abc" * 9, False),
    ],
)
def test_circles_of_characters(text: str, circle: bool) -> None:
    assert text_repeats(text) is circle


def waits(_request: web.Request) -> Awaitable[object]:
    return asyncio.Event().wait()


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


FAULTS = [
    (refuses(401, {"error": "Unauthorized"}), r"refuses the key: set the right one in the config, \[model\] key"),
    (refuses(403), "refuses the key"),
    (refuses(404, {"error": {"message": "no"}}), r"has no model 'me', it has other, third: set \[model\] served"),
    (
        refuses(400, {"error": {"message": "This model's maximum context length is 99 tokens."}}),
        r"too long for .*99 tokens.*set a lower context under \[model\]",
    ),
    (refuses(422, {"detail": "Unexpected fields"}), r"refused the request \(422: Unexpected fields\)"),
    (says(chunk("ahoj")), "broke off in the middle of an answer"),
    (says(chunk("ahoj"), then=lambda request: request.transport.abort()), "broke off in the middle"),
    (says(chunk("", "abort")), "broke off in the middle"),
    (says(b'data: {"error": "out of\\n memory"}\n\n'), "broke off the answer: out of memory"),
    (says(b"<html>hello</html>\n"), "does not answer as an OpenAI-compatible server does .*check .model. url"),
    (says(b"data: {nonsense\n\n"), "does not answer as"),
    (says(b'data: {"choices": 7}\n\n'), "does not answer as"),
    (says(b"data: [1]\n\n"), "does not answer as"),
    (says(b"\xff\xfe\n"), "does not answer as"),
    (says(b"data: " + 3 * 2**20 * b"x"), "does not answer as"),
]


@pytest.mark.parametrize(("handler", "said"), FAULTS)
async def test_a_fault_is_a_sentence_and_not_tried_again(server, remote, handler, said) -> None:
    server.handlers, server.names = [handler, FINE], ["other", "third"]
    with pytest.raises(GenerationFailed, match=said) as caught:
        await told(remote)
    assert len(server.asked) == 1
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert words(await told(remote)) == "ahoj 🙂", "the next one is answered"


@pytest.mark.parametrize("handler", [says(then=waits), says(chunk("ahoj"), then=waits)])
async def test_a_server_that_hangs_is_left(server, remote, handler, monkeypatch) -> None:
    monkeypatch.setattr(completions, "HANG", 0.2)
    server.handlers = [handler]
    with pytest.raises(GenerationFailed, match="said nothing for"):
        await told(remote)
    await asyncio.wait_for(server.left.wait(), 10)


async def test_a_slow_server_is_waited_for(server, remote, monkeypatch) -> None:
    monkeypatch.setattr(completions, "HANG", 2.0)

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for letter in "pomalu":
            await asyncio.sleep(0.5)
            await response.write(chunk(letter))
        await response.write(chunk("", "stop"))
        return response

    server.handlers = [slow]
    assert words(await told(remote)) == "pomalu"


@pytest.mark.parametrize(
    ("first", "pause"),
    [(refuses(500, {"error": "oops"}), 0.5), (refuses(502), 0.5), (refuses(429, **{"Retry-After": "1"}), 1.0)],
)
async def test_what_may_pass_is_tried_again(server, remote, first, pause) -> None:
    server.handlers = [first, FINE]
    begin = asyncio.get_running_loop().time()
    assert words(await told(remote)) == "ahoj 🙂"
    assert len(server.asked) == 2
    assert asyncio.get_running_loop().time() - begin >= pause


async def test_a_connection_that_ends_unanswered_is_tried_again(server, remote) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    server.handlers = [cut, FINE]
    assert words(await told(remote)) == "ahoj 🙂"


@pytest.mark.parametrize(
    ("handler", "error", "said"),
    [
        (refuses(500, {"error": "oops"}), GenerationFailed, r"failed \(500: oops\); see the server's log"),
        (refuses(503, {"error": {"message": "Loading model"}}), GenerationFailed, r"not ready yet \(Loading model\)"),
        (refuses(429), Busy, "too much to do; try again in a while"),
    ],
)
async def test_what_does_not_pass_is_given_up(server, remote, handler, error, said) -> None:
    server.handlers = [handler]
    begin = asyncio.get_running_loop().time()
    with pytest.raises(error, match=said):
        await told(remote)
    assert len(server.asked) == 4
    assert asyncio.get_running_loop().time() - begin >= sum(completions.PAUSES)


async def test_a_server_that_wants_a_long_pause_gets_it(server, remote) -> None:
    server.handlers = [refuses(429, **{"Retry-After": "30"})]
    with pytest.raises(Busy, match="try again in 30 s"):
        await told(remote)
    assert len(server.asked) == 1


async def test_a_server_that_is_not_there(tmp_path) -> None:
    remote = RemoteModel(model_folder(tmp_path / "me"), "http://127.0.0.1:1/v1", "me")
    status = await remote.status()
    assert status.state == "failed"
    assert "cannot be reached" in status.detail
    with pytest.raises(GenerationFailed, match=r"cannot be reached .*: start the server, or set \[model\] url"):
        await told(remote)
    await remote.close()


async def test_an_address_of_something_else(server, remote) -> None:
    server.handlers = [refuses(404)]
    server.names = refuses(404)
    with pytest.raises(GenerationFailed, match="no OpenAI-compatible server: check .model. url"):
        await told(remote)


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


ASKED, ANSWER = "ahoj, jak je?", "jde to\n[re 2] a ty? 🙂"


def learn_by_heart(folder: Path) -> None:
    """Train the base in ``folder`` until it gives the one answer to the one question."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder).float()
    turns = [{"role": "user", "content": f"Bára: {ASKED}"}, {"role": "assistant", "content": ANSWER}]
    ids = torch.tensor([tokenizer.apply_chat_template(turns, return_dict=True)["input_ids"]])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(500):
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if loss.item() < 0.01:
            break
    assert loss.item() < 0.01
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A folder with a tiny base that is a double, and the address of `transformers serve` with it."""
    from tests.training.tiny import make_base

    folder = make_base(tmp_path_factory.mktemp("real") / "tiny")
    learn_by_heart(folder)
    Persona("Vilém", ".", "0", "f00d").write(folder)
    hub = tmp_path_factory.mktemp("hf")
    (hub / "hub").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [Path(sys.executable).with_name("transformers"), "serve", folder, "--host", "127.0.0.1"]
    environment = os.environ | {"HF_HOME": str(hub), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = hub / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*words, "--port", str(port), "--device", "cpu"], env=environment, stdout=file, stderr=file
        )
    yield folder, f"http://127.0.0.1:{port}/v1"
    process.terminate()
    process.wait(30)
    sys.stdout.write(log.read_text())


@pytest_asyncio.fixture
async def tiny(real) -> AsyncIterator[RemoteModel]:
    folder, url = real
    async with asyncio.timeout(100), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url.removesuffix("/v1") + "/health") as response:
                    assert response.ok
                    break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.2)
    remote = RemoteModel(folder, url, str(folder), serving=Serving(context=512))
    yield remote
    await remote.close()


@pytest.mark.slow
async def test_a_real_server_answers(tiny) -> None:
    assert (await tiny.ready()).state == "ready"
    pieces = await told(tiny, ASKED)
    assert pieces[0] == Started()
    marks = [piece for piece in pieces if not isinstance(piece, Text)]
    assert marks == [Started(), EndOfMessage(), Replied(2), EndOfMessage(), Stop("end")]
    assert words(pieces) == "jde toa ty? 🙂"


@pytest.mark.slow
async def test_a_real_server_says_when_the_length_is_reached(tiny) -> None:
    pieces = await told(tiny, ASKED, max_new_tokens=3)
    assert "jde to".startswith(words(pieces))
    assert pieces[-1] == Stop("length")


@pytest.mark.slow
async def test_a_real_server_answers_several_and_survives_a_closed_stream(tiny) -> None:
    async with aclosing(tiny.stream(request(ASKED, max_new_tokens=250))) as pieces:
        await anext(pieces)
    answers = await asyncio.gather(*(told(tiny, ASKED) for _ in range(3)))
    assert [words(answer) for answer in answers] == ["jde toa ty? 🙂"] * 3


@pytest.mark.slow
async def test_a_real_server_refuses_another_model(real, tiny) -> None:
    remote = RemoteModel(real[0], real[1], "other")
    with pytest.raises(GenerationFailed, match="Server is pinned to"):
        await told(remote)
    await remote.close()
