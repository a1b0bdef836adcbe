"""The control API: acting as a person, for the page and for `client.SandboxClient`. JSON under /sandbox/api.

A person is named by username or id, a channel by id, by name (the first guild that has it) or as `guild/channel`.
Every acting request carries `as`, the person. Refusals are Discord's own error bodies.
"""

from dataclasses import dataclass

from aiohttp import web

from patzta.sandbox import channels, commands, messages, reactions, roles
from patzta.sandbox.drafts import parse_draft
from patzta.sandbox.errors import ApiError
from patzta.sandbox.faults import Fault, Faults
from patzta.sandbox.gateway import Trouble
from patzta.sandbox.http import (
    GATEWAY,
    INTERACTIONS,
    STATE,
    json_response,
    no_content,
    read_form,
    read_json,
    whole_number,
)
from patzta.sandbox.models import Channel, Json, ReferenceType, User
from patzta.sandbox.reading import items, section
from patzta.sandbox.snapshot import page_channel, page_message, snapshot, usable_commands
from patzta.sandbox.state import State

BASE = "/sandbox/api"
FAULTS = web.AppKey("faults", Faults)
_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
"""Those that may be sent: https://www.rfc-editor.org/rfc/rfc6455#section-7.4"""


@dataclass(frozen=True)
class Act:
    """An acting request: who, where and the rest of the body."""

    request: web.Request
    state: State
    person: User
    body: Json

    @property
    def channel(self) -> Channel:
        """The channel that the body names. Raises ApiError 10003, or 50001 when the person does not see it."""
        channel = find_channel(self.state, str(self.body.get("channel")))
        self.state.require(self.person.id, channel)
        return channel

    @property
    def message_id(self) -> str:
        """The message that the body names."""
        return str(self.body.get("message"))


def find_user(state: State, name: str) -> User:
    """By username or id. Raises ApiError 10013."""
    return next((user for user in state.users.values() if name in (user.id, user.username)), None) or state.user(name)


def find_channel(state: State, name: str) -> Channel:
    """By id, name or `guild/name`. Raises ApiError 10003."""
    if name in state.channels:
        return state.channels[name]
    guild_name, _, channel_name = name.rpartition("/")
    for channel in state.channels.values():
        guild = state.guilds.get(channel.guild_id or "")
        if channel.name == channel_name and channel.type != 4 and guild and guild_name in ("", guild.name):
            return channel
    raise ApiError.unknown(10003, "Channel")


def acting(request: web.Request, body: Json) -> Act:
    """Who acts, and with what. Raises ApiError 10013, 20002."""
    state = request.app[STATE]
    person = find_user(state, str(body.get("as")))
    if person.bot:
        raise ApiError(403, 20002, "Only people act here: a bot acts through its own API.")
    return Act(request, state, person, body)


async def _reading(request: web.Request) -> Act:
    return acting(request, await read_json(request))


async def get_snapshot(request: web.Request) -> web.Response:
    """GET snapshot: everything; see `snapshot.snapshot`."""
    return json_response(snapshot(request.app[STATE]))


async def get_messages(request: web.Request) -> web.Response:
    """GET messages?as&channel&limit&before&after: oldest first."""
    act = acting(request, dict(request.query))
    limit = whole_number(request, "limit", 50, 1, 500)
    before, after = request.query.get("before", ""), request.query.get("after", "")
    chosen = messages.page_of(act.state.history(act.channel.id), limit, before, after, "")
    return json_response([page_message(act.state, message) for message in reversed(chosen)])


async def get_commands(request: web.Request) -> web.Response:
    """GET commands?as&channel&type: what the person is offered there; type 2: a person's menu, 3: a message's."""
    act = acting(request, dict(request.query))
    kind = whole_number(request, "type", 1, 1, 3)
    return json_response(usable_commands(act.state, act.person.id, act.channel, kind))


async def send(request: web.Request) -> web.Response:
    """POST messages {as, channel, content, reply_to?, forward?, allowed_mentions?, nonce?}; multipart with files.

    `forward` is `{channel, message}`, in place of any content.
    """
    body, uploads = await read_form(request)
    act = acting(request, body)
    draft = parse_draft(body, uploads)
    draft.flags, draft.components, draft.embeds = 0, None, None
    if body.get("reply_to"):
        draft.reference = {"message_id": str(body["reply_to"])}
    elif body.get("forward"):
        source = find_channel(act.state, str(body["forward"]["channel"]))
        draft.reference = {
            "type": ReferenceType.FORWARD,
            "channel_id": source.id,
            "message_id": str(body["forward"]["message"]),
        }
    message = messages.send(act.state, act.person.id, act.channel, draft)
    return json_response(page_message(act.state, message))


