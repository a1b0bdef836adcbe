"""Events as the message objects of an export, with what stands in them besides text."""

from __future__ import annotations

from random import Random
from typing import Any

from patzta.training.demo.life.people import FIRST_NAME, OWNER, Thread
from patzta.training.demo.life.scenes import BEGIN, Event

Json = dict[str, Any]


def beginning(thread: Thread) -> list[Event]:
    """The notices that a group opens with; nothing between two people."""
    if not thread.is_group:
        return []
    founder = thread.friends[0].name
    first = founder.split()[0]
    texts = [
        f"{first} created the group.",
        f"{first} named the group {thread.title}.",
        f"{first} added {FIRST_NAME} to the group.",
    ]
    return [Event(founder, BEGIN, text) for text in texts]


def message(event: Event, folder: str, random: Random) -> Json:
    """The object of one event; ``folder`` is where the thread's files lie in the export."""
    data: Json = {"sender_name": event.author, "timestamp_ms": round(event.time.timestamp() * 1000)}
    data |= _content(event, folder, random)
    if event.reactions:
        data["reactions"] = [{"reaction": emoji, "actor": actor} for emoji, actor in event.reactions]
    return data | {"is_geoblocked_for_viewer": False, "is_unsent_image_by_messenger_kid_parent": False}


def _content(event: Event, folder: str, random: Random) -> Json:
    first, number = event.author.split()[0], random.randint(10**8, 10**9)
    file = {"uri": f"{folder}/photos/{number}.jpg", "creation_timestamp": round(event.time.timestamp())}
    match event.kind:
        case "photo":
            return {"photos": [file]}
        case "sticker":
            return {
                "sticker": {"uri": f"your_facebook_activity/messages/stickers_used/{number}.png", "ai_stickers": []}
            }
        case "gif":
            return {"gifs": [{"uri": f"{folder}/gifs/{number}.gif"}]}
        case "audio":
            return {"audio_files": [file | {"uri": f"{folder}/audio/{number}.mp4"}]}
        case "share":
            return {"content": f"https://example.org/{number}", "share": {"link": f"https://example.org/{number}"}}
        case "attachment":
            return {"content": f"{first} sent an attachment.", "share": {"link": f"https://example.org/{number}"}}
        case "call":
            return {"content": _called(event, first), "call_duration": random.randint(20, 2400)}
        case "missed":
            return {"content": _missed(event, first), "call_duration": 0, "missed": True}
        case "unsent":
            return {"is_unsent": True}
        case _:
            return {"content": event.text}


def _called(event: Event, first: str) -> str:
    return f"You called {event.to}." if event.author == OWNER else f"{first} called you."


def _missed(event: Event, first: str) -> str:
    return f"{event.to} missed your call." if event.author == OWNER else f"You missed a call from {first}."
