"""What a cog may ask of a model: the generate service, free of models, processes and Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from patzta.chat.conversation import Conversation
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.services import ServiceKey


@dataclass(frozen=True, slots=True)
class Request:
    """Go on with ``conversation`` as ``double`` (the author name of the double's own messages in it).

    ``temperature`` and ``top_p`` shape the sampling, ``max_new_tokens`` bounds the whole answer, a burst; None leaves
    each to the model.
    """

    conversation: Conversation
    double: str
    temperature: float | None = None
    top_p: float | None = None
    max_new_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The request left the queue: the model is at it now."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The last piece: the double ended its turn, or ``max_new_tokens`` was reached."""

    reason: Literal["end", "length"]


Piece = Started | Text | EndOfMessage | Reacted | Replied | Stop


@dataclass(frozen=True, slots=True)
class Status:
    """What the worker is at. ``double`` is the name of the person that the loaded model doubles."""

    state: Literal["starting", "loading", "ready", "failed"]
    model: str = ""
    double: str = ""
    queued: int = 0
    detail: str = ""


class GenerateService(Protocol):
    """A model to talk to."""

    def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """The answer piece by piece; closing the iterator cancels the generation.

        Waits for its turn in a queue, and for the model to be loaded. Raises InferenceError.
        """
        ...

    async def ready(self) -> Status:
        """Wait until the model is loaded. Raises InferenceError when it cannot be."""
        ...

    async def status(self) -> Status:
        """How the model is at this moment."""
        ...


GENERATE: ServiceKey[GenerateService] = ServiceKey("model")
