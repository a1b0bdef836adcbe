"""The websocket /sandbox/events: everything that happens, as it happens, for the page and for `SandboxClient`.

Each frame is `{"type", "data", "channel_id", "guild_id", "only_user", "message"?, "channel"?, "guild"?, "channels"?}`:
`message`, `channel` and `guild` are the thing as it is now, with the page's extra fields. A change of a guild's members
or roles may change who sees what, so such a frame has all its `channels`. A private frame (an ephemeral message, an
opened form) carries `only_user`, the person whom the page shows it to. HELLO comes first, and whenever everything is
to be loaded anew.
"""

import asyncio
import json

from aiohttp import web

from patzta.sandbox.http import STATE
from patzta.sandbox.models import Json
from patzta.sandbox.snapshot import page_channel, page_guild, page_message
from patzta.sandbox.state import Event, State

_CHANNEL_EVENTS = ("CHANNEL_", "THREAD_")


class Live:
    """All open event sockets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._outboxes: dict[web.WebSocketResponse, asyncio.Queue[str]] = {}
        state.listeners.append(self._hear)

    def _hear(self, event: Event) -> None:
        # The payload for the bot holds the token that answers the interaction: it is the bot's alone.
        if event.name == "INTERACTION_CREATE" or not self._outboxes:
            return
        text = json.dumps(self._frame(event))
        for outbox in self._outboxes.values():
            outbox.put_nowait(text)

    def _frame(self, event: Event) -> Json:
        frame: Json = {
            "type": event.name,
            "data": event.data,
            "channel_id": event.channel_id,
            "guild_id": event.guild_id,
            "only_user": event.only_user,
        }
        if event.message is not None:
            frame["message"] = page_message(self._state, event.message)
        channel = self._state.channels.get(event.channel_id or "")
        # A message may open an archived thread again, and counts there.
        if channel is not None and (event.name.startswith(_CHANNEL_EVENTS) or (channel.thread and event.message)):
            frame["channel"] = page_channel(self._state, channel)
        guild = self._state.guilds.get(event.guild_id or "")
        if guild is not None and event.name.startswith("GUILD_"):
            own = (one for one in self._state.channels.values() if one.guild_id == guild.id)
            frame |= {"guild": page_guild(guild), "channels": [page_channel(self._state, one) for one in own]}
        return frame

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one listener until it leaves."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        outbox: asyncio.Queue[str] = asyncio.Queue()
        self._outboxes[socket] = outbox
        writer = asyncio.get_running_loop().create_task(send_from(outbox, socket))
        await socket.send_json({"type": "HELLO", "data": {"url": request.app[STATE].base_url}})
        try:
            async for _ in socket:
                pass
        finally:
            del self._outboxes[socket]
            writer.cancel()
        return socket

    async def close(self) -> None:
        """Send every listener away."""
        for socket in list(self._outboxes):
            await socket.close(code=1001, message=b"The server is ending.")


async def send_from(outbox: asyncio.Queue[str], socket: web.WebSocketResponse) -> None:
    """Send each text that is put in, as long as somebody hears it."""
    while not socket.closed:
        try:
            await socket.send_str(await outbox.get())
        except ConnectionError:
            return
