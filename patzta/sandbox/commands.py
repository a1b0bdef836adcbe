"""Application commands: what bots register, and checking what a person typed against it.

https://discord.com/developers/docs/interactions/application-commands
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Channel, ChannelType, Json, Message, Role, User
from patzta.sandbox.permissions import Permission
from patzta.sandbox.reading import items
from patzta.sandbox.state import State

MAX_COMMANDS = 100
_NAME = re.compile(r"^[-_'\w]{1,32}$")
_BOT_DM = 1


class CommandType(IntEnum):
    """Application command types."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """Application command option types."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTED = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)


def registered(state: State, app_id: str, guild_id: str | None) -> dict[str, Json]:
    """The commands of one application, global ones with `guild_id` None, by id."""
    return state.commands.setdefault((app_id, guild_id), {})


def overwrite(state: State, app_id: str, guild_id: str | None, bodies: list[Json]) -> list[Json]:
    """Replace all commands of a scope. Commands that keep their name and type keep their id."""
    if len(bodies) > MAX_COMMANDS:
        raise ApiError(400, 30032, "Maximum number of application commands reached (100)")
    old = registered(state, app_id, guild_id)
    new = [_merged(state, app_id, guild_id, body, old) for body in bodies]
    if len({(command["name"], command["type"]) for command in new}) != len(new):
        raise ApiError.invalid(
            "0.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
        )
    state.commands[app_id, guild_id] = {command["id"]: command for command in new}
    _announce(state, app_id)
    return new


def upsert(state: State, app_id: str, guild_id: str | None, body: Json) -> tuple[Json, bool]:
    """Add or replace one command by name; the flag says whether it is new."""
    commands = registered(state, app_id, guild_id)
    command = _merged(state, app_id, guild_id, body, commands)
    is_new = command["id"] not in commands
    commands[command["id"]] = command
    _announce(state, app_id)
    return command, is_new


def change(state: State, app_id: str, guild_id: str | None, command_id: str, body: Json) -> Json:
    """Change some fields of one command. Raises ApiError 10063."""
    command = get(state, app_id, guild_id, command_id)
    changed = _normalised(command | body) | {"version": state.new_id()}
    registered(state, app_id, guild_id)[command_id] = changed
    _announce(state, app_id)
    return changed


def get(state: State, app_id: str, guild_id: str | None, command_id: str) -> Json:
    """One command. Raises ApiError 10063."""
    commands = registered(state, app_id, guild_id)
    if command_id not in commands:
        raise ApiError.unknown(10063, "application command")
    return commands[command_id]


def delete(state: State, app_id: str, guild_id: str | None, command_id: str) -> None:
    """Remove one command. Raises ApiError 10063."""
    get(state, app_id, guild_id, command_id)
    del registered(state, app_id, guild_id)[command_id]
    _announce(state, app_id)


def _announce(state: State, app_id: str) -> None:
    data = {"application_id": app_id, "commands": list(of_application(state, app_id))}
    state.announce("COMMANDS_UPDATE", data, for_bots=False)


def of_application(state: State, app_id: str) -> Iterator[Json]:
    """All commands of an application, of every scope."""
    for (owner, _), commands in list(state.commands.items()):
        if owner == app_id:
            yield from commands.values()


def _merged(state: State, app_id: str, guild_id: str | None, body: Json, old: dict[str, Json]) -> Json:
    command = _normalised(body)
    same = [c for c in old.values() if (c["name"], c["type"]) == (command["name"], command["type"])]
    command |= {"id": same[0]["id"] if same else state.new_id(), "application_id": app_id}
    if guild_id is not None:
        command["guild_id"] = guild_id
    unchanged = bool(same) and {**same[0], "version": None} == {**command, "version": None}
    return command | {"version": same[0]["version"] if unchanged else state.new_id()}


