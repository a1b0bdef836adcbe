"""What a bot does with an interaction: its first answer, follow-ups, edits and deletions.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object
"""

from enum import IntEnum

from patzta.sandbox import messages
from patzta.sandbox.components import completed
from patzta.sandbox.drafts import Draft
from patzta.sandbox.errors import ApiError
from patzta.sandbox.interactions import ANSWER_WITHIN_S, Interactions
from patzta.sandbox.models import SETTABLE_FLAGS, Json, Message, MessageFlag, MessageType
from patzta.sandbox.payloads import Interaction, InteractionType
from patzta.sandbox.reading import items
from patzta.sandbox.serialise import message_json


class Callback(IntEnum):
    """How a bot answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


MAX_CHOICES = 25
_NEEDS_MESSAGE = (Callback.DEFERRED_UPDATE, Callback.UPDATE_MESSAGE)


class Answers:
    """The bot's side of `Interactions`."""

    def __init__(self, interactions: Interactions) -> None:
        self._interactions = interactions
        self._state = interactions.state

    def first(self, interaction_id: str, token: str, kind: int, draft: Draft, data: Json) -> Json:
        """The first answer; returns the body of `with_response`.

        Raises ApiError 10062 (unknown, or later than three seconds), 40060 (answered before), 50035.
        """
        interaction = self._answerable(interaction_id, token)
        callback = self._suitable(interaction, kind)
        if callback in (Callback.MESSAGE, Callback.DEFERRED_MESSAGE):
            self._post_first(interaction, draft, loading=callback == Callback.DEFERRED_MESSAGE)
        elif callback in _NEEDS_MESSAGE:
            self._update_source(interaction, draft if callback == Callback.UPDATE_MESSAGE else None)
        elif callback == Callback.MODAL:
            self._open_modal(interaction, data)
        elif interaction.choices is not None and not interaction.choices.done():
            interaction.choices.set_result(items(data, "choices")[:MAX_CHOICES])
        interaction.answered = callback
        self._interactions.tell_person("INTERACTION_DONE", interaction, callback=int(callback))
        return self._outcome(interaction, callback)

    def _answerable(self, interaction_id: str, token: str) -> Interaction:
        interaction = self._interactions.by_token(token)
        if interaction is None or interaction.id != interaction_id:
            raise ApiError.unknown(10062, "interaction")
        if interaction.answered is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._interactions.age_s(interaction) > ANSWER_WITHIN_S:
            raise ApiError.unknown(10062, "interaction")
        return interaction

    @staticmethod
    def _suitable(interaction: Interaction, kind: int) -> Callback:
        autocomplete = interaction.type == InteractionType.AUTOCOMPLETE
        modal_twice = interaction.type == InteractionType.MODAL_SUBMIT and kind == Callback.MODAL
        sourceless = kind in _NEEDS_MESSAGE and interaction.source is None
        known = kind in set(Callback)
        if not known or autocomplete != (kind == Callback.AUTOCOMPLETE) or modal_twice or sourceless:
            raise ApiError.invalid("type", "INTERACTION_RESPONSE_TYPE_INVALID", "Not a response to this interaction.")
        return Callback(kind)

    def _post_first(self, interaction: Interaction, draft: Draft, *, loading: bool) -> None:
        if draft.empty and not loading:
            raise ApiError(400, 50006, "Cannot send an empty message")
        message = self._message(interaction, draft, loading=loading)
        interaction.original_id = message.id
        self._show(interaction, message)

    def _message(self, interaction: Interaction, draft: Draft, *, loading: bool = False) -> Message:
        message = Message(self._state.new_id(), interaction.channel.id, interaction.app_id)
        message.application_id = interaction.app_id
        message.interaction = interaction.metadata
        if interaction.type == InteractionType.COMMAND and interaction.original_id is None:
            message.type = MessageType.CHAT_INPUT_COMMAND
        message.flags = draft.flags & SETTABLE_FLAGS
        if draft.flags & MessageFlag.EPHEMERAL:
            message.flags |= MessageFlag.EPHEMERAL
            message.ephemeral_to = interaction.user_id
        if loading:
            message.flags |= MessageFlag.LOADING
        messages.fill(self._state, message, draft)
        return message

    def _show(self, interaction: Interaction, message: Message) -> None:
        if message.ephemeral_to is None:
            messages.post(self._state, interaction.channel, message)
            return
        self._interactions.hidden[message.id] = message
        self._state.announce(
            "MESSAGE_CREATE", {}, interaction.channel, message=message, for_bots=False, only_user=message.ephemeral_to
        )

    def _update_source(self, interaction: Interaction, draft: Draft | None) -> None:
        assert interaction.source is not None
        interaction.original_id = interaction.source.id
        if draft is not None:
            messages.revise(self._state, interaction.channel, interaction.source, draft)

    def _open_modal(self, interaction: Interaction, data: Json) -> None:
        if not data.get("custom_id") or not 1 <= len(data.get("title") or "") <= 45:
            raise ApiError.invalid("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
        parts = completed(items(data, "components"))
        interaction.modal = {"custom_id": data["custom_id"], "title": data["title"], "components": parts}
        self._interactions.tell_person("MODAL_OPEN", interaction, modal=interaction.modal)

    def _outcome(self, interaction: Interaction, callback: Callback) -> Json:
        about: Json = {"id": interaction.id, "type": int(interaction.type), "channel_id": interaction.channel.id}
        if interaction.channel.guild_id:
            about["guild_id"] = interaction.channel.guild_id
        outcome: Json = {"interaction": about}
        if interaction.original_id is not None:
            message = self.get(interaction, interaction.original_id)
            about |= {
                "response_message_id": message.id,
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral_to is not None,
            }
            if callback in (Callback.MESSAGE, Callback.UPDATE_MESSAGE):
                outcome["resource"] = {"type": int(callback), "message": self.body(message)}
        return outcome

    # ---- after the first answer: webhooks/{application}/{token} ----

    def living(self, app_id: str, token: str) -> Interaction:
        """The answered interaction that a follow-up address names. Raises ApiError 50027, 10015."""
        interaction = self._interactions.by_token(token)
        if interaction is None or interaction.app_id != app_id:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if interaction.answered is None:
            raise ApiError.unknown(10015, "Webhook")
        return interaction

    def follow_up(self, interaction: Interaction, draft: Draft) -> Message:
        """A further message; the first one after a deferral fills the message that "is thinking"."""
        if draft.empty:
            raise ApiError(400, 50006, "Cannot send an empty message")
        original = self._still_there(interaction)
        if original is not None and original.loading:
            return self.edit(interaction, original.id, draft)
        message = self._message(interaction, draft)
        self._show(interaction, message)
        return message

    def edit(self, interaction: Interaction, message_id: str, draft: Draft) -> Message:
        """Change an answer; `@original` names the first one. Raises ApiError 10008, 50006."""
        message = self.get(interaction, message_id)
        message.flags |= draft.flags & SETTABLE_FLAGS
        messages.revise(self._state, interaction.channel, message, draft)
        return message

    def delete(self, interaction: Interaction, message_id: str) -> None:
        """Remove an answer. Raises ApiError 10008."""
        message = self.get(interaction, message_id)
        self._interactions.hidden.pop(message.id, None)
        messages.discard(self._state, interaction.channel, message)

    def body(self, message: Message) -> Json:
        """The message as the bot that wrote it gets it."""
        return message_json(self._state, message, message.author_id)

    def _still_there(self, interaction: Interaction, message_id: str = "@original") -> Message | None:
        wanted = interaction.original_id or "" if message_id == "@original" else message_id
        return self._interactions.hidden.get(wanted) or self._state.history(interaction.channel.id).get(wanted)

    def get(self, interaction: Interaction, message_id: str) -> Message:
        """An answer. Raises ApiError 10008."""
        message = self._still_there(interaction, message_id)
        if message is None or message.author_id != interaction.app_id:
            raise ApiError.unknown(10008, "Message")
        return message
