"""The client of OpenAI-compatible servers, and one here that it asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web

from patzta.inference.remote import RemoteModel
from tests.inference.completions_server import Server, model_folder


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
