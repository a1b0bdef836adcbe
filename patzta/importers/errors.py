"""Errors of the importers.

    ImportFailed
    ├── NotAnExport       the inputs hold nothing that an importer could read
    ├── AmbiguousFormat   a file can be of several formats
    └── BadSentences      a file of sentences is not in the documented form

A single bad file is no error: it is left out and reported as `Skipped`.
"""

from collections.abc import Sequence
from pathlib import Path

from patzta.errors import PatztaError


class ImportFailed(PatztaError):
    """Base of everything that importers raise on purpose."""

    exit_code = 2


class NotAnExport(ImportFailed):
    """Nothing in the inputs looks like an export; the message says what would."""


class BadSentences(ImportFailed):
    """``path`` is not a file of sentences; the message says what is wrong in it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; docs/dataset.md shows the form")
        self.path = path


class AmbiguousFormat(ImportFailed):
    """The file ``path`` can be of several formats."""

    def __init__(self, path: str, formats: Sequence[str]) -> None:
        super().__init__(f"{path} can be {' or '.join(formats)}: say which with --format {formats[0]}")
        self.path = path
