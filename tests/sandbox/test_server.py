"""The process: its command line, its end, and whom it lets in."""

import ast
import json
import socket
from pathlib import Path

import aiohttp
import pytest

import patzta.sandbox
from patzta.sandbox.errors import NotStarted
from tests.sandbox.server import SandboxProcess


async def test_nothing_of_discord_py_is_imported():
    folder = Path(patzta.sandbox.__file__).parent
    for path in set(folder.rglob("*.py")) - {folder / "pointing.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "discord"], path


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize(
    "path", ["/", "/sandbox/api/snapshot", "/api/v10/gateway", "/page/app.js", "/avatars/1000000000000000001.svg"]
)
async def test_only_its_own_address_is_answered(sandbox, path, headers, status):
    async with aiohttp.ClientSession() as session, session.get(sandbox.url + path, headers=headers) as response:
        assert response.status == status


@pytest.mark.parametrize("path", ["/gateway", "/sandbox/events", "/sandbox/panel"])
async def test_websockets_of_other_pages_are_refused(sandbox, path):
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(sandbox.url + path, origin="https://evil.example")
        assert refused.value.status == 403
        async with session.ws_connect(sandbox.url + path, origin=sandbox.url):
            pass


async def test_the_page_may_load_nothing_from_elsewhere(sandbox):
    async with aiohttp.ClientSession() as session, session.get(sandbox.url) as response:
        policy = response.headers["Content-Security-Policy"]
        text = await response.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in text.replace('http-equiv="', "")


async def test_an_uploaded_page_is_only_a_download(sandbox, people):
    sent = await people.send("cizinec", "general", files={"x.html": b"<script>alert(1)</script>"})
    async with aiohttp.ClientSession() as session, session.get(sent["attachments"][0]["url"]) as response:
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with SandboxProcess(port=port) as sandbox:
            assert sandbox.url != f"http://127.0.0.1:{port}"
            assert f"port {port} is in use" in sandbox.log.read_text()
        with pytest.raises(NotStarted, match="in use"):
            async with SandboxProcess("--strict-port", port=port):
                pass


async def test_it_ends_with_its_parent_and_records_exchanges():
    async with SandboxProcess() as sandbox:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{sandbox.url}/api/v10/gateway")
        assert await sandbox.stop() == 0
        assert json.loads(sandbox.record.read_text())["path"] == "/gateway"


async def test_bots_have_stable_ids():
    async with SandboxProcess("--bot", "shellbot:a", "--bot", "patztabot22:b") as sandbox:
        first = sandbox.bots
    async with SandboxProcess("--bot", "patztabot22:b") as sandbox:
        assert sandbox.bots["patztabot22"] == first["patztabot22"]
    assert first["shellbot"]["token"] == "a"


async def test_the_world_is_as_promised(people):
    world = await people.snapshot()
    names = {channel.get("name") for channel in world["channels"]}
    assert {"general", "patztabot22-direct", "patztabot22-direct-english", "patztabot22-test-small-talk"} <= names
    assert [guild["name"] for guild in world["guilds"]] == ["Sanctuary of the great patztabot22", "Kafe u Řeky"]
    small_talk = await people.messages("vilem", "patztabot22-test-small-talk")
    assert 1 <= len(small_talk) <= 4
    assert (await people.channel("Kafe u Řeky/general"))["guild_id"] == world["guilds"][1]["id"]
