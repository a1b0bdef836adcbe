"""A sandbox in a process of its own, for any test that wants one.

    async with SandboxProcess() as sandbox:
        sandbox.point_discord()
        async with sandbox.client() as people:
            ...

When the environment names Discord's OpenAPI description in DISCORD_OPENAPI, leaving the block fails on exchanges that
break it.
"""

import asyncio
import json
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Self

import yarl

from patzta.sandbox.client import SandboxClient
from tests.openapi import OpenAPI

START_WITHIN_S = 20.0
END_WITHIN_S = 10.0


class ContractBroken(AssertionError):
    """An exchange does not fit the OpenAPI description."""


@cache
def description() -> OpenAPI | None:
    """The description that the environment names, if any."""
    path = os.environ.get("DISCORD_OPENAPI")
    return OpenAPI(path) if path else None


def exchanges(record: Path) -> list[dict[str, Any]]:
    """The recorded REST exchanges, oldest first."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    return [json.loads(line) for line in lines]


def violations(record: Path) -> list[str]:
    """What breaks the description in the recorded exchanges; nothing where no description is named."""
    api = description()
    found = [problem for exchange in exchanges(record) for problem in api.check(exchange)] if api else []
    return list(dict.fromkeys(found))


class SandboxProcess:
    """Starts `python -m patzta.sandbox` on a free port and ends it.

    Attributes, once entered:
        url: the server's address, without a slash at the end.
        gateway: the websocket address.
        bots: name -> {"id", "token", "application_id"}.
    """

    def __init__(self, *arguments: str, check_contract: bool = True, port: int = 0) -> None:
        self._arguments = arguments
        self._check_contract = check_contract
        self._port = port
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._process: asyncio.subprocess.Process | None = None
        self.record = Path(self._folder.name) / "exchanges.jsonl"
        self.log = Path(self._folder.name) / "log.txt"
        self.url = ""
        self.gateway = ""
        self.bots: dict[str, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "patzta.sandbox", "--port", str(self._port), "--end-with-parent", "--record", str(self.record)),
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), START_WITHIN_S)
        if not line:
            await self.stop()
            raise RuntimeError(f"the sandbox did not start: {self.log.read_text()}")
        ready = json.loads(line)
        self.url, self.gateway, self.bots = ready["url"], ready["gateway"], ready["bots"]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.stop()
        problems = self.violations() if kind is None and self._check_contract else []
        self._folder.cleanup()
        if problems:
            raise ContractBroken("\n".join(problems))

    async def stop(self) -> int:
        """End the process, if it still runs, and return its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), END_WITHIN_S)
            except TimeoutError:
                self._process.kill()
        return await self._process.wait()

    def client(self) -> SandboxClient:
        """A client of the control API; enter it."""
        return SandboxClient(self.url)

    def token(self, bot: str = "patztabot22") -> str:
        """The token that a bot logs in with."""
        return self.bots[bot]["token"]

    def point_discord(self) -> None:
        """Make discord.py in this process talk to this sandbox. It stays so: there is no real Discord in tests."""
        import discord.asset
        import discord.gateway
        import discord.http

        discord.http.Route.BASE = f"{self.url}/api/v10"
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self.gateway)
        discord.asset.Asset.BASE = self.url

    def exchanges(self) -> list[dict[str, Any]]:
        """The REST exchanges so far, oldest first."""
        return exchanges(self.record)

    def violations(self) -> list[str]:
        """What breaks the description; nothing where no description is named."""
        return violations(self.record)