def _normalised(body: Json) -> Json:
    command = {key: value for key, value in body.items() if value is not None}
    command["type"] = command.get("type", CommandType.CHAT_INPUT)
    _check_names(command, "", chat_input=command["type"] == CommandType.CHAT_INPUT)
    bits = command.get("default_member_permissions")
    command["default_member_permissions"] = None if bits is None else str(bits)
    command.setdefault("description", "")
    command.setdefault("dm_permission", True)
    command.setdefault("contexts", None)
    command.setdefault("integration_types", [0])
    command.setdefault("nsfw", False)
    return command


def _check_names(item: Json, path: str, *, chat_input: bool) -> None:
    name = item.get("name")
    proper = isinstance(name, str) and (
        _NAME.match(name) and name == name.lower() if chat_input else 1 <= len(name) <= 32
    )
    if not proper:
        raise ApiError.invalid(f"{path}name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if chat_input and not 1 <= len(item.get("description") or "") <= 100:
        raise ApiError.invalid(f"{path}description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if len(items(item, "options")) > 25:
        raise ApiError.invalid(f"{path}options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for number, option in enumerate(items(item, "options")):
        _check_names(option, f"{path}options.{number}.", chat_input=True)


def usable(state: State, command: Json, user_id: str, channel: Channel) -> bool:
    """Whether Discord would offer the command to this user here."""
    if channel.type == ChannelType.DM:
        contexts = command["contexts"]
        allowed = _BOT_DM in contexts if contexts is not None else command["dm_permission"]
        return "guild_id" not in command and command["application_id"] in channel.recipients and bool(allowed)
    if channel.thread and channel.thread.archived:
        return False
    if command["application_id"] not in state.guild(channel.guild_id or "").members:
        return False
    if command.get("guild_id", channel.guild_id) != channel.guild_id or 0 not in (command["contexts"] or [0]):
        return False
    bits = state.permissions(user_id, channel)
    required = command["default_member_permissions"]
    enough = required is None or (int(required) and bits & int(required) == int(required))
    admin = bool(bits & Permission.ADMINISTRATOR)
    return bool(bits & Permission.USE_APPLICATION_COMMANDS) and (admin or bool(enough))


@dataclass
class Chosen:
    """What a person typed: the command, its options as Discord nests them, and the ids among them by kind.

    A command of a message's or person's menu has that as its ``target``.
    """

    command: Json
    options: list[Json]
    users: set[str]
    channels: set[str]
    roles: set[str]
    attachments: set[str] = field(default_factory=set[str])
    target: Message | User | None = None


def choose(
    state: State, user_id: str, channel: Channel, path: str, values: Json, *, app_id: str = "", focused: str = ""
) -> Chosen:
    """Resolve `permissions get` and named values to an invocation.

    With `focused` (an option's name) it is a half-typed one for autocomplete: nothing is required then.
    Raises ApiError 10063 for no such command here, 50035 for bad options.
    """
    words = path.split()
    command = find(state, user_id, channel, words[0] if words else "", app_id)
    specs, wrappers = items(command, "options"), list[Json]()
    for word in words[1:]:
        spec = next((o for o in specs if o["type"] in NESTED and o["name"] == word), None)
        if spec is None:
            raise ApiError.unknown(10063, "application command")
        wrappers.append({"type": spec["type"], "name": spec["name"]})
        specs = items(spec, "options")
    if any(option["type"] in NESTED for option in specs):
        raise ApiError.unknown(10063, "application command")
    chosen = Chosen(command, [], set(), set(), set())
    leaves = _leaves(state, chosen, specs, values, focused, channel)
    for wrapper in reversed(wrappers):
        leaves = [wrapper | {"options": leaves}]
    chosen.options = leaves
    return chosen


def find(
    state: State,
    user_id: str,
    channel: Channel,
    name: str,
    app_id: str,
    kind: CommandType = CommandType.CHAT_INPUT,
) -> Json:
    """The command of that name that the person may use here. Raises ApiError 10063."""
    for bot_id in state.bots:
        for command in of_application(state, bot_id):
            wanted = command["name"] == name and command["type"] == kind
            if wanted and app_id in ("", bot_id) and usable(state, command, user_id, channel):
                return command
    raise ApiError.unknown(10063, "application command")


def _leaves(
    state: State, chosen: Chosen, specs: list[Json], values: Json, focused: str, channel: Channel
) -> list[Json]:
    names = {spec["name"] for spec in specs}
    for name in values:
        if name not in names:
            raise ApiError.invalid(f"options.{name}", "UNKNOWN_OPTION", f"Unknown option: {name}")
    leaves: list[Json] = []
    for spec in specs:
        name = spec["name"]
        if name == focused:
            leaves.append({"type": spec["type"], "name": name, "value": str(values.get(name, "")), "focused": True})
        elif name in values:
            value = _value(state, chosen, spec, values[name], channel)
            leaves.append({"type": spec["type"], "name": name, "value": value})
        elif spec.get("required") and not focused:
            raise _bad(spec, "BASE_TYPE_REQUIRED", f"This option is required: {name}")
    return leaves


def _value(state: State, chosen: Chosen, spec: Json, value: Any, channel: Channel) -> Any:
    kind = spec["type"]
    if kind == OptionType.STRING:
        return _within(spec, str(value), len(str(value)), "min_length", "max_length")
    if kind == OptionType.BOOLEAN:
        return _boolean(spec, value)
    if kind in (OptionType.INTEGER, OptionType.NUMBER):
        number = _number(spec, value, int if kind == OptionType.INTEGER else float)
        return _within(spec, number, number, "min_value", "max_value")
    if kind == OptionType.MENTIONABLE and value in _roles(state, channel):
        return _listed(spec, str(value), chosen.roles, _roles(state, channel))
    if kind in (OptionType.USER, OptionType.MENTIONABLE):
        return _user_id(state, chosen, spec, str(value))
    if kind == OptionType.CHANNEL:
        return _listed(spec, str(value), chosen.channels, state.channels)
    if kind == OptionType.ROLE:
        return _listed(spec, str(value), chosen.roles, _roles(state, channel))
    if kind == OptionType.ATTACHMENT:
        return _listed(spec, str(value), chosen.attachments, state.attachments)
    raise _bad(spec, "UNSUPPORTED", "The sandbox has no options of this kind.")


def _roles(state: State, channel: Channel) -> dict[str, Role]:
    return state.guilds[channel.guild_id].roles if channel.guild_id else {}


def _within(spec: Json, value: Any, size: float, low: str, high: str) -> Any:
    if size < spec.get(low, size) or size > spec.get(high, size):
        raise _bad(
            spec, "BASE_TYPE_BAD_LENGTH", f"{spec['name']} must be between {spec.get(low)} and {spec.get(high)}."
        )
    choices = items(spec, "choices")
    if choices and value not in [choice["value"] for choice in choices]:
        raise _bad(spec, "BASE_TYPE_CHOICES", f"{spec['name']} must be one of the offered choices.")
    return value


def _number(spec: Json, value: Any, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise _bad(spec, "NUMBER_TYPE_COERCE", f"{spec['name']} must be a number.") from None


def _boolean(spec: Json, value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise _bad(spec, "BOOLEAN_TYPE_CONVERT", f"{spec['name']} must be True or False.")
    return str(value).lower() == "true"


def _user_id(state: State, chosen: Chosen, spec: Json, value: str) -> str:
    by_name = {user.username: user.id for user in state.users.values()}
    return _listed(spec, by_name.get(value, value), chosen.users, state.users)


def _listed(spec: Json, value: str, into: set[str], known: dict[str, Any]) -> str:
    if value not in known:
        raise _bad(spec, "BASE_TYPE_BAD_SNOWFLAKE", f"{spec['name']} names nothing that exists here.")
    into.add(value)
    return value


def _bad(spec: Json, code: str, message: str) -> ApiError:
    return ApiError.invalid(f"options.{spec['name']}", code, message)
