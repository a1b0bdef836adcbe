"""The client of OpenAI-compatible servers and a real one, ``transformers serve``."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from patzta.chat.transcript import EndOfMessage, Replied, Text
from patzta.inference import GenerationFailed
from patzta.inference.contract import Serving, Started, Stop
from patzta.inference.persona import Persona
from patzta.inference.remote import RemoteModel
from tests.inference.completions_server import request, told, words

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
