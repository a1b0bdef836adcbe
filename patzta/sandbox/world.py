"""The seeded world: two guilds, three invented people and some conversations to begin with.

Every seeded thing has a fixed id, so scripts and tests may name it. Ids of guilds, channels, roles and people
share one readable prefix; seeded messages are dated to a fixed day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from patzta.sandbox.models import Channel, ChannelType, Guild, Member, Message, Overwrite, Role, User
from patzta.sandbox.permissions import EVERYONE, MODERATOR, Permission
from patzta.sandbox.snowflake import COUNTER_BITS, snowflake_at

_BASE = 1_000_000_000_000_000_000

SANCTUARY = str(_BASE + 100)
_NEXT_SHARD = 1 << COUNTER_BITS
"""Between the two servers' ids, so that a bot of two shards has one on each."""

CAFE = str(_BASE + _NEXT_SHARD + 200)
OWNER = str(_BASE + 1)
FRIEND = str(_BASE + 2)
STRANGER = str(_BASE + 3)
ROLE_ADMIN = str(_BASE + 101)
ROLE_MOD = str(_BASE + 102)
ROLE_VISIBLE = str(_BASE + 103)

PEOPLE = (
    User(OWNER, "vilem", "Vilém Jestřáb", about="Owns the server and the double."),
    User(FRIEND, "bara", "Bára Tichá", about="A friend with the role “visible”."),
    User(STRANGER, "cizinec", "Cizinec", about="A stranger without any role."),
)


@dataclass(frozen=True)
class _Room:
    """A channel of the plan below, with the lines already said in it: (username, text)."""

    name: str
    topic: str | None = None
    lines: tuple[tuple[str, str], ...] = ()
    staff_only: bool = False


_SANCTUARY_PLAN: dict[str, tuple[_Room, ...]] = {
    "text": (
        _Room(
            "general",
            "Everything and nothing. Ping the bot to talk with it here.",
            (
                ("vilem", "Vítejte! This is the sandbox: nothing that is said here leaves this computer."),
                ("bara", "ahoj :) a kde je ten dvojník?"),
                ("vilem", "v <#1000000000000000121>, tam odpovídá i bez pingnutí"),
            ),
        ),
        _Room("random", "Off topic", (("bara", "kdo jde v pátek na pivo? 🍺"), ("cizinec", "what is going on here"))),
        _Room("staff", "Only for admins and mods", staff_only=True),
    ),
    "patztabot22-direct": (
        _Room("direct", "The bot answers every message here."),
        _Room("patztabot22-direct", "The bot answers every message here."),
        _Room("patztabot22-direct-english", "The same, in English."),
    ),
    "patztabot22-test": (
        _Room(
            "patztabot22-test-introduction",
            "Scenario: two people who have just met",
            (("bara", "čau, my se asi ještě neznáme"), ("bara", "já jsem Bára, dělám keramiku. a ty?")),
        ),
        _Room(
            "patztabot22-test-small-talk",
            "Scenario: small talk",
            (
                ("bara", "hele jak se máš"),
                ("bara", "venku je hnusně, celej den prší"),
                ("vilem", "já dneska ani nevylezl"),
                ("bara", "a co teda děláš"),
            ),
        ),
        _Room(
            "patztabot22-test-discussion",
            "Scenario: an argument",
            (
                ("vilem", "Remote work ruined the office for good, change my mind."),
                ("bara", "The office was ruined long before. Nobody could think in there."),
                ("vilem", "But you do learn more from people who sit next to you, no?"),
            ),
        ),
        _Room(
            "patztabot22-test-personal-question",
            "Scenario: a personal question",
            (("bara", "můžu se tě na něco zeptat? čeho ses jako malej nejvíc bál?"),),
        ),
        _Room(
            "patztabot22-test-intellectual-question",
            "Scenario: an intellectual question",
            (("bara", "Do you think that mathematics is discovered or invented? And why?"),),
        ),
    ),
}

