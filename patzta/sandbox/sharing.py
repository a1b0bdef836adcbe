"""Several bots on one server: each holds a connection to a socket in a folder for as long as it is there.

It sends the line `{"name", "token"}` and is answered with a line: `{"url", "gateway"}`, or `{"taken": url}` where a bot
of that name is there already. To leave it shuts its side, or dies. When others stay, it is sent STAYS and cut off;
otherwise the server ends, and the connection with it.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from patzta.sandbox.models import Bot, Json, User
from patzta.sandbox.rest.users import gateway_url
from patzta.sandbox.roles import admit
from patzta.sandbox.state import State
from patzta.sandbox.world import bot_id

SOCKET = "socket"
LOCK = "lock"
"""Held (flock) by whoever looks for the server and starts one where there is none."""
STAYS = b"stays"


def new_bot(name: str, token: str, forbidden: int = 0) -> Bot:
    """A bot by its name, with the privileged intents that it may not have."""
    return Bot(User(bot_id(name), name, name, bot=True, about="A bot."), token, forbidden)


class Company:
    """The bots that are there, at first `names`; `ended` is set when the last has left."""

    def __init__(self, state: State, names: Iterable[str], ended: asyncio.Event) -> None:
        self._state = state
        self._first = frozenset(names)
        self._here = set(self._first)
        self._ended = ended

    async def listen(self, folder: Path) -> None:
        """Take bots in by the socket in the folder, whose lock whoever started the server holds."""
        (folder / SOCKET).unlink(missing_ok=True)
        # Through the folder's descriptor: a socket's own path may have 107 bytes only.
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        await asyncio.start_unix_server(self._serve, f"/proc/self/fd/{descriptor}/{SOCKET}")

    def first_left(self) -> None:
        """Whoever started the server has gone: let go of its connection and its terminal, or end."""
        if self._left(self._first):
            with contextlib.suppress(OSError):  # it may have been killed
                os.write(0, STAYS)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 2):
                os.dup2(nowhere, number)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            name, token = str(asked["name"]), str(asked["token"])
        except (KeyError, TypeError, ValueError):
            writer.close()
            return
        if self._ended.is_set():
            return  # Whoever asked sees the end of the process.
        writer.write(json.dumps(self._answer(name, token)).encode() + b"\n")
        if name in self._here:
            writer.close()
            return
        self._here.add(name)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        if self._left({name}):
            writer.write(STAYS)
            writer.close()

    def _answer(self, name: str, token: str) -> Json:
        url = self._state.base_url
        if name in self._here:
            return {"taken": url}
        admit(self._state, new_bot(name, token))
        return {"url": url, "gateway": gateway_url(url)}

    def _left(self, names: Iterable[str]) -> bool:
        """Whether others stay."""
        self._here -= set(names)
        if not self._here:
            self._ended.set()
        return bool(self._here)
