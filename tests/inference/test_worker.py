"""The worker process with the real 4-bit double: pieces, cancelling, dying, and what the bot's process never loads."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Text
from patzta.inference import BrokenModel, Busy, GenerationFailed, WorkerLost
from patzta.inference.client import WorkerClient
from patzta.inference.contract import Request, Serving, Started, Stop
from patzta.inference.persona import Persona
from patzta.settings import ROOT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


def request(*texts: str, **more) -> Request:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    messages = tuple(Message("Bára Tichá", now, text) for text in texts)
    return Request(Conversation("test", None, ("Bára Tichá", "me"), messages), "me", **more)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(demo: Path, tmp_path_factory):
    client = WorkerClient(demo, tmp_path_factory.mktemp("worker"), threads=1)
    yield client
    await client.close()


async def test_an_answer_comes_in_pieces(client) -> None:
    pieces = [piece async for piece in client.stream(request("ahoj", "jak se máš?"))]
    assert pieces[0] == Started()
    assert isinstance(pieces[-1], Stop)
    assert any(isinstance(piece, Text) for piece in pieces)
    assert isinstance(pieces[-2], EndOfMessage)
    status = await client.status()
    assert (status.state, status.double, status.queued) == ("ready", "Vilém Jestřáb", 0)


async def test_the_length_is_bounded(client) -> None:
    pieces = [piece async for piece in client.stream(request("povídej", max_new_tokens=3))]
    assert pieces[-1] == Stop("length")


async def test_closing_the_stream_cancels_and_the_next_request_is_served(client) -> None:
    async with aclosing(client.stream(request("povídej", temperature=5.0, top_p=1.0, max_new_tokens=400))) as pieces:
        async for piece in pieces:
            if isinstance(piece, Text):
                break
    async with asyncio.timeout(60):
        while (await client.status()).queued:
            await asyncio.sleep(0.01)
        assert [piece async for piece in client.stream(request("ahoj"))]


async def test_requests_that_come_together_are_all_answered(client) -> None:
    async def ask(text: str) -> int:
        return len([piece async for piece in client.stream(request(text))])

    assert all(await asyncio.gather(*(ask(text) for text in ("ahoj", "co děláš?", "hi"))))


async def test_a_worker_that_dies_is_named_and_started_again(client) -> None:
    with pytest.raises(WorkerLost, match="the next message starts it again"):
        async for piece in client.stream(request("povídej", temperature=5.0, top_p=1.0, max_new_tokens=400)):
            if isinstance(piece, Started):
                os.kill(client.pid, signal.SIGKILL)
    assert [piece async for piece in client.stream(request("ahoj"))]


async def test_a_folder_without_a_model_is_named(tmp_path) -> None:
    client = WorkerClient(tmp_path, tmp_path / "worker")
    try:
        with pytest.raises(GenerationFailed, match=str(tmp_path)):
            await client.ready()
        assert (await client.status()).state == "failed"
    finally:
        await client.close()


BOT = """
import asyncio, sys
from pathlib import Path
from patzta.inference.client import WorkerClient

async def main():
    client = WorkerClient(Path(sys.argv[1]), Path(sys.argv[2]), 1, keep=float(sys.argv[3]))
    await client.ready()
    print(client.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def killed_bot(demo: Path, folder: Path, keep: float) -> int:
    """A bot that had a worker and was killed; the worker's pid."""
    words = [sys.executable, "-c", BOT, demo, folder, str(keep)]
    bot = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    worker = int(bot.stdout.readline())
    bot.kill()
    bot.wait()
    return worker


async def test_a_killed_bots_worker_is_found_again_with_its_weights(demo, tmp_path) -> None:
    worker = killed_bot(demo, tmp_path, 600)
    client = WorkerClient(demo, tmp_path, 1, keep=600)
    try:
        assert (await client.status()).state == "starting"
        await client.start()
        assert client.pid == worker
        assert (await client.status()).state == "ready"
        assert [piece async for piece in client.stream(request("ahoj"))]
    finally:
        await client.close()
    assert not _runs(worker)


async def test_a_worker_without_bots_ends(demo, tmp_path) -> None:
    worker = killed_bot(demo, tmp_path, 1)
    async with asyncio.timeout(30):
        while _runs(worker):
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_worker_with_other_settings_is_replaced(demo, tmp_path) -> None:
    worker = killed_bot(demo, tmp_path, 600)
    client = WorkerClient(demo, tmp_path, 1, Serving(together=3), keep=600)
    try:
        await client.ready()
        assert client.pid != worker
        assert not _runs(worker)
    finally:
        await client.close()


async def test_two_bots_share_a_worker_and_the_last_one_ends_it(client, demo) -> None:
    other = WorkerClient(demo, client._folder, threads=1)
    await other.ready()
    assert other.pid == client.pid
    assert [piece async for piece in other.stream(request("ahoj"))]
    await other.close()
    assert [piece async for piece in client.stream(request("ahoj"))]


async def test_too_many_are_refused_at_once(demo, tmp_path) -> None:
    client = WorkerClient(demo, tmp_path, 1, Serving(together=1, queue=1))
    try:
        streams = [client.stream(request("povídej", max_new_tokens=100)) for _ in range(2)]
        for stream in streams[:1]:
            assert await anext(stream) == Started()
        waiting = asyncio.create_task(anext(streams[1]))
        async with asyncio.timeout(30):
            while (await client.status()).queued + (await client.status()).serving < 2:
                await asyncio.sleep(0.01)
        with pytest.raises(Busy):
            await anext(client.stream(request("a já?")))
        await streams[0].aclose()
        assert await waiting == Started()
        await streams[1].aclose()
    finally:
        await client.close()


@pytest.mark.slow
async def test_the_model_is_changed_while_it_runs(demo, tmp_path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "one").symlink_to(demo)
    shutil.copytree(demo, models / "two")
    persona = Persona.read(models / "two")
    replace(persona, name="Dvojka", base=persona.base_source(demo)).write(models / "two")
    client = WorkerClient(models / "one", tmp_path / "worker", 1)
    try:
        assert await client.models() == ["one", "two"]
        assert (await client.ready()).double == "Vilém Jestřáb"
        status = await client.use("two")
        assert (status.double, status.model, status.quantisation) == ("Dvojka", str(models / "two"), "nf4")
        assert status.memory > 2**20
        assert [piece async for piece in client.stream(request("ahoj"))]
        assert client.pid
        os.kill(client.pid, signal.SIGKILL)
        with pytest.raises(WorkerLost):
            await client.ready()
        assert (await client.ready()).double == "Dvojka", "what was chosen speaks again"
        with pytest.raises(BrokenModel, match="no such model"):
            await client.use("../one")
        (models / "two" / "adapter_model.safetensors").write_bytes(b"cut")
        with pytest.raises(GenerationFailed, match="damaged"):
            await client.use("two")
        assert (await client.use("one")).double == "Vilém Jestřáb"
        # Another bot of the same config finds what speaks as it is.
        await client.detach()
        again = WorkerClient(models / "one", tmp_path / "worker", 1)
        assert (await again.ready()).model == str(models / "one")
        await again.close()
    finally:
        await client.close()


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
