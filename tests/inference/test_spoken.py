"""What a server says and the double does not: control tokens, thoughts, words to be avoided, circles."""

import asyncio

import pytest
from aiohttp import web

from patzta.inference.contract import Stop
from patzta.inference.remote import RemoteModel
from patzta.inference.repeats import text_repeats
from patzta.inference.spoken import Spoken
from tests.inference.completions_server import TOKENS, chunk, model_folder, says, told, words


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