async def edit(request: web.Request) -> web.Response:
    """PATCH messages {as, channel, message, content}"""
    act = await _reading(request)
    message = act.state.message(act.channel.id, act.message_id)
    draft = parse_draft({"content": act.body.get("content")})
    messages.edit(act.state, act.person.id, act.channel, message, draft)
    return json_response(page_message(act.state, message))


async def delete(request: web.Request) -> web.Response:
    """DELETE messages {as, channel, message}"""
    act = await _reading(request)
    message = act.state.message(act.channel.id, act.message_id)
    messages.delete(act.state, act.person.id, act.channel, message)
    return no_content()


async def react(request: web.Request) -> web.Response:
    """PUT reactions {as, channel, message, emoji}"""
    act = await _reading(request)
    message = act.state.message(act.channel.id, act.message_id)
    reactions.add(act.state, act.person.id, act.channel, message, str(act.body.get("emoji") or ""))
    return no_content()


async def unreact(request: web.Request) -> web.Response:
    """DELETE reactions {as, channel, message, emoji}"""
    act = await _reading(request)
    message, emoji = act.state.message(act.channel.id, act.message_id), str(act.body.get("emoji"))
    reactions.remove(act.state, act.person.id, act.channel, message, emoji, act.person.id)
    return no_content()


async def typing(request: web.Request) -> web.Response:
    """POST typing {as, channel}"""
    act = await _reading(request)
    messages.typing(act.state, act.person.id, act.channel)
    return no_content()


async def open_dm(request: web.Request) -> web.Response:
    """POST dms {as, bot}"""
    act = await _reading(request)
    other = find_user(act.state, str(act.body.get("bot")))
    return json_response(page_channel(act.state, channels.open_dm(act.state, act.person.id, other.id)))


async def create_thread(request: web.Request) -> web.Response:
    """POST threads {as, channel, name, message?}"""
    act = await _reading(request)
    message = act.state.message(act.channel.id, act.message_id) if act.body.get("message") else None
    name = str(act.body.get("name") or "")
    thread = channels.create_thread(act.state, act.person.id, act.channel, name, message=message)
    return json_response(page_channel(act.state, thread))


async def change_channel(request: web.Request) -> web.Response:
    """PATCH channels {as, channel, name?, archived?, locked?, topic?, rate_limit_per_user?}"""
    act = await _reading(request)
    changes = {key: value for key, value in act.body.items() if key not in ("as", "channel")}
    channels.update(act.state, act.person.id, act.channel, changes)
    return json_response(page_channel(act.state, act.channel))


def _chosen(act: Act, focused: str = "") -> commands.Chosen:
    app_id = str(act.body.get("application") or "")
    path, values = str(act.body.get("name") or ""), section(act.body, "options")
    return commands.choose(act.state, act.person.id, act.channel, path, values, app_id=app_id, focused=focused)


async def set_roles(request: web.Request) -> web.Response:
    """PATCH members {as, guild, user, roles: [name or id]}: by the server's owner. Raises ApiError 10011, 50013."""
    act = await _reading(request)
    guild = act.state.guild(str(act.body.get("guild")))
    if act.person.id != guild.owner_id:
        raise ApiError(403, 50013, "Missing Permissions")
    member = act.state.member(guild.id, find_user(act.state, str(act.body.get("user"))).id)
    known = {name: role.id for role in guild.roles.values() for name in (role.id, role.name)}
    wanted = [str(name) for name in items(act.body, "roles")]
    if not set(wanted) <= set(known):
        raise ApiError.unknown(10011, "Role")
    member.roles = [known[name] for name in wanted]
    roles.announce_member(act.state, guild, member)
    return no_content()


async def run_command(request: web.Request) -> web.Response:
    """POST commands {as, channel, name: "group sub", options: {name: value}, application?} -> {interaction}

    Multipart with files: {option: number} where an option is one.
    """
    body, uploads = await read_form(request)
    act = acting(request, body)
    for name, number in section(body, "files").items():
        body["options"][name] = messages.store(act.state, act.channel.id, uploads[number]).id
    interaction = request.app[INTERACTIONS].command(act.person.id, act.channel, _chosen(act))
    return json_response({"interaction": interaction.id})


