"""What a cog may ask of a model: the generate service, free of models, processes and Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from patzta.chat.conversation import Conversation
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.services import ServiceKey

Quantisation = Literal["nf4", "int8", "none"]
QUANTISATIONS: tuple[Quantisation, ...] = get_args(Quantisation)


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is kept: in which numbers, and for how many chats of which length.

    Attributes:
        quantisation: of the weights.
        context: tokens that a chat may have, its answer included, unless the model reads fewer.
        together: chats that are answered at a time; as many more are remembered.
        queue: requests that may wait.
        remote_code: whether a program that comes with a model may run.
    """

    quantisation: Quantisation = "nf4"
    context: int = 4096
    together: int = 8
    queue: int = 64
    remote_code: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Go on with ``conversation`` as ``double`` (the author name of the double's own messages in it).

    ``temperature`` and ``top_p`` shape the sampling, ``max_new_tokens`` bounds the whole answer, a burst; None leaves
    each to the model. Requests of different ``place`` take turns.
    """

    conversation: Conversation
    double: str
    temperature: float | None = None
    top_p: float | None = None
    max_new_tokens: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The request left the queue: the model is at it now."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The last piece: the double ended its turn, ``max_new_tokens`` was reached, or it went round in circles."""

    reason: Literal["end", "length", "repeat"]


Piece = Started | Text | EndOfMessage | Reacted | Replied | Stop


@dataclass(frozen=True, slots=True)
class Status:
    """What the worker is at.

    Attributes:
        model: the folder that is loaded, or will be.
        double: the name of the person that it doubles.
        adapter: the fingerprint of its training.
        quantisation: of its weights.
        memory: bytes that the worker takes, on the graphics card where there is one.
        queued, serving: requests that wait, and that are answered now.
        speed: tokens a second, lately.
        detail: what went wrong.
    """

    state: Literal["starting", "loading", "ready", "failed"]
    model: str = ""
    double: str = ""
    adapter: str = ""
    quantisation: str = ""
    memory: int = 0
    queued: int = 0
    serving: int = 0
    speed: float = 0.0
    detail: str = ""


class GenerateService(Protocol):
    """A model to talk to."""

    def stream(self, request: Request) -> AsyncGenerator[Piece]:
        """The answer piece by piece; closing the iterator cancels the generation.

        Waits for its turn in a queue, and for the model to be loaded. Raises InferenceError; Busy at once when the
        queue is full.
        """
        ...

    async def ready(self) -> Status:
        """Wait until the model is loaded. Raises InferenceError when it cannot be."""
        ...

    async def status(self) -> Status:
        """How the model is at this moment."""
        ...

    async def models(self) -> list[str]:
        """The names of those that ``use`` takes."""
        ...

    async def use(self, name: str) -> Status:
        """Answer with another model from now on; what was asked before is answered by the old one.

        Raises InferenceError; the old one serves on then.
        """
        ...


GENERATE: ServiceKey[GenerateService] = ServiceKey("model")
