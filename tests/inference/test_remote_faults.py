"""A server that fails in every way: what is tried again, what is given up, and in which words."""

import asyncio

import pytest
from aiohttp import web

from patzta.inference import Busy, GenerationFailed, completions
from patzta.inference.remote import RemoteModel
from tests.inference.completions_server import FINE, chunk, model_folder, refuses, says, told, waits, words

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
