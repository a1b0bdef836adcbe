"""A sandbox in a process of its own, for tests and scripts.

async with SandboxProcess("--bot", "mybot:token") as sandbox, sandbox.client() as people:
    ...
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Self

from patzta.sandbox.client import SandboxClient
from patzta.sandbox.errors import NotStarted

START_WITHIN_S = 20.0
END_WITHIN_S = 10.0


class SandboxProcess:
    """Starts `python -m patzta.sandbox` with these arguments, on a free port, and ends it.

    Entering it raises NotStarted, with what the process said.

    Attributes, once entered:
        url: the server's address, without a slash at the end.
        gateway: the websocket address.
        bots: name -> {"id", "token", "application_id"}.
        log: the file that its log goes to.
    """

    def __init__(self, *arguments: str, port: int = 0) -> None:
        self._arguments = ("--port", str(port), "--end-with-parent", *arguments)
        self.folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self._process: asyncio.subprocess.Process | None = None
        self.log = Path(self.folder.name) / "log.txt"
        self.url = ""
        self.gateway = ""
        self.bots: dict[str, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "patzta.sandbox", *self._arguments),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                # The package that this file belongs to, whatever the caller's folder holds.
                cwd=Path(__file__).parents[2],
            )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), START_WITHIN_S)
        if not line:
            await self.stop()
            raise NotStarted(f"the sandbox did not start: {self.log.read_text()}")
        ready = json.loads(line)
        self.url, self.gateway, self.bots = ready["url"], ready["gateway"], ready["bots"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        self.folder.cleanup()

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

    def token(self, bot: str = "") -> str:
        """The token that a bot logs in with; without a name that of the first bot."""
        return self.bots[bot or next(iter(self.bots))]["token"]
