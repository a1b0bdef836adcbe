"""The wire: what is packed is unpacked again, and what is no message is an error."""

import asyncio

import pytest

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Reacted, Text
from patzta.inference import WorkerLost, wire
from patzta.inference.contract import Request, Started, Stop


@pytest.mark.parametrize("piece", [Started(), Text("ahoj\n"), EndOfMessage(), Reacted("❤", 2), Stop("length")])
def test_pieces_survive(piece) -> None:
    assert wire.unpack_piece({"id": 7, **wire.pack_piece(piece)}) == piece


def test_requests_survive() -> None:
    request = Request(Conversation("test", None, ("A",), (Message("A", None, "ahoj"),)), "me", 0.5, 0.7, 3)
    assert wire.unpack_request({"id": 7, "do": "generate", **wire.pack_request(request)}) == request


@pytest.mark.parametrize("line", [b"no json\n", b"x" * (2 * wire.LIMIT)])
async def test_what_is_no_message_is_an_error(line) -> None:
    reader = asyncio.StreamReader(limit=wire.LIMIT)
    reader.feed_data(line)
    reader.feed_eof()
    with pytest.raises(WorkerLost):
        await wire.receive(reader)


async def test_who_reads_nothing_is_hung_up_on(tmp_path) -> None:
    sent, over = 0, asyncio.Event()

    async def talk(_, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while not writer.transport.is_closing():
            wire.send(writer, {"text": "x" * 2**20})
            sent += 1
            await asyncio.sleep(0)
        over.set()

    server = await asyncio.start_unix_server(talk, tmp_path / "socket")
    _, deaf = await asyncio.open_unix_connection(tmp_path / "socket", limit=2**16)
    async with asyncio.timeout(20):
        await over.wait()
    assert sent < 2 * wire.BACKLOG / 2**20
    deaf.close()
    server.close()
