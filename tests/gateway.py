"""What the events of the gateway must look like: a schema for each, of what the documentation promises and discord.py
reads. Where Discord's OpenAPI description is at hand, the objects inside are held against it too.

https://discord.com/developers/docs/events/gateway-events
"""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

from tests.openapi import ROOT, OpenAPI

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": r"^\d{1,20}$"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)$"}
ANY_OBJECT: Schema = {"type": "object"}


def many(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def thing(optional: dict[str, Schema] | None = None, **required: Schema) -> Schema:
    """An object with these keys and no others. Absent is not null: what may be missing has to be missing."""
    properties = required | (optional or {})
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def at_least(schema: Schema) -> Schema:
    """The same object, which may have more keys."""
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


class Events:
    """`check` returns what is wrong with a recorded event, in words."""

    def __init__(self, api: OpenAPI | None = None) -> None:
        self._api = api
        registry: Registry = api.registry if api else Registry()
        self._validators = {
            name: Draft202012Validator(schema, registry=registry) for name, schema in self._schemas().items()
        }

    def check(self, line: dict[str, Any]) -> list[str]:
        """Errors of one line that `--record` wrote; an event without a schema is one."""
        name = line["event"]
        if name not in self._validators:
            return [f"{name}: no schema"]
        return [f"{name} {text}" for text in self._errors(name, line["data"])]

    def _errors(self, name: str, data: Any) -> Iterator[str]:
        for error in self._validators[name].iter_errors(data):
            deepest = best_match([error]) or error
            where = ".".join(map(str, deepest.absolute_path)) or "data"
            yield f"{where}: {deepest.message[:300]}"

    def _described(self, name: str, own: Schema) -> Schema:
        """What we ask for, and what the description of that name asks for."""
        if self._api is None:
            return at_least(own)
        return {"allOf": [at_least(own), {"$ref": f"{ROOT}#/components/schemas/{name}"}]}

    def _objects(self) -> None:
        """The objects that events are made of."""
        user = thing(id=ID, username=TEXT, discriminator=TEXT, avatar={"type": ["string", "null"]})
        self.user = self._described("UserResponse", user)
        bare = thing({"permissions": TEXT}, roles=many(ID), joined_at=TIME, flags=COUNT, mute=FLAG, deaf=FLAG)
        self.bare_member = at_least(bare)
        member = thing(user=self.user, **bare["properties"])
        member["required"].remove("permissions")
        self.member = self._described("GuildMemberResponse", member)
        role = thing(id=ID, name=TEXT, permissions=TEXT, position=COUNT, color=COUNT, hoist=FLAG, managed=FLAG)
        self.role = self._described("GuildRoleResponse", role)
        self.emoji = thing({"animated": FLAG}, id={"type": ["string", "null"]}, name={"type": ["string", "null"]})
        place = {"id": ID, "type": COUNT, "guild_id": ID, "name": TEXT}
        channel = thing(**place, position=COUNT, permission_overwrites=many(ANY_OBJECT))
        self.channel = self._described("GuildChannelResponse", channel)
        metadata = at_least(thing(archived=FLAG, auto_archive_duration=COUNT, archive_timestamp=TIME, locked=FLAG))
        counts = {"message_count": COUNT, "member_count": COUNT}
        thread = thing(**place, parent_id=ID, owner_id=ID, thread_metadata=metadata, **counts)
        self.thread = self._described("ThreadResponse", thread)
        self.thread_member = thing(id=ID, user_id=ID, join_timestamp=TIME, flags=COUNT)
        said = {"content": TEXT, "timestamp": TIME, "edited_timestamp": {"type": ["string", "null"]}}
        lists = {"mentions": many(self.user), "attachments": many(ANY_OBJECT), "embeds": many(ANY_OBJECT)}
        optional = dict.fromkeys(("thread", "poll", "interaction_metadata", "message_reference"), ANY_OBJECT)
        optional |= {
            "message_snapshots": many(thing(message=ANY_OBJECT)),
            "member": self.bare_member,
            "guild_id": ID,
            "webhook_id": ID,
            "nonce": {"type": ["string", "integer"]},
        }
        ids = {"id": ID, "channel_id": ID, "type": COUNT, "author": ANY_OBJECT}
        message = thing(optional, **ids, **said, **lists, components=many(ANY_OBJECT), flags=COUNT)
        self.message = self._described("MessageResponse", message)

    def _schemas(self) -> dict[str, Schema]:
        self._objects()
        return {
            **self._sessions(),
            **self._guilds(),
            **self._messages(),
            **self._reactions(),
            "INTERACTION_CREATE": self._interaction(),
        }

    def _sessions(self) -> dict[str, Schema]:
        guild = thing(id=ID, unavailable=FLAG)
        ready = thing(
            {"shard": {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}},
            v={"const": 10},
            user=self.user,
            guilds=many(guild),
            session_id=TEXT,
            resume_gateway_url={"type": "string", "pattern": "^wss?://"},
            application=thing(id=ID, flags=COUNT),
            private_channels={"const": []},
            session_type=TEXT,
        )
        return {"READY": ready, "RESUMED": thing()}

    def _guilds(self) -> dict[str, Schema]:
        role = thing(guild_id=ID, role=self.role)
        created = thing(
            id=ID,
            joined_at=TIME,
            large=FLAG,
            member_count=COUNT,
            members=many(self.member),
            channels=many(self.channel),
            threads=many(self.thread),
            roles=many(self.role),
            **{key: many(ANY_OBJECT) for key in ("voice_states", "presences", "stage_instances")},
        )
        chunk = thing(
            {"nonce": TEXT, "presences": many(ANY_OBJECT)},
            guild_id=ID,
            members=many(self.member),
            chunk_index=COUNT,
            chunk_count=COUNT,
            not_found=many(ID),
        )
        gone = at_least(thing(id=ID, guild_id=ID, parent_id=ID, type=COUNT))
        of_thread = {"added_members": many(self.thread_member), "removed_member_ids": many(ID)}
        of_guild = {"allOf": [self.member, at_least(thing(guild_id=ID))]}
        return {
            "GUILD_CREATE": self._described("GuildResponse", created),
            "GUILD_DELETE": thing({"unavailable": FLAG}, id=ID),
            "GUILD_BAN_ADD": thing(guild_id=ID, user=self.user),
            "GUILD_BAN_REMOVE": thing(guild_id=ID, user=self.user),
            "GUILD_MEMBERS_CHUNK": chunk,
            "GUILD_MEMBER_ADD": of_guild,
            "GUILD_MEMBER_UPDATE": of_guild,
            "GUILD_MEMBER_REMOVE": thing(guild_id=ID, user=self.user),
            "GUILD_ROLE_CREATE": role,
            "GUILD_ROLE_UPDATE": role,
            "GUILD_ROLE_DELETE": thing(guild_id=ID, role_id=ID),
            **{f"CHANNEL_{what}": self.channel for what in ("CREATE", "UPDATE", "DELETE")},
            "CHANNEL_PINS_UPDATE": thing(
                {"guild_id": ID}, channel_id=ID, last_pin_timestamp={"oneOf": [TIME, {"type": "null"}]}
            ),
            "THREAD_CREATE": self.thread,
            "THREAD_UPDATE": self.thread,
            "THREAD_DELETE": gone,
            "THREAD_MEMBERS_UPDATE": thing(of_thread, id=ID, guild_id=ID, member_count=COUNT),
            "WEBHOOKS_UPDATE": thing(guild_id=ID, channel_id=ID),
        }

    def _messages(self) -> dict[str, Schema]:
        guild = {"guild_id": ID}
        vote = thing(guild, user_id=ID, channel_id=ID, message_id=ID, answer_id=COUNT)
        return {
            "MESSAGE_CREATE": self.message,
            "MESSAGE_UPDATE": self.message,
            "MESSAGE_DELETE": thing(guild, id=ID, channel_id=ID),
            "MESSAGE_DELETE_BULK": thing(guild, ids=many(ID), channel_id=ID),
            "MESSAGE_POLL_VOTE_ADD": vote,
            "MESSAGE_POLL_VOTE_REMOVE": vote,
            "TYPING_START": thing(guild | {"member": self.member}, channel_id=ID, user_id=ID, timestamp=COUNT),
        }

    def _reactions(self) -> dict[str, Schema]:
        where = {"channel_id": ID, "message_id": ID}
        optional = {"guild_id": ID, "member": self.member, "message_author_id": ID, "burst_colors": many(TEXT)}
        one = thing(optional, **where, user_id=ID, emoji=self.emoji, burst=FLAG, type={"enum": [0, 1]})
        return {
            "MESSAGE_REACTION_ADD": one,
            "MESSAGE_REACTION_REMOVE": one,
            "MESSAGE_REACTION_REMOVE_ALL": thing({"guild_id": ID}, **where),
            "MESSAGE_REACTION_REMOVE_EMOJI": thing({"guild_id": ID}, **where, emoji=self.emoji),
        }

    def _interaction(self) -> Schema:
        of_member = {"allOf": [self.bare_member, at_least(thing(user=self.user, permissions=TEXT))]}
        optional = {"guild_id": ID, "guild": ANY_OBJECT, "guild_locale": TEXT, "message": self.message}
        schema = thing(
            optional | {"member": of_member, "user": self.user},
            id=ID,
            application_id=ID,
            type={"enum": [2, 3, 4, 5]},
            token=TEXT,
            version={"const": 1},
            attachment_size_limit=COUNT,
            data=self._interaction_data(),
            channel=at_least(thing(id=ID, type=COUNT, permissions=TEXT)),
            channel_id=ID,
            locale=TEXT,
            app_permissions={"type": "string", "pattern": r"^\d+$"},
            entitlements=many(ANY_OBJECT),
            authorizing_integration_owners=ANY_OBJECT,
            context={"enum": [0, 1]},
        )
        # A person in a server is a member, elsewhere a user.
        return schema | {"oneOf": [{"required": ["member", "guild_id"]}, {"required": ["user"]}]}

    def _interaction_data(self) -> Schema:
        by_id = {kind: {"type": "object", "additionalProperties": ANY_OBJECT} for kind in ("channels", "attachments")}
        known = {"users": self.user, "members": self.bare_member, "roles": self.role, "messages": self.message}
        by_id |= {kind: {"type": "object", "additionalProperties": schema} for kind, schema in known.items()}
        options: Schema = many(at_least(thing(type=COUNT, name=TEXT)))
        shared = {"resolved": thing(by_id)}
        command = thing(
            {**shared, "options": options, "guild_id": ID, "target_id": ID}, id=ID, name=TEXT, type={"enum": [1, 2, 3]}
        )
        component = thing({**shared, "values": many(TEXT)}, component_type=COUNT, custom_id=TEXT, id=COUNT)
        form = thing(shared, custom_id=TEXT, components=many(ANY_OBJECT))
        return {"oneOf": [command, component, form]}
