"""The generate service: its contract, the worker process that owns the model, and the client that talks to it.

Nothing here but ``worker`` and ``engine`` imports torch, and only the worker's process imports those two.
"""

from __future__ import annotations

from pathlib import Path

from patzta.errors import PatztaError


class InferenceError(PatztaError):
    """The base of the errors of models and their worker.

    InferenceError
    ├── BrokenModel        a model folder that is missing, incomplete or corrupt
    ├── MissingBase        a base that is neither here nor to be had
    ├── UnknownArchitecture    the base is of no kind that writes text here
    ├── TooLarge           the model does not fit into the memory; the message says what would
    ├── WorkerLost         the worker ended, or cannot be reached
    ├── Busy               too many are waiting: one request was not taken
    └── GenerationFailed   the worker or server refused or broke off one request
        └── NotReady       the server is loading its model still
    """


class BrokenModel(InferenceError):
    """``path`` is not usable, for ``reason``; ``remedy`` is what to do about it, as a whole clause."""

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}; {remedy}.")
        self.path, self.reason, self.remedy = path, reason, remedy


class MissingBase(InferenceError):
    """The base of a model is neither here nor can it be downloaded."""


class UnknownArchitecture(InferenceError):
    """The base is of no kind that writes text here."""


class TooLarge(InferenceError):
    """The model does not fit into the memory; the message says which setting would make it fit."""


class WorkerLost(InferenceError):
    """The worker's process ended or cannot be reached."""


class GenerationFailed(InferenceError):
    """One request failed; others are not affected."""


class NotReady(GenerationFailed):
    """The server answers, but is loading its model still."""


class Busy(InferenceError):
    """So many are waiting that one request was not taken; it may be made again later."""
