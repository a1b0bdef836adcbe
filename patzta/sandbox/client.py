"""A typed asyncio client of the control API: chat as a person, and hear everything that happens.

    async with SandboxClient("http://127.0.0.1:8722") as sandbox:
        await sandbox.send("bara", "general", "ahoj")
        reply = await sandbox.wait_for_message(channel="general", author="patztabot22")

People, bots and channels are named by username or name, or by id; a channel also as `guild/channel`.
"""

# ruff: noqa: ASYNC109 (a caller names the seconds it is ready to wait; the error then says what came instead)

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from patzta.sandbox.errors import ControlError
from patzta.sandbox.models import Json

Predicate = Callable[[Json], bool]

DEFAULT_TIMEOUT_S = 10.0


class SandboxClient:
    """One connection. Events are kept from the moment it opens, so `wait_for` misses nothing in between.

    Every method raises ControlError when the sandbox refuses, with Discord's code in it.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.seen: list[Json] = []
        self._new = asyncio.Condition()
        self._session: aiohttp.ClientSession | None = None
        self._listener: asyncio.Task[None] | None = None
        self._ended = False

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        try:
            socket = await self._session.ws_connect(f"{self.url}/sandbox/events", max_msg_size=0)
            await socket.receive_json()
        except BaseException:
            await self._session.close()
            raise
        self._listener = asyncio.create_task(self._listen(socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        await self._session.close()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for frame in socket:
                async with self._new:
                    self.seen.append(frame.json())
                    self._new.notify_all()
        finally:
            self._ended = True
            async with self._new:
                self._new.notify_all()

    # ---- hearing ----

    async def events(self, start: int | None = None) -> AsyncIterator[Json]:
        """Every event from number `start` on (default: from now on) until the connection ends."""
        position = len(self.seen) if start is None else start
        while True:
            async with self._new:
                while len(self.seen) <= position and not self._ended:
                    await self._new.wait()
            if len(self.seen) <= position:
                return
            yield self.seen[position]
            position += 1

    async def wait_for(self, predicate: Predicate, timeout: float = DEFAULT_TIMEOUT_S, *, since: int = 0) -> Json:
        """The first event that matches, looking also at those already heard (from number `since` on).

        Raises TimeoutError, with the kinds of events that came instead.
        """
        try:
            async with asyncio.timeout(timeout):
                async for event in self.events(since):
                    if predicate(event):
                        return event
        except TimeoutError:
            kinds = [event["type"] for event in self.seen[since:]]
            raise TimeoutError(f"No such event within {timeout:g} s. Heard: {kinds}") from None
        raise ControlError(0, 0, "The sandbox closed the connection.")

    def mark(self) -> int:
        """The number of the next event, for `since`."""
        return len(self.seen)

    async def wait_for_message(
        self,
        *,
        channel: str | None = None,
        author: str | None = None,
        contains: str = "",
        timeout: float = DEFAULT_TIMEOUT_S,
        since: int = 0,
    ) -> Json:
        """The first message, new or changed, that fits; one that still "is thinking" does not."""
        channel_id = (await self.channel(channel))["id"] if channel else None

        def fits(event: Json) -> bool:
            message: Json = event.get("message") or {}
            return (
                event["type"] in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
                and channel_id in (None, message["channel_id"])
                and author in (None, message["author"]["username"], message["author"]["id"])
                and not message["flags"] & 128
                and contains in message["content"]
            )

        return (await self.wait_for(fits, timeout, since=since))["message"]

    async def wait_for_bot(self, bot: str, timeout: float = DEFAULT_TIMEOUT_S) -> None:
        """Until the bot is logged in. Raises TimeoutError."""
        known = next((one for one in (await self.snapshot())["bots"] if bot in (one["name"], one["id"])), None)
        if known is None:
            raise ControlError(404, 10013, f"Unknown bot: {bot}")
        wanted = {"user_id": known["id"], "online": True}
        if not known["online"]:
            await self.wait_for(lambda event: event["type"] == "BOT_STATUS" and event["data"] == wanted, timeout)

    async def answer(self, interaction: str, timeout: float = DEFAULT_TIMEOUT_S) -> Json:
        """The first finished message that answers an interaction. Raises ControlError when the bot does not respond."""

        def fits(event: Json) -> bool:
            if event["type"] == "INTERACTION_FAILED" and event["data"]["id"] == interaction:
                return True
            message: Json = event.get("message") or {}
            return message.get("interaction_id") == interaction and not message["flags"] & 128

        event = await self.wait_for(fits, timeout)
        if event["type"] == "INTERACTION_FAILED":
            raise ControlError(0, 0, "The application did not respond.")
        return event["message"]

    # ---- looking ----

    async def snapshot(self) -> Json:
        """Everything: users, people, bots, guilds, channels, messages (by channel id), commands (by bot id)."""
        return await self._call("GET", "snapshot")

    async def channel(self, name: str) -> Json:
        """One channel of the snapshot. Raises ControlError 10003."""
        snapshot = await self.snapshot()
        guilds = {guild["id"]: guild["name"] for guild in snapshot["guilds"]}
        for channel in snapshot["channels"]:
            own = channel.get("name")
            names = (channel["id"], own, f"{guilds.get(channel.get('guild_id'))}/{own}")
            if name in names and channel["type"] != 4:
                return channel
        raise ControlError(404, 10003, f"Unknown Channel: {name}")

    async def messages(
        self, person: str, channel: str, *, limit: int = 50, before: str = "", after: str = ""
    ) -> list[Json]:
        """Part of a channel's history, oldest first."""
        query = f"as={quote(person)}&channel={quote(channel)}&limit={limit}&before={before}&after={after}"
        return await self._call("GET", f"messages?{query}")

    async def commands(self, person: str, channel: str) -> list[Json]:
        """The slash commands that Discord would offer this person there."""
        return await self._call("GET", f"commands?as={quote(person)}&channel={quote(channel)}")

    # ---- acting ----

    async def send(
        self,
        person: str,
        channel: str,
        text: str = "",
        reply_to: str | None = None,
        files: dict[str, bytes] | None = None,
    ) -> Json:
        """Post a message and return it."""
        body: Json = {"as": person, "channel": channel, "content": text, "reply_to": reply_to}
        return await self._with_files("messages", body, list((files or {}).items()))

    async def forward(self, person: str, channel: str, message: str, to: str) -> Json:
        """Forward a message of a channel to another channel and return what is there then."""
        source: Json = {"channel": channel, "message": message}
        return await self._call("POST", "messages", {"as": person, "channel": to, "forward": source})

    async def edit(self, person: str, channel: str, message: str, text: str) -> Json:
        """Change the person's own message and return it."""
        return await self._call("PATCH", "messages", _at(person, channel, message) | {"content": text})

    async def delete(self, person: str, channel: str, message: str) -> None:
        """Remove a message."""
        await self._call("DELETE", "messages", _at(person, channel, message))

    async def react(self, person: str, channel: str, message: str, emoji: str) -> None:
        """Add a reaction."""
        await self._call("PUT", "reactions", _at(person, channel, message) | {"emoji": emoji})

    async def unreact(self, person: str, channel: str, message: str, emoji: str) -> None:
        """Take the person's own reaction back."""
        await self._call("DELETE", "reactions", _at(person, channel, message) | {"emoji": emoji})

    async def pins(self, person: str, channel: str) -> list[Json]:
        """The pinned messages of a channel, the newest pin first."""
        return await self._call("GET", f"pins?as={quote(person)}&channel={quote(channel)}")

    async def pin(self, person: str, channel: str, message: str) -> None:
        """Pin a message."""
        await self._call("PUT", "pins", _at(person, channel, message))

    async def unpin(self, person: str, channel: str, message: str) -> None:
        """Take a pin away."""
        await self._call("DELETE", "pins", _at(person, channel, message))

    async def join(self, person: str, guild: str) -> None:
        """Come into a server (its id)."""
        await self._call("PUT", "members", {"as": person, "guild": guild})

    async def leave(self, person: str, guild: str) -> None:
        """Leave a server (its id)."""
        await self._call("DELETE", "members", {"as": person, "guild": guild})

    async def invite(self, person: str, guild: str, bot: str) -> None:
        """Bring a bot into a server (its id); the person has to be allowed to manage it."""
        await self._call("PUT", "members", {"as": person, "guild": guild, "user": bot})

    async def kick(self, person: str, guild: str, user: str) -> None:
        """Send a member of a server (its id) away; the person has to be allowed to."""
        await self._call("DELETE", "members", {"as": person, "guild": guild, "user": user})

    async def ban(self, person: str, guild: str, user: str, reason: str | None = None) -> None:
        """Ban a user from a server (its id); the person has to be allowed to."""
        await self._call("PUT", "bans", {"as": person, "guild": guild, "user": user, "reason": reason})

    async def unban(self, person: str, guild: str, user: str) -> None:
        """Let a user come into a server (its id) again."""
        await self._call("DELETE", "bans", {"as": person, "guild": guild, "user": user})

    async def vote(self, person: str, channel: str, message: str, answers: list[int]) -> Json:
        """Vote for these answers of a poll (numbered from 1) and no others; returns the message."""
        return await self._call("PUT", "votes", _at(person, channel, message) | {"answers": answers})

    async def typing(self, person: str, channel: str) -> None:
        """Show that the person is typing."""
        await self._call("POST", "typing", {"as": person, "channel": channel})

    async def open_dm(self, person: str, bot: str) -> Json:
        """The DM channel between a person and a bot."""
        return await self._call("POST", "dms", {"as": person, "bot": bot})

    async def create_thread(self, person: str, channel: str, name: str, message: str | None = None) -> Json:
        """Start a thread, from a message where one is given."""
        return await self._call("POST", "threads", _at(person, channel, message) | {"name": name})

    async def change_channel(self, person: str, channel: str, **changes: Any) -> Json:
        """Rename, archive, lock or slow down (`rate_limit_per_user`, seconds) a channel or thread."""
        return await self._call("PATCH", "channels", {"as": person, "channel": channel, **changes})

    async def set_roles(self, person: str, guild: str, user: str, roles: list[str]) -> None:
        """Give a member these roles, by name or id, and no others; the person owns the server."""
        await self._call("PATCH", "members", {"as": person, "guild": guild, "user": user, "roles": roles})

    async def command(
        self,
        person: str,
        channel: str,
        name: str,
        options: Json | None = None,
        *,
        application: str = "",
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> str:
        """Run a slash command such as "permissions get"; returns the interaction's id (see `answer`).

        `files` maps options to file names and contents.
        """
        numbers: Json = {option: number for number, option in enumerate(files or {})}
        body: Json = {"as": person, "channel": channel, "name": name, "options": options or {}}
        body |= {"application": application, "files": numbers}
        return (await self._with_files("commands", body, list((files or {}).values())))["interaction"]

    async def use_menu(self, person: str, channel: str, message: str, name: str) -> str:
        """Run a command of a message's menu, such as "Regenerate"; returns the interaction's id (see `answer`)."""
        body = _at(person, channel, message) | {"name": name}
        return (await self._call("POST", "apps", body))["interaction"]

    async def use_user_menu(self, person: str, channel: str, user: str, name: str) -> str:
        """Run a command of a person's menu; returns the interaction's id (see `answer`)."""
        body: Json = {"as": person, "channel": channel, "user": user, "name": name}
        return (await self._call("POST", "apps", body))["interaction"]

    async def plan_fault(self, path: str, **fault: Any) -> None:
        """Disturb the next requests of bots whose path matches `path`; see `faults.Fault` for what can be done."""
        await self._call("POST", "faults", {"path": path, **fault})

    async def move_clock(self, seconds: float) -> str:
        """Let that much time pass at once, for messages, interactions and polls; returns the new time (ISO 8601)."""
        return (await self._call("POST", "clock", {"seconds": seconds}))["now"]

    async def limit_rates(self, *, on: bool = True) -> None:
        """Let Discord's rate limits hold from now on, or no longer."""
        await self._call("POST", "limits", {"on": on})

    async def requests(self, method: str = "", path: str = "") -> list[Json]:
        """The last REST exchanges of bots, oldest first: {method, path, query, request, files, status, response}."""
        return await self._call("GET", f"requests?method={method}&path={quote(path)}")

    async def dispatches(self, event: str = "", bot: str = "") -> list[Json]:
        """The last gateway events that bots were sent, oldest first: {event, bot, shard, data}."""
        return await self._call("GET", f"dispatches?event={event}&bot={quote(bot)}")

    async def autocomplete(
        self, person: str, channel: str, name: str, focused: str, options: Json | None = None
    ) -> list[Json]:
        """Suggestions for the option `focused`, whose text so far is among the options."""
        body: Json = {"as": person, "channel": channel, "name": name, "focused": focused, "options": options or {}}
        return await self._call("POST", "autocomplete", body)

    async def click(self, person: str, channel: str, message: str, custom_id: str) -> str:
        """Press a button; returns the interaction's id."""
        return await self.choose(person, channel, message, custom_id, [])

    async def choose(self, person: str, channel: str, message: str, custom_id: str, values: list[str]) -> str:
        """Choose in a select; returns the interaction's id."""
        body = _at(person, channel, message) | {"custom_id": custom_id, "values": values}
        return (await self._call("POST", "components", body))["interaction"]

    async def wait_for_modal(self, interaction: str, timeout: float = DEFAULT_TIMEOUT_S) -> Json:
        """The form that answered an interaction: {custom_id, title, components}."""
        event = await self.wait_for(
            lambda event: event["type"] == "MODAL_OPEN" and event["data"]["id"] == interaction, timeout
        )
        return event["data"]["modal"]

    async def submit(
        self,
        person: str,
        interaction: str,
        fields: Json,
        files: dict[str, list[tuple[str, bytes]]] | None = None,
    ) -> str:
        """Send in the form that answered `interaction`; returns the new interaction's id.

        `fields` maps custom ids to a text, a bool (checkbox) or a list of values, `files` to file names and contents.
        """
        flat = [(custom_id, file) for custom_id, chosen in (files or {}).items() for file in chosen]
        for number, (custom_id, _) in enumerate(flat):
            fields = fields | {custom_id: [*fields.get(custom_id, []), number]}
        body: Json = {"as": person, "interaction": interaction, "fields": fields}
        return (await self._with_files("modals", body, [file for _, file in flat]))["interaction"]

    async def drop(self, bot: str, how: str = "close", shard: int | None = None, *, code: int = 4000) -> int:
        """Disturb a bot's gateway; returns how many sockets it had.

        "close" (with this code), "reconnect" (op 7), "invalid" (op 9) or "silent" (no heartbeat is acknowledged).
        """
        body: Json = {"bot": bot, "how": how, "shard": shard, "code": code}
        return (await self._call("POST", "drop", body))["sockets"]

    async def _with_files(self, path: str, body: Json, files: list[tuple[str, bytes]]) -> Any:
        if not files:
            return await self._call("POST", path, body)
        form = aiohttp.FormData()
        form.add_field("payload_json", aiohttp.JsonPayload(body))
        for number, (name, content) in enumerate(files):
            form.add_field(f"files[{number}]", content, filename=name)
        return await self._request("POST", path, data=form)

    async def _call(self, method: str, path: str, body: Json | None = None) -> Any:
        return await self._request(method, path, json=body)

    async def _request(self, method: str, path: str, **what: Any) -> Any:
        assert self._session is not None, "use `async with SandboxClient(url)`"
        async with self._session.request(method, f"{self.url}/sandbox/api/{path}", **what) as response:
            if response.status == 204:
                return None
            answer: Any = await response.json()
            if response.status >= 400:
                code, words = answer.get("code", 0), answer.get("message", "")
                raise ControlError(response.status, code, words, answer.get("retry_after"))
            return answer


def _at(person: str, channel: str, message: str | None) -> Json:
    return {"as": person, "channel": channel, "message": message}
