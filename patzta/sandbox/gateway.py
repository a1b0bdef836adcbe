"""The gateway: the websocket through which a bot hears what happens.

Frames are plain JSON text: the compression that clients ask for in the address is optional for the server.
https://discord.com/developers/docs/events/gateway
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum, StrEnum
from typing import Any, cast

from aiohttp import WSMsgType, web

from patzta.sandbox.intents import Intent, application_flags, content_is_free, wanted, without_content
from patzta.sandbox.models import Bot, Guild, Json, Member
from patzta.sandbox.serialise import channel_json, guild_json, member_json, message_json, own_user_json, timestamp
from patzta.sandbox.sessions import Session, Shard
from patzta.sandbox.state import Event, State

log = logging.getLogger(__name__)

ABANDONED_KEPT = 8
"""Sessions without a socket that may still be resumed."""

MEMBERS_PER_CHUNK = 1000


class Op(IntEnum):
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Close codes that the sandbox uses."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


ENDS_SESSION = frozenset({4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014})
"""Close codes after which Discord knows the session no more; after any other it can be resumed."""


class Trouble(StrEnum):
    """Ways to disturb a connection: close it, ask for another one, declare its session invalid, or fall silent.

    A silent connection stays open, but acknowledges no heartbeat and tells nothing: what happens waits for a resume.
    """

    CLOSE = "close"
    RECONNECT = "reconnect"
    INVALID = "invalid"
    SILENT = "silent"


Observer = Callable[[Session, str, Json], None]


class Gateway:
    """All sessions. `handle` is the websocket route; `observe` is told of every event that a session is sent."""

    def __init__(self, state: State, observe: Observer) -> None:
        self._state = state
        self._observe = observe
        self._sessions: dict[str, Session] = {}
        self._sockets: dict[web.WebSocketResponse, Session | None] = {}
        state.listeners.append(self._hear)

    # ---- what happens goes out ----

    def _hear(self, event: Event) -> None:
        if not event.for_bots:
            return
        for session in list(self._sessions.values()):
            if self._concerns(session, event):
                self._dispatch(session, event.name, self._rendered(session, event))

    def _concerns(self, session: Session, event: Event) -> bool:
        if event.only_user is not None and event.only_user != session.bot.id:
            return False
        if not session.shard.has(event.guild_id):
            return False
        guild = self._state.guilds.get(event.guild_id or "")
        if guild is not None and event.only_user is None and session.bot.id not in guild.members:
            return False
        channel = self._state.channels.get(event.channel_id or "")
        if channel is not None and not self._state.sees(session.bot.id, channel):
            return False
        if event.name == "TYPING_START" and event.data["user_id"] == session.bot.id:
            return False
        if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == session.bot.id:
            return True  # A bot hears of its own roles without the intent for members.
        return wanted(event.name, session.intents, in_guild=event.guild_id is not None)

    def _rendered(self, session: Session, event: Event) -> Json:
        if event.name == "GUILD_CREATE":
            return self._guild_create(session, self._state.guilds[event.guild_id or ""])
        if event.message is None or event.name not in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            return self._with_membership(session, event)
        body = message_json(self._state, event.message, session.bot.id)
        in_guild = event.guild_id is not None
        if not session.intents & Intent.MESSAGE_CONTENT and not content_is_free(
            body, session.bot.id, in_guild=in_guild
        ):
            body = without_content(body)
        return body | event.data

    def _with_membership(self, session: Session, event: Event) -> Json:
        if not event.name.startswith("THREAD_") or "member_count" not in event.data:
            return event.data
        channel = self._state.channels.get(event.data["id"])
        if channel is None or event.name not in ("THREAD_CREATE", "THREAD_UPDATE"):
            return event.data
        return event.data | channel_json(self._state, channel, session.bot.id)

    def _dispatch(self, session: Session, name: str, data: Json) -> None:
        # What was rendered may be changed later, by an edit of the same message: a replay repeats what was sent.
        data = json.loads(json.dumps(data))
        self._observe(session, name, data)
        session.dispatch(name, data)

    # ---- one socket ----

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Speak with one client until it leaves."""
        socket = web.WebSocketResponse(max_msg_size=64 * 1024, autoclose=True)
        await socket.prepare(request)
        self._sockets[socket] = None
        await socket.send_json({"op": Op.HELLO, "d": {"heartbeat_interval": round(1000 * self._state.heartbeat_s)}})
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    continue
                await self._receive(socket, frame.data)
        finally:
            await self._part(socket)
        return socket

    async def _receive(self, socket: web.WebSocketResponse, text: str) -> None:
        if socket.get(_SILENT):
            return
        try:
            frame: Json = json.loads(text)
            op, data = Op(frame["op"]), frame.get("d")
        except (json.JSONDecodeError, KeyError, TypeError, ValueError):
            await socket.close(code=Close.DECODE_ERROR, message=b"Error while decoding payload.")
            return
        session = self._sockets[socket]
        if op is Op.HEARTBEAT:
            await socket.send_json({"op": Op.HEARTBEAT_ACK})
        elif op is Op.IDENTIFY:
            await self._identify(socket, data or {})
        elif op is Op.RESUME:
            await self._resume(socket, data or {})
        elif session is None:
            await socket.close(code=Close.NOT_AUTHENTICATED, message=b"Not authenticated.")
        elif op is Op.REQUEST_MEMBERS:
            self._send_members(session, data or {})
        elif op not in (Op.PRESENCE, Op.VOICE_STATE):
            await socket.close(code=Close.UNKNOWN_OPCODE, message=b"Unknown opcode.")

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> None:
        if self._sockets[socket] is not None:
            await socket.close(code=Close.ALREADY_AUTHENTICATED, message=b"Already authenticated.")
            return
        bot = self._state.bot_by_token(str(data.get("token", "")).removeprefix("Bot "))
        intents, shard = int(data.get("intents") or 0), Shard.read(data.get("shard"))
        if bot is None:
            await socket.close(code=Close.AUTHENTICATION_FAILED, message=b"Authentication failed.")
        elif shard is None:
            await socket.close(code=Close.INVALID_SHARD, message=b"Invalid shard.")
        elif intents & bot.forbidden_intents:
            log.warning("%s asked for privileged intents that are switched off for it", bot.user.username)
            await socket.close(code=Close.DISALLOWED_INTENTS, message=b"Disallowed intent(s).")
        else:
            self._forget_abandoned()
            session = Session(bot, intents, shard)
            self._sessions[session.id] = session
            self._attach(socket, session)
            self._welcome(session)

    def _forget_abandoned(self) -> None:
        alone = [session for session in self._sessions.values() if session.outbox is None]
        for session in alone[:-ABANDONED_KEPT]:
            del self._sessions[session.id]

    def _attach(self, socket: web.WebSocketResponse, session: Session) -> None:
        for other, held in self._sockets.items():
            if held is session:
                self._sockets[other] = None
        self._sockets[socket] = session
        session.outbox = asyncio.Queue()
        writer = asyncio.get_running_loop().create_task(_write(socket, session.outbox))
        writer.add_done_callback(lambda task: task.cancelled() or task.exception())
        socket[_WRITER] = writer
        self._show_presence(session.bot)

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> None:
        session = self._sessions.get(str(data.get("session_id")))
        sequence = int(data.get("seq") or 0)
        known = session is not None and session.bot is self._state.bot_by_token(str(data.get("token")))
        if session is None or not known or not session.can_replay(sequence):
            await socket.send_json({"op": Op.INVALID_SESSION, "d": False})
            return
        missed = [frame for frame in session.sent if frame["s"] > sequence]
        self._attach(socket, session)
        assert session.outbox is not None
        for frame in missed:
            session.outbox.put_nowait(frame)
        self._dispatch(session, "RESUMED", {})

    async def _part(self, socket: web.WebSocketResponse) -> None:
        session = self._sockets.pop(socket)
        writer = socket.get(_WRITER)
        if writer is not None:
            writer.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await writer
        if session is None or session in self._sockets.values():
            return
        session.outbox = None
        # 1000 and 1001 are a client's farewell: Discord ends such a session, any other close leaves it resumable.
        # A client may also answer the server's own close with 1000, which is no farewell.
        if socket.close_code in (1000, 1001) and not socket.get(_CLOSED_HERE):
            self._sessions.pop(session.id, None)
        self._show_presence(session.bot)

    def _show_presence(self, bot: Bot) -> None:
        here = any(session is not None and session.bot is bot for session in self._sockets.values())
        if here == (bot.id in self._state.online):
            return
        (self._state.online.add if here else self._state.online.discard)(bot.id)
        self._state.announce("BOT_STATUS", {"user_id": bot.id, "online": here}, for_bots=False)

    async def drop(self, bot_id: str, how: Trouble, *, code: int = 4000, shard: int | None = None) -> int:
        """Disturb a bot's sockets, with `shard` only those of that shard; returns how many there were.

        `code` is the one that CLOSE closes with.
        """
        chosen = [
            (socket, session)
            for socket, session in self._sockets.items()
            if session and session.bot.id == bot_id and shard in (None, session.shard.index)
        ]
        for socket, session in chosen:
            await self._disturb(socket, session, how, code)
        return len(chosen)

    async def _disturb(self, socket: web.WebSocketResponse, session: Session, how: Trouble, code: int) -> None:
        if how is Trouble.CLOSE:
            socket[_CLOSED_HERE] = True
            if code in ENDS_SESSION:
                self._sessions.pop(session.id, None)
            await socket.close(code=code, message=b"Dropped on request.")
        elif how is Trouble.SILENT:
            socket[_SILENT] = True
            session.outbox = None
            socket[_WRITER].cancel()
        elif how is Trouble.RECONNECT:
            await socket.send_json({"op": Op.RECONNECT, "d": None})
        else:
            await socket.send_json({"op": Op.INVALID_SESSION, "d": False})

    async def close(self) -> None:
        """Send every client away; they may come back to the next server."""
        for socket in list(self._sockets):
            await socket.close(code=4000, message=b"The server is ending.")

    # ---- the first events ----

    def _welcome(self, session: Session) -> None:
        state, bot = self._state, session.bot
        guilds = [g for g in state.guilds.values() if bot.id in g.members and session.shard.has(g.id)]
        ready: Json = {
            "v": 10,
            "user": own_user_json(bot.user),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": f"{state.base_url.replace('http', 'ws', 1)}/gateway",
            "application": {"id": bot.id, "flags": application_flags(bot.forbidden_intents)},
            "private_channels": [],
            "session_type": "normal",
        }
        self._dispatch(session, "READY", ready | session.shard.in_ready())
        if session.intents & Intent.GUILDS:
            for guild in guilds:
                # A server that the bot had no part in before comes without this.
                known = self._guild_create(session, guild) | {"unavailable": False}
                self._dispatch(session, "GUILD_CREATE", known)

    def _guild_create(self, session: Session, guild: Guild) -> Json:
        state, bot_id = self._state, session.bot.id
        seen = [c for c in state.channels.values() if c.guild_id == guild.id and state.sees(bot_id, c)]
        threads = [c for c in seen if c.thread and not c.thread.archived]
        everyone = session.intents & Intent.GUILD_MEMBERS and session.intents & Intent.GUILD_PRESENCES
        members = guild.members.values() if everyone else [guild.members[bot_id]]
        return guild_json(guild) | {
            "joined_at": timestamp(guild.members[bot_id].joined_at),
            "large": False,
            "member_count": len(guild.members),
            "voice_states": [],
            "members": [member_json(state, member) for member in members],
            "channels": [channel_json(state, c) for c in seen if not c.thread],
            "threads": [channel_json(state, c, bot_id) for c in threads],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _send_members(self, session: Session, data: Json) -> None:
        guild = self._state.guilds.get(str(data.get("guild_id")))
        if guild is None or not session.shard.has(guild.id):
            return
        members, unknown = self._asked_for(guild, data)
        members = members[: int(data.get("limit") or 0) or MEMBERS_PER_CHUNK]
        chunk: Json = {
            "guild_id": guild.id,
            "members": [member_json(self._state, member) for member in members],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": unknown,
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        if data.get("presences"):
            chunk["presences"] = []
        self._dispatch(session, "GUILD_MEMBERS_CHUNK", chunk)

    def _asked_for(self, guild: Guild, data: Json) -> tuple[list[Member], list[str]]:
        """The members that a request names by id or by the start of their username, and the ids nobody has."""
        asked = data.get("user_ids")
        if asked:
            ids = [str(one) for one in (cast("list[Any]", asked) if isinstance(asked, list) else [asked])]
            found = [guild.members[one] for one in ids if one in guild.members]
            return found, [one for one in ids if one not in guild.members]
        start = str(data.get("query") or "").lower()
        members = guild.members.values()
        return [m for m in members if self._state.users[m.user_id].username.lower().startswith(start)], []


_WRITER = "writer"
_CLOSED_HERE = "closed here"
_SILENT = "silent"


async def _write(socket: web.WebSocketResponse, outbox: asyncio.Queue[Json]) -> None:
    while not socket.closed:
        frame = await outbox.get()
        with suppress(ConnectionError):
            await socket.send_str(json.dumps(frame))
