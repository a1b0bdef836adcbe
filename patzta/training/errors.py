"""Errors of training.

TrainingError
├── NothingToTrain      no session fits, or the double says nothing in them
├── UnusableTemplate    the tokenizer's chat template cannot show which words are the double's
├── UnusableBase        the base model cannot be loaded, or its parts are not of one model
├── OutOfMemory         the model or a step did not fit
└── UnusableFeedback    the judgements cannot be learnt from
"""

from patzta.errors import PatztaError


class TrainingError(PatztaError):
    """Base of everything that this package raises on purpose."""


class NothingToTrain(TrainingError):
    """The training split gives no example."""


class UnusableTemplate(TrainingError):
    """The chat template has no end of turn, or changes what it is given."""


class UnusableBase(TrainingError):
    """The base model cannot be used; the message says why."""


class OutOfMemory(TrainingError):
    """The message says which settings need less."""


class UnusableFeedback(TrainingError):
    """A file of judgements is malformed or too small; the message says where."""