async def run_menu_command(request: web.Request) -> web.Response:
    """POST apps {as, channel, message or user, name, application?} -> {interaction}: a command of a menu"""
    act = await _reading(request)
    name, app_id = str(act.body.get("name") or ""), str(act.body.get("application") or "")
    user = find_user(act.state, str(act.body["user"])) if act.body.get("user") else None
    kind = commands.CommandType.USER if user else commands.CommandType.MESSAGE
    command = commands.find(act.state, act.person.id, act.channel, name, app_id, kind)
    chosen = commands.Chosen(command, [], set(), set(), set())
    chosen.target = user or act.state.message(act.channel.id, act.message_id)
    interaction = request.app[INTERACTIONS].command(act.person.id, act.channel, chosen)
    return json_response({"interaction": interaction.id})


async def plan_fault(request: web.Request) -> web.Response:
    """POST faults {path, method?, status?, times?, retry_after?, delay?, cut?}: see `faults.Fault`"""
    request.app[FAULTS].planned.append(Fault(**await read_json(request)))
    return no_content()


async def autocomplete(request: web.Request) -> web.Response:
    """POST autocomplete {as, channel, name, options, focused} -> [{name, value}]; 504 when the bot is late."""
    act = await _reading(request)
    chosen = _chosen(act, focused=str(act.body.get("focused") or ""))
    try:
        return json_response(await request.app[INTERACTIONS].autocomplete(act.person.id, act.channel, chosen))
    except TimeoutError as error:
        raise ApiError(504, 0, str(error)) from error


async def use_component(request: web.Request) -> web.Response:
    """POST components {as, channel, message, custom_id, values?} -> {interaction}"""
    act = await _reading(request)
    values = [str(value) for value in items(act.body, "values")]
    custom_id = str(act.body.get("custom_id"))
    interaction = request.app[INTERACTIONS].component(act.person.id, act.channel, act.message_id, custom_id, values)
    return json_response({"interaction": interaction.id})


async def submit_modal(request: web.Request) -> web.Response:
    """POST modals {as, interaction, fields: {custom_id: text, bool or list of values}} -> {interaction}

    Multipart where files are uploaded: their field is the list of their numbers.
    """
    body, uploads = await read_form(request)
    act = acting(request, body)
    opened_by, fields = str(act.body.get("interaction")), section(act.body, "fields")
    interaction = request.app[INTERACTIONS].submit(act.person.id, opened_by, fields, uploads)
    return json_response({"interaction": interaction.id})


async def drop(request: web.Request) -> web.Response:
    """POST drop {bot, how: see `gateway.Trouble`, code?, shard?}: disturb a gateway connection -> {sockets}"""
    body = await read_json(request)
    bot = find_user(request.app[STATE], str(body.get("bot")))
    how, code = body.get("how", Trouble.CLOSE), body.get("code", 4000)
    if how not in list(Trouble):
        raise ApiError.invalid("how", "BASE_TYPE_CHOICES", f"Must be one of {[*map(str, Trouble)]}.")
    if code not in _CLOSE_CODES:
        raise ApiError.invalid("code", "BASE_TYPE_CHOICES", "Must be a close code that a server may send.")
    sockets = await request.app[GATEWAY].drop(bot.id, Trouble(how), code=code, shard=body.get("shard"))
    return json_response({"sockets": sockets})


ROUTES = [
    web.get(f"{BASE}/snapshot", get_snapshot),
    web.get(f"{BASE}/messages", get_messages),
    web.post(f"{BASE}/messages", send),
    web.patch(f"{BASE}/messages", edit),
    web.delete(f"{BASE}/messages", delete),
    web.put(f"{BASE}/reactions", react),
    web.delete(f"{BASE}/reactions", unreact),
    web.post(f"{BASE}/typing", typing),
    web.post(f"{BASE}/dms", open_dm),
    web.post(f"{BASE}/threads", create_thread),
    web.patch(f"{BASE}/channels", change_channel),
    web.patch(f"{BASE}/members", set_roles),
    web.get(f"{BASE}/commands", get_commands),
    web.post(f"{BASE}/commands", run_command),
    web.post(f"{BASE}/apps", run_menu_command),
    web.post(f"{BASE}/faults", plan_fault),
    web.post(f"{BASE}/autocomplete", autocomplete),
    web.post(f"{BASE}/components", use_component),
    web.post(f"{BASE}/modals", submit_modal),
    web.post(f"{BASE}/drop", drop),
]