_CAFE_PLAN: dict[str, tuple[_Room, ...]] = {
    "Kavárna": (
        _Room("general", "A café by the river", (("bara", "dneska máme povidlové buchty"), ("cizinec", "👀"))),
    ),
}


@dataclass
class World:
    """Everything seeded. Channels come categories first, messages oldest first."""

    people: list[User]
    guilds: list[Guild]
    channels: list[Channel]
    messages: list[Message]


def bot_id(name: str) -> str:
    """The stable id of a bot: the same name has the same id in every run."""
    return str(_BASE + 1_000_000_000 + int(sha256(name.encode()).hexdigest(), 16) % 1_000_000_000)


def seed() -> World:
    """Make a fresh world."""
    world = World(list(PEOPLE), [], [], [])
    world.guilds += [_sanctuary(), _cafe()]
    _furnish(world, SANCTUARY, _SANCTUARY_PLAN, first_id=_BASE + 110)
    _furnish(world, CAFE, _CAFE_PLAN, first_id=_BASE + _NEXT_SHARD + 210)
    for guild in world.guilds:
        rooms = (c.id for c in world.channels if c.guild_id == guild.id and c.type == ChannelType.TEXT)
        guild.system_channel_id = next(rooms)
    return world


def _sanctuary() -> Guild:
    guild = Guild(SANCTUARY, "Sanctuary of the great patztabot22", OWNER)
    admin = int(Permission.ADMINISTRATOR)
    for role in (
        Role(SANCTUARY, "@everyone", EVERYONE, 0),
        Role(ROLE_VISIBLE, "visible", 0, 1, 0x57A773),
        Role(ROLE_MOD, "mod", MODERATOR, 2, 0x4A90D9, hoist=True),
        Role(ROLE_ADMIN, "admin", admin, 3, 0xD8644D, hoist=True),
    ):
        guild.roles[role.id] = role
    for user_id, roles in ((OWNER, [ROLE_ADMIN]), (FRIEND, [ROLE_VISIBLE]), (STRANGER, [])):
        guild.members[user_id] = Member(user_id, list(roles))
    return guild


def _cafe() -> Guild:
    guild = Guild(CAFE, "Kafe u Řeky", FRIEND)
    guild.roles[CAFE] = Role(CAFE, "@everyone", EVERYONE, 0)
    guild.members = {person.id: Member(person.id) for person in PEOPLE}
    return guild


def _furnish(world: World, guild_id: str, plan: dict[str, tuple[_Room, ...]], first_id: int) -> None:
    for number, (category_name, rooms) in enumerate(plan.items()):
        category_id = str(first_id + 10 * number)
        world.channels.append(Channel(category_id, ChannelType.CATEGORY, category_name, guild_id, position=number))
        for place, room in enumerate(rooms):
            channel = Channel(str(int(category_id) + place + 1), ChannelType.TEXT, room.name, guild_id)
            channel.parent_id, channel.topic, channel.position = category_id, room.topic, place
            channel.overwrites = _staff_only(guild_id) if room.staff_only else []
            world.channels.append(channel)
            world.messages += _said(channel.id, room.lines)


def _staff_only(guild_id: str) -> list[Overwrite]:
    view = int(Permission.VIEW_CHANNEL)
    return [Overwrite(guild_id, 0, deny=view), Overwrite(ROLE_ADMIN, 0, view), Overwrite(ROLE_MOD, 0, view)]


def _said(channel_id: str, lines: tuple[tuple[str, str], ...]) -> list[Message]:
    ids = {person.username: person.id for person in PEOPLE}
    start = datetime(2026, 3, 14, 17, 30, tzinfo=UTC)
    return [
        Message(
            snowflake_at(start + timedelta(minutes=2 * number), int(channel_id) % 4_000_000),
            channel_id,
            ids[username],
            text,
        )
        for number, (username, text) in enumerate(lines)
    ]
