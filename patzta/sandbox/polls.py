"""Polls: making, voting, and ending them when their time is over or their author says so.

https://discord.com/developers/docs/resources/poll
"""

from functools import partial

from patzta.sandbox import messages
from patzta.sandbox.errors import ApiError
from patzta.sandbox.models import Channel, Json, Message, MessageType, Poll, Reference
from patzta.sandbox.state import Event, State


def vote(state: State, user_id: str, channel: Channel, message: Message, answer_ids: list[int]) -> None:
    """Vote for exactly these answers; none takes the vote back. Raises ApiError 10008, 520000s, 50035, 50001."""
    state.require(user_id, channel)
    poll = poll_of(message)
    if poll.finalized:
        raise ApiError(400, 520001, "Poll expired")
    if not set(answer_ids) <= set(poll.votes) or (len(answer_ids) > 1 and not poll.multiple):
        raise ApiError.invalid("answer_ids", "POLL_INVALID_ANSWER", "No such choice of answers.")
    for answer_id, users in poll.votes.items():
        if (answer_id in answer_ids) == (user_id in users):
            continue
        (users.remove if user_id in users else users.append)(user_id)
        name = "MESSAGE_POLL_VOTE_ADD" if user_id in users else "MESSAGE_POLL_VOTE_REMOVE"
        data: Json = {
            "user_id": user_id,
            "channel_id": channel.id,
            "message_id": message.id,
            "answer_id": answer_id,
        }
        guild: Json = {"guild_id": channel.guild_id} if channel.guild_id else {}
        state.announce(name, data | guild, channel, message=message)


def poll_of(message: Message) -> Poll:
    """Raises ApiError 520003 where there is none."""
    if message.poll is None:
        raise ApiError(400, 520003, "Message is not a poll")
    return message.poll


def watch(state: State) -> None:
    """End every poll that will be posted when its time is over."""

    def hear(event: Event) -> None:
        message, channel = event.message, state.channels.get(event.channel_id or "")
        if event.name == "MESSAGE_CREATE" and message and message.poll and channel:
            seconds = (message.poll.expiry - state.clock.now()).total_seconds()
            state.clock.call_later(seconds, partial(_end, state, channel, message))

    state.listeners.append(hear)


def end(state: State, actor_id: str, channel: Channel, message: Message) -> None:
    """End one's own poll now. Raises ApiError 50005 for another's, 520001 for one that has ended."""
    poll = poll_of(message)
    if message.author_id != actor_id:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    if poll.finalized:
        raise ApiError(400, 520001, "Poll expired")
    poll.expiry = state.clock.now()
    _end(state, channel, message)


def _end(state: State, channel: Channel, message: Message) -> None:
    poll = poll_of(message)
    if poll.finalized or message.id not in state.history(channel.id):
        return
    poll.finalized = True
    messages.announce_update(state, channel, message)
    result = Message(state.new_id(), channel.id, message.author_id, type=MessageType.POLL_RESULT)
    result.reference = Reference(channel.id, message.id)
    result.embeds = [{"type": "poll_result", "fields": _result(poll)}]
    messages.post(state, channel, result)


def _result(poll: Poll) -> list[Json]:
    counts = {answer_id: len(users) for answer_id, users in poll.votes.items()}
    most = max(counts.values())
    winners = [answer_id for answer_id, count in counts.items() if count == most > 0]
    values = {
        "poll_question_text": poll.question["text"],
        "victor_answer_votes": str(most),
        "total_votes": str(sum(counts.values())),
    }
    if len(winners) == 1:
        values["victor_answer_id"] = str(winners[0])
        values["victor_answer_text"] = str(poll.answers[winners[0] - 1].get("text") or "")
    return [{"name": name, "value": value, "inline": False} for name, value in values.items()]
