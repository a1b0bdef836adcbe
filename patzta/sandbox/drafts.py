"""What somebody wants to say, checked against Discord's limits before it becomes a message.

https://discord.com/developers/docs/resources/message#create-message
"""

import re
from dataclasses import dataclass, field

from patzta.sandbox.components import prepared
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Json, MessageFlag, ReferenceType
from patzta.sandbox.reading import items, section

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000
MAX_FIELDS = 25
MAX_FILES = 10
MAX_NONCE = 25
MAX_QUESTION = 300
MAX_ANSWERS = 10
MAX_ANSWER = 55
MAX_HOURS = 768

_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")
_EMBED_LIMITS = {"title": 256, "description": 4096}


@dataclass(frozen=True)
class Upload:
    """A received file: its name and its bytes."""

    filename: str
    content: bytes = field(repr=False)


@dataclass
class Draft:
    """The body of a create or edit request. None means "not given", which an edit leaves as it was.

    `attachments` is the request's list: an entry whose id is a small number describes the upload of that index,
    any other id keeps an existing attachment.
    """

    content: str | None = None
    embeds: list[Json] | None = None
    components: list[Json] | None = None
    attachments: list[Json] | None = None
    uploads: dict[int, Upload] = field(default_factory=dict[int, Upload])
    poll: Json | None = None
    flags: int = 0
    flags_given: bool = False
    allowed_mentions: Json | None = None
    reference: Json | None = None
    nonce: str | int | None = None
    enforce_nonce: bool = False

    @property
    def forwards(self) -> bool:
        """Whether it forwards another message."""
        return self.reference is not None and self.reference.get("type") == ReferenceType.FORWARD

    @property
    def empty(self) -> bool:
        """Whether nothing would be seen."""
        return not (self.content or self.embeds or self.components or self.uploads or self.poll)


def parse_draft(body: Json, uploads: dict[int, Upload] | None = None, *, v2: bool = False) -> Draft:
    """Read and check a request body; `v2` says that the message to be edited has Components V2 already.

    Raises ApiError 50035 naming the first bad field.
    """
    draft = Draft(
        content=_text(body),
        embeds=_list(body, "embeds"),
        components=_list(body, "components"),
        attachments=_list(body, "attachments"),
        uploads=uploads or {},
        poll=checked_poll(body["poll"]) if body.get("poll") else None,
        flags=int(body.get("flags") or 0),
        flags_given=body.get("flags") is not None,
        allowed_mentions=body.get("allowed_mentions"),
        reference=body.get("message_reference"),
        nonce=body.get("nonce"),
        enforce_nonce=bool(body.get("enforce_nonce")),
    )
    if body.get("sticker_ids"):
        raise ApiError.invalid("message", "UNSUPPORTED", "The sandbox has no stickers.")
    v2 = v2 or bool(draft.flags & MessageFlag.COMPONENTS_V2)
    _check(draft, v2=v2)
    if draft.components is not None:
        draft.components = prepared(draft.components, v2=v2)
    return draft


def _text(body: Json) -> str | None:
    if "content" not in body:
        return None
    content = body["content"]
    if content is not None and not isinstance(content, str):
        raise ApiError.invalid("content", "BASE_TYPE_BAD_STRING", "Not a well formed string.")
    return (content or "").strip()


def _list(body: Json, key: str) -> list[Json] | None:
    if key not in body:
        return None
    if not isinstance(body[key], list | None):
        raise ApiError.invalid(key, "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
    return items(body, key)


def _check(draft: Draft, *, v2: bool) -> None:
    if v2 and (draft.content or draft.embeds or draft.poll):
        field_name = "content" if draft.content else "embeds" if draft.embeds else "poll"
        words = f"The '{field_name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise ApiError.invalid(field_name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    if len(draft.content or "") > MAX_CONTENT:
        raise too_long("content", MAX_CONTENT)
    if len(str(draft.nonce or "")) > MAX_NONCE:
        raise too_long("nonce", MAX_NONCE)
    if len(draft.uploads) > MAX_FILES:
        raise ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")
    _check_embeds(draft.embeds or [])


def _check_embeds(embeds: list[Json]) -> None:
    if len(embeds) > MAX_EMBEDS:
        raise too_long("embeds", MAX_EMBEDS)
    for number, embed in enumerate(embeds):
        for key, limit in _EMBED_LIMITS.items():
            if len(embed.get(key) or "") > limit:
                raise too_long(f"embeds.{number}.{key}", limit)
        if len(items(embed, "fields")) > MAX_FIELDS:
            raise too_long(f"embeds.{number}.fields", MAX_FIELDS)
        embed["type"] = "rich"
    if sum(map(_embed_text, embeds)) > MAX_EMBED_TEXT:
        raise ApiError.invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def checked_poll(body: Json) -> Json:
    """A poll's question, answers, hours and whether several answers may be chosen. Raises ApiError 50035."""
    question, answers = section(body, "question"), [section(one, "poll_media") for one in items(body, "answers")]
    texts = [("question", question, MAX_QUESTION)]
    texts += [(f"answers.{number}", media, MAX_ANSWER) for number, media in enumerate(answers)]
    for path, media, limit in texts:
        if len(media.get("text") or "") > limit:
            raise too_long(f"poll.{path}.text", limit)
    hours = float(body.get("duration") or 24)
    if not question.get("text") or not 1 <= len(answers) <= MAX_ANSWERS or not 1 <= hours <= MAX_HOURS:
        raise ApiError.invalid(
            "poll", "BASE_TYPE_BAD_LENGTH", "A poll has a question, 1 to 10 answers and 1 to 768 hours."
        )
    multiple = bool(body.get("allow_multiselect"))
    return {"question": question, "answers": answers, "hours": hours, "multiple": multiple}


def _embed_text(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [section(embed, "footer").get("text"), section(embed, "author").get("name")]
    for part in items(embed, "fields"):
        texts += [part.get("name"), part.get("value")]
    return sum(len(text or "") for text in texts)


def too_long(path: str, limit: int) -> ApiError:
    """Code 50035 for a text over its limit."""
    return ApiError.invalid(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


@dataclass(frozen=True)
class Mentions:
    """The ids that a text mentions and that `allowed_mentions` lets through."""

    users: list[str]
    roles: list[str]
    everyone: bool


def mentions_in(content: str, allowed: Json | None, replied_to: str | None = None) -> Mentions:
    """Find mentions. `replied_to` is the author of the replied message, who is pinged unless that is switched off.

    https://discord.com/developers/docs/resources/message#allowed-mentions-object
    """
    users = list(dict.fromkeys(_USER_MENTION.findall(content)))
    roles = list(dict.fromkeys(_ROLE_MENTION.findall(content)))
    everyone = "@everyone" in content or "@here" in content
    if allowed is not None:
        users = _allowed(users, allowed, "users")
        roles = _allowed(roles, allowed, "roles")
        everyone = everyone and "everyone" in items(allowed, "parse")
    if replied_to and (allowed is None or allowed.get("replied_user", False)) and replied_to not in users:
        users.append(replied_to)
    return Mentions(users, roles, everyone)


def _allowed(ids: list[str], allowed: Json, kind: str) -> list[str]:
    if kind in items(allowed, "parse"):
        return ids
    listed = {str(item) for item in items(allowed, kind)}
    return [item for item in ids if item in listed]
