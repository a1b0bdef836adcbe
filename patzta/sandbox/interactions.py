"""Interactions: a person's command, click, choice or form on its way to a bot.

`answers.py` has what the bot may do with one, `payloads.py` what the bot is sent.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
from functools import partial

from patzta.sandbox import components, messages
from patzta.sandbox.commands import Chosen
from patzta.sandbox.drafts import Upload
from patzta.sandbox.errors import ApiError
from patzta.sandbox.forms import filled, parts
from patzta.sandbox.models import Channel, Json, Message
from patzta.sandbox.payloads import (
    Interaction,
    InteractionType,
    Named,
    command_data,
    interaction_payload,
    owners,
    resolved,
)
from patzta.sandbox.reading import items
from patzta.sandbox.serialise import user_json
from patzta.sandbox.state import State
from patzta.sandbox.threads import require_active

ANSWER_WITHIN_S = 3.0
"""How long a bot has for its first answer."""

TOKEN_LIFE_S = 900.0
"""How long follow-ups and edits are possible."""


class Interactions:
    """All interactions that are still alive, and the ephemeral messages that belong to them."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.hidden: dict[str, Message] = {}
        self._by_token: dict[str, Interaction] = {}

    def age_s(self, interaction: Interaction) -> float:
        """Seconds since the person acted."""
        return self.state.clock.seconds() - interaction.made_at

    def by_token(self, token: str) -> Interaction | None:
        """The living interaction with this token."""
        self._forget_old()
        return self._by_token.get(token)

    def command(self, user_id: str, channel: Channel, chosen: Chosen) -> Interaction:
        """Run a slash command."""
        data = command_data(self.state, chosen, user_id, channel)
        about: Json = {"name": _full_name(chosen)}
        app_id = chosen.command["application_id"]
        return self._start(InteractionType.COMMAND, app_id, user_id, channel, data, about)

    def autocomplete(self, user_id: str, channel: Channel, chosen: Chosen) -> asyncio.Future[list[Json]]:
        """Ask for suggestions; the future fails with TimeoutError when the bot does not answer in time."""
        choices: asyncio.Future[list[Json]] = asyncio.get_running_loop().create_future()
        data = command_data(self.state, chosen, user_id, channel)
        app_id = chosen.command["application_id"]
        interaction = self._start(InteractionType.AUTOCOMPLETE, app_id, user_id, channel, data, {})
        interaction.choices = choices
        return choices

    def component(
        self, user_id: str, channel: Channel, message_id: str, custom_id: str, values: list[str]
    ) -> Interaction:
        """Press a button or choose in a select. Raises ApiError 10008, 50035, 50083 (archived thread)."""
        require_active(channel)
        source = self.message(channel, message_id, user_id)
        part = components.find(source.components, custom_id)
        data: Json = {"component_type": part["type"], "custom_id": custom_id, "id": part["id"]}
        if part["type"] in components.SELECTS:
            components.check_values(part, values)
            named = Named.by(self.state, channel, [(part["type"], values)])
            data |= {"values": values} | resolved(self.state, user_id, channel, named)
        about: Json = {"interacted_message_id": source.id}
        app_id = source.application_id or source.author_id
        return self._start(InteractionType.COMPONENT, app_id, user_id, channel, data, about, source)

    def submit(self, user_id: str, interaction_id: str, fields: Json, uploads: dict[int, Upload]) -> Interaction:
        """Send in the form that answered `interaction_id`; an upload's field lists numbers of `uploads`.

        Raises ApiError 10062, 50035.
        """
        opened = next((i for i in self._by_token.values() if i.id == interaction_id), None)
        if opened is None or opened.modal is None or opened.user_id != user_id:
            raise ApiError.unknown(10062, "interaction")
        form = opened.modal
        for part in components.walk(form["components"]):
            if part["type"] == components.Kind.FILE_UPLOAD:
                chosen = [uploads[int(number)] for number in items(fields, part["custom_id"])]
                stored = [messages.store(self.state, opened.channel.id, upload) for upload in chosen]
                fields |= {part["custom_id"]: [one.id for one in stored]}
        answers = filled(form["components"], fields)
        named = Named.by(self.state, opened.channel, parts(answers))
        data: Json = {"custom_id": form["custom_id"], "components": answers}
        data |= resolved(self.state, user_id, opened.channel, named)
        about: Json = {"triggering_interaction_metadata": opened.metadata}
        where = (opened.app_id, user_id, opened.channel)
        return self._start(InteractionType.MODAL_SUBMIT, *where, data, about, opened.source)

    def message(self, channel: Channel, message_id: str, user_id: str) -> Message:
        """A message that the person sees, ephemeral ones included. Raises ApiError 10008."""
        hidden = self.hidden.get(message_id)
        if hidden is not None and hidden.ephemeral_to == user_id:
            return hidden
        return self.state.message(channel.id, message_id)

    def _start(
        self,
        kind: InteractionType,
        app_id: str,
        user_id: str,
        channel: Channel,
        data: Json,
        about: Json,
        source: Message | None = None,
    ) -> Interaction:
        self._forget_old()
        metadata: Json = {
            "type": int(kind),
            "user": user_json(self.state.users[user_id]),
            "authorizing_integration_owners": owners(channel),
        }
        interaction = Interaction(self.state.new_id(), kind, app_id, user_id, channel, data, metadata | about, source)
        interaction.metadata["id"], interaction.made_at = interaction.id, self.state.clock.seconds()
        self._by_token[interaction.token] = interaction
        self.state.clock.call_later(ANSWER_WITHIN_S, partial(self._check_answered, interaction))
        self.tell_person("INTERACTION_STARTED", interaction)
        payload = interaction_payload(self.state, interaction)
        self.state.announce("INTERACTION_CREATE", payload, channel, only_user=app_id)
        return interaction

    def _forget_old(self) -> None:
        for token, interaction in list(self._by_token.items()):
            if self.age_s(interaction) > TOKEN_LIFE_S:
                del self._by_token[token]

    def _check_answered(self, interaction: Interaction) -> None:
        if interaction.answered is not None:
            return
        if interaction.choices is not None and not interaction.choices.done():
            interaction.choices.set_exception(TimeoutError("The application did not respond in time."))
        self.tell_person("INTERACTION_FAILED", interaction)

    def tell_person(self, name: str, interaction: Interaction, **more: object) -> None:
        """Tell the page of the person who acted."""
        data: Json = {
            "id": interaction.id,
            "type": int(interaction.type),
            "application_id": interaction.app_id,
            "user_id": interaction.user_id,
            "channel_id": interaction.channel.id,
            "name": interaction.metadata.get("name"),
            **more,
        }
        self.state.announce(name, data, interaction.channel, for_bots=False, only_user=interaction.user_id)


def _full_name(chosen: Chosen) -> str:
    words, options = [chosen.command["name"]], chosen.options
    while options and "options" in options[0]:
        words.append(options[0]["name"])
        options = options[0]["options"]
    return " ".join(words)
