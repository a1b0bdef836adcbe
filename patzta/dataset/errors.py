"""Errors of the dataset package.

DatasetError
├── NothingToLearn    the double wrote nothing in these conversations
├── BrokenDataset     a dataset folder is missing or damaged
└── BrokenConversations    a file to build from cannot be read
"""

from collections.abc import Collection
from pathlib import Path

from patzta.errors import PatztaError


class DatasetError(PatztaError):
    """Base of everything that this package raises on purpose."""


class NothingToLearn(DatasetError):
    """``double`` wrote nothing; ``authors`` are those who did."""

    def __init__(self, double: str, authors: Collection[str]) -> None:
        some = ", ".join(sorted(authors)[:10]) or "nobody"
        super().__init__(f"{double!r} wrote none of these messages; those who did: {some}")
        self.double, self.authors = double, authors


class BrokenConversations(DatasetError):
    """The file at ``path`` cannot be read."""

    exit_code = 2

    def __init__(self, path: Path, reason: BaseException) -> None:
        super().__init__(
            f"{path} cannot be read ({type(reason).__name__}: {reason}); was it made by bin/dataset import?"
        )
        self.path = path


class BrokenDataset(DatasetError):
    """``path`` is not what building a dataset leaves there."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; build the dataset again")
        self.path = path
