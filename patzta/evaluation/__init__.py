"""How alike the double is, free of Discord."""

from __future__ import annotations

from pathlib import Path

from patzta.errors import PatztaError


class EvaluationError(PatztaError):
    """The base of this package's errors.

    EvaluationError
    ├── NoQuestions        there is nothing held out that may be asked about
    └── BrokenScenarios    a file of scenarios cannot be read
    """


class NoQuestions(EvaluationError):
    """There is nothing held out that may be asked about."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class BrokenScenarios(EvaluationError):
    """The file of scenarios at ``path`` cannot be read."""

    exit_code = 2

    def __init__(self, path: Path, reason: Exception) -> None:
        super().__init__(
            f"{path} is no file of scenarios ({reason}); it must be a JSON list of objects with “name” and “says”"
        )
